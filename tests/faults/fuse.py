"""A process that kills itself -9 at a chosen step of its work: the n-th call of a function, or after the n-th commit.

A clock would do on an idle machine; on a busy one it always comes too early or too late.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, Literal

from contact.storage.databases import units

Step = tuple[Literal["call", "commit"], int]


class Fuse:
    """Counts steps of every thread that starts after it was laid; burns through at one of them, or never."""

    def __init__(self, at: Step | None) -> None:
        self.at = at
        self.counts = {"call": 0, "commit": 0}
        self.burning = False
        self._committed = units.settle.__code__  # called with the batch that has just been committed
        threading.setprofile(self._step)

    def lay(self) -> None:
        """From here on steps count, also those of the thread that calls this."""
        self.burning = True
        sys.setprofile(self._step)

    def take_up(self) -> None:
        """The work is done: whatever follows is no step of it."""
        self.burning = False
        sys.setprofile(None)

    def _step(self, frame: FrameType, event: str, argument: Any) -> None:
        if not self.burning or event != "call":
            return
        self._count("call")
        if frame.f_code is self._committed:
            self._count("commit")

    def _count(self, kind: str) -> None:
        self.counts[kind] += 1
        if self.at == (kind, self.counts[kind]):
            os.kill(os.getpid(), signal.SIGKILL)
