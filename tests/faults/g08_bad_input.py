"""G8: bad input gets a clear error and changes nothing.

Attempts are broken bodies: read by every shape the API takes, and sent over HTTP to every route that takes one. Grants are
those that were no longer broken and were taken. Judges: the answer's status (an error of ours is a violation, and so is a
refusal without a code), and a hash over every table before and after a batch of which nothing was taken. The list of
docs/promises.md itself, over HTTP and by files, is tests/bad_input; the long run counts it here too.
"""

from __future__ import annotations

import asyncio
import random
import re
import subprocess
import sys
from hashlib import sha256

from contact.faces.http.edge.decoding import decode_json
from contact.faces.http.edge.problems import RequestProblem
from contact.faces.http.table.routes import ROUTES
from contact.wiring import House
from tests.bad_input.test_fuzzed import SHAPES, broken
from tests.faults.place import Place
from tests.faults.row import Row
from tests.integration.http_client import Server, serving
from tests.integration.http_story import open_the_shop
from tests.races import mutants
from tests.servers import ROOT

MUTANT = "writes_before_it_reads"
NOT_STATE = frozenset({"clock", "alembic_version", "idempotency"})
"""Moves by itself; and the claim of a request that was given up, which binds nobody."""
BATCH = 10


def prove(place: Place) -> Row:
    """The reader alone, then the whole service, then one that writes before it reads."""
    row, draw = Row("G8", place.kind), random.Random(f"8 {place.kind}")
    _by_reader(row, draw, place.count(5_000, 50_000))
    asyncio.run(_by_service(place, row, draw, place.count(15, 300), "-"))
    mutant = Row("G8", place.kind)
    asyncio.run(_by_service(place, mutant, draw, 1, MUTANT))
    row.try_mutant(MUTANT, caught=mutant.violations > 0)
    if place.long and place.kind == "sqlite":
        _the_list(row)
    return row


def _by_reader(row: Row, draw: random.Random, bodies: int) -> None:
    for _ in range(bodies):
        shape = draw.choice(SHAPES)
        row.attempts += 1
        try:
            decode_json(broken(draw, shape), shape)
            row.grants += 1
        except RequestProblem as problem:
            row.violations += not 400 <= problem.status < 500
        except Exception as error:
            row.violations += 1
            row.remarks.append(f"{shape.__name__}: {type(error).__name__}")


async def _by_service(place: Place, row: Row, draw: random.Random, rounds: int, mutant: str) -> None:
    """Every route that takes a JSON body, batch by batch."""
    with place.spot("bad_input") as spot:
        async with serving(spot.folder / "home", CONTACT_DATABASE_URL=spot.url) as server:
            await open_the_shop(server)
            if mutant != "-":
                mutants.switch_on(mutant, server.house.stores)
            routes = [
                each for each in ROUTES if each.body is not None and not each.form and each.method == "POST"
            ]
            before = await state(server.house)
            for _ in range(rounds):
                for route in draw.sample(routes, min(4, len(routes))):
                    taken = await _batch(row, server, draw, route.path, route.body)  # type: ignore[arg-type]
                    after = await state(server.house)
                    if not taken and after != before:
                        row.violations += 1
                        changed = [name for name in after if after[name] != before.get(name)]
                        row.remarks.append(f"{route.path}: refused, and something has changed: {changed}")
                    before = after


async def _batch(row: Row, server: Server, draw: random.Random, path: str, shape: type) -> int:
    """How many of a batch were taken."""
    path, taken = re.sub(r"\{(\w+)\}", "C1", path), 0
    for _ in range(BATCH):
        row.attempts += 1
        answer = await server.post(path, broken(draw, shape), headers={"Content-Type": "application/json"})
        taken += answer.status < 400
        if answer.status >= 500 or (answer.status >= 400 and not answer.json.get("code")):
            row.violations += 1
            row.remarks.append(f"{path}: {answer.status}")
    row.grants += taken
    return taken


async def state(house: House) -> dict[str, str]:
    """A hash over all rows of each table, once the records of what was answered before are written."""
    decisions, database = house.stores.decisions, house.stores.database
    await decisions.behind.written()
    names = (
        "SELECT name FROM sqlite_master WHERE type = 'table'" if database.dialect == "sqlite"
        else "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema()"
    )  # fmt: skip
    tables = await database.read(lambda tx: tx.connection.execute(names).fetchall())
    found = {}
    for name in sorted({each["name"] for each in tables} - NOT_STATE):
        rows = await database.read(
            lambda tx, name=name: tx.connection.execute(f'SELECT * FROM "{name}"').fetchall()
        )  # type: ignore[misc]
        found[name] = sha256(
            "\n".join(sorted(repr(sorted(each.items())) for each in rows)).encode()
        ).hexdigest()
    return found


def _the_list(row: Row) -> None:
    """The whole list, as its own tests have it."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", "tests/bad_input"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error)", run.stdout)}
    row.attempts += sum(counts.values())
    row.violations += counts.get("failed", 0) + counts.get("error", 0) + (run.returncode not in (0, 1))
    row.remarks.append(f"the list: {counts}")
