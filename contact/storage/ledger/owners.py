"""Whose a number was when something was said at it, as far as contacts keep the names of numbers that changed hands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from contact.storage.databases.transaction import Row, Transaction
from contact.storage.ledger.moves import changed_at, former_name, number_of
from strategies.instants import Instant
from strategies.profile import Consent, CustomerId

_LATEST = Instant(9_999_999_999_999_999)
"""Later than any change of hands: names of former numbers are compared as texts, and instants have as many figures."""


@dataclass(frozen=True, slots=True)
class Change:
    """A number changed hands at an instant; who had it until then, of those who were to be contacted there."""

    at: Instant
    owners: tuple[CustomerId, ...]


def changes_of(tx: Transaction, number: str) -> list[Change]:
    """Each time the number changed hands, in order, as far as it had been used for contacts before."""
    last = former_name(number, _LATEST)
    found: dict[Instant, list[CustomerId]] = {}
    for row in tx.rows("former_owners", number=number, last=last):
        if number_of(row) == number:
            found.setdefault(changed_at(row), []).append(CustomerId(row["customer_id"]))
    return [Change(at, tuple(found[at])) for at in sorted(found)]


def told_in(tx: Transaction, contact: Row, told: Consent) -> list[Consent]:
    """Whom an opt-out binds that was told in a contact: where it names a number that changed hands since, its owner of then.

    Of their other numbers they said nothing, so it keeps promotional contact from them and no more. Whoever was called is
    that owner, unless they had given the number up before: then it is everybody who may have been. What was handed over
    after the last change reached the owner of today, whom it binds by the number.
    """
    number = number_of(contact)
    if told.number_hash is None or told.given or number is None:
        return [told]
    handed_over = contact["attempt_us"] or contact["created_us"]
    changes = changes_of(tx, number)
    following = next((each for each in changes if each.at > handed_over), None)
    if following is None:
        return [replace(told, number_hash=number)]
    called = CustomerId(contact["customer_id"])
    had_left = any(called in each.owners for each in changes if each.at <= handed_over)
    speaking = {called, *following.owners} if had_left or called not in following.owners else {called}
    return [as_person(told, each) for each in sorted(speaking)]


def as_person(told: Consent, customer: CustomerId) -> Consent:
    """What was withdrawn for one number, for its owner as a person."""
    category = "promotional" if told.category == "all" else told.category
    return replace(told, number_hash=None, customer=customer, category=category)


def owners_since(tx: Transaction, number: str, since: Instant) -> Sequence[CustomerId]:
    """Who gave the number up at this instant or later."""
    changes = [each for each in changes_of(tx, number) if each.at >= since]
    return list(dict.fromkeys(owner for each in changes for owner in each.owners))
