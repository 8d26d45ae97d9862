"""A consent that somebody tells now, among those told before: the last word counts, whatever a clock said in between."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from strategies.instants import Instant
from strategies.profile import Consent

WIDE = ("all", "promotional")
"""Categories that reach into others; which ones ``promotional`` reaches is not asked, as the last word only gets later."""


def told_last(told: Consent, before: Iterable[Consent], now: Instant) -> Consent:
    """The same consent, dated so that nothing told before it, under a clock that was ahead, outlasts it.

    A withdrawal is at least of the instant of each grant that it takes back, as of two records of one instant the stricter
    counts. A grant comes right after a withdrawal that is dated ahead of ``now``; one dated earlier than that may have been
    told beside it, and stands.
    """
    at = told.at
    for each in before:
        if each.given == told.given or not _same_person(each, told):
            continue
        if not told.given and _reaches(told, each):
            at = max(at, each.at)
        elif told.given and each.at > now and _reaches(each, told):
            at = max(at, Instant(each.at + 1))
    return told if at == told.at else replace(told, at=at)


def _same_person(one: Consent, other: Consent) -> bool:
    """Whether both bind the same number, or the same customer by themselves."""
    by_number = one.number_hash is not None or other.number_hash is not None
    return one.number_hash == other.number_hash if by_number else one.customer == other.customer


def _reaches(withdrawal: Consent, grant: Consent) -> bool:
    return withdrawal.channel in ("all", grant.channel) and withdrawal.category in (*WIDE, grant.category)
