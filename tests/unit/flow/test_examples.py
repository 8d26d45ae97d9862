"""Which month-ends a leaving label looks at, and the days they end on."""

from __future__ import annotations

from datetime import date

import pytest

from contact.flow.learning.examples import as_of_months, first_day_after
from strategies.declared.calendar import EPOCH_ORDINAL
from strategies.declared.model import LeavingLabel


def month(year: int, number: int) -> int:
    return year * 12 + number - 1


def test_the_last_month_end_is_so_early_that_its_label_is_known() -> None:
    """Six months on file to June, leaving within two: April is the last that may be looked at, then March and February."""
    on_file = [month(2030, number) for number in range(1, 7)]
    assert as_of_months(on_file, LeavingLabel("left_on", within_months=2, months=3)) == on_file[1:4]
    assert as_of_months(on_file, LeavingLabel("left_on", within_months=5, months=3)) == on_file[:1]
    assert as_of_months(on_file, LeavingLabel("left_on", within_months=6, months=3)) == []
    assert as_of_months([], LeavingLabel("left_on", within_months=1, months=1)) == []


def test_a_month_missing_on_file_is_not_looked_at() -> None:
    """A gap is not filled with a month of which nothing is known."""
    on_file = [month(2030, number) for number in (1, 2, 4, 6)]
    found = as_of_months(on_file, LeavingLabel("left_on", within_months=1, months=4))
    assert found == [month(2030, 2), month(2030, 4)]


@pytest.mark.parametrize(("asked", "first"), [((2030, 1), date(2030, 2, 1)), ((2029, 12), date(2030, 1, 1))])
def test_a_month_ends_where_the_next_begins(asked: tuple[int, int], first: date) -> None:
    """Also at the turn of the year."""
    assert first_day_after(month(*asked)) + EPOCH_ORDINAL == first.toordinal()
