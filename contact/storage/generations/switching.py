"""The pointer moves to a newer generation: whoever builds on one that was replaced meanwhile builds again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping

from contact.faults import Conflict
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from contact.storage.generations.files import Generation, Generations
from strategies.profile import Subject

TRIES = 4
KEPT_GENERATIONS = 5


def current_generation(tx: Transaction) -> Generation:
    """The generation in force; number 0 where nothing was imported yet."""
    row = tx.row("current_generation")
    return Generation() if row is None else Generation(int(row["number"]), json.loads(row["manifest"]))


async def switch(
    database: Database,
    generations: Generations,
    base: Generation,
    files: Mapping[str, str],
    also: Callable[[Transaction], None] | None = None,
) -> int:
    """One transaction: what comes ``also``, the generation's row, the pointer.

    Raises Conflict where the base was replaced.
    """

    def work(tx: Transaction) -> list[str]:
        _hold_base(tx, base)
        if also is not None:
            also(tx)
        tx.run(
            "insert_generation", number=base.number + 1, manifest=json.dumps(dict(files)), created_us=tx.now(),
        )  # fmt: skip
        tx.run("point", name="generation", value=str(base.number + 1))
        return [row["manifest"] for row in tx.rows("recent_generations", limit=KEPT_GENERATIONS)]

    # held even where no pointer stands yet, so that two first imports queue up
    manifests = await database.write(work, (Subject("pointer", "generation"),))
    used = {name for manifest in manifests for name in json.loads(manifest).values()}
    await asyncio.to_thread(generations.remove_unused, used)
    return base.number + 1


def _hold_base(tx: Transaction, base: Generation) -> None:
    """Only the generation it was built on may be replaced."""
    row = tx.row("hold_pointer", name="generation")
    if (int(row["value"]) if row else 0) != base.number:
        raise Conflict("other imports were faster; do it again")
