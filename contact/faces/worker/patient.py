"""RQ's spawning worker, sooner back at work after Redis was away, whose processes and lines are those of the service."""

from __future__ import annotations

import os
import sys
from typing import Any

from rq import Queue
from rq.job import Job
from rq.worker import SpawnWorker

from contact import telemetry

_log = telemetry.log("worker")


class PatientWorker(SpawnWorker):
    """Spawns, never forks: forking after threads or numeric libraries have started may hang."""

    max_connection_wait_time = 2.0

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """A process of our own program, which finds Redis in its environment.

        RQ's is a text on the command line with Redis's password in it, which everybody on the machine can read.
        """
        execution = self.execution
        assert execution is not None
        command = [sys.executable, "-m", "contact.faces.worker.horse", self.key, job.id, execution.id]
        self._horse_pid = os.posix_spawn(sys.executable, command, os.environ, setpgroup=0)

    def handle_work_horse_killed(self, job: Job, retpid: int, ret_val: int, rusage: Any) -> None:
        """A process ended without a word: by a signal, or by the machine for want of memory."""
        _log.warning("the process of a job died", job=job.id, pid=retpid, code=ret_val)
