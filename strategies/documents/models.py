"""Reader of ``models/*.yaml``: what is learnt, from which fields, towards which label."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Literal, cast

from strategies.declared.model import FieldLabel, Label, LeavingLabel, Model, OutcomeLabel
from strategies.declared.playbook import Channel, EventType, Field, Strategy
from strategies.declared.score_columns import ASKED_ABOUT, columns_of
from strategies.documents.leaks import AfterContact, check_features, set_by_goals
from strategies.documents.reading import Reading, Section
from strategies.documents.values import unique
from strategies.problems import Hint, Where
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

LEARNS = ("churn", "propensity", "reach")
MOMENTS = {"propensity": "accepted", "reach": "connected"}
CHURN_SCORE = "churn_risk"
MOST_MONTHS = 60

KEYS = ("model", "learns", "title", "label", "features", "score", "order", "segments")
LABEL_KEYS = ("field", "left", "within_months", "months", "outcomes")
_LABELS = {
    "churn": ("field", "left"),
    "propensity": ("field", "outcomes"),
    "reach": ("outcomes",),
}
"""Which labels each kind of model learns from."""
_LABEL_HINTS = {
    "churn": Hint("as {field: churned}, or {left: left_on, within_months: 2, months: 3}"),
    "propensity": Hint("as {outcomes: accepted}, or {field: subscribed}"),
    "reach": Hint("as {outcomes: connected}"),
}
_COLUMN = re.compile(r"[a-z][a-z0-9_]{0,63}")


def read_models(
    reading: Reading,
    nodes: Sequence[Node],
    strategies: Collection[Strategy],
    events: Mapping[str, EventType],
    channels: Mapping[str, Channel],
) -> dict[str, Model]:
    """The models in order of their ids; no two fill the same column of the scores."""
    after, seen = set_by_goals(strategies, events), dict[str, Where]()
    read = [_read(reading, node, after, seen) for node in nodes]
    found = {each.id: each for each in sorted((model for model in read if model), key=lambda model: model.id)}
    filled: dict[str, str] = {}
    for model in found.values():
        columns = columns_of(model, strategies, channels)
        taken = next((column for column in columns if column in filled), None)
        if taken is not None:
            message = f"model '{model.id}' fills {taken}, as model '{filled[taken]}' does"
            reading.problem(
                "value.duplicate", message, model.place, Hint("one column is filled by one model")
            )
        filled |= dict.fromkeys(columns, model.id)
    return found


def _read(reading: Reading, node: Node, after: AfterContact, seen: dict[str, Where]) -> Model | None:
    """One model; ``after`` are the fields that only the outcome of a contact sets."""
    section = reading.section(node, "a model", KEYS)
    if section is None:
        return None
    name = section.name("model", "a model") or ""
    if name:
        section.what = f"model '{name}'"
    section.need("learns", Hint("one of: %(names)s", names=", ".join(LEARNS)))
    learns = section.choice("learns", LEARNS, "")
    label = _label(section, learns) if learns else None
    features = _features(section, isinstance(label, OutcomeLabel))
    if learns:
        check_features(reading, learns, label, features, after)
    found = Model(
        id=name,
        learns=cast(Literal["churn", "propensity", "reach"], learns),
        title=section.languages("title", needed=True),
        label=label or OutcomeLabel("accepted"),
        features=tuple(features),
        place=section.where("model"),
        feature_places={feature: each.where for feature, each in features.items()},
        score=_score(section, learns, label),
        order=_order(section, label),
        segments=_segments(section),
    )
    new = name and unique(reading, seen, name, section.where("model"), "model")
    return found if new and label is not None else None


def _label(section: Section, learns: str) -> Label | None:
    """What the model learns to tell."""
    reading = section.reading
    node = section.need("label", _LABEL_HINTS[learns])
    if node is not None and node.mapping is None:
        reading.wrong(node, "'label'", "a mapping", _LABEL_HINTS[learns])
        return None
    entry = reading.section(node, "'label'", LABEL_KEYS) if node else None
    if entry is None or (entry.hints and not entry.entries.keys() & set(LABEL_KEYS)):
        return None
    kinds = [key for key in ("field", "left", "outcomes") if key in entry.entries]
    if len(kinds) != 1 or kinds[0] not in _LABELS[learns]:
        what = (
            f"a model of {learns} has no label by '{kinds[0]}'"
            if len(kinds) == 1
            else "'label' is exactly one thing"
        )
        where = entry.where(kinds[0]) if kinds else entry.node.where
        reading.problem("key.conflict", what, where, _LABEL_HINTS[learns])
        return None
    if kinds[0] != "left":
        for key in ("within_months", "months"):
            if key in entry.entries:
                reading.problem(
                    "key.conflict", f"'{key}' goes with 'left'", entry.where(key), Hint("leave it out")
                )
    if kinds[0] == "outcomes":
        moment = MOMENTS[learns]
        entry.choice("outcomes", (moment,), moment)
        return OutcomeLabel(cast(Literal["accepted", "connected"], moment))
    if kinds[0] == "field":
        field = _ending(entry, "field", "boolean")
        return FieldLabel(field.name) if field else None
    for key, hint in (
        ("within_months", Hint("how soon after the month's end, as 2")),
        ("months", Hint("how many month-ends, as 3")),
    ):
        entry.need(key, hint)
    field = _ending(entry, "left", "date")
    within, months = (entry.whole(key, 1, MOST_MONTHS, 1) for key in ("within_months", "months"))
    return LeavingLabel(field.name, within, months) if field else None


def _ending(entry: Section, key: str, type: str) -> Field | None:
    """The field that says how it ended: of that type, and declared to be known at the outcome only."""
    reading, node = entry.reading, entry.entries[key]
    field = _declared(reading, node)
    if field is None:
        return None
    if field.type != type:
        message = f"a label by '{key}' needs a {type}, and field '{field.name}' is {field.type}"
        reading.problem("value.type", message, node.where, Hint("name a %(type)s field", type=type))
    elif field.known_at != "outcome":
        message = f"'{field.name}' is to say how it ended, and is declared to be known before"
        reading.problem(
            "model.label", message, node.where, Hint("write known_at: outcome in its line of fields.yaml")
        )
    else:
        return field
    return None


def _declared(reading: Reading, node: Node) -> Field | None:
    """The declared field at a node; silent where its declaration has problems already."""
    if node.text in reading.doubtful:
        return None
    name = reading.reference(node, "field", reading.fields)
    return reading.fields[name] if name is not None else None


def _features(section: Section, of_outcomes: bool) -> dict[str, Node]:
    """The fields that the model reads, in the order written, with their nodes."""
    reading, node = section.reading, section.need("features", Hint("as [tenure_months, arpu]"))
    if node is not None and node.sequence == ():
        reading.problem(
            "value.empty", "'features' has no field", node.where, Hint("as [tenure_months, arpu]")
        )
    found: dict[str, Node] = {}
    for each in section.items("features"):
        if of_outcomes and each.value in ASKED_ABOUT:
            message = f"every model of outcomes knows '{each.value}'"
            reading.problem("value.reserved", message, each.where, Hint("leave it out"))
            continue
        field = _declared(reading, each)
        if field is not None and field.name in found:
            reading.problem(
                "value.duplicate", f"feature '{field.name}' stands here again", each.where, Hint("keep one")
            )
        elif field is not None:
            found[field.name] = each
    return found


def _score(section: Section, learns: str, label: Label | None) -> str:
    """The column of the scores that the model fills, where it gives one value a customer."""
    reading, node = section.reading, section.get("score")
    if isinstance(label, OutcomeLabel):
        if node is not None:
            filled = "p_OFFER_CHANNEL" if learns == "propensity" else "best_hour_CHANNEL"
            message, hint = (
                "a model of outcomes has no 'score'",
                Hint("it fills %(column)s; leave it out", column=filled),
            )
            reading.problem("key.conflict", message, section.where("score"), hint)
        return ""
    if learns == "propensity" and isinstance(label, FieldLabel):
        section.need("score", Hint("the column it fills, as p_subscribed"))
    text = section.text("score")
    if text is None:
        return CHURN_SCORE if learns == "churn" else ""
    if not _COLUMN.fullmatch(text) or text == "customer":
        hint = Hint("small letters, digits and '_', beginning with a letter")
        reading.problem("value.name", f"'{text}' cannot be a score", section.entries["score"].where, hint)
    return text


def _order(section: Section, label: Label | None) -> str | None:
    """The field by which rows came in time."""
    reading, node = section.reading, section.get("order")
    if node is None:
        return None
    if label is not None and not isinstance(label, FieldLabel):
        message, hint = (
            "'order' goes with a label by 'field'",
            Hint("other labels know their time; leave it out"),
        )
        reading.problem("key.conflict", message, section.where("order"), hint)
        return None
    field = _declared(reading, node)
    if field is not None and field.type not in ("number", "date"):
        message = f"'order' needs a number or a date, and field '{field.name}' is {field.type}"
        reading.problem("value.type", message, node.where, Hint("name a field that rises with time"))
        return None
    return field.name if field else None


def _segments(section: Section) -> tuple[str, ...]:
    """Text fields by which the report looks for weak spots."""
    reading = section.reading
    found: dict[str, None] = {}
    for node in section.items("segments"):
        field = _declared(reading, node)
        if field is not None and field.type != "text":
            message = f"a segment needs a text, and field '{field.name}' is {field.type}"
            texts = [name for name, each in reading.fields.items() if each.type == "text"]
            reading.problem("value.type", message, node.where, suggestion(field.name, texts))
        elif field is not None:
            found[field.name] = None
    return tuple(found)
