"""Where a run of the demonstration happens: its folder, its ports, its processes and the ``contact`` command."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import socket
import sys
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from demo.calling import CallFailed, Service, read_key, reason
from demo.processes import Child, Crew, end_with_parent, stop_left_overs

LOCAL = timezone(timedelta(hours=8))
"""The operator's zone; it has no clock changes."""
ROLES = ("strategist", "analyst", "data_scientist", "portal", "ivr", "gateway")
_MARKER = "demo-home"
_START_SECONDS = 180.0


class StageProblem(Exception):
    """Something a person can mend; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Plot:
    """What a run is asked to do."""

    customers: int
    seed: int
    port: int
    home: Path
    start: date
    once: bool


def next_monday(now: datetime) -> date:
    """The Monday after the operator's today: the store's clock only moves forward, so the demonstration lies ahead."""
    today = now.astimezone(LOCAL).date()
    return today + timedelta(days=7 - today.weekday())


class Stage:
    """One run's folder, environment and processes."""

    def __init__(self, plot: Plot, gateway_port: int) -> None:
        self.plot = plot
        self.home = plot.home
        self.keys = plot.home / "keys"
        self.truth = plot.home / "truth.json"
        self.calls, self.chances = plot.home / "calls.json", plot.home / "chances.jsonl"
        self.gateway_log = plot.home / "gateway.jsonl"
        self.gateway_port = gateway_port
        self.crew = Crew(plot.home)
        self.url = f"http://127.0.0.1:{plot.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Our environment without any ``CONTACT_*`` of the caller's, so that every run is alike."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_")}
        return kept | {
            "CONTACT_HOME": str(self.home / "service"),
            "CONTACT_HOST": "127.0.0.1",
            "CONTACT_PORT": str(self.plot.port),
            "CONTACT_DEMO": "1",
        }

    async def clear(self) -> None:
        """An empty folder, with nothing of an earlier run alive; it is this run's until its process ends.

        Raises StageProblem for a folder that is not ours, or that a running demonstration holds.
        """
        hold(self.home)
        await stop_left_overs(self.home)
        if self.home.exists():
            if any(self.home.iterdir()) and not (self.home / _MARKER).exists():
                raise StageProblem(
                    f"{self.home} holds files that are not the demonstration's; choose another --home"
                )
            shutil.rmtree(self.home)
        for name in ("keys", "logs", "pids", "files", "service"):
            (self.home / name).mkdir(parents=True)
        self.keys.chmod(0o700)
        (self.home / _MARKER).write_text(
            "This folder belongs to `python -m demo`, which empties it at each start.\n"
        )

    async def start_service(self) -> Child:
        """The service on its embedded defaults, answering (it is ready to serve once a playbook is published)."""
        command = [*contact_command(), "serve", "--demo", "--port", str(self.plot.port)]
        gateway = {"CONTACT_SMS_URL": f"http://127.0.0.1:{self.gateway_port}/messages"}
        child = await self.crew.start("service", command, self.environment | gateway)
        async with Service(self.url, "none") as service:
            deadline = asyncio.get_running_loop().time() + _START_SECONDS
            while await service.probe("/livez") != 200:
                if child.process.returncode is not None:
                    raise StageProblem(
                        f"the service ended while starting; {child.log} says why: {_last_line(child.log)}"
                    )
                if asyncio.get_running_loop().time() > deadline:
                    raise StageProblem(
                        f"the service was not ready after {_START_SECONDS:.0f} s; see {child.log}"
                    )
                await asyncio.sleep(0.1)
        return child

    async def start_party(self, name: str, *options: str) -> Child:
        """One of the operator's parties, as its own process."""
        command = [sys.executable, "-m", f"demo.{name}", "--service", self.url, "--keys", str(self.keys)]
        return await self.crew.start(
            name, [*command, "--truth", str(self.truth), *options], self.environment, steps=True
        )

    async def contact(self, *arguments: str) -> str:
        """Run ``contact …`` and answer what it printed. Raises StageProblem with its last words."""
        process = await asyncio.create_subprocess_exec(
            *contact_command(),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment,
            preexec_fn=end_with_parent(),
            start_new_session=True,
        )
        try:
            output, errors = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode != 0:
            words = (errors or output).decode(errors="replace").strip() or "it said nothing"
            raise StageProblem(f"`contact {' '.join(arguments)}` failed: {words[-1500:]}")
        return output.decode()

    async def create_keys(self, *roles: str) -> None:
        """A key for each role, kept where README's commands and the parties look for it."""
        for role, secret in zip(roles, await self._new_keys(*roles), strict=True):
            self._keep_key(role, secret)

    async def create_keys_of(self, role: str, *persons: str) -> None:
        """A key of that role for each person."""
        options = [word for person in persons for word in ("--person", person)]
        for person, secret in zip(persons, await self._new_keys(role, *options), strict=True):
            self._keep_key(f"{role}-{person}", secret)

    async def _new_keys(self, *words: str) -> list[str]:
        return [line.split()[-1] for line in (await self.contact("key", "create", *words)).splitlines()]

    def _keep_key(self, name: str, secret: str) -> None:
        path = self.keys / name
        path.touch(mode=0o600)
        path.write_text(secret + "\n", encoding="utf-8")

    def as_role(self, role: str) -> Service:
        """The service, called with that role's key."""
        return Service(self.url, read_key(self.keys / role))

    async def move_clock(self, service: Service, day: date, hour: int, minute: int = 0) -> None:
        """Move the store's clock to an hour of the operator's day."""
        moment = datetime.combine(day, time(hour, minute), LOCAL)
        status, answer = await service.post("/v1/clock", {"to": moment.isoformat()})
        if status != 200:
            raise CallFailed(f"clock: {status} {reason(answer)}")


def program() -> Path:
    """The ``contact`` program beside this interpreter, as a person would type it."""
    return Path(sys.executable).with_name("contact")


def contact_command() -> list[str]:
    """The ``contact`` command of this interpreter."""
    return [sys.executable, "-m", "contact.faces.cli.main"]


def hold(home: Path) -> None:
    """Keeps a second demonstration out of a folder whose first still runs; the lock ends with our process."""
    home.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(home.with_name(f"{home.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        message = f"a demonstration runs in {home}; end it with Ctrl-C where it runs, or give this one another --home"
        raise StageProblem(message) from None


def free_port(wanted: int) -> int:
    """``wanted`` if it is free (0: any). Raises StageProblem that says what to do."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            message = (
                f"port {wanted} is taken; stop what uses it or choose another: make demo PORT={wanted + 1}"
            )
            raise StageProblem(message) from None
        return int(probe.getsockname()[1])


def _last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:400] if lines else "it said nothing"
