"""Judging everybody at once refuses whom judging one by one refuses, by the same rules."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strategies.candidate import Candidate
from strategies.declared.playbook import (
    Channel,
    ConsentDefault,
    Cooldown,
    Field,
    Match,
    Open,
    Pair,
    Playbook,
    Rule,
    Segment,
    Suppression,
    Unit,
    Window,
)
from strategies.hashing import hash64, slot
from strategies.instants import DAY, HOUR, Instant
from strategies.judging.judge import judge
from strategies.judging.many import refused_many
from strategies.judging.people import slots
from strategies.judging.people_of_profiles import people_of
from strategies.profile import Consent, CustomerId, Line, PastContact, PastEvent, Profile
from tests.unit.rules.world import HERE, NOW, OPERATOR, condition, playbook

FIELDS = {
    "quiet": Field("quiet", "boolean", "customers.quiet"),
    "gb": Field("gb", "number", "customers.gb"),
    "place": Field("place", "text", "customers.place"),
}
UNITS = {name: Unit(name, "grid", {}, parent) for name, parent in (("g1", "b1"), ("b1", None), ("g2", None))}
SEGMENTS = {"heavy": Segment("heavy", {}, condition("gb > 5", gb="number"), HERE)}
CHANNELS = {
    "sms": Channel("sms", "outgoing", "gateway", {}, needs_number=True),
    "letter": Channel("letter", "outgoing", "field", {}, lead_time=36 * HOUR),
    "web": Channel("web", "incoming", "interactive", {}),
}
QUIET, HEAVY = condition("quiet", quiet="boolean"), condition("gb >= 3", gb="number")
SAME = ("offer", "family", "strategy", "category", "channel", "any", "any")
COUNTS = ("attempt", "attempt", "delivered", "connected", "shown", "rejected")
LENGTHS = (HOUR, 2 * HOUR, DAY, 2 * DAY, 7 * DAY)
NEAR = (
    -720,
    -169,
    -168,
    -49,
    -48,
    -47,
    -26,
    -25,
    -24,
    -23,
    -12,
    -10,
    -3,
    -2,
    -2,
    -1,
    -1,
    0,
    0,
    1,
    1,
    2,
    12,
    13,
    14,
    23,
    24,
)
"""Hours from now, many of them a whole window apart."""
EFFECTS = ("forbid", "cap", "hours", "suppress", "pair", "cooldown")


class Dice:
    """What a crowd and its rules are thrown with; the same for the same number."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def of(self, *sides: Any) -> Any:
        return self.random.choice(sides)

    def seldom(self, *sides: Any) -> Any:
        """None seven times of eight."""
        return self.of(*sides) if self.random.randrange(8) == 0 else None

    def instant(self) -> Instant:
        return Instant(NOW + self.of(*NEAR) * HOUR + self.of(0, 0, 0, 1, -1))

    def often(self) -> bool:
        return self.random.randrange(4) > 0

    def many(self, most: int) -> range:
        return range(self.random.randrange(most + 1))


def match(dice: Dice) -> Match:
    some = dice.seldom
    if dice.often():
        return Match()
    return Match(
        channels=some(frozenset({"sms"}), frozenset({"sms", "web"})),
        direction=some("outgoing"),
        categories=some(frozenset({"marketing"})),
        promotional=some(True, False),
        strategies=some(frozenset({"", "s1"})),
        offers=some(frozenset({"", "o1"}), frozenset({"o2"})),
        families=some(frozenset({"f1", ""})),
        units=some(frozenset({"b1"})),
        jurisdictions=some(frozenset({"US-FL"}), frozenset({"US"})),
    )


def window(dice: Dice) -> Window:
    kind = dice.of("sliding", "sliding", "calendar", "calendar", "lifetime", "since")
    return Window(
        kind,
        length=dice.of(*LENGTHS) if kind == "sliding" else 0,
        period=dice.of("day", "day", "week", "month"),
        zone=dice.of("customer", "customer", "operator", "America/New_York"),
        week_start=dice.of(1, 7),
        closed=kind == "sliding" and dice.of(True, False),
        event=dice.of("ordered", "closed") if kind == "since" else "",
    )


def rule(dice: Dice, effect: str, number: int) -> Rule:
    """One rule; every fifth shares its id with another, as dated values do."""
    several = range(1, 8)
    openings = tuple(
        Open(dice.of(frozenset(several), frozenset({1, 8})), dice.of(0, 540, 600, 1260), dice.of(540, 600, 601, 1440),
             dice.of(frozenset(), frozenset({739312})))
        for _ in range(dice.of(1, 2))
    )  # fmt: skip
    results = dice.of(frozenset(), frozenset({"rejected", "busy"}))
    return Rule(
        id=f"p.r{number % 5}",
        effect=effect,  # type: ignore[arg-type]
        layer="company",
        place=HERE,
        match=match(dice),
        when=dice.seldom(QUIET, HEAVY),
        segment=dice.seldom("heavy"),
        subject=dice.of("customer", "customer", "account", "number", "household", "device"),
        count=dice.of(*COUNTS),
        not_counted=dice.of(frozenset({"invalid_number"}), frozenset({"busy", "rejected"}), frozenset()),
        exempt=dice.of(frozenset(), frozenset(), frozenset({"service"})),
        counts_even_if_exempt=dice.of(frozenset(), frozenset({"service"})),
        valid_from=dice.seldom(Instant(NOW - DAY), NOW, Instant(NOW + 1)),
        valid_until=dice.seldom(NOW, Instant(NOW + 1)),
        window=window(dice) if effect == "cap" else dice.of(None, window(dice)) if effect == "suppress" else None,
        max=dice.of(1, 1, 2, 2, 3, None),
        same=dice.of(*SAME) if effect == "cap" else "any",
        open=openings,
        zone=dice.of("customer", "operator"),
        last_start=dice.of(0, HOUR),
        suppression=Suppression(dice.of(1, 1, 2, 3), results, dice.of(*SAME), dice.of(None, *LENGTHS))
        if effect == "suppress" else None,
        pair=Pair(match(dice), dice.of(1, *LENGTHS), dice.of("then", "either")) if effect == "pair" else None,
        cooldown=Cooldown(dice.of("ordered", "closed"), dice.of(*LENGTHS)) if effect == "cooldown" else None,
    )  # fmt: skip


def contact(dice: Dice, number: int) -> PastContact:
    """In any state, some of customers and accounts that are not asked about."""
    at, category = dice.instant(), dice.of("marketing", "marketing", "service")
    moments = {"attempt": at} if dice.often() else {}
    for name in ("delivered", "connected", "shown", "rejected"):
        if dice.often():
            moments[name] = Instant(at + dice.of(0, HOUR, DAY))
    states = ("sent", "sent", "sent", "reserved", "sending", "unknown", "delivered", "cancelled", "not_sent")
    return PastContact(
        id=str(number),
        channel=dice.of("sms", "sms", "web", "letter"),
        category=category,
        state=dice.of(*states),
        planned_at=dice.of(at, at, dice.instant()),
        direction=dice.of("outgoing", "outgoing", "incoming"),
        promotional=category == "marketing",
        strategy=dice.of("", "s1", "s2"),
        offer=dice.of("", "o1", "o2"),
        family=dice.of("", "f1"),
        customer=dice.of("C0", "C0", "C1", "C2", "X"),
        account=dice.of(None, "A0", "A0", "C2", "Y"),
        number_hash=dice.of(None, "n0", "n1", "l0", "z"),
        household=dice.of(None, "h0", "h1"),
        device=dice.of(None, "d0", "d1"),
        moments=moments,
        result=dice.of(None, None, "rejected", "busy", "invalid_number"),
        final=dice.of(True, False),
        receipt_until=dice.of(None, dice.instant()),
    )


def consent(dice: Dice) -> Consent:
    """Of persons, of numbers, theirs and others', and of a person's number that may be another's by now."""
    person, number = dice.of((True, False), (False, True), (True, True))
    return Consent(
        given=dice.of(True, False),
        at=Instant(NOW - dice.of(0, 0, 1, 2, -1) * HOUR),
        channel=dice.of("all", "sms", "sms", "web"),
        category=dice.of("all", "marketing", "marketing", "promotional", "service"),
        customer=dice.of("C0", "C0", "C1", "C2") if person else None,
        number_hash=dice.of("n0", "n0", "n1", "l0", "z", "y") if number else None,
        until=dice.seldom(Instant(NOW - 1), NOW, Instant(NOW + 1)),
    )


def crowd(dice: Dice) -> list[Profile]:
    """Three customers who share accounts, numbers and households, each with all that storage would gather of them."""
    every = [contact(dice, number) for number in range(dice.of(0, 3, 6, 9, 12))]
    said = [consent(dice) for _ in dice.many(5)]
    found = []
    for customer in ("C0", "C1", "C2"):
        bare = Profile(
            customer=CustomerId(customer),
            customer_hash=hash64(customer),
            bucket=0,
            account=dice.of("A0", "A0", customer),
            number_hash=dice.of(None, "n0", "n1"),
            household=dice.of(None, "h0"),
            device=dice.of(None, "d0"),
            zone=dice.of(None, "Asia/Shanghai", "Asia/Urumqi", "America/New_York", "Moon/Base"),
            unit=dice.of(None, "g1", "g2", "elsewhere"),
            jurisdiction=dice.of(None, "US", "US-FL", "CN"),
            facts={
                "quiet": dice.of(True, False, None),
                "gb": dice.of(None, 1, 3, 6.5),
                "place": dice.of(None, "America/Denver", "nowhere"),
            },
            lines=(Line("L", "l0"),) if dice.of(True, False) else (),
            events=tuple(PastEvent(dice.of("ordered", "closed"), dice.instant()) for _ in dice.many(3)),
        )
        numbers = {bare.number_hash, *(line.number_hash for line in bare.lines)} - {None}
        contacts = tuple(each for each in every if shared(bare, each, numbers))
        bound = tuple(each for each in said if each.customer == customer or each.number_hash in numbers)
        found.append(replace(bare, contacts=contacts, consents=bound))
    return found


def shared(profile: Profile, contact: PastContact, numbers: set[str | None]) -> bool:
    return (
        contact.customer == profile.customer
        or contact.account == profile.account
        or (contact.account is None and contact.customer == profile.account)
        or (contact.household is not None and contact.household == profile.household)
        or (contact.device is not None and contact.device == profile.device)
        or contact.number_hash in numbers
    )


def book(dice: Dice, effects: tuple[str, ...]) -> Playbook:
    jurisdiction = dice.seldom(frozenset({"US"}))
    defaults = (ConsentDefault(None, None, dice.of(True, False), HERE, jurisdictions=jurisdiction),)
    return playbook(
        *(rule(dice, effect, number) for number, effect in enumerate(effects)),
        fields=FIELDS,
        units=UNITS,
        segments=SEGMENTS,
        channels=CHANNELS,
        consent_defaults=defaults if dice.often() else (),
        operator=replace(
            OPERATOR, zone_of_customer=dice.of(("zone",), ("place", "zone")), jurisdiction=dice.of(None, "CN", "US")
        ),
    )  # fmt: skip


def asked(dice: Dice) -> Candidate:
    category = dice.of("marketing", "marketing", "marketing", "service")
    return Candidate(
        dice.of("sms", "sms", "letter", "web"), category, promotional=category == "marketing",
        family=dice.of("", "f1"), offer=dice.of("", "o1", "o2"),
    )  # fmt: skip


def one_by_one(book: Playbook, candidate: Candidate, crowd: list[Profile]) -> list[set[str]]:
    """What each customer alone is refused by."""
    found = []
    for each in crowd:
        number = each.number_hash if book.channels[candidate.channel].needs_number else None
        found.append(set(judge(book, replace(candidate, number_hash=number), each, NOW).rules))
    return found


@pytest.mark.parametrize("effect", (*EFFECTS, "consent", "all"))
def test_everybody_at_once_is_refused_as_one_by_one(effect: str) -> None:
    """Whatever contacts, consents and events there are: the same names refuse the same customers, of 400 crowds each."""
    told: Counter[str] = Counter()
    for seed in range(400):
        dice = Dice(seed)
        effects = {"consent": (), "all": tuple(dice.of(*EFFECTS) for _ in range(6))}.get(effect, (effect,))
        rules, people, candidate = book(dice, effects), crowd(dice), asked(dice)
        refused = refused_many(rules, candidate, people_of(rules, people), NOW)
        found = [{name for name, mask in refused.items() if mask[place]} for place in range(len(people))]
        assert found == one_by_one(rules, candidate, people), f"crowd {seed}"
        told.update(name.partition(".")[0] for each in found for name in each)
    assert min(told.values()) > 30, "too few refusals to say anything"


@given(ids=st.lists(st.text(max_size=12), min_size=1, max_size=30), salt=st.text(max_size=12))
def test_control_draws_of_everybody_are_those_of_each(ids: list[str], salt: str) -> None:
    """The slots of many customers are the slot of each."""
    hashes = np.array([hash64(each) for each in ids], dtype=np.uint64)
    assert slots(hashes, salt).tolist() == [slot(hash64(each), salt) for each in ids]
