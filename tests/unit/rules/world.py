"""Small playbooks and profiles that tests of rules build by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from strategies.candidate import Candidate
from strategies.compiling.compile import compile_condition
from strategies.declared.playbook import (
    Condition,
    ConsentDefault,
    Field,
    Match,
    Operator,
    Playbook,
    Rule,
    Window,
)
from strategies.hashing import bucket, hash64
from strategies.instants import Instant, parse_instant
from strategies.problems import Where
from strategies.profile import CustomerId, PastContact, Profile

HERE = Where("test.yaml", 1, 1)
NOW = parse_instant("2026-03-02T10:00+08:00")
SMS = Candidate("sms", "marketing")

OPERATOR = Operator(
    name="Test",
    currency="CNY",
    minor_per_major=100,
    zone="Asia/Shanghai",
    plausible_zones=("Asia/Shanghai", "Asia/Urumqi"),
    week_start=1,
    languages=("en",),
    categories={"marketing": True, "service": False},
    universal_control_hundredths=0,
    contacts_per_day=1,
)


def playbook(*rules: Rule, **changes: Any) -> Playbook:
    """A playbook of these rules in which consent is not in question."""
    given: dict[str, Any] = {
        "version": "test",
        "operator": OPERATOR,
        "units": {},
        "fields": {},
        "events": {},
        "channels": {},
        "strategies": (),
        "rules": rules,
        "consent_defaults": (ConsentDefault(None, None, False, HERE),),
    }
    return Playbook(**{**given, **changes})


def cap(window: Window, most: int | None, name: str = "p.cap", **changes: Any) -> Rule:
    return Rule(name, "cap", "company", HERE, window=window, max=most, **changes)


def condition(text: str, **types: Any) -> Condition:
    """A condition over fields of these types."""
    fields = {name: Field(name, type, f"customers.{name}") for name, type in types.items()}
    return compile_condition(text, fields, HERE)


def profile(contacts: Iterable[PastContact] = (), **changes: Any) -> Profile:
    given: dict[str, Any] = {
        "customer": CustomerId("C1"),
        "customer_hash": hash64("C1"),
        "bucket": bucket("A1"),
        "account": "A1",
        "number_hash": "n1",
        "zone": "Asia/Shanghai",
    }
    return Profile(**{**given, **changes}, contacts=tuple(contacts))


def contact(at: int, id: str = "", **changes: Any) -> PastContact:
    """A contact that was handed over at the instant and is closed."""
    given: dict[str, Any] = {
        "id": id or f"c{at}",
        "channel": "sms",
        "category": "marketing",
        "state": "sent",
        "planned_at": Instant(at),
        "customer": "C1",
        "account": "A1",
        "number_hash": "n1",
        "moments": {"attempt": Instant(at)},
        "final": True,
    }
    return PastContact(**{**given, **changes})


def match(**listed: Any) -> Match:
    return Match(
        **{key: frozenset(value) if isinstance(value, list) else value for key, value in listed.items()}
    )
