"""Rows as they were known at a month's end, whatever their dates are written as."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from contact.storage.generations.facts import KindRows
from contact.storage.learning.as_known import as_known
from strategies.instants import parse_instant

MARCH = 2026 * 12 + 2
LAST_SECOND, NEXT = parse_instant("2026-03-31T23:59:59+08:00"), parse_instant("2026-04-01T00:00:00+08:00")


def known(kind: str, columns: dict[str, Any], types: dict[str, str]) -> list[dict[str, Any]]:
    """The rows as of the end of March in Shanghai."""
    rows = as_known(kind, KindRows(pa.table(columns), types, MARCH + 2), MARCH, "Asia/Shanghai")
    found: list[dict[str, Any]] = rows.table.to_pylist()
    return found


def test_a_month_ends_at_midnight_of_the_operators_zone() -> None:
    """The last second of March is known, the first instant of April is not, neither as an opening nor as a closing."""
    columns = {
        "id": ["a", "b", "c", "d"],
        "opened": [0, LAST_SECOND, NEXT, 0],
        "closed": [LAST_SECOND, NEXT, NEXT, None],
    }
    found = known(
        "complaints",
        {**columns, "open": [False, False, False, True]},
        {"opened": "instant", "closed": "instant"},
    )
    assert found == [
        {"id": "a", "opened": 0, "closed": LAST_SECOND, "open": False},
        {"id": "b", "opened": LAST_SECOND, "closed": None, "open": True},
        {"id": "d", "opened": 0, "closed": None, "open": True},
    ]


def test_a_day_belongs_to_its_month() -> None:
    """A product of the last day is there; one that begins on the first of April is not, one that ends then has not."""
    days = [date(2026, 3, 31), date(2026, 4, 1), None]
    columns = {"product": ["a", "b", "c"], "from": days, "to": [None, None, date(2026, 4, 1)]}
    found = known("products", columns, {"from": "date", "to": "date"})
    assert [(row["product"], row["to"]) for row in found] == [("a", None), ("c", None)]
    ended = {"product": ["a"], "from": [None], "to": [date(2026, 3, 31)]}
    ended = {
        name: pa.array(cells, pa.date32() if name != "product" else None) for name, cells in ended.items()
    }  # type: ignore[misc]
    assert known("products", ended, {"from": "date", "to": "date"})[0]["to"] == date(2026, 3, 31)


def test_a_complaint_that_does_not_say_when_was_not_known() -> None:
    """Nobody can show that it was there by then; a file without any day is taken as it is."""
    opened = pa.array([None], pa.date32())
    assert known("complaints", {"id": ["a"], "opened": opened}, {"opened": "date"}) == []
    assert known("complaints", {"id": ["a"], "open": [True]}, {"open": "boolean"}) == [
        {"id": "a", "open": True}
    ]


def test_what_has_no_date_stays_as_it_is() -> None:
    """Customers and lines are those of today."""
    assert known("lines", {"id": ["L1"], "month": [MARCH + 5]}, {}) == [{"id": "L1", "month": MARCH + 5}]
    assert known("usage", {"month": [MARCH, MARCH + 1]}, {}) == [{"month": MARCH}]
