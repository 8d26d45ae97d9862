"""Calls read column by column are the calls that were written."""

from __future__ import annotations

import pytest

from contact.storage.calls.rows import page_of_columns, row_of
from ivr.call import Journey
from ivr.call_columns import columns_of, page_of
from strategies.instants import Instant
from tests.unit.ivr.journeys_made import call


@pytest.mark.parametrize("name", ["bills", 'odd"],["\\name', "账单"])
def test_what_was_written_is_read_whatever_a_log_names_its_nodes(name: str) -> None:
    """Steps are decoded at once; a name that holds the border between two steps is still one name."""
    calls = [
        call("a", "main:1:6 bills:-:4.5"),
        call("b", "", "abandoned", hours=1.0, customer=None, goal=None),
        call("c", f"main:-:0.1 {name}:2:7", "agent", hours=2.0, unit="U1"),
    ]
    assert page_of_columns(_columns(calls)) == page_of(calls)
    assert columns_of(calls).node.words == tuple(dict.fromkeys(("main", "bills", name)))


def _columns(calls: list[Journey]) -> dict[str, list[object]]:
    rows = [row_of(each, Instant(each.at + 1)) for each in calls]
    return {name: [row[name] for row in rows] for name in rows[0]}
