"""Events become a month's counters exactly, whatever their order and decimals."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contact.storage.imports.cell_types import ValueFault, month_of_day, quantity
from contact.storage.imports.event_counters import monthly, without_counters
from contact.storage.imports.mapping_events import EventCounter
from strategies.problems import Where

CELLS = st.decimals(0, 100_000, allow_nan=False, allow_infinity=False, places=3).map(str)
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["L1", "L2"]),
        st.integers(24312, 24314),
        st.none() | CELLS,
        st.sampled_from(["own", "other", None]),
    ),
    max_size=30,
)
NOWHERE = Where("m.yaml")


def events_table(rows: list[tuple[str, int, str | None, str | None]], step: Decimal | None) -> pa.Table:
    """Checked events, their quantities read as a mapping with this step would."""
    read = quantity(step)
    return pa.table({
        "line": pa.array([row[0] for row in rows], pa.string()),
        "month": pa.array([row[1] for row in rows], pa.int32()),
        "talk": pa.array([None if row[2] is None else read(row[2]) for row in rows], pa.decimal128(38, 9)),
        "only network": pa.array([row[3] for row in rows], pa.string()),
        "customer": pa.array(["C1" for _ in rows], pa.string()),
        "bucket": pa.array([0 for _ in rows], pa.int16()),
    })  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    EVENTS,
    st.none() | st.sampled_from(["1", "60", "0.5"]),
    st.none() | st.sampled_from(["60", "1024", "0.3"]),
    st.booleans(),
)
def test_a_month_is_the_exact_sum_of_its_events(
    rows: list[tuple[str, int, str | None, str | None]], step: str | None, divisor: str | None, filtered: bool
) -> None:
    """Against fractions: rounded event by event, summed, divided, and only then put into thousandths."""
    only = (("only network", frozenset({"own"})),) if filtered else ()
    talk = EventCounter("talk", NOWHERE, "talk", None if divisor is None else Decimal(divisor), only)
    calls = EventCounter("calls", NOWHERE, None, None, only)
    exact: dict[tuple[str, int], Fraction] = defaultdict(Fraction)
    counts: dict[tuple[str, int], int] = defaultdict(int)
    for line, month, cell, network in rows:
        used, counted = Fraction(cell or 0), not filtered or network == "own"
        used = used if step is None else ceil(used / Fraction(step)) * Fraction(step)
        exact[line, month] += used if counted else 0
        counts[line, month] += counted
    expected = {
        key: floor(total * 1000 + Fraction(1, 2)) if divisor is None else ceil(total / Fraction(divisor) * 1000)
        for key, total in exact.items()
    }  # fmt: skip
    found = monthly(events_table(rows, None if step is None else Decimal(step)), (talk, calls)).to_pylist()
    assert {(row["line"], row["month"]): row["talk"] for row in found} == {
        key: thousandths / 1000 for key, thousandths in expected.items()
    }
    assert {(row["line"], row["month"]): row["calls"] for row in found} == counts


def test_a_thousand_tenths_are_a_hundred() -> None:
    """Where floats drift, the month does not."""
    rows: list[tuple[str, int, str | None, str | None]] = [("L1", 24312, "0.1", None)] * 1000
    counters = (EventCounter("talk", NOWHERE, "talk"),)
    assert monthly(events_table(rows, None), counters).to_pylist()[0]["talk"] == 100.0


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("-1", "is negative"), ("1e15", "is too large"), ("12 MB", "is not a number"), (True, "true or false")],
)
def test_a_quantity_nobody_can_have_used_is_a_fault(cell: object, reason: str) -> None:
    """The reason never repeats the cell."""
    with pytest.raises(ValueFault, match=reason):
        quantity(None)(cell)


def test_a_spreadsheets_float_is_what_it_shows() -> None:
    """0.1 in a workbook is a tenth, and 2.0 of a step of 1 is 2, not 3."""
    assert quantity(None)(0.1) == Decimal("0.1")
    assert (quantity(Decimal(1))(2.0), quantity(Decimal(1))(2.000001), quantity(Decimal(1))(7)) == (2, 3, 7)


def test_the_month_of_an_instant_is_that_of_its_zone() -> None:
    """Half past midnight of March in Shanghai is still February in UTC."""
    local = month_of_day(None, "Asia/Shanghai")
    assert local("2026-03-01T00:30:00") == local("2026-02-28T16:30:00+00:00") == 2026 * 12 + 2
    assert month_of_day(None, "UTC")("2026-03-01T00:30:00+08:00") == 2026 * 12 + 1
    assert month_of_day("%d.%m.%Y", None)("28.02.2026") == 2026 * 12 + 1


def test_a_file_takes_back_only_its_own_counters_in_its_own_months() -> None:
    """A row that had nothing else goes; one that was empty before stays."""
    usage = pa.table({
        "line": ["L1", "L1", "L2", "L2", "L3"], "customer": ["C1"] * 5, "bucket": pa.array([0] * 5, pa.int16()),
        "month": pa.array([1, 2, 1, 2, 1], pa.int32()),
        "calls": [1.0, 2.0, 3.0, None, None], "sms": [None, 5.0, 6.0, 7.0, None],
    })  # fmt: skip
    left = without_counters(usage, pa.array([1], pa.int32()), (EventCounter("calls", NOWHERE),)).to_pylist()
    assert [(row["line"], row["month"], row["calls"], row["sms"]) for row in left] == [
        ("L1", 2, 2.0, 5.0),
        ("L2", 1, None, 6.0),
        ("L2", 2, None, 7.0),
        ("L3", 1, None, None),
    ]
