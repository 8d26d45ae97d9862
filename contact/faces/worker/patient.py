"""RQ's spawning worker, sooner back at work after Redis was away.

It stands apart from the program that runs it: its work horses import the class by name.
"""

from __future__ import annotations

from rq.worker import SpawnWorker


class PatientWorker(SpawnWorker):
    """Spawns, never forks: forking after threads or numeric libraries have started may hang."""

    max_connection_wait_time = 2.0
