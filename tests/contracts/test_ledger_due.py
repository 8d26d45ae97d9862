"""What is due next is found without sorting everything, and is exactly what sorting would find."""

from __future__ import annotations

import random
from typing import Any

import pytest

from contact.storage.databases.named_sql import statements
from contact.storage.databases.transaction import Transaction
from contact.storage.ledger.due import ANYBODY, due_ids
from contact.storage.open import Stores
from strategies.instants import HOUR
from tests.contracts.test_ledger import now

TASKS = 700
SCOPES: tuple[dict[str, Any], ...] = (
    {},
    {"everywhere": 0, "units": ["U3"]},
    {"everywhere": 0, "units": []},
    {"any_language": 0, "languages": ["en"]},
    {"nothing_halted": 0, "halted": ["s0", "s1"]},
)


def task(drawn: random.Random, number: int, at: int, ahead: float) -> dict[str, Any]:
    """Few priorities, so that expiry and id decide; ``ahead`` of the tasks are not due, those of the highest first."""
    priority = float(drawn.randrange(6))
    waits = priority >= 6 * (1 - ahead)
    return {
        "id": f"t{number:04}", "customer_id": f"C{number}", "line_id": None, "number_hash": None, "account_id": "A",
        "strategy": f"s{number % 4}", "offer": "o", "family": "f", "channel": "sms", "direction": "outgoing",
        "category": "marketing", "promotional": 1, "value_minor": 0, "priority": priority, "urgency": -priority,
        "state": drawn.choice(["waiting"] * 9 + ["done"]), "day": None, "rank": 1,
        "not_before_us": at + drawn.choice([-1, 1] if not waits else [1]) * drawn.randrange(1, HOUR),
        "valid_until_us": at + drawn.choice([-1, 5, 5, 5]) * HOUR, "created_us": at, "playbook": "", "reasons": "{}",
        "held_by": None, "contact_id": None, "language": drawn.choice([None, "en", "zh-CN"]),
        "unit": drawn.choice([None, "U1", "U2", "U3"]),
    }  # fmt: skip


def sorted_all(rows: list[dict[str, Any]], at: int, limit: int, scope: dict[str, Any]) -> list[str]:
    def passes(row: dict[str, Any]) -> bool:
        return (
            row["state"] == "waiting"
            and row["not_before_us"] <= at < row["valid_until_us"]
            and (scope["everywhere"] or row["unit"] in scope["units"])
            and (scope["any_language"] or row["language"] in (None, *scope["languages"]))
            and (scope["nothing_halted"] or row["strategy"] not in scope["halted"])
        )

    found = sorted(filter(passes, rows), key=lambda row: (-row["priority"], row["valid_until_us"], row["id"]))
    return [row["id"] for row in found[:limit]]


@pytest.mark.parametrize(
    "ahead", [0.0, 0.5, 0.95], ids=["most are due", "half are due", "the best are not due"]
)
async def test_the_first_that_are_due_are_those_that_sorting_everything_finds(
    stores: Stores, ahead: float
) -> None:
    """Seven hundred tasks, scopes, languages and halts, one to three hundred wanted: the same ids in the same order."""
    drawn, at = random.Random(ahead), await now(stores)
    rows = [task(drawn, number, at, ahead) for number in range(TASKS)]
    await stores.database.write(lambda tx: tx.put("insert_task", rows))

    def compare(tx: Transaction) -> None:
        tx._now = at  # every asking is about the same instant
        for change in SCOPES:
            scope = {**ANYBODY, "nothing_halted": 1, "halted": [], **change}
            for limit in (1, 16, 300):
                assert due_ids(tx, "sms", limit, scope) == sorted_all(rows, at, limit, scope)

    await stores.database.read(compare)


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("due_by_priority", "task_ahead"),
        ("due_in_units", "task_unit"),
        ("waiting_tasks", "task_unit"),
        ("halted_tasks", "task_unit"),
        ("foreign_language_tasks", "task_unit"),
    ],
)
async def test_what_is_due_is_found_by_an_index_of_its_own(stores: Stores, name: str, index: str) -> None:
    """Down the priorities nothing is sorted, and of a unit only its own tasks are read, on both databases."""
    drawn, at = random.Random(0), await now(stores)
    await stores.database.write(lambda tx: tx.put("insert_task", spread(drawn, at)))
    asked = ANYBODY | {"everywhere": 0, "units": ["U3"], "nothing_halted": 1, "halted": []}
    asked |= {"channel": "sms", "now_us": at, "look": 64, "limit": 16, "any_language": 0, "languages": ["en"]}
    asked |= {"every_strategy": 1, "strategies": []}
    text, bound = statements(stores.database.dialect)[name].bind(asked)

    def plan(tx: Transaction) -> list[str]:
        if tx.dialect == "postgresql":
            tx.connection.execute("ANALYZE task")
            return [row["QUERY PLAN"] for row in tx.connection.execute(f"EXPLAIN {text}", bound).fetchall()]
        return [row["detail"] for row in tx.connection.execute(f"EXPLAIN QUERY PLAN {text}", bound)]

    steps = await stores.database.write(plan)
    assert any(index in step for step in steps), steps


def spread(drawn: random.Random, at: int) -> list[dict[str, Any]]:
    """Waiting tasks of twenty units, as many as make an index worth its while."""
    rows = [task(drawn, number, at, 0.5) for number in range(10 * TASKS)]
    return [row | {"state": "waiting", "unit": f"U{number % 20}"} for number, row in enumerate(rows)]
