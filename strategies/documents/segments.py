"""Reader of ``segments/*.yaml``: a saved selection that renews itself by its rule."""

from __future__ import annotations

from strategies.declared.playbook import Segment
from strategies.documents.reading import ConditionReader, Reading
from strategies.documents.values import unique
from strategies.problems import Hint, Where
from strategies.texts.source import Node

KEYS = ("segment", "title", "owner", "when")


def declare_segment(reading: Reading, node: Node) -> None:
    """Notes the name a segment declares, so that a reference to one with problems is not judged again."""
    name = (node.mapping or {}).get("segment")
    if name is not None and isinstance(name.value, str):
        reading.declared_segments.add(name.value)


def read_segment(
    reading: Reading, node: Node, conditions: ConditionReader, seen: dict[str, Where]
) -> Segment | None:
    """One segment; None where it has no name of its own or no sound condition."""
    section = reading.section(node, "a segment", KEYS)
    if section is None or (name := section.name("segment", "a segment")) is None:
        return None
    new = unique(reading, seen, name, section.where("segment"), "segment")
    section.what = f"segment '{name}'"
    section.text("owner")
    title = section.languages("title", needed=True)
    when = section.need("when", Hint("a condition, as arpu >= 100"))
    condition = conditions(when) if when else None
    return Segment(name, title, condition, section.where("segment")) if new and condition else None
