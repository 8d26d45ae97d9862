"""What a caller may want is looked for where they looked last."""

from __future__ import annotations

import pytest

from contact.flow.calls.screen_pop import goals_near
from ivr.call import Step
from tests.unit.ivr.small_menu import small_menu


@pytest.mark.parametrize(
    ("way", "goals"),
    [
        (["recorded", "main"], set()),
        (["recorded", "main", "bills", "operator"], {"bill", "dispute"}),
        (["main", "bills", "amount", "main", "faults"], {"outage"}),
        (["main", "bills", "main"], set()),
        (["ask:bill", "nowhere"], set()),
    ],
)
def test_goals_below_the_last_menu_are_near(way: list[str], goals: set[str]) -> None:
    """At the top, or where no menu was heard, nothing says more than what is known of the caller."""
    steps = tuple(Step(number, place, "1", 1.0) for number, place in enumerate(way, start=1))
    assert goals_near(small_menu(), steps) == goals
