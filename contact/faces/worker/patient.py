"""RQ's spawning worker, sooner back at work after Redis was away, whose lines are those of the service.

It stands apart from the program that runs it: its work horses import the class by name.
"""

from __future__ import annotations

from typing import Any

from rq import Queue
from rq.job import Job
from rq.worker import SpawnWorker

from contact import telemetry

_log = telemetry.log("worker")


class PatientWorker(SpawnWorker):
    """Spawns, never forks: forking after threads or numeric libraries have started may hang."""

    max_connection_wait_time = 2.0

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """In the new process: what RQ says there of a job it cannot begin is a line of the service, too."""
        telemetry.start_logging()
        telemetry.tell_of_crashes()
        super().main_work_horse(job, queue)

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        """A process ended without a word: by a signal, or by the machine for want of memory."""
        _log.warning("the process of a job died", job=job.id, pid=retpid, code=ret_val)
