"""The judges of promises under fire are themselves tested: one that finds nothing proves nothing."""

from __future__ import annotations

import pytest

from tests.faults.hours_model import Opening, is_open
from tests.faults.row import Row
from tests.faults.tally import Noted
from tests.races.judging import handed_over_after_opt_out, overshot
from tests.races.playbooks import DAILY, HOT

MILLISECOND = 1_000_000


def granted(at: int, contact: str, customer: str = "C1", category: str = DAILY) -> Noted:
    return Noted(at * MILLISECOND, "grant", (contact, category, customer, "A1", f"n-{customer}"))


def asking(at: int, contact: str, customer: str = "C1") -> Noted:
    return Noted(at * MILLISECOND, "asking", (contact, customer))


def test_three_places_at_once_are_one_too_many() -> None:
    """Two customers of one account held three places of its two between the second and the third millisecond."""
    noted = [granted(1, "a"), granted(1, "b", "C2"), granted(2, "c", "C2")]
    noted += [asking(3, "a"), asking(4, "b", "C2"), asking(5, "c", "C2")]
    assert overshot(noted, set()) == {"more than 2 at once: account A1"}


def test_a_place_that_may_have_returned_is_not_counted() -> None:
    """Whoever asked for the permit may have been refused from that moment on; what the gateway took counts for good."""
    noted = [
        granted(1, "a"),
        granted(1, "b"),
        asking(2, "a"),
        asking(2, "b"),
        granted(3, "c"),
        asking(4, "c"),
    ]
    assert overshot(noted, set()) == set()
    assert "more than 2 at once: account A1" in overshot(noted, {"a", "b"})


def test_windows_that_move_are_left_to_others() -> None:
    """Places of the two seconds' cap open again, which tallies cannot tell."""
    assert overshot([granted(1, each, category=HOT) for each in "abc"], set()) == set()


def test_a_permit_asked_for_after_the_opt_out_must_not_reach_the_gateway() -> None:
    """Asked for before, or never taken, is no violation; the first acknowledgement counts."""
    noted = [Noted(5, "opt_out", ("C1",)), Noted(9, "opt_out", ("C1",))]
    noted += [
        Noted(at, "asking", (contact, "C1")) for at, contact in ((4, "before"), (6, "after"), (7, "refused"))
    ]
    assert handed_over_after_opt_out(noted, {"before", "after"}) == {"handed over after the opt-out: after"}


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-03-06T19:59:59+08:00", False),  # Friday, a second before
        ("2026-03-06T20:00:00+08:00", True),
        ("2026-03-07T01:59:59+08:00", True),  # belongs to Friday
        ("2026-03-07T02:00:00+08:00", False),
        ("2026-03-06T01:00:00+08:00", False),  # Thursday's night
    ],
)
def test_the_model_of_hours_reads_the_wall_clock(instant: str, expected: bool) -> None:
    """Friday from eight in the evening to two in the morning, in Shanghai."""
    from datetime import datetime

    night = Opening(frozenset({4}), 20 * 60, 2 * 60)
    at = int(datetime.fromisoformat(instant).timestamp() * 1_000_000)
    assert is_open([night], "Asia/Shanghai", at) is expected


@pytest.mark.parametrize(
    "spoilt", [{"violations": 1}, {"lost": 1}, {"tried": ["m"]}, {"thin": "nothing happened"}]
)
def test_a_row_is_kept_only_if_nothing_speaks_against_it(spoilt: dict[str, object]) -> None:
    """A violation, a loss, a mutant nobody noticed, or a run in which nothing happened; as JSON it says the same."""
    assert Row("G1", "sqlite", tried=["m"], caught=["m"]).kept
    row = Row("G1", "sqlite", **spoilt)  # type: ignore[arg-type]
    assert not row.kept
    assert Row.from_json(row.as_json()) == row
