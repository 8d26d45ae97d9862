"""The report of a hundred thousand calls: ours, read and measured, beside DuckDB over the same rows held in memory.

    python -m bench.journeys [--calls 100000] [--rounds 5]

Calls of a month through the shipped menu, a third of them of strangers, are put on file in SQLite. Ours is what one who asks
waits for: rows read, every measure, table, picture and comparison of the report. DuckDB, on one thread, holds calls and
steps as tables of its own already, and does six groupings of the report's: shares and quantiles by segment, unit, version
and arm, seconds and visits by node, moves from node to node, and who called again within a day. Both must count the same.
Told: the least of the rounds, taken in turns; processor time beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from contact.domain.journey_answers import JourneysAnswer
from contact.flow.calls.journeys import JourneysQuestion, journeys
from contact.flow.publishing.publish import publish
from contact.settings import Settings
from contact.wiring import join
from ivr.call import Arm, CallOutcome, Journey, Step
from strategies.instants import DAY, SECOND, Instant

CONFIG = Path(__file__).resolve().parent.parent / "config"
TARGET_SECONDS = 1.0
SEGMENTS, UNITS = ("young", "business", "senior", None), tuple(f"U{n}" for n in range(12))
OUTCOMES: tuple[CallOutcome, ...] = ("reached", "reached", "reached", "agent", "abandoned", "opted_out")
ARMS: tuple[Arm, ...] = ("personal",) * 9 + ("static",)
_BY = (
    "SELECT {0}, count(*), count(DISTINCT customer), avg(reached), avg(agent), avg(abandoned), "
    "quantile_cont(seconds, [0.05, 0.25, 0.5, 0.75, 0.95]) FROM call GROUP BY {0}"
)
QUERIES = (
    *(_BY.format(name) for name in ("segment", "unit", "version", "arm")),
    "SELECT node, count(*), count(DISTINCT call), "
    "quantile_cont(seconds, [0.05, 0.25, 0.5, 0.75, 0.95]) FROM step GROUP BY node",
    "SELECT node, after, count(*) FROM (SELECT node, lead(node) OVER (PARTITION BY call ORDER BY number) AS after "
    "FROM step) GROUP BY node, after",
    f"SELECT count(*) FILTER (following <= begun + {DAY}) FROM (SELECT begun, "
    "lead(begun) OVER (PARTITION BY customer ORDER BY begun) AS following FROM call WHERE customer IS NOT NULL)",
)


def calls(
    count: int, nodes: tuple[str, ...], goals: tuple[str, ...], version: str, until: Instant
) -> Iterator[Journey]:
    """The same in every run, in order of time as calls come: three a customer on average, one to seven stays each."""
    draw = random.Random(7)
    begun = sorted(Instant(until - SECOND - draw.randrange(29 * DAY)) for _ in range(count))
    for number, at in enumerate(begun):
        steps = tuple(
            Step(place, draw.choice(nodes), draw.choice("123456789") if draw.random() < 0.8 else None,
                 round(draw.uniform(1, 20), 1))
            for place in range(1, draw.randint(2, 8))
        )  # fmt: skip
        outcome = draw.choice(OUTCOMES)
        yield Journey(
            id=f"call-{number:07}", customer=None if number % 3 == 0 else f"C{draw.randrange(max(1, count // 3))}",
            at=at, menu="main", version=version, arm=draw.choice(ARMS),
            source="own", steps=steps, outcome=outcome, goal=draw.choice(goals) if outcome == "reached" else None,
            unit=draw.choice(UNITS), segment=draw.choice(SEGMENTS), language="en",
        )  # fmt: skip


def tables(made: list[Journey]) -> duckdb.DuckDBPyConnection:
    """The calls and their steps as DuckDB's own."""
    peer = duckdb.connect(config={"threads": 1})
    call = pa.table(
        {
            "id": [each.id for each in made], "customer": [each.customer for each in made],
            "begun": [each.at for each in made],
            "segment": [each.segment for each in made], "unit": [each.unit for each in made],
            "version": [each.version for each in made], "arm": [each.arm for each in made],
            "seconds": [each.seconds for each in made],
            **{name: [int(each.outcome == name) for each in made] for name in ("reached", "agent", "abandoned")},
        }
    )  # fmt: skip
    steps = [(each.id, step) for each in made for step in each.steps]
    step = pa.table(
        {
            "call": [name for name, _ in steps], "number": [each.number for _, each in steps],
            "node": [each.node for _, each in steps], "seconds": [each.seconds for _, each in steps],
        }
    )  # fmt: skip
    for name, rows in (("call", call), ("step", step)):
        peer.register(f"given_{name}", rows)
        peer.execute(f"CREATE TABLE {name} AS SELECT * FROM given_{name}")
    return peer


async def timed(work: Callable[[], Awaitable[Any]]) -> tuple[float, float, Any]:
    """Seconds, seconds of processor time, and what came of it."""
    began, spent = time.perf_counter(), time.process_time()
    found = await work()
    return time.perf_counter() - began, time.process_time() - spent, found


def agree(ours: JourneysAnswer, theirs: list[list[Any]]) -> bool:
    """Whether both counted the same calls, visits, moves and callers who called again."""
    segments = {row[0] or "": (row[1], row[2]) for row in theirs[0]}
    nodes = {row[0]: (row[1], row[2]) for row in theirs[4]}
    moves = sum(sum(row) for row in ours.transitions.counts)
    return (
        segments == {name: (each.calls, each.callers) for name, each in ours.by_segment.items()}
        and nodes == {each.node: (each.stays, each.calls) for each in ours.nodes}
        and moves == sum(row[2] for row in theirs[5])
        and ours.measures.repeated_day.count <= theirs[6][0][0]
    )


async def measured(home: Path, count: int, rounds: int) -> int:
    """Fill a store, ask in turns, print."""
    house = await join(Settings.from_environment({"CONTACT_HOME": str(home)}))
    try:
        texts = {
            str(path.relative_to(CONFIG)): path.read_text("utf-8") for path in sorted(CONFIG.rglob("*.yaml"))
        }
        published = await publish(house.ports, texts, None, "bench", "bench")
        menu = (await house.ports.playbooks.current()).menus["main"]
        until = (await house.ports.clock.now()).at
        made = list(calls(count, tuple(menu.nodes), tuple(menu.goals), published.version, until))
        for number, each in enumerate(made, start=1):
            await house.ports.calls.record(each)
            if number % 5000 == 0:
                await house.ports.calls.flush()
        await house.ports.calls.flush()
        peer, asked = tables(made), JourneysQuestion("main")

        async def theirs() -> list[list[Any]]:
            return [peer.execute(query).fetchall() for query in QUERIES]

        pairs = [
            (await timed(lambda: journeys(house.ports, asked)), await timed(theirs)) for _ in range(rounds)
        ]
        same = agree(pairs[0][0][2], pairs[0][1][2])
        best = [min(pair[side][0] for pair in pairs) for side in (0, 1)]
        spent = [min(pair[side][1] for pair in pairs) for side in (0, 1)]
        print(
            f"calls {len(made):,}, stays {sum(len(each.steps) for each in made):,}, load {os.getloadavg()[0]:.1f}"
        )
        print(
            f"ours, read from SQLite and the whole report: {best[0]:.2f} s, {spent[0]:.2f} s of processor time"
        )
        print(
            f"DuckDB, six groupings in memory, one thread: {best[1]:.2f} s, {spent[1]:.2f} s of processor time"
        )
        print(
            f"both count the same: {same}; goal {TARGET_SECONDS:g} s: {'met' if best[0] <= TARGET_SECONDS else 'missed'}"
        )
        return 0 if same and pairs[0][0][2].calls == len(made) else 1
    finally:
        await house.close()


def main() -> int:
    """0 if both counted the same."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="contact-journeys-") as name:
        return asyncio.run(measured(Path(name) / "home", told.calls, told.rounds))


if __name__ == "__main__":
    sys.exit(main())
