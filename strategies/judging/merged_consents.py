"""Consents of two people who turn out to be one: where they contradict each other, the withdrawal counts."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from strategies.instants import Instant
from strategies.profile import Consent

Scope = tuple[str, str]
"""Channel and category."""


def stricter(
    one: Sequence[Consent], other: Sequence[Consent], promotional: Collection[str], at: Instant
) -> list[Scope]:
    """Scopes in which a grant of one would lift a withdrawal of the other, were their records laid together.

    A withdrawal is lifted only by a later grant that names its channel and category, so these scopes are those of the
    grants; a withdrawal that its own maker had lifted for such a scope is none there.
    """
    mine, theirs = _in_force(one, at), _in_force(other, at)
    found = {*_lifted(mine, theirs, promotional), *_lifted(theirs, mine, promotional)}
    return sorted(found)


def _in_force(records: Sequence[Consent], at: Instant) -> dict[Scope, Consent]:
    """The latest record of each scope; of two of one instant the stricter."""
    latest: dict[Scope, Consent] = {}
    for record in records:
        if record.until is not None and record.until <= at:
            continue
        scope = (record.channel, record.category)
        known = latest.get(scope)
        if known is None or (record.at, not record.given) >= (known.at, not known.given):
            latest[scope] = record
    return latest


def _lifted(
    withdrawn: dict[Scope, Consent], granted: dict[Scope, Consent], promotional: Collection[str]
) -> set[Scope]:
    """Scopes granted on one side that the other side had withdrawn and not given back."""
    found: set[Scope] = set()
    for scope, grant in granted.items():
        own = withdrawn.get(scope)
        for objection in withdrawn.values():
            if objection.given or not _covers(objection, scope, promotional):
                continue
            given_back = own is not None and own.given and own.at > objection.at
            if grant.given and grant.at > objection.at and not given_back:
                found.add(scope)
    return found


def _covers(objection: Consent, scope: Scope, promotional: Collection[str]) -> bool:
    channel, category = scope
    named = objection.category in ("all", category)
    return objection.channel in ("all", channel) and (
        named
        or (objection.category == "promotional" and (category == "promotional" or category in promotional))
    )
