"""How connections are taken in, at every port alike."""

BACKLOG = 1024
"""Connections that may wait to be taken in, as far as the system allows."""
AT_ONCE = 16
"""New connections in one turn of the loop: those inside are not kept waiting by a crowd at the door, and few of those that
cannot stay are open at a time."""
