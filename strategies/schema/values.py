"""The kinds of values that documents hold, as JSON Schema; keys and words come from the readers themselves."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

Schema = dict[str, Any]

DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$", "description": "A day, as 2026-01-31."}
TIME: Schema = {"type": "string", "pattern": r"^\d{2}:\d{2}$", "description": 'A time of day, as "09:00".'}
SPAN: Schema = {"type": "string", "pattern": "^P", "description": "A duration, as PT2M, PT24H or P7D."}
TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "number"}
CONDITION: Schema = {
    "type": ["string", "boolean"],
    "description": "A condition over declared fields, as arpu >= 100 AND NOT complaint_open; true for everybody.",
}
BY_LANGUAGE: Schema = {
    "type": "object",
    "additionalProperties": TEXT,
    "description": "One text by language, as {en: …, zh-CN: …}.",
}
STEPS: Schema = {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}}
ANYTHING: Schema = {}


def words(known: Collection[str], **more: Any) -> Schema:
    """One of a closed list of words."""
    return {"enum": sorted(known), **more}


def whole(low: int, high: int) -> Schema:
    """A whole number between two bounds."""
    return {"type": "integer", "minimum": low, "maximum": high}


def between(low: float, high: float) -> Schema:
    """A number between two bounds."""
    return {"type": "number", "minimum": low, "maximum": high}


MONEY: Schema = {"type": "number", "minimum": 0, "description": "An amount of major units, as 4.50."}
PERCENT: Schema = between(0, 100)


def listed(of: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": of}


def named(of: Schema) -> Schema:
    """A mapping whose keys are free."""
    return {"type": "object", "additionalProperties": of}


def either(*kinds: Schema) -> Schema:
    """Any of several kinds."""
    return {"anyOf": list(kinds)}


def dated(of: Schema) -> Schema:
    """A value, or the value from each day on."""
    entry = keys(("from", "is"), {"from": DAY, "is": of}, needed=("from", "is"))
    described = {key: of[key] for key in ("description",) if key in of}
    return {**either(of, {"type": "array", "items": entry, "minItems": 1}), **described}


def keys(known: Collection[str], kinds: Mapping[str, Schema], *, needed: Collection[str] = ()) -> Schema:
    """A mapping with exactly the keys that its reader knows. Raises KeyError where a key's kind is not told."""
    unknown = kinds.keys() - set(known)
    if unknown:
        raise KeyError(f"no reader knows {', '.join(sorted(unknown))}")
    return {
        "type": "object",
        "properties": {key: kinds[key] for key in known},
        "additionalProperties": False,
        **({"required": list(needed)} if needed else {}),
    }
