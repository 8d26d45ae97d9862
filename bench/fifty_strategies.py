"""The operator that the benches of conditions and decisions share: fifty strategies of five channels, and its customers."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from strategies.declared.playbook import FieldType

STRATEGIES = 50
CHANNELS = ("sms", "outbound_call", "agent", "web", "ivr")
FIELDS: Mapping[str, FieldType] = {
    "tenure_months": "number", "data_gb": "number", "voice_minutes": "number", "roaming_days": "number",
    "contract_left": "number", "churn_risk": "number", "complaints": "number", "products": "number",
    "arpu": "money", "bill_mean": "money", "bill_beyond": "money",
    "value_tier": "text", "last_order": "text", "region": "text",
    "senior": "boolean", "device_5g": "boolean", "has_app": "boolean", "autopay": "boolean",
}  # fmt: skip
HIGHEST = {
    "tenure_months": 120, "data_gb": 60, "voice_minutes": 900, "roaming_days": 20, "contract_left": 24, "churn_risk": 1,
    "complaints": 5, "products": 8, "arpu": 400, "bill_mean": 400, "bill_beyond": 100,
}  # fmt: skip
WORDS = {
    "value_tier": ("bronze", "silver", "gold", "diamond"),
    "last_order": ("contract-12", "data-20", "data-50", "none", "roaming-7", "visit-gift"),
    "region": ("east", "north", "south", "west"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One comparison: a field, a sign (``>= < = in is``) and what it is compared with."""

    field: str
    sign: str
    value: object


@dataclass(frozen=True, slots=True)
class Audience:
    """All of ``every`` and, if there are any, one of ``some``."""

    every: tuple[Asked, ...]
    some: tuple[Asked, ...]


def audiences(count: int = STRATEGIES) -> list[Audience]:
    """Audiences of three to six comparisons, the same in every run."""
    chance = random.Random(50)
    found = []
    for place in range(count):
        asked = [
            _asked(chance, field) for field in chance.sample(sorted(FIELDS), chance.choice((4, 5, 5, 6)))
        ]
        found.append(Audience(tuple(asked[:-2]), tuple(asked[-2:]) if place % 3 == 0 else ()))
    return found


def _asked(chance: random.Random, field: str) -> Asked:
    kind = FIELDS[field]
    if kind == "boolean":
        return Asked(field, "is", chance.random() < 0.6)
    if kind == "text":
        return Asked(field, "in", tuple(sorted(chance.sample(WORDS[field], 2))))
    bound = round(HIGHEST[field] * chance.uniform(0.1, 0.9), 2)
    return Asked(
        field, chance.choice((">=", "<")), bound if field in ("churn_risk", "data_gb") else round(bound)
    )


def text_of(audience: Audience) -> str:
    """The audience as a condition."""
    parts = [_part(each) for each in audience.every]
    if audience.some:
        parts.append("(" + " OR ".join(_part(each) for each in audience.some) + ")")
    return " AND ".join(parts)


def _part(asked: Asked) -> str:
    if asked.sign == "is":
        return asked.field if asked.value else f"NOT {asked.field}"
    if asked.sign == "in":
        assert isinstance(asked.value, tuple)
        return f"{asked.field} IN ({', '.join(repr(each) for each in asked.value)})"
    return f"{asked.field} {asked.sign} {asked.value}"


def customers(count: int, seed: int = 1) -> list[dict[str, object]]:
    """Customers of whom everything is known; money in minor units, as facts hold it."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        facts: dict[str, object] = {}
        for field, kind in FIELDS.items():
            if kind == "boolean":
                facts[field] = chance.random() < 0.4
            elif kind == "text":
                facts[field] = chance.choice(WORDS[field])
            elif kind == "money":
                facts[field] = chance.randrange(HIGHEST[field] * 100)
            else:
                facts[field] = round(chance.uniform(0, HIGHEST[field]), 2)
        found.append(facts)
    return found
