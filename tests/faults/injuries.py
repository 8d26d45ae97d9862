"""What happens to a process beside its death: its disk is full, its clock steps."""

from __future__ import annotations

import resource
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.processes import Child

STEP_SECONDS = 3600
"""An hour: more than any claim, lease and hand-over lasts."""
FORWARD, BACK = signal.SIGUSR1, signal.SIGUSR2
ROOMS = (0, 150, 1 << 14)
"""Bytes that a journal may still grow by: none, half a line, and enough for it but not for a database that has grown."""


@contextmanager
def full_disk(process: Child, grown: Sequence[Path], room: int) -> Iterator[None]:
    """No file of the process may grow beyond the smallest of these and so many bytes more.

    A limit of the kernel's that needs no disk of its own to be filled: a write ends where it stands, as on a full disk, half
    a line on the disk, and the next one fails.
    """
    sizes = [path.stat().st_size for path in grown if path.exists()]
    _limit(process, min(sizes, default=0) + room)
    try:
        yield
    finally:
        _limit(process, resource.RLIM_INFINITY)


def _limit(process: Child, size: int) -> None:
    if process.alive:
        assert process.process.pid is not None
        resource.prlimit(process.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def let_the_clock_step() -> None:
    """From now on FORWARD and BACK step this process's idea of the time, as a clock that is set under it would."""
    ticking, steps = time.time_ns, [0]

    def step(how: int, _: object) -> None:
        steps[0] += STEP_SECONDS if how == FORWARD else -STEP_SECONDS

    time.time_ns = lambda: ticking() + steps[0] * 1_000_000_000  # type: ignore[assignment]
    time.time = lambda: time.time_ns() / 1e9  # type: ignore[assignment]
    signal.signal(FORWARD, step)
    signal.signal(BACK, step)
