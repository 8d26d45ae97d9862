"""Consents of two people laid together never allow what either had withdrawn."""

from __future__ import annotations

import random
from dataclasses import replace

from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.judging.consents import OPTED_OUT, consent_refusal
from strategies.judging.merged_consents import stricter
from strategies.profile import Consent, Profile
from tests.contracts.situations import playbook, profile

NOW = Instant(1_000)
CHANNELS = ("all", "sms", "outbound_call")
CATEGORIES = ("all", "promotional", "marketing", "service")


def records(drawn: random.Random, customer: str) -> list[Consent]:
    """A few records in order of time."""
    instants = sorted(drawn.sample(range(900), drawn.randint(0, 4)))
    return [
        Consent(
            drawn.random() < 0.5,
            Instant(at),
            drawn.choice(CHANNELS),
            drawn.choice(CATEGORIES),
            customer=customer,
        )
        for at in instants
    ]


def test_whoever_of_the_two_had_withdrawn_is_still_left_alone() -> None:
    """Four thousand pairs of histories: an objection of one alone is an objection of both together."""
    book, drawn, objections, added = playbook(), random.Random(7), 0, 0
    candidates = [
        Candidate(channel, category, promotional=category == "marketing", number_hash="n")
        for channel in CHANNELS[1:]
        for category in CATEGORIES[2:]
    ]

    def objects(who: Profile, candidate: Candidate) -> bool:
        refusal = consent_refusal(book, candidate, who, NOW)
        return refusal is not None and refusal.rule == OPTED_OUT

    for _ in range(4_000):
        one, other = records(drawn, "C1"), records(drawn, "C2")
        kept = stricter(one, other, {"marketing"}, NOW)
        moved = [replace(each, customer="C2") for each in (*one, *other)]
        again = [Consent(False, NOW, channel, category, customer="C2") for channel, category in kept]
        together = replace(profile("C2"), consents=(*moved, *again))
        added += len(kept)
        for candidate in candidates:
            alone = any(
                objects(replace(profile("C"), consents=tuple(each)), candidate) for each in (one, other)
            )
            objections += alone
            assert objects(together, candidate) or not alone
    assert objections > 1_000 and added > 100
