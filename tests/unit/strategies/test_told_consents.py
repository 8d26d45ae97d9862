"""What is told last counts last, whatever the clock said when something was told before it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strategies.instants import Instant
from strategies.judging.told_consents import told_last
from strategies.profile import Consent

NOW = Instant(1_000)
AHEAD = Instant(5_000)
GRANT = Consent(True, AHEAD, "sms", "marketing", customer="C1")
WITHDRAWAL = Consent(False, NOW, "sms", "marketing", customer="C1")


@pytest.mark.parametrize(
    "told",
    [
        WITHDRAWAL,
        replace(WITHDRAWAL, channel="all", category="all"),
        replace(WITHDRAWAL, category="promotional"),
    ],
)
def test_a_withdrawal_outlasts_the_grants_it_takes_back(told: Consent) -> None:
    """It is of the instant of the latest of them, at which the stricter counts; else it stays as it is."""
    assert told_last(told, [replace(GRANT, at=Instant(3_000)), GRANT], NOW).at == AHEAD
    assert told_last(told, [replace(GRANT, at=Instant(900))], NOW) is told


@pytest.mark.parametrize(
    "before",
    [
        replace(GRANT, channel="web"),
        replace(GRANT, category="service"),
        replace(GRANT, customer="C2"),
        replace(GRANT, number_hash="n1"),
        replace(GRANT, given=False),
    ],
)
def test_a_record_of_something_else_moves_nothing(before: Consent) -> None:
    """Another channel, another category, another person or number, and what says the same."""
    assert told_last(WITHDRAWAL, [before], NOW) is WITHDRAWAL


def test_a_grant_comes_after_a_withdrawal_dated_ahead_only() -> None:
    """Else a grant after a clock was set back would never count; one told beside a withdrawal does not win over it."""
    grant = replace(GRANT, at=NOW)
    assert told_last(grant, [replace(WITHDRAWAL, at=AHEAD)], NOW).at == AHEAD + 1
    assert told_last(grant, [replace(WITHDRAWAL, at=Instant(NOW + 1))], Instant(NOW + 2)) is grant
    assert told_last(grant, [replace(WITHDRAWAL, at=AHEAD, channel="web")], NOW) is grant
