"""Consents: what a customer has allowed or forbidden, and what holds where nothing is on record.

The scope of a record is whom it is about (the person or one number), its channel and its category. The latest record
of one scope counts. A withdrawal binds whoever it was made for, person or number; only a grant for the same person or
number that is later and names this channel and this category lifts it. ``promotional`` as category means all of them.
"""

from __future__ import annotations

from strategies.candidate import Candidate
from strategies.declared.playbook import ConsentDefault, Playbook
from strategies.instants import Instant
from strategies.judging.applying import applying
from strategies.profile import Consent, Profile
from strategies.verdict import Refusal

OPTED_OUT = "consent.opted_out"
NO_CONSENT = "consent.none"

_Holder = tuple[str | None, str | None]


def _holder(consent: Consent) -> _Holder:
    return (None, consent.number_hash) if consent.number_hash is not None else (consent.customer, None)


def _names_exactly(consent: Consent, candidate: Candidate) -> bool:
    return consent.channel == candidate.channel and consent.category == candidate.category


def _in_force(profile: Profile, candidate: Candidate, at: int) -> list[Consent]:
    """The records that say something of this candidate at the instant, the latest of each scope."""
    channel, category, promotional = candidate.channel, candidate.category, candidate.promotional
    found = []
    for consent in profile.consents:
        if consent.channel != channel and consent.channel != "all":
            continue
        of = consent.category
        if of != category and of != "all" and not (promotional and of == "promotional"):
            continue
        if (consent.until is None or consent.until > at) and not (consent.given and consent.at > at):
            found.append(consent)
    if len(found) < 2:
        return found
    latest: dict[tuple[_Holder, str, str], Consent] = {}
    for consent in found:
        scope = (_holder(consent), consent.channel, consent.category)
        known = latest.get(scope)
        # of two records of the same instant the stricter counts
        if known is None or (consent.at, not consent.given) > (known.at, not known.given):
            latest[scope] = consent
    return list(latest.values())


def _objection(records: list[Consent], candidate: Candidate) -> Consent | None:
    """The withdrawal that binds, if one does."""
    withdrawn = [record for record in records if not record.given]
    if not withdrawn:
        return None
    lifted: dict[_Holder, int] = {}
    for record in records:
        if record.given and _names_exactly(record, candidate):
            lifted[_holder(record)] = record.at
    for record in withdrawn:
        if record.at >= lifted.get(_holder(record), record.at):
            return record
    return None


def _grants(record: Consent, candidate: Candidate) -> bool:
    """A grant for a number speaks for contacts to that number only."""
    return record.given and (record.number_hash is None or record.number_hash == candidate.number_hash)


def refusal_beside(
    default: ConsentDefault | None, candidate: Candidate, profile: Profile, at: int
) -> Refusal | None:
    """Why consent forbids this contact where so much holds without a record; None where it does not."""
    records = _in_force(profile, candidate, at) if profile.consents else []
    objection = _objection(records, candidate) if records else None
    if objection is not None:
        detail = f"withdrawn for {objection.channel} channel, {objection.category} category"
        if objection.channel == "all":
            detail = f"withdrawn for all channels, {objection.category} category"
        return Refusal("opted_out", OPTED_OUT, on_hit="drop", detail=detail)
    for record in records:
        if _grants(record, candidate):
            return None
    if default is None:
        if not candidate.promotional:
            return None
        return Refusal("no_consent", NO_CONSENT, on_hit="drop", detail="no record and no default published")
    if default.opt_in:
        return Refusal(
            "no_consent", NO_CONSENT, place=default.place, on_hit="drop", detail="no record, opt-in holds"
        )
    return None


def consent_refusal(
    playbook: Playbook, candidate: Candidate, profile: Profile, at: Instant
) -> Refusal | None:
    """Why consent forbids this contact at the instant, without its clear time; None where it does not."""
    return refusal_beside(applying(playbook, candidate, profile).default, candidate, profile, at)


def consent_allows_from(
    playbook: Playbook, candidate: Candidate, profile: Profile, at: Instant
) -> Instant | None:
    """The first instant at or after this one at which consent allows the contact; None where time never helps."""
    return allows_beside(applying(playbook, candidate, profile).default, candidate, profile, at)


def allows_beside(
    default: ConsentDefault | None, candidate: Candidate, profile: Profile, at: Instant
) -> Instant | None:
    """The same where so much holds without a record."""
    if refusal_beside(default, candidate, profile, at) is None:
        return at
    for turn in sorted(_turns(profile)):
        if turn > at and refusal_beside(default, candidate, profile, turn) is None:
            return turn
    return None


def consent_turns(profile: Profile, since: Instant, at: Instant) -> bool:
    """Whether time alone may change what consent says, after one instant and up to a later one."""
    return bool(profile.consents) and any(since < turn <= at for turn in _turns(profile))


def _turns(profile: Profile) -> set[Instant]:
    """When records end, and when grants begin."""
    turns = {consent.until for consent in profile.consents if consent.until is not None}
    return turns | {consent.at for consent in profile.consents if consent.given}
