"""G10: nobody without the role reads or changes anything.

Attempts are cells: every route of the API asked with a key of every role and with none; grants those that were let in. The
judge is the table that tests/unit/http/test_table.py has in its own words, not the one that the server reads.
"""

from __future__ import annotations

import asyncio
import re

from contact.faces.http.edge.row import ROLES
from contact.faces.http.table.routes import ROUTES
from tests.faults.place import Place
from tests.faults.row import Row
from tests.integration.http_client import Server, serving
from tests.races import mutants
from tests.unit.http.test_table import PERMITTED

MUTANT = "any_key_will_do"
CLOSED = (401, 403)


def prove(place: Place) -> Row:
    """Every cell, then the build that lets any key in."""
    row = Row("G10", place.kind)
    asyncio.run(ask_all(place, row, "-", len(ROUTES)))
    mutant = Row("G10", place.kind)
    asyncio.run(ask_all(place, mutant, MUTANT, 5))
    row.try_mutant(MUTANT, caught=mutant.violations > 0)
    return row


async def ask_all(place: Place, row: Row, mutant: str, routes: int) -> None:
    """So many routes with every key; a route that the words do not know is a violation."""
    with place.spot("roles") as spot:
        async with serving(spot.folder / "home", CONTACT_DATABASE_URL=spot.url) as server:
            if mutant != "-":
                mutants.switch_on(mutant, server.house.stores)
            for route in [each for each in ROUTES if not each.open][:routes]:
                permitted = PERMITTED.get((route.method, route.path))
                for role in (*ROLES, None):
                    await _ask(row, server, route.method, route.path, role, permitted)


async def _ask(
    row: Row, server: Server, method: str, path: str, role: str | None, permitted: set[str] | None
) -> None:
    answer = await server.call(
        method, re.sub(r"\{\w+\}", "nobody", path), {} if method == "POST" else None, role=role
    )
    row.attempts += 1
    let_in = answer.status not in CLOSED
    row.grants += let_in
    # A key that belongs to nobody may be refused behind the door too, where a person is asked for.
    behind = answer.status == 403 and role is not None and b"another role" not in answer.raw
    wanted = permitted is not None and role in permitted
    if (let_in or behind) != wanted:
        row.violations += 1
        row.remarks.append(f"{method} {path} as {role}: {answer.status}")
