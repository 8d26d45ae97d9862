"""Every promise under fire, in one table: ``python bench/faults.py [--short|--long] [--only G1,G5] [--json FILE]``.

Each promise (G1–G15, see docs/promises.md) is attacked on SQLite and on PostgreSQL with real processes, kill -9, SIGSTOP,
cut connections and an emptied Redis, and judged by what the code under test cannot touch: the gateway's own log, the
tallies of the attacking processes, SQL of its own. A mutant is the same build with one safeguard taken out: a judge that
does not notice it proves nothing, and the row fails.

    --short       a few minutes in all (as a matter of course); what `make test` runs
    --long        the figures that docs/promises.md names; hours rather than minutes on a small machine
    --only        some promises: G1,G3
    --database    one of the two: sqlite or postgresql
    --at-once     proofs that run side by side (3: each waits for half of its time)
    --markdown    print the table as docs/promises.md has it
    --json        one object a promise and database: promise, database, attempts, grants, unknown, kills, violations,
                  lost, mutants, mutants_caught; besides kept, seconds, missed, thin, tried, remarks, left_out

A column's meaning depends on the promise; each module under tests/faults says what it counts. `kept` is what counts: nothing
violated, nothing lost, every mutant caught, and enough has happened. The exit code is 1 where a row is not kept.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # so that the file may be called by its path

from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from contact.storage.databases.migrate import migrate_sqlite  # noqa: E402
from tests.faults.catalogue import PROOFS  # noqa: E402
from tests.faults.place import CLUSTER, EMPTY  # noqa: E402
from tests.faults.row import FIGURES, Row, failed  # noqa: E402
from tests.servers import PostgreSQL  # noqa: E402

DATABASES = ("sqlite", "postgresql")
LOOK_SECONDS = 0.2


@dataclass
class Running:
    """A proof in a process of its own."""

    promise: str
    database: str
    process: subprocess.Popen[bytes]
    folder: Path
    began: float

    def row(self) -> Row:
        """What it found; a process that ended without a word found nothing."""
        answer = self.folder / "row.json"
        if answer.exists():
            return Row.from_json(json.loads(answer.read_text()))
        said = (self.folder / "output.log").read_text(errors="replace")[-300:]
        return Row(self.promise, self.database, thin=f"ended with {self.process.returncode}: {said}")


def begin(promise: str, database: str, size: str, folder: Path) -> Running:
    """Start a proof; its output goes to a file of its own, shown where the proof fails."""
    own = folder / f"{promise}-{database}"
    own.mkdir()
    command = [sys.executable, "-m", "tests.faults", promise, database, size, str(own / "row.json")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(own)}
    with (own / "output.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    return Running(promise, database, process, own, time.monotonic())


def prove_all(wanted: Sequence[tuple[str, str]], size: str, at_once: int, folder: Path) -> Iterator[Row]:
    """Every proof, longest first, so many side by side; rows in the order in which they end."""
    waiting = sorted(wanted, key=lambda pair: -PROOFS[pair[0]].seconds)
    running: list[Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(begin(*waiting.pop(0), size, folder))
            time.sleep(LOOK_SECONDS)
            for each in [each for each in running if each.process.poll() is not None]:
                running.remove(each)
                row = each.row()
                row.seconds = time.monotonic() - each.began
                yield row
    finally:
        for each in running:
            each.process.kill()


def line(row: Row) -> str:
    """A row as it ends, for whoever waits."""
    verdict = "kept" if row.kept else "NOT KEPT"
    figures = "  ".join(f"{name} {value:,}" for name, value in _figures(row).items() if value)
    missed = f"not caught: {', '.join(row.missed)}" if row.missed else ""
    why = "; ".join(filter(None, [row.thin, missed, *(f"LEFT OUT: {what}" for what in row.left_out)]))
    return f"{row.promise:<4}{row.database:<11}{verdict:<9}{row.seconds:6.1f} s  {figures}{'  ' + why if why else ''}"


def _figures(row: Row) -> dict[str, int]:
    told = row.as_json()
    return {name: told[name] for name in FIGURES}


def table(rows: Sequence[Row]) -> Table:
    """All rows, in order of promise and database."""
    drawn = Table(title=None, header_style="bold")
    for name in ("promise", "database"):
        drawn.add_column(name)
    for name in FIGURES:
        drawn.add_column(name.replace("mutants_caught", "caught"), justify="right")
    drawn.add_column("")
    for row in ordered(rows):
        verdict = "kept" if row.kept else "[bold red]NOT KEPT[/]"
        words = f"{row.promise} {PROOFS[row.promise].words}"
        drawn.add_row(words, row.database, *(f"{value:,}" for value in _figures(row).values()), verdict)
    return drawn


def markdown(rows: Sequence[Row]) -> str:
    """The same for a page."""
    lines = [
        "| | database | " + " | ".join(name.replace("mutants_caught", "caught") for name in FIGURES) + " | |"
    ]
    lines.append("|---|---|" + "---:|" * len(FIGURES) + "---|")
    for row in ordered(rows):
        figures = " | ".join(f"{value:,}" for value in _figures(row).values())
        verdict = "kept" if row.kept else "**not kept**"
        lines.append(
            f"| {row.promise} {PROOFS[row.promise].words} | {row.database} | {figures} | {verdict} |"
        )
    return "\n".join(lines)


def ordered(rows: Sequence[Row]) -> list[Row]:
    """By number of the promise, SQLite first."""
    return sorted(rows, key=lambda row: (int(row.promise[1:]), DATABASES.index(row.database)))


def machine() -> str:
    """Where and when this was measured."""
    day = datetime.now(UTC).date().isoformat()
    return f"{day}, {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--short", action="store_true", help="a few minutes in all; the default")
    length.add_argument("--long", action="store_true", help="the figures of docs/promises.md")
    parser.add_argument("--only", default="", metavar="G1,…", help="only these promises")
    parser.add_argument("--database", choices=DATABASES, help="only this database")
    parser.add_argument("--at-once", type=int, default=3, metavar="N", help="proofs side by side (default 3)")
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/promises.md has it")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the rows here")
    asked = parser.parse_args()
    asked.promises = [each.strip().upper() for each in asked.only.split(",") if each.strip()] or list(PROOFS)
    unknown = sorted(set(asked.promises) - set(PROOFS))
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}; there are {', '.join(PROOFS)}")
    return asked


def main() -> int:
    """Run what was asked for; 1 where a promise was not kept."""
    asked, screen = _asked(), Console(width=None if sys.stdout.isatty() else 160)
    databases = [asked.database] if asked.database else list(DATABASES)
    wanted = [(promise, database) for promise in asked.promises for database in databases]
    size = "long" if asked.long else "short"
    screen.print(f"{len(wanted)} proofs, {size}; {machine()}", highlight=False)
    server = PostgreSQL() if "postgresql" in databases else None
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    folder.chmod(0o711)  # a proof's own PostgreSQL runs as another user beneath it
    rows: list[Row] = []
    began = time.monotonic()
    try:
        if "sqlite" in databases:
            os.environ[EMPTY] = str(folder / "empty.db")
            migrate_sqlite(folder / "empty.db")
        if server is not None:
            os.environ[CLUSTER] = server.url("postgres")
        for row in prove_all(wanted, size, asked.at_once, folder):
            rows.append(row)
            screen.print(f"{len(rows):>2}/{len(wanted)}  {line(row)}", highlight=False, markup=False)
    finally:
        if server is not None:
            server.stop()
    screen.print(markdown(rows) if asked.markdown else table(rows), highlight=False, soft_wrap=asked.markdown)
    for row in failed(ordered(rows)):
        said = "; ".join([row.thin, *row.remarks]) if row.thin else "; ".join(row.remarks)
        screen.print(f"NOT KEPT {row.promise} on {row.database}: {said}", highlight=False, markup=False)
    screen.print(f"{time.monotonic() - began:.0f} s in all; {size}; {machine()}", highlight=False)
    if asked.json:
        asked.json.write_text(json.dumps([row.as_json() for row in ordered(rows)], indent=2) + "\n")
    if failed(rows):
        screen.print(f"what the failed proofs left is in {folder}", highlight=False, soft_wrap=True)
        return 1
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
