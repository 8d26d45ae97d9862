"""``python -m tests.races [--seconds 60] [--json FILE]``: race and kill on both databases, then every mutant.

Prints one row a run: attempts, grants, hand-overs, opt-outs, unknowns, kills, violations, acknowledged lost. The shipped
build must show 0 and 0, each mutant must be caught; exit 1 otherwise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from contact.storage.database import Database
from contact.storage.ledger_check import check_ledger
from contact.storage.open import open_stores
from contact.storage.sweeping import sweep
from strategies.playbook import Playbook
from tests.contracts.conftest import settings
from tests.contracts.situations import playbook
from tests.races.mutants import ON_POSTGRESQL, ON_SQLITE
from tests.races.worker import RULES
from tests.servers import PostgreSQL

PROCESSES = 3
KILL_EVERY = 5.0
LOOK_EVERY = 4.0
LOOK_EVERY_AT_MUTANTS = 0.5
"""A place given twice may be taken back by its permit within moments, so a mutant is looked at more often."""


@dataclass
class Run:
    """One row of the table."""

    database: str
    build: str
    seconds: float = 0.0
    attempts: int = 0
    grants: int = 0
    handed_over: int = 0
    opt_outs: int = 0
    unknown: int = 0
    kills: int = 0
    violations: int = 0
    lost: int = 0

    @property
    def as_expected(self) -> bool:
        """The shipped build breaks nothing; a mutant is caught."""
        return self.violations == self.lost == 0 if self.build == "shipped" else self.violations > 0


def start(url: str, folder: Path, mutant: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.races.worker", url, str(folder), mutant])


async def violations_of(database: Database, rules: Playbook) -> set[str]:
    """Caps overshot, hand-overs after a withdrawal and moves astray at this moment, by the check's own SQL."""
    found = (await check_ledger(database, rules)).found
    broken = ("cap ", "handed_over", "moves", "crowded")
    return {f"{name} {id}" for name, ids in found.items() if name.startswith(broken) for id in ids}


def race(database: str, url: str, folder: Path, build: str, seconds: float) -> Run:
    """Race for so long, killing a process every few seconds; a mutant's run ends as soon as it is caught."""
    run, rules = Run(database, build), playbook(RULES)
    stores = open_stores(settings(folder, url))
    mutant = "-" if build == "shipped" else build
    look_every = LOOK_EVERY if mutant == "-" else LOOK_EVERY_AT_MUTANTS
    workers = [start(url, folder, mutant) for _ in range(PROCESSES)]
    began, last_kill, last_look = time.monotonic(), time.monotonic(), time.monotonic()
    violations: set[str] = set()  # of any moment: a place given twice may expire before the end
    try:
        while time.monotonic() - began < seconds:
            time.sleep(0.2)
            if time.monotonic() - last_kill >= KILL_EVERY:
                victim = random.randrange(PROCESSES)
                workers[victim].send_signal(signal.SIGKILL)
                workers[victim].wait()
                workers[victim], last_kill, run.kills = (
                    start(url, folder, mutant),
                    time.monotonic(),
                    run.kills + 1,
                )
            if time.monotonic() - last_look >= look_every:
                last_look = time.monotonic()
                violations |= asyncio.run(violations_of(stores.database, rules))
                if violations and mutant != "-":
                    break
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    run.seconds = round(time.monotonic() - began, 1)
    violations |= asyncio.run(violations_of(stores.database, rules))
    asyncio.run(settle(run, stores.database, rules, folder))
    run.violations = len(violations | asyncio.run(violations_of(stores.database, rules)))
    stores.database.close()
    return run


async def settle(run: Run, database: Database, rules: Playbook, folder: Path) -> None:
    """Sweep what the dead left behind, then hold the ledger against what was acknowledged."""
    await database.write(lambda tx: tx.run("move_clock", offset_us=600_000_000))
    await database.write(lambda tx: sweep(tx, rules))
    told: Counter[str] = Counter()
    granted: set[str] = set()
    for tally in folder.glob("tally-*"):
        for line in tally.read_text().splitlines():
            what, contact = line.split(" ")
            told[what] += 1
            if what == "grant":
                granted.add(contact)
    kept = await database.read(lambda tx: tx.connection.execute("SELECT id, state FROM contact").fetchall())
    run.attempts, run.grants, run.handed_over, run.opt_outs = (
        told["attempt"], told["grant"], told["handed_over"], told["opt_out"],
    )  # fmt: skip
    run.unknown = sum(row["state"] == "unknown" for row in kept)
    run.lost = len(granted - {row["id"] for row in kept})
    errors = {name: count for name, count in told.items() if name.startswith("error:")}
    if errors:
        print(f"   refused by the store meanwhile: {errors}", flush=True)


def show(run: Run) -> None:
    figures = {name: value for name, value in asdict(run).items() if name not in ("database", "build")}
    verdict = "as promised" if run.as_expected else "BROKEN" if run.build == "shipped" else "NOT CAUGHT"
    print(
        f"{run.database:<10} {run.build:<32} "
        + "  ".join(f"{k} {v}" for k, v in figures.items())
        + f"  {verdict}",
        flush=True,
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=60.0, help="how long each shipped build races")
    arguments.add_argument("--database", choices=["sqlite", "postgresql"], help="only this one")
    arguments.add_argument("--json", type=Path, help="also write the rows here")
    asked = arguments.parse_args()
    print(
        f"race and kill: {PROCESSES} processes, {platform.machine()}, Python {platform.python_version()}",
        flush=True,
    )
    runs: list[Run] = []
    if asked.database != "postgresql":
        for build in ("shipped", *ON_SQLITE):
            with tempfile.TemporaryDirectory() as folder:
                runs.append(race("sqlite", f"sqlite:///{folder}/race.db", Path(folder), build, asked.seconds))
                show(runs[-1])
    if asked.database != "sqlite":
        server = PostgreSQL()
        try:
            for build in ("shipped", *ON_POSTGRESQL):
                with tempfile.TemporaryDirectory() as folder:
                    name = f"race_{build}"
                    runs.append(race("postgresql", server.create(name), Path(folder), build, asked.seconds))
                    show(runs[-1])
                    server.drop(name)
        finally:
            server.stop()
    if asked.json:
        asked.json.write_text(json.dumps([asdict(run) for run in runs], indent=2))
    return 0 if all(run.as_expected for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
