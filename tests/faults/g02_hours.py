"""G2: hours hold at the moment of hand-over, in the customer's zone.

Attempts are triples of zone, instant and hours asked of the rules, and permits asked of the database at moved clocks; grants
those that were let through. The judge is a model of its own over ``zoneinfo``: every difference is a violation.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace

from contact.flow.publishing.publish import publish
from contact.ports import Permit, Reserved
from contact.wiring import House, join
from strategies.candidate import Candidate
from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, SECOND, Instant
from strategies.judging.judge import judge
from strategies.profile import Profile
from tests.contracts.situations import CHANNELS, CONSENT, OPERATOR, profile, wish
from tests.faults.hours_model import ZONES, Opening, is_open, some_instant, some_openings
from tests.faults.place import Place
from tests.faults.row import Row
from tests.races import mutants

SMS = Candidate(channel="sms", category="marketing")
SEED = 2
NEAR = 400
"""Instants asked for each set of hours."""


def prove(place: Place) -> Row:
    """The rules against the model, then permits against it, then the build that forgets the hours at hand-over."""
    row, draw = Row("G2", place.kind), random.Random(f"{SEED} {place.kind}")
    # The rules are the same on both databases: each gets half of the triples, other ones.
    of_rules(row, draw, place.count(6_000, 50_000))
    asyncio.run(of_permits(place, row, draw, place.count(60, 2_000), "-"))
    mutant = Row("G2", place.kind)
    asyncio.run(of_permits(place, mutant, draw, 20, "hours_not_asked_at_hand_over"))
    row.try_mutant("hours_not_asked_at_hand_over", caught=mutant.violations > 0)
    return row


def texts(openings: tuple[Opening, ...]) -> dict[str, str]:
    """A playbook with these hours for messages."""
    opened = ", ".join(each.text() for each in openings)
    rule = (
        f"  - {{rule: quiet, effect: hours, match: {{channels: [sms]}}, zone: customer, open: [{opened}]}}\n"
    )
    return {
        "operator.yaml": OPERATOR, "fields.yaml": "fields: {}\n", "events.yaml": "events: {complaint_closed: {}}\n",
        "policies/law.yaml": CONSENT, "policies/p.yaml": f"policy: p\nlayer: company\nrules:\n{rule}", **CHANNELS,
    }  # fmt: skip


def of_rules(row: Row, draw: random.Random, triples: int) -> None:
    """What the rules say of each triple, and what the model says."""
    for openings, rules in _rules(draw, triples):
        for _ in range(NEAR):
            zone = draw.choice(ZONES)
            at = some_instant(draw, openings, zone)
            verdict = judge(rules, SMS, replace(profile(), zone=zone), Instant(at))
            row.attempts += 1
            row.grants += verdict.allowed
            if verdict.allowed != is_open(openings, zone, at):
                row.violations += 1
                row.remarks.append(f"{zone} {at} {[each.text() for each in openings]}: {verdict.allowed}")


def _rules(draw: random.Random, triples: int) -> Iterator[tuple[tuple[Opening, ...], Playbook]]:
    for _ in range(max(1, triples // NEAR)):
        openings = some_openings(draw)
        yield openings, compile_playbook(texts(openings))


async def of_permits(place: Place, row: Row, draw: random.Random, permits: int, mutant: str) -> None:
    """Reserve while the rules allow it, then ask for each permit at a moved clock, in order of time."""
    openings = (
        Opening(frozenset(range(7)), 9 * 60, 20 * 60 + 30),
        Opening(frozenset({4, 5}), 22 * 60, 2 * 60),
    )
    with place.spot("hours") as spot:
        house = await join(spot.settings)
        await publish(house.ports, texts(openings), None, "faults", "hours")
        if mutant != "-":
            mutants.switch_on(mutant, house.stores)
        start = (await house.ports.clock.now()).at
        asked = []
        for number in range(permits):
            zone = draw.choice(ZONES)
            asked.append((_within(draw, openings, zone, start), number, zone))
        rules = await house.ports.playbooks.current()
        held = [await _reserved(house, rules, number, zone, start) for _, number, zone in asked]
        for at, number, zone in sorted(asked):
            now = (await house.ports.clock.now()).at
            if at > now:
                await house.ports.clock.move_to(Instant(at))
            await _permit(house, row, openings, rules, held[number], zone)
        await house.close()


def _within(draw: random.Random, openings: tuple[Opening, ...], zone: str, start: int) -> int:
    """An instant in the next five weeks, often some seconds from an edge of the hours."""
    while True:
        at = start + draw.randrange(1, 35 * DAY)
        if draw.random() < 0.5:
            return at
        edge = at - at % (15 * 60 * SECOND)
        if is_open(openings, zone, edge - 1) != is_open(openings, zone, edge):
            return edge + draw.choice((-30, 1)) * SECOND


async def _reserved(
    house: House, rules: Playbook, number: int, zone: str, now: Instant
) -> tuple[str, Profile]:
    who = replace(profile(f"C{number}"), zone=zone)
    wanted = wish(rules, who, now, SMS, valid_until=Instant(now + 60 * DAY), may_defer=True)
    answer = await house.ports.ledger.reserve(wanted)
    assert isinstance(answer, Reserved), answer
    return answer.contact, who


async def _permit(
    house: House,
    row: Row,
    openings: tuple[Opening, ...],
    rules: Playbook,
    held: tuple[str, Profile],
    zone: str,
) -> None:
    contact, who = held
    before = (await house.ports.clock.now()).at
    answer = await house.ports.ledger.permit(contact, who, rules)  # type: ignore[arg-type]
    after = (await house.ports.clock.now()).at
    row.attempts += 1
    row.grants += isinstance(answer, Permit)
    at_both = {is_open(openings, zone, before), is_open(openings, zone, after)}
    if isinstance(answer, Permit) not in at_both:
        row.violations += 1
        row.remarks.append(f"permit {zone} {before}: {answer}")
