"""The contact ledger: durable reservations a second, each with its locks, counts, verdict, task, contact and move.

    python -m bench.ledger [--seconds 5] [--database sqlite|postgresql] [--rounds 2]

*requests*: 256 clients a process, each with an Idempotency-Key of its own, as HTTP carries them out. *reservations*: the
same without keys. *bulk*: chunks of 500, judged before, as a plan reserves them. Beside each the *bare* loop: the same rows
by the same driver, as many a commit and as durable, with nothing locked, read or judged. Beside bulk also the *floor*: bare
too, but one narrow row a reservation, with only the indexes that caps and hand-over need. All take turns, and what share of
the machine stayed idle is said: where others work on it too, compare ratios.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.ledger_worker import make_floor
from contact.storage.open import open_database
from tests.servers import PostgreSQL

GOALS = {
    ("sqlite", "once", 1): 5000, ("sqlite", "once", 3): 3000, ("postgresql", "once", 3): 5000,
    ("sqlite", "many", 1): 30000, ("postgresql", "many", 3): 30000,
}  # fmt: skip
WORDS = {"once": "requests", "plain": "reservations", "many": "bulk"}
BARE = {"once": "bare_once", "plain": "bare_once", "many": "bare_many"}


class AsInstalled(PostgreSQL):
    """With the sizes PostgreSQL is installed with; tests' clusters have smaller ones."""

    settings = ("-c", "shared_buffers=128MB", "-c", "max_wal_size=1GB")


@dataclass(slots=True)
class Figure:
    """Reservations a second of each round, processor µs each, and the share of the machine nobody used or others did."""

    rates: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    free: list[float] = field(default_factory=list)


def machine_seconds() -> tuple[float, float]:
    """Processor seconds of this machine so far: all, and idle."""
    first = Path("/proc/stat").read_text(encoding="ascii").splitlines()[0]
    numbers = [int(each) for each in first.split()[1:9]]
    return sum(numbers) / 100, (numbers[3] + numbers[4]) / 100


def measure(what: str, url: str, processes: int, seconds: float, folder: str, figure: Figure) -> None:
    """So many processes begin at one instant; adds what stood to the figure."""
    command = [sys.executable, "-m", "bench.ledger_worker", what, url]
    running = [
        subprocess.Popen(
            [*command, str(n), str(seconds), folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for n in range(processes)
    ]
    for each in running:
        assert each.stdout is not None and each.stdout.readline() == "ready\n"
    start = time.time() + 0.2
    for each in running:
        assert each.stdin is not None
        each.stdin.write(f"{start}\n")
        each.stdin.flush()
    time.sleep(max(0.0, start - time.time()))
    all_before, idle_before = machine_seconds()
    stood, used = 0, 0.0
    for each in running:
        said, _ = each.communicate()
        count, processor = said.split()
        stood, used = stood + int(count), used + float(processor)
    took = time.time() - start
    all_after, idle_after = machine_seconds()
    figure.rates.append(stood / took)
    figure.cpu_us.append(used / max(stood, 1) * 1e6)
    figure.free.append((idle_after - idle_before) / max(all_after - all_before, 0.01))


@contextmanager
def fresh(database: str, server: PostgreSQL | None, folder: str, name: str) -> Iterator[str]:
    """A migrated, empty store."""
    url = f"sqlite:///{folder}/{name}.db" if server is None else server.create(name)
    store = open_database(url)
    store.write_here(make_floor)
    store.close()
    yield url
    if server is not None:
        server.drop(name)


def compare(
    database: str, server: PostgreSQL | None, what: str, processes: int, asked: argparse.Namespace
) -> None:
    """Ours, the bare loop and where there is one the floor by turns; prints a line."""
    ours, bare, floor = Figure(), Figure(), Figure()
    turns = [(what, ours), (BARE[what], bare)]
    if what == "many":
        turns.append(("floor_many", floor))
    with tempfile.TemporaryDirectory() as folder:
        for round in range(asked.rounds):
            for build, figure in turns:
                with fresh(database, server, folder, f"bench_{build}_{round}") as url:
                    measure(build, url, processes, asked.seconds, folder, figure)
    rate, beside = median(ours.rates), median(bare.rates)
    goal = GOALS.get((database, what, processes))
    told = f"  floor {median(floor.rates):,.0f}/s" if floor.rates else ""
    told += "" if goal is None else f"  goal {goal:,}: {'met' if rate >= goal else 'missed'}"
    print(
        f"{database:<10} {WORDS[what]:<12} {processes} process{'es' if processes > 1 else '  '}  {rate:>7,.0f}/s  "
        f"bare {beside:>7,.0f}/s  ratio {rate / beside:.2f}  ours {median(ours.cpu_us):.0f} µs, bare "
        f"{median(bare.cpu_us):.0f} µs of our processor each; machine idle {median(ours.free):.0%}{told}",
        flush=True,
    )


def main() -> None:
    """Prints the table."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--seconds", type=float, default=5.0)
    arguments.add_argument("--rounds", type=int, default=2)
    arguments.add_argument("--database", choices=("sqlite", "postgresql"))
    arguments.add_argument("--only", choices=tuple(WORDS.values()), help="only this kind")
    asked = arguments.parse_args()
    print(
        f"{platform.machine()}, Python {platform.python_version()}; synchronous=FULL and fsync=on throughout"
    )
    for database in ("sqlite", "postgresql"):
        if asked.database not in (None, database):
            continue
        server = AsInstalled() if database == "postgresql" else None
        try:
            for what in WORDS:
                for processes in (1, 3):
                    if asked.only in (None, WORDS[what]):
                        compare(database, server, what, processes, asked)
        finally:
            if server is not None:
                server.stop()


if __name__ == "__main__":
    main()
