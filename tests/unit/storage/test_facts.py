"""Aggregates: one function for one customer and for many, NULLs and empty sets included."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact.storage.generations.facts import KindRows, aggregate_facts, column_facts
from strategies.declared.playbook import Field

ROWS = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(24300, 24306), st.none() | st.integers(-50, 50)), max_size=25
)


def _expected(
    rows: list[tuple[int, int, int | None]], aggregate: str, months: int | None, latest: int
) -> list[Any]:
    found: dict[int, dict[int, int]] = defaultdict(dict)
    counts = [0] * 4
    for owner, month, value in rows:
        if owner >= 0 and value is not None and (months is None or month > latest - months):
            found[owner][month] = found[owner].get(month, 0) + value
            counts[owner] += 1
    if aggregate == "count":
        return counts
    choose = {
        "sum": sum, "min": min, "max": max, "mean": lambda sums: sum(sums) / len(sums), "latest": lambda sums: sums[-1],
    }[aggregate]  # fmt: skip
    return [choose([by_month[month] for month in sorted(by_month)]) if (by_month := found.get(owner)) else None
            for owner in range(4)]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    rows=ROWS,
    aggregate=st.sampled_from(["sum", "mean", "min", "max", "latest", "count"]),
    months=st.none() | st.integers(1, 5),
)
def test_monthly_aggregates_mean_what_they_say(
    rows: list[tuple[int, int, int | None]], aggregate: str, months: int | None
) -> None:
    """Against a definition in plain Python: summed by month, then reduced over the months that count."""
    owners, month_column, values = zip(*rows, strict=True) if rows else ((), (), ())
    table = pa.table({"month": pa.array(month_column, pa.int32()), "gb": pa.array(values, pa.float64())})
    latest = max(month_column, default=None)
    kind = KindRows(table, {"gb": "number", "month": "month"}, latest)
    field = Field("gb", "number", "usage.gb", aggregate=aggregate, months=months)
    found = aggregate_facts(kind, "gb", field, np.array(owners, dtype=np.int64), 4, 100)
    assert found == pytest.approx(_expected(rows, aggregate, months, latest or 0))


def test_any_knows_three_answers() -> None:
    """True where one is, unknown where one is NULL and none true, false where all are or there are none."""
    table = pa.table({"open": [True, None, False, None, False]})
    kind = KindRows(table, {"open": "boolean"})
    field = Field("open", "boolean", "complaints.open", aggregate="any")
    owners = np.array([0, 0, 1, 2, 2], dtype=np.int64)
    assert aggregate_facts(kind, "open", field, owners, 4, 100) == [True, False, None, False]


@pytest.mark.parametrize(
    ("stored", "wanted", "value", "fact"),
    [
        ("money", "money", 1250, 1250), ("money", "number", 1250, 12.5), ("number", "money", 12.5, 1250),
        ("text", "list", "a", ("a",)), ("month", "text", 2026 * 12 + 2, "2026-03"), ("text", "number", "5", None),
    ],
)  # fmt: skip
def test_stored_types_become_the_types_of_fields(stored: str, wanted: Any, value: Any, fact: Any) -> None:
    """Money and numbers turn into one another by the currency's scale; what does not fit is unknown."""
    kind = KindRows(pa.table({"x": [value, None]}), {"x": stored})
    assert column_facts(kind, "x", Field("x", wanted, "customers.x"), 100) == [fact, None]
