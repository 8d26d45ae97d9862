"""Drives a race: three processes, kill -9 and SIGSTOP in between, and a judge who looks at what they wrote down."""

from __future__ import annotations

import asyncio
import random
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from contact.flow.publishing.publish import publish
from contact.flow.working.sweep import sweep
from contact.storage.audits.ledger_check import LedgerReport, check_ledger
from contact.storage.databases.turns import Turns
from contact.wiring import House, join
from strategies.instants import Instant
from tests.faults.line_gateway import LineGateway
from tests.faults.place import Spot
from tests.faults.processes import Child
from tests.faults.tally import Counted
from tests.proxy import Proxy, Weather
from tests.races.crossing import Crosser
from tests.races.playbooks import texts

PROCESSES = 3
STOPPED_SECONDS = 2.0
"""Longer than a hand-over is waited for: whoever wakes up again is believed dead."""
LOOK_SECONDS = 0.5
LONGEST = 6
"""So many times as long as planned a race may take on a machine so slow that nothing would be proved else."""
STEP_SECONDS = 5
PATIENCE = 180
"""Seconds for which a slow machine may keep a process from starting, or us from a store that others write to."""
NAME = "tally"
CUT = 0.002
"""The chance that a line ends with a chunk: about one in a hundred transactions."""


@dataclass
class Plan:
    """How long a race lasts, how often a process is hurt, and which build runs."""

    mode: str
    seconds: float
    kills: int
    stops: int
    accounts: int
    mutant: str = "-"
    locked_seconds: float = 0.0
    """For so long, halfway, somebody else holds the whole of an SQLite database."""
    steps: int = 0
    """How often the store's clock is set, five seconds on and five back in turn."""
    planners: int = 0
    """How many in each process reserve in bulk."""
    crossed: bool = False
    """Whether somebody else locks subjects on PostgreSQL in another order than ours."""
    least: Mapping[str, int] = field(default_factory=dict)
    """Of what at least so many are noted before the race ends, unless it takes several times as long: its true length."""


@dataclass
class Race:
    """A race under way or over, with what its judges may look at."""

    plan: Plan
    spot: Spot
    gateway: LineGateway
    line: Proxy | None = None
    kills: int = 0
    stops: int = 0
    steps: int = 0
    deadlocks: int = 0
    reports: list[LedgerReport] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    """Contact → state, when all is over."""
    customers: dict[str, str] = field(default_factory=dict)
    """Contact → customer."""

    @property
    def tallies(self) -> Path:
        """Where the processes write down what they were told."""
        return self.spot.folder / "tallies"


def run(plan: Plan, spot: Spot, caught: Callable[[Race], bool]) -> Race:
    """Race; a mutant's run ends as soon as it is caught. Afterwards the dead are swept and the ledger is read."""
    race = Race(plan, spot, LineGateway())
    race.tallies.mkdir()
    asyncio.run(_prepare(spot))
    began = time.monotonic_ns()
    crosser = Crosser(spot.url, plan.accounts, began) if plan.crossed else None
    if plan.mutant == "-" and spot.url.startswith("postgresql"):
        race.line = Proxy.before(spot.url)
    workers = [_start(race, began, number) for number in range(PROCESSES)]
    try:
        _wait_until_ready(race)
        if race.line is not None:
            race.line.weather = Weather(drop=CUT, half=CUT)
        if crosser is not None:
            crosser.start()
        _hurt_and_look(race, workers, caught)
    finally:
        for worker in workers:
            worker.kill()
        race.gateway.stop()
        if race.line is not None:
            race.line.stop()
        if crosser is not None:
            race.deadlocks = crosser.stop()
    asyncio.run(_settle(race))
    return race


def _start(race: Race, began: int, number: int) -> Child:
    """One of them reaches a database server only over a line that is cut now and then, also amid a commit."""
    plan, environment = race.plan, race.spot.environment
    if race.line is not None and number == 0:
        environment = {**environment, "CONTACT_DATABASE_URL": race.line.url(race.spot.url)}
    return Child(
        "tests.races.worker:run", plan.mode, race.tallies, race.gateway.port, began, plan.accounts, plan.planners,
        plan.mutant, environment=environment, log=race.spot.folder / "workers.log",
    )  # fmt: skip


def _wait_until_ready(race: Race) -> None:
    """Time counts from when all stand: on a busy machine starting takes longer than racing."""
    deadline = time.monotonic() + PATIENCE
    while sum("ready" in path.read_text() for path in race.tallies.glob(f"{NAME}-*")) < PROCESSES:
        if time.monotonic() > deadline:
            raise AssertionError(f"racing processes did not start: {race.spot.folder / 'workers.log'}")
        time.sleep(0.05)


def _hurt_and_look(race: Race, workers: list[Child], caught: Callable[[Race], bool]) -> None:
    plan, start = race.plan, time.monotonic()
    hurts = sorted(
        (start + plan.seconds * (n + 0.5) / total, how)
        for how, total in (("kill", plan.kills), ("stop", plan.stops), ("step", plan.steps))
        for n in range(total)
    )
    wake: list[tuple[float, Child]] = []
    looked, noted = start, Counted(race.tallies, NAME)
    if plan.locked_seconds and race.spot.url.startswith("sqlite"):
        threading.Timer(plan.seconds / 2, _hold_all, (race.spot, plan.locked_seconds)).start()
        race.kills += 1
    while (now := time.monotonic()) < start + plan.seconds or _is_thin(race, now - start, noted):
        time.sleep(0.1 if now < start + plan.seconds else LOOK_SECONDS)
        while wake and wake[0][0] <= now:
            wake.pop(0)[1].send(signal.SIGCONT)
        stopped = {id(each) for _, each in wake}
        while hurts and hurts[0][0] <= now:
            _, how = hurts.pop(0)
            if how == "step":
                _step(race.spot, STEP_SECONDS if race.steps % 2 == 0 else -STEP_SECONDS)
                race.steps += 1
                continue
            victim = random.choice([n for n, each in enumerate(workers) if id(each) not in stopped])
            if how == "stop":
                workers[victim].send(signal.SIGSTOP)
                wake.append((now + STOPPED_SECONDS, workers[victim]))
                race.stops += 1
                break
            workers[victim].kill()
            workers[victim].start()
            race.kills += 1
        if now - looked >= LOOK_SECONDS and plan.mutant != "-":
            looked = now
            if caught(race):
                break
    for _, each in wake:
        each.send(signal.SIGCONT)
    if wake:
        time.sleep(1.0)  # whoever was believed dead comes back and goes on where it was


def _is_thin(race: Race, spent: float, noted: Counted) -> bool:
    """Whether too little was shown so far for anything to be proved, and there is time left."""
    if spent > race.plan.seconds * LONGEST:
        return False
    times = noted.look()
    return any(times[what] < least for what, least in race.plan.least.items())


@contextmanager
def _turn_of(path: str) -> Iterator[None]:
    """A place in the queue of the writers: SQLite's own waiting starved who was not in it for three minutes."""
    turns = Turns(f"{path}.lock", PATIENCE)
    try:
        turns.take()
        yield
        turns.end()
    finally:
        turns.close()


def _hold_all(spot: Spot, seconds: float) -> None:
    path = spot.url.removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)) as holder:
        with _turn_of(path):
            holder.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)  # the queue goes on, and whoever's turn it is finds the file locked
        holder.execute("ROLLBACK")


def _step(spot: Spot, seconds: int) -> None:
    """As somebody sets the clock of the machine that the store reads it from."""
    sql = f"UPDATE clock SET offset_us = offset_us + {seconds * 1_000_000}"
    if spot.url.startswith("sqlite"):
        path = spot.url.removeprefix("sqlite:///")
        with _turn_of(path), closing(sqlite3.connect(path, timeout=PATIENCE)) as store, store:
            store.execute(sql)
    else:
        with psycopg.connect(spot.url, autocommit=True) as server:
            server.execute(sql)


async def _prepare(spot: Spot) -> None:
    house = await join(spot.settings)
    await publish(house.ports, texts(), None, "faults", "race")
    await house.close()


async def _settle(race: Race) -> None:
    """Sweep what the dead left behind, then read what the ledger holds."""
    house = await join(race.spot.settings)
    await look(race, house)
    moment = await house.ports.clock.now()
    await house.ports.clock.move_to(Instant(moment.at + 120_000_000))
    await sweep(house.ports)
    await look(race, house)

    rows = await house.stores.database.read(
        lambda tx: tx.connection.execute("SELECT id, state, customer_id FROM contact").fetchall()
    )
    race.kept = {row["id"]: row["state"] for row in rows}
    race.customers = {row["id"]: row["customer_id"] for row in rows}
    await house.close()


async def look(race: Race, house: House) -> None:
    """The ledger's own check, by SQL of its own."""
    playbook = await house.ports.playbooks.current()
    race.reports.append(await check_ledger(house.stores.database, playbook))
