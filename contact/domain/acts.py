"""Acts: what people and changes leave in the audit trail, a closed list of names and one canonical form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

CHAINS = 16
"""Chains of the trail; an act lies in the one its actor's name is hashed to."""
LEDGER_CHAIN = CHAINS
"""The chain after them holds digests of the ledger's closed minutes."""

ACTS = frozenset({
    "audit.exported",
    "backup.made",
    "budget.raised",
    "card.refused",
    "clock.moved",
    "consent.recorded",
    "contact.reconciled",
    "customer.erased",
    "customer.revealed",
    "customers.exported",
    "customers.merged",
    "draft.approved",
    "draft.discarded",
    "export.approved",
    "export.asked",
    "export.refused",
    "halt.lifted",
    "halt.set",
    "job.retried",
    "key.created",
    "key.revoked",
    "login",
    "login.failed",
    "logout",
    "model.promoted",
    "model.rolled_back",
    "number.recycled",
    "outcome.corrected",
    "person.password",
    "playbook.published",
    "playbook.rolled_back",
    "playbook.scheduled",
    "quarantine.ended",
    "restored",
    "retention.run",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody did something: who, in which role, what, about which id, and why; never a name or a number of a customer."""

    actor: str
    role: str
    act: str
    about: str = ""
    details: Mapping[str, str | int] = field(default_factory=dict)
    why: str = ""

    def __post_init__(self) -> None:
        if self.act not in ACTS:
            raise ValueError(f"no act is called {self.act!r}: acts are listed in contact/domain/acts.py")


def chain_of(actor: str) -> int:
    """The chain in which everything this actor does is kept, 0 to 15."""
    return hashlib.sha256(actor.encode("utf-8", "surrogatepass")).digest()[0] % CHAINS


def genesis(chain: int) -> str:
    """The hash before a chain's first entry: another one for each, so that chains cannot be swapped."""
    return hashlib.sha256(f"contact audit chain {chain}".encode()).hexdigest()


def content_of(act: Act, chain: int, seq: int, at_us: int) -> str:
    """Canonical JSON of an act at its place: sorted keys, no spaces, ASCII only."""
    return canonical({
        "about": act.about, "act": act.act, "actor": act.actor, "at": at_us, "chain": chain,
        "details": dict(act.details), "role": act.role, "seq": seq, "why": act.why,
    })  # fmt: skip


def canonical(value: Mapping[str, object]) -> str:
    """The same bytes for the same value, on every machine."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def linked(previous: str, content: str) -> str:
    """The hash that ties an entry to the one before it: SHA-256 of its hash, a line feed, and the content."""
    return hashlib.sha256(f"{previous}\n{content}".encode()).hexdigest()
