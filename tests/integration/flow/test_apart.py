"""Work in a process of its own: its answers come back whole, and it never outlives whoever wanted them."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contact.faults import Fault, NotFound
from contact.flow.apart import Apart
from strategies.problems import Hint, Problem, ProblemsFound, Where

Said = Callable[[int, int | None, str], None]


def added(first: int, second: int, *, said: Said) -> int:
    """Prints as well: what is printed does not get into the answers."""
    print("not an answer")
    said(1, 2, "half")
    return first + second


def own_pid(*, said: Said) -> int:
    """The process's number."""
    return os.getpid()


def refused(kind: str, *, said: Said) -> None:
    """Raises what a person can mend, a fault, or a bug."""
    if kind == "problem":
        hint = Hint("as %(example)s", example="2026-03-02")
        raise ProblemsFound([Problem("value.date", "no day", Where("a.yaml", 3, 4), hint)])
    raise NotFound("there is no such thing") if kind == "fault" else ValueError("a bug")


def slept(*, said: Said) -> None:
    """Longer than any test."""
    said(0, None, str(os.getpid()))
    time.sleep(60)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def test_answers_and_progress_come_back_from_one_process() -> None:
    """Two calls are done by the same process, and what it says on the way is heard here."""
    heard: list[tuple[int, int | None, str]] = []
    async with await Apart.start() as process:
        assert await process.call(added, 2, 3, progress=lambda *each: heard.append(each)) == 5
        assert heard == [(1, 2, "half")]
        assert await process.call(own_pid) == await process.call(own_pid) != os.getpid()


async def test_problems_and_faults_are_raised_here_and_a_bug_ends_the_process() -> None:
    """Problems keep their places, faults their words, and the process goes on; after a bug it is gone."""
    async with await Apart.start() as process:
        with pytest.raises(ProblemsFound) as found:
            await process.call(refused, "problem")
        (problem,) = found.value.problems
        assert str(problem) == "a.yaml:3:4: value.date: no day (as 2026-03-02)"
        assert problem.hint.values == {"example": "2026-03-02"}, "what another language is said from"
        with pytest.raises(NotFound, match="no such thing"):
            await process.call(refused, "fault")
        assert await process.call(added, 1, 1) == 2
        with pytest.raises(Fault, match="exit code 1"):
            await process.call(refused, "bug")


async def test_a_cancelled_call_ends_the_process_at_once() -> None:
    """Nobody waits for the sixty seconds it would take."""
    said: asyncio.Queue[int] = asyncio.Queue()
    async with await Apart.start() as process:
        waiting = asyncio.create_task(
            process.call(slept, progress=lambda done, total, message: said.put_nowait(int(message)))
        )
        pid = await said.get()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert not _lives(pid)


def test_it_does_not_outlive_a_killed_parent() -> None:
    """kill -9 of whoever wanted the work ends the work."""
    parent = subprocess.Popen(
        [sys.executable, "-c",
         "import asyncio\nfrom contact.flow.apart import Apart\nfrom tests.integration.flow.test_apart import slept\n"
         "async def run():\n    p = await Apart.start()\n"
         "    await p.call(slept, progress=lambda a, b, pid: print(pid, flush=True))\nasyncio.run(run())"],
        stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert _lives(child)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while _lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(child)
