"""Single values of a case: instants, texts, numbers to contact, and values of fields."""

from __future__ import annotations

from dataclasses import dataclass, field

from strategies.declared.playbook import Field
from strategies.documents.reading import Reading, Section
from strategies.hashing import hash64
from strategies.instants import Instant, parse_instant
from strategies.problems import Hint
from strategies.profile import FieldValue
from strategies.texts import quantities
from strategies.texts.source import Node


@dataclass(slots=True)
class Numbers:
    """Numbers as the case wrote them, by the hash that stands for them in its profile."""

    known: dict[str, str] = field(default_factory=dict)

    def hashed(self, number: str) -> str:
        found = f"{hash64(number):016x}"
        self.known[found] = number
        return found


def instant(reading: Reading, node: Node, what: str) -> Instant | None:
    """An instant with its offset."""
    if isinstance(node.value, str):
        try:
            return parse_instant(node.value)
        except ValueError:
            pass
    if not node.broken:
        hint = Hint("with an offset, as 2026-03-02T10:00+08:00")
        reading.problem("value.date", f"{what} cannot be '{node.text}'", node.where, hint)
    return None


def instant_of(section: Section, key: str) -> Instant | None:
    """The instant under a key, None where it is missing or wrong."""
    node = section.get(key)
    return None if node is None else instant(section.reading, node, f"'{key}'")


def optional_text(section: Section, key: str) -> str | None:
    """A text; a number is taken as written, so that ids need no quotes."""
    node = section.get(key)
    if node is None or node.value is None:
        return None
    if isinstance(node.value, bool) or node.mapping is not None or node.sequence is not None:
        section.reading.wrong(node, f"'{key}'", "text")
        return None
    return node.text


def field_value(reading: Reading, declared: Field, node: Node, minor_per_major: int) -> FieldValue:
    """A value as a field of its type carries it; money is written in major units."""
    value = node.value
    if value is None:
        return None
    number = not isinstance(value, bool) and not isinstance(value, (str, tuple, dict))
    if declared.type == "money" and number:
        amount = quantities.minor_units(node.text, minor_per_major)
        if amount is None:
            hint = Hint("as many decimals as the currency has")
            reading.problem("value.money", f"'{declared.name}' cannot be {node.text}", node.where, hint)
        return amount
    if declared.type == "number" and number:
        return value if isinstance(value, int) else float(node.text)
    if declared.type == "boolean" and isinstance(value, bool):
        return value
    if declared.type == "instant":
        return instant(reading, node, f"'{declared.name}'")
    if declared.type == "list" and node.sequence is not None:
        return tuple(each.text for each in node.sequence)
    if declared.type == "date" and isinstance(value, str) and quantities.calendar_day(value) is None:
        reading.problem(
            "value.date", f"'{declared.name}' cannot be '{value}'", node.where, Hint("as 2026-01-31")
        )
        return None
    if declared.type in ("text", "date") and isinstance(value, str):
        return value
    expected = {"money": "an amount", "boolean": "true or false"}.get(declared.type, f"a {declared.type}")
    reading.wrong(node, f"'{declared.name}'", expected)
    return None
