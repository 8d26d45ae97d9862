"""A profile is all that rules may know of one customer at one instant, read in one gather."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, NewType

from strategies.instants import Instant

CustomerId = NewType("CustomerId", str)
FieldValue = bool | int | float | str | tuple[str, ...] | None
Facts = Mapping[str, FieldValue]
"""Field → value, as conditions read one customer or line."""

OPEN_STATES = frozenset({"reserved", "sending", "unknown"})
NEVER_COUNTED_STATES = frozenset({"expired", "cancelled", "released", "not_sent"})


class Subject(NamedTuple):
    """Whose contacts count and who is locked: ``account, customer, device, household, number`` and its key."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Consent:
    """One record of consent; ``channel`` and ``category`` may be ``all``; exactly one of customer and number_hash is set."""

    given: bool
    at: Instant
    channel: str = "all"
    category: str = "all"
    customer: str | None = None
    number_hash: str | None = None
    source: str = ""
    evidence: str = ""
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class PastContact:
    """A contact as rules see it, whatever its state; ``moments`` are instants of what has happened to it so far.

    Keys of ``moments``: ``attempt, delivered, connected, shown, clicked, accepted, rejected``.
    """

    id: str
    channel: str
    category: str
    state: str
    planned_at: Instant
    direction: str = "outgoing"
    promotional: bool = True
    strategy: str = ""
    offer: str = ""
    family: str = ""
    customer: str = ""
    account: str | None = None
    number_hash: str | None = None
    household: str | None = None
    device: str | None = None
    moments: Mapping[str, Instant] = field(default_factory=dict)
    result: str | None = None
    """A standard result, or one of the operator's own dispositions."""
    final: bool = False
    """No later moment can come: a final receipt or result is there."""
    receipt_until: Instant | None = None
    """Hand-over plus the channel's ``receipt_wait``; while ``sent`` and before it, the contact is open."""


@dataclass(frozen=True, slots=True)
class PastEvent:
    """Something that happened to the customer, as ``cooldown`` and ``since`` see it."""

    type: str
    at: Instant


@dataclass(frozen=True, slots=True)
class Line:
    """One phone number of a customer."""

    id: str
    number_hash: str | None
    facts: Mapping[str, FieldValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Profile:
    """One customer as gathered. ``facts`` holds every field of ``fields.yaml``; a missing value is None."""

    customer: CustomerId
    customer_hash: int
    bucket: int
    account: str
    """The account, or the customer's own id where there is none."""
    number_hash: str | None = None
    household: str | None = None
    device: str | None = None
    zone: str | None = None
    """IANA name, None where unknown."""
    language: str | None = None
    unit: str | None = None
    """The customer's grid (a leaf of units.yaml)."""
    jurisdiction: str | None = None
    """Whose law holds for the customer, as ``US-FL``; None where unknown."""
    facts: Mapping[str, FieldValue] = field(default_factory=dict)
    lists: tuple[str, ...] = ()
    """The imported lists the customer stands on: the built-in field ``lists``, which is never unknown."""
    lines: tuple[Line, ...] = ()
    consents: tuple[Consent, ...] = ()
    contacts: tuple[PastContact, ...] = ()
    events: tuple[PastEvent, ...] = ()
    """Those of types that a rule of the playbook names."""
    epochs: Mapping[Subject, int] = field(default_factory=dict)
    """Consent epoch of each subject as read."""
    generation: int = 0
    last_profile_change: int = 0
    last_unit_change: int = 0
    """The last event of the customer's units that lies over the facts."""
    ledger_sequence: int = 0
    history_reachable: bool = True

    def subjects(self, number_hash: str | None = None) -> tuple[Subject, ...]:
        """Every subject a contact to this customer has, in lock order (kind, key)."""
        number = number_hash or self.number_hash
        pairs = (
            ("account", self.account),
            ("customer", self.customer),
            ("device", self.device),
            ("household", self.household),
            ("number", number),
        )
        return tuple(Subject(kind, key) for kind, key in pairs if key)
