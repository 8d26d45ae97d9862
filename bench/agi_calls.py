"""Calls over FastAGI at once: ``python -m bench.agi_calls [--calls 500] [--rounds 2] [--prompt 0.5] [--postgresql]``.

One run on one machine: a real service with the demonstration's menus and 2,000 customers, and so many scripted Asterisk
channels on loopback, all picked up before the first key is pressed. Callers press at random; half of them are lost at a
random command, in each of the three ways a channel is lost. Every command takes a channel half a second (--prompt), a
fraction of what a real prompt takes.

Told: how many calls the service held at once, how long a channel waits to be picked up (all connect at the same moment) and
for each command after that, connections and calls it is left with, and journeys that are missing or still open. Any of
these, or an error in the service's log, fails the run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import re
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contact.settings import Settings
from contact.wiring import join
from strategies.instants import Instant
from tests.asterisk import Channel
from tests.servers import ROOT, PostgreSQL, Service, free_port

CUSTOMERS = 2000
PROMPT_SECONDS = 0.5
PICKED_UP = 2
"""Commands to the one that picks up: a variable is asked for before."""
KEYS: tuple[str | None, ...] = ("1", "2", "3", "4", "9", "0", "*", "#", None)
LISTENING, TIME_WAIT = "0A", "06"
"""As /proc/net/tcp writes them."""
MAPPING = """
kind: customers
mode: snapshot
columns: {id: id, number: {from: number, type: phone, region: CN}, zone: zone, arpu: {from: arpu, type: money}}
"""


@dataclass
class Found:
    """What one run measured."""

    calls: int
    most_at_once: int = 0
    seconds: float = 0.0
    pick_ups: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    commands: int = 0
    lost: int = 0
    left: dict[str, int] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    faults: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "calls": self.calls, "held_at_once": self.most_at_once, "callers_lost": self.lost, "commands": self.commands,
            "seconds": round(self.seconds, 1), "pick_up_ms": shares(self.pick_ups),
            "next_command_ms": shares(self.waits),
            "left_behind": self.left, "journeys_missing": self.missing, "outcomes": dict(self.outcomes),
            "faults": self.faults, "load_average": round(os.getloadavg()[0], 1),
        }  # fmt: skip

    @property
    def good(self) -> bool:
        return (
            self.most_at_once >= self.calls
            and not self.missing
            and not self.outcomes["open"]
            and not any(self.left.values())
            and not self.faults
        )


def shares(seconds: list[float]) -> dict[str, float]:
    """Milliseconds that half, 99 of 100 and all do not exceed."""
    found = sorted(seconds)
    places = {"p50": len(found) // 2, "p99": int(len(found) * 0.99), "max": len(found) - 1}
    return {name: round(found[place] * 1000, 1) for name, place in places.items()}


def numbers(service: Service, name: str) -> float:
    """A number of /metrics."""
    with urllib.request.urlopen(f"{service.url}/metrics", timeout=30) as answer:
        found = re.search(rf"^{name} ([0-9.e+]+)$", answer.read().decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def connections(port: int) -> int:
    """Connections of the server at this port that are not closed on both sides."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in lines]
    return sum(row[1].endswith(f":{port:04X}") and row[3] not in (LISTENING, TIME_WAIT) for row in rows)


async def round_of(
    service: Service, port: int, calls: int, name: str, seed: int, prompt: float
) -> tuple[list[Channel], int, float]:
    """So many calls at once: the channels as they ended, how many were held when all were, and seconds in all."""
    random_ = random.Random(seed)
    all_up, press, up = asyncio.Event(), asyncio.Event(), 0

    class Held(Channel):
        """A channel whose caller presses nothing before everybody is on the line."""

        async def answered(self) -> None:
            nonlocal up
            up += 1
            if up == calls:
                all_up.set()
            await press.wait()

    channels = [
        Held(
            [*random_.choices(KEYS, k=8), "0"], unique=f"{name}.{number}", number=f"+86139{random_.randrange(CUSTOMERS):08}",
            script=random_.choice(("main", "main?language=en")), barges=random_.random() < 0.3, seconds=prompt,
            hang_up_at=random_.randrange(2, 60) if number % 2 else None,
            how=random_.choice(("fails", "signalled", "broken")),
        )
        for number in range(calls)
    ]  # fmt: skip
    started = time.perf_counter()
    calling = asyncio.gather(*(channel.call(port) for channel in channels))
    await all_up.wait()
    held = int(await asyncio.to_thread(numbers, service, "contact_agi_calls"))
    press.set()
    await calling
    return channels, held, time.perf_counter() - started


async def measured(service: Service, port: int, calls: int, rounds: int, prompt: float) -> Found:
    found = Found(calls)
    await round_of(service, port, 20, "warm", 0, 0.01)
    names: set[str] = set()
    for number in range(rounds):
        channels, held, seconds = await round_of(service, port, calls, f"round{number}", number + 1, prompt)
        found.most_at_once = max(found.most_at_once, held)
        found.seconds += seconds
        for channel in channels:
            names.add(channel.unique)
            found.pick_ups.append(sum(channel.waits[:PICKED_UP]))
            found.waits += channel.waits[PICKED_UP:]
            found.commands += len(channel.commands)
            found.lost += channel.dead and not channel.hung_up_by_us
    await asyncio.sleep(2.0)  # journeys are durable within a second
    found.left = {
        "calls": int(numbers(service, "contact_agi_calls")),
        "connections": connections(port),
    }
    kept = await journeys(service)
    found.missing = len(names - kept.keys())
    found.outcomes = Counter(kept[name] for name in names & kept.keys())
    found.faults = faults(service.log)
    return found


async def journeys(service: Service) -> dict[str, str]:
    """Call → outcome, as the store has them."""
    settings = {name: value for name, value in service.environment.items() if name.startswith("CONTACT_")}
    house = await join(Settings.from_environment(settings))
    try:
        return {each.id: each.outcome for each in await house.ports.calls.between(Instant(0), Instant(2**62))}
    finally:
        await house.close()


def faults(log: Path) -> list[str]:
    """Errors the service wrote down, each kind once."""
    found = []
    for line in log.read_text(errors="replace").splitlines():
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("level") in ("error", "critical"):
            found.append(f"{told.get('part')}: {told.get('event')} ({told.get('error')})")
    return sorted(set(found))


@contextmanager
def prepared(postgresql: bool) -> Iterator[tuple[Service, int]]:
    """A service with menus and customers in a folder of its own, and its port for FastAGI."""
    with tempfile.TemporaryDirectory(prefix="contact-agi-") as name:
        folder, port, server = Path(name), free_port(), None
        settings = {"CONTACT_AGI_PORT": str(port), "CONTACT_AGI_SPEECH": 'Flite("{text}")'}
        if postgresql:
            server = PostgreSQL()
            settings["CONTACT_DATABASE_URL"] = server.create("agi")
        people = "".join(f"C{n},+86139{n:08},Asia/Shanghai,{40 + n % 90}\n" for n in range(CUSTOMERS))
        (folder / "people.csv").write_text("id,number,zone,arpu\n" + people, encoding="utf-8")
        (folder / "people.yaml").write_text(MAPPING, encoding="utf-8")
        service = Service(folder / "home", demo=False, **settings)
        try:
            service.publish(ROOT / "config")
            service.contact(
                "import", "customers", str(folder / "people.csv"), "--mapping", str(folder / "people.yaml")
            )
            yield service, port
        finally:
            service.stop()
            if server is not None:
                server.stop()


def main() -> None:
    """Measure, print one line a figure, and fail where a call failed or left something behind."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument(
        "--prompt", type=float, default=PROMPT_SECONDS, help="seconds that each command takes"
    )
    parser.add_argument("--postgresql", action="store_true")
    options = parser.parse_args()
    with prepared(options.postgresql) as (service, port):
        found = asyncio.run(measured(service, port, options.calls, options.rounds, options.prompt))
    told = found.as_json()
    told["database"] = "postgresql" if options.postgresql else "sqlite"
    told["machine"] = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    for name, value in told.items():
        print(f"{name:20} {value}")
    sys.exit(0 if found.good else 1)


if __name__ == "__main__":
    main()
