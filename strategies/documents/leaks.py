"""The leakage guard: a model may read only what is known when it is asked, and nothing that a model said."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from strategies.declared.model import DECIDES_AT, KNOWN_AT, Label, OutcomeLabel
from strategies.declared.playbook import EventType, Field, Strategy
from strategies.documents.reading import Reading
from strategies.problems import Hint
from strategies.texts.source import Node

AfterContact = Mapping[str, str]
"""Field → the event that sets it, where that event is the goal of a strategy."""

LEARNABLE = ("boolean", "number", "money", "text")
DERIVED = ("scores.", "advice.")
_KNOWN = {"contact": "at a contact", "outcome": "after the contact"}
_ENDED = "at the outcome"
_ASKED = {"snapshot": "before any", "contact": "before it"}


def set_by_goals(strategies: Collection[Strategy], events: Mapping[str, EventType]) -> dict[str, str]:
    """The fields that goal events set: they tell how a contact ended."""
    goals = sorted({strategy.goal_event for strategy in strategies} & events.keys())
    return {field: goal for goal in goals for field in events[goal].sets}


def check_features(
    reading: Reading, learns: str, label: Label | None, features: Mapping[str, Node], after: AfterContact
) -> None:
    """Notes a problem at each feature that would tell the model what it is to foretell."""
    of_label = None if label is None or isinstance(label, OutcomeLabel) else reading.fields[label.field]
    for name, node in features.items():
        field = reading.fields[name]
        if said := _leak(reading, learns, of_label, field, isinstance(label, OutcomeLabel), after):
            reading.problem("model.leak", said, node.where, Hint("leave it out"))
        elif field.source.startswith(DERIVED):
            message = f"'{name}' is {field.source}, which is worked out from what this model would learn from"
            reading.problem("model.derived", message, node.where, Hint("leave it out"))
        elif field.type not in LEARNABLE:
            message = f"a model learns from numbers, money, truth values and texts, and '{name}' is of type {field.type}"
            reading.problem(
                "value.type", message, node.where, Hint("leave it out, or declare a number made of it")
            )


def _leak(
    reading: Reading, learns: str, label: Field | None, field: Field, of_outcomes: bool, after: AfterContact
) -> str:
    """Why the feature tells too much, in words; empty where it does not."""
    if label is not None and field.name == label.name:
        return f"'{field.name}' is the label itself"
    twin = _latest_known(reading, field)
    known, asked = KNOWN_AT.index(twin.known_at), DECIDES_AT[learns]
    if known > KNOWN_AT.index(asked):
        who = (
            f"'{field.name}'"
            if twin is field
            else f"'{field.name}' reads {field.source} as '{twin.name}' does, which"
        )
        when = _ENDED if learns == "churn" and twin.known_at == "outcome" else _KNOWN[twin.known_at]
        before = "before" if when == _ENDED else _ASKED[asked]
        return f"{who} is known only {when}, and this model is asked {before}"
    if of_outcomes and field.name in after:
        goal = after[field.name]
        return f"'{field.name}' is set by '{goal}', the goal of a strategy, so it is known only after the contact"
    return ""


def _latest_known(reading: Reading, field: Field) -> Field:
    """Of the fields that read the same column, the one that is known last; the field itself where none is later."""
    latest = field
    for other in reading.fields.values():
        if other.source == field.source and KNOWN_AT.index(other.known_at) > KNOWN_AT.index(latest.known_at):
            latest = other
    return latest
