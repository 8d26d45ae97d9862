"""How many connections stand at a port: who comes when it is full takes the place of the one silent longest.

Without a bound those who only hold connections use up the process's files, and then neither an opt-out's journal nor the
database can be opened. Whoever is being answered keeps the place; only where everybody is does the newest go.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from contact.telemetry import CUT_OFF

for _which in ("silent", "new"):
    CUT_OFF.labels("requests", _which)  # from the start, or the first would be no rise


class Guest(Protocol):
    """A connection, as the crowd knows it."""

    @property
    def owes(self) -> bool:
        """Whether the next word is the client's: nothing was asked, or not all of it has come."""

    def end(self) -> None:
        """Close it now, whatever was still to be written."""


class Crowd:
    """The connections of one port, those first that were heard of least recently."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._inside: OrderedDict[Guest, None] = OrderedDict()

    def __len__(self) -> int:
        return len(self._inside)

    def come(self, guest: Guest) -> bool:
        """Whether a new connection may stay; another may be ended for it."""
        if len(self._inside) >= self.most and not self._make_way():
            CUT_OFF.labels("requests", "new").inc()
            return False
        self._inside[guest] = None
        return True

    def _make_way(self) -> bool:
        """Those who are answered are few (``watching`` bounds them), so that this looks at few."""
        silent = next((guest for guest in self._inside if guest.owes), None)
        if silent is None:
            return False
        del self._inside[silent]
        silent.end()
        CUT_OFF.labels("requests", "silent").inc()
        return True

    def heard(self, guest: Guest) -> None:
        """It said something."""
        if guest in self._inside:
            self._inside.move_to_end(guest)

    def gone(self, guest: Guest) -> None:
        """It is no more."""
        self._inside.pop(guest, None)
