"""Child processes that never outlive the demonstration, and left-overs of one that was killed.

Each child gets a parent-death signal from Linux, its own session (so that Ctrl-C reaches only us, who stop the
children in order) and a pid file with its start time, by which the next run knows a left-over from a stranger.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from demo.party import Doings, Step

_PR_SET_PDEATHSIG = 1
_PATIENCE_SECONDS = 8.0
_LONGEST_LINE = 16 * 1024 * 1024


class ProcessFailed(Exception):
    """A process of the demonstration ended or answered in a way it should not have."""


@dataclass(slots=True)
class Child:
    """One running process; parties also take steps on their standard input."""

    name: str
    process: asyncio.subprocess.Process
    log: Path
    pid_file: Path

    async def act(self, step: Step) -> Doings:
        """Let a party take a step and wait for what it did. Raises ProcessFailed if it died."""
        assert self.process.stdin is not None and self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(asdict(step)).encode() + b"\n")
            await self.process.stdin.drain()
            line = await self.process.stdout.readline()
        except ConnectionError:
            line = b""
        if not line:
            raise ProcessFailed(
                f"{self.name} ended in the middle of a step; its last words are in {self.log}"
            )
        return Doings(**json.loads(line))

    async def stop(self) -> None:
        """Close its input, ask it to end, and end it if it does not."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.process.returncode is None:
            self._signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), _PATIENCE_SECONDS)
            except TimeoutError:
                self._signal(signal.SIGKILL)
                await self.process.wait()
        self.pid_file.unlink(missing_ok=True)

    def _signal(self, number: signal.Signals) -> None:
        try:
            self.process.send_signal(number)
        except ProcessLookupError:
            return


class Crew:
    """All processes of one run."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._children: list[Child] = []

    async def start(
        self, name: str, command: Sequence[str], environment: Mapping[str, str], *, steps: bool = False
    ) -> Child:
        """Start a process whose output goes to ``home/logs``; with ``steps`` its stdin and stdout carry steps."""
        log = self._home / "logs" / f"{name}.log"
        pipe = asyncio.subprocess.PIPE if steps else asyncio.subprocess.DEVNULL
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=pipe,
                stdout=pipe if steps else output,
                stderr=output,
                env=dict(environment),
                start_new_session=True,
                preexec_fn=end_with_parent(),
                limit=_LONGEST_LINE,
            )
        pid_file = self._home / "pids" / f"{name}.json"
        pid_file.write_text(json.dumps({"pid": process.pid, "started": start_time(process.pid)}))
        child = Child(name, process, log, pid_file)
        self._children.append(child)
        return child

    async def stop(self) -> None:
        """Stop all, the last started first."""
        while self._children:
            await self._children.pop().stop()


def end_with_parent() -> Callable[[], None] | None:
    """What a child does before it becomes another program: ask Linux for a signal when its parent dies."""
    if not sys.platform.startswith("linux"):
        return None
    parent = os.getpid()
    prctl: Any = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def start_time(pid: int) -> str | None:
    """When a process began, in kernel ticks; None where it is gone or the system does not say."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return None if fields[0] == "Z" else fields[19]


async def stop_left_overs(home: Path) -> int:
    """End processes of an earlier run that was killed; how many there were."""
    found = 0
    for file in sorted((home / "pids").glob("*.json")):
        known = json.loads(file.read_text())
        pid, started = int(known["pid"]), known["started"]
        if started is not None and start_time(pid) == started:
            found += 1
            await _end(pid, started)
        file.unlink(missing_ok=True)
    return found


async def _end(pid: int, started: str) -> None:
    for number, patience in ((signal.SIGTERM, _PATIENCE_SECONDS), (signal.SIGKILL, 2.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        for _ in range(int(patience / 0.1)):
            if start_time(pid) != started:
                return
            await asyncio.sleep(0.1)
