"""The contacts a simulated plan makes, and what became of each: as in history where there is one alike, else delivered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from contact.flow.simulating.records import Kept, Made, Wanted
from strategies.candidate import Candidate, reserved_contact
from strategies.declared.calendar import local_day
from strategies.declared.playbook import Playbook, Segment
from strategies.instants import Instant
from strategies.judging.asking import facts_of
from strategies.judging.judge import judge
from strategies.profile import PastContact, Profile

A_MOMENT = 1
"""A hand-over is never early: the simulated one comes a microsecond after its planned instant."""


def made(
    playbook: Playbook, segments: Mapping[str, Segment], candidate: Candidate, profile: Profile, wanted: Wanted,
    asked: Instant, until: Instant, kept: Kept,
) -> Made:  # fmt: skip
    """The contact of a place; ``profile`` has the contacts the plan saw, and all consents and events of later too."""
    reserved = reserved_contact(
        wanted.id, candidate, profile, wanted.at, candidate.number_hash or profile.number_hash
    )
    facts = facts_of(playbook, profile)
    moved = any(asked < each.at <= wanted.at for each in profile.consents) or any(
        asked < each.at <= wanted.at for each in profile.events
    )
    after = (
        handed_over(playbook, candidate, profile, reserved, until, kept)
        if moved
        else _ended(playbook, reserved, kept.recorded)
    )
    return Made(
        reserved,
        after,
        subjects_of(profile, candidate.number_hash),
        playbook.branch_of(profile.unit) or "",
        tuple(name for name, each in segments.items() if each.when.decide(facts, wanted.at) is True),
    )


def handed_over(
    playbook: Playbook, candidate: Candidate, profile: Profile, reserved: PastContact, until: Instant, kept: Kept
) -> PastContact:  # fmt: skip
    """What becomes of a contact when its instant has come: the permit asks all rules again.

    Where one refuses that may wait it is put off, and stays ``reserved`` for the clearing instant; else it is cancelled.
    """
    at = reserved.planned_at
    then = replace(
        profile,
        consents=tuple(each for each in profile.consents if each.at <= at),
        events=tuple(each for each in profile.events if each.at <= at),
    )
    verdict = judge(playbook, candidate, then, at, excluding=reserved.id)
    if verdict.allowed:
        return _ended(playbook, reserved, kept.recorded)
    if verdict.on_hit == "defer" and verdict.until is not None and verdict.until < until:
        return replace(reserved, planned_at=verdict.until)
    return replace(reserved, state="cancelled", final=True)


def _ended(playbook: Playbook, reserved: PastContact, recorded: Sequence[PastContact]) -> PastContact:
    """With the outcome of the same customer, channel and day of the operator, moved to the planned instant."""
    zone, begins = playbook.operator.zone, Instant(reserved.planned_at + A_MOMENT)
    day = local_day(zone, reserved.planned_at)
    alike = (each for each in recorded if each.channel == reserved.channel)
    found = next((each for each in alike if local_day(zone, happened_at(each)) == day), None)
    if found is None:
        moments = {"attempt": begins, "delivered": begins}
        return replace(reserved, state="delivered", moments=moments, final=True)
    shift = begins - happened_at(found)
    waits = found.receipt_until
    return replace(
        reserved,
        state=found.state,
        moments={
            "attempt": begins,
            **{name: Instant(at + shift) for name, at in found.moments.items() if name != "attempt"},
        },
        result=found.result,
        final=found.final,
        receipt_until=None if waits is None else Instant(waits + shift),
    )


def happened_at(contact: PastContact) -> Instant:
    """When a contact was attempted or, where it was not yet, is to be."""
    return contact.moments.get("attempt", contact.planned_at)


def subjects_of(profile: Profile, number_hash: str | None = None) -> tuple[str, ...]:
    """Whose contacts count for the customer, as keys; every number of the customer's lines among them."""
    numbers = (number_hash, profile.number_hash, *(line.number_hash for line in profile.lines))
    own = (f"{each.kind}:{each.key}" for each in profile.subjects(number_hash))
    return tuple(dict.fromkeys((*own, *(f"number:{each}" for each in numbers if each))))


def subject_keys(contact: PastContact) -> tuple[str, ...]:
    """For whom a contact counts, as the same keys."""
    pairs = (
        ("account", contact.account), ("customer", contact.customer), ("device", contact.device),
        ("household", contact.household), ("number", contact.number_hash),
    )  # fmt: skip
    return tuple(f"{kind}:{key}" for kind, key in pairs if key)
