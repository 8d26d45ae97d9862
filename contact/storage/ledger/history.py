"""What a verdict needs of the ledger, read under the locks: contacts always, consents where their epoch moved on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from contact.storage.databases import rows
from contact.storage.databases.transaction import Transaction
from strategies.declared.playbook import Playbook, Rule, Window
from strategies.instants import DAY, Instant
from strategies.profile import Consent, PastContact, PastEvent, Profile, Subject

_NEVER = Instant(-(1 << 62))


def epochs(transaction: Transaction, subjects: Sequence[Subject]) -> dict[Subject, int]:
    """The consent epoch of each subject."""
    kinds, keys = sorted({each.kind for each in subjects}), sorted({each.key for each in subjects})
    found = transaction.rows("read_epochs", kinds=kinds, keys=keys)
    known = {Subject(row["kind"], row["key"]): int(row["epoch"]) for row in found}
    return {each: known.get(each, 0) for each in subjects}


def consents(transaction: Transaction, customer: str, numbers: Sequence[str]) -> tuple[Consent, ...]:
    """Every consent record that binds the customer or one of the numbers."""
    found = transaction.rows("read_consents", customer=customer, numbers=list(numbers))
    return tuple(rows.consent(row) for row in found)


def contacts(
    transaction: Transaction, profile: Profile, numbers: Sequence[str], since: Instant
) -> tuple[PastContact, ...]:
    """The contacts of every subject of the profile that can still count."""
    found = transaction.rows(
        "read_history",
        customer=profile.customer,
        account=profile.account,
        household=profile.household,
        device=profile.device,
        numbers=list(numbers),
        since_us=since,
    )
    return tuple(rows.past_contact(row) for row in found)


def events(
    transaction: Transaction, customer: str, playbook: Playbook, now: Instant
) -> tuple[PastEvent, ...]:
    """The customer's events of types that rules name, as far back as one still matters."""
    watched = playbook.events_watched()
    if not watched:
        return ()
    since_us = events_since(watched, now)
    found = transaction.rows(
        "events_of_customer", customer=customer, types=sorted(watched), since_us=since_us
    )
    return tuple(rows.past_event(row) for row in found)


def events_since(watched: Mapping[str, int | None], now: Instant) -> Instant:
    """The earliest event that any rule still looks at."""
    reaches = list(watched.values())
    return _NEVER if None in reaches else Instant(now - max((each for each in reaches if each), default=0))


def since(playbook: Playbook, now: Instant) -> Instant:
    """The earliest planned instant that any rule's window, or a tie of the ranking, still looks at."""
    reaches = [_reach(rule) for rule in playbook.rules]
    if None in reaches:
        return _NEVER
    widest = max((31 * DAY, *(each for each in reaches if each is not None)))
    waits = max((channel.receipt_wait for channel in playbook.channels.values()), default=0)
    return Instant(now - widest - waits - 2 * DAY)


def _reach(rule: Rule) -> int | None:
    """How far back the contacts lie that a rule still looks at, in microseconds; None: without end."""
    if rule.pair is not None:
        return rule.pair.within
    window = _window_reach(rule.window)
    if rule.suppression is None:
        return window if rule.effect == "cap" else 0
    if rule.suppression.lasts is None or (window is None and rule.suppression.times > 1):
        return None
    return rule.suppression.lasts + (window or 0)


def _window_reach(window: Window | None) -> int | None:
    if window is None or window.kind in ("lifetime", "since"):
        return None
    return window.length if window.kind == "sliding" else 34 * DAY


def numbers_of(profile: Profile, number_hash: str | None = None) -> tuple[str, ...]:
    """Every number of the customer, the one to be contacted first."""
    every = (number_hash, profile.number_hash, *(line.number_hash for line in profile.lines))
    return tuple(dict.fromkeys(number for number in every if number))


def subjects(profile: Profile, number_hash: str | None = None) -> tuple[Subject, ...]:
    """Whom a contact must hold, in lock order: its own subjects, and every number whose withdrawal binds the customer."""
    numbers = (Subject("number", number) for number in numbers_of(profile, number_hash))
    return tuple(sorted({*profile.subjects(number_hash), *numbers}))


def gathered(transaction: Transaction, profile: Profile, playbook: Playbook, now: Instant) -> Profile:
    """The profile with consents, contacts and epochs as they stand; for gathering, without locks."""
    numbers = numbers_of(profile)
    sequence = transaction.row("read_ledger_sequence")
    return replace(
        profile,
        consents=consents(transaction, profile.customer, numbers),
        contacts=contacts(transaction, profile, numbers, since(playbook, now)),
        events=events(transaction, profile.customer, playbook, now),
        epochs=epochs(transaction, subjects(profile)),
        ledger_sequence=int(sequence["seq"]) if sequence else 0,
    )


def refreshed(
    transaction: Transaction, profile: Profile, playbook: Playbook, number_hash: str | None, now: Instant
) -> Profile:
    """The profile as it is under the locks: contacts and events read anew, consents where an epoch moved on."""
    numbers = numbers_of(profile, number_hash)
    fresh = epochs(transaction, subjects(profile, number_hash))
    same = all(profile.epochs.get(subject) == epoch for subject, epoch in fresh.items())
    return replace(
        profile,
        contacts=contacts(transaction, profile, numbers, since(playbook, now)),
        events=events(transaction, profile.customer, playbook, now),
        consents=profile.consents if same else consents(transaction, profile.customer, numbers),
        epochs={**profile.epochs, **fresh},
    )
