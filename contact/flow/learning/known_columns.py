"""What the generation in force holds of the fields a model reads, and where a customer's clock stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from strategies.declared.model import FieldLabel, LeavingLabel, Model
from strategies.declared.playbook import Field, Playbook
from strategies.problems import Hint, Problem, ProblemsFound, Where

Sources = Mapping[str, Mapping[str, str]]
"""Kind → column → type of the generation in force."""

ZONE = Field("customer_zone_", "text", "customers.zone")
"""The customer's zone as a column; no field of a playbook ends in an underscore of its own accord."""


def fields_read(model: Model) -> tuple[str, ...]:
    """Every field that training reads: features, label, order, segments; each once."""
    label = (model.label.field,) if isinstance(model.label, FieldLabel | LeavingLabel) else ()
    order = (model.order,) if model.order else ()
    return tuple(dict.fromkeys((*model.features, *label, *order, *model.segments)))


def require_fields(playbook: Playbook, model: Model, names: Iterable[str], sources: Sources) -> None:
    """Raises ProblemsFound (``model.field_missing``) for each field whose column no delivered file holds, at its place."""
    problems = []
    for name in names:
        field, where = playbook.fields.get(name), model.feature_places.get(name, model.place)
        if field is None:
            message = f"model '{model.id}' was trained with '{name}', which fields.yaml no longer declares"
            problems.append(
                Problem(
                    "model.field_missing",
                    message,
                    where,
                    Hint("train it again: contact train %(id)s", id=model.id),
                )
            )
        elif not is_there(field, sources):
            problems.append(_not_there(model, field, sources, where))
    if problems:
        raise ProblemsFound(problems)


def is_there(field: Field, sources: Sources) -> bool:
    """Whether a delivered file holds the field's column."""
    kind, _, column = field.source.partition(".")
    return column in sources.get(kind, {})


def _not_there(model: Model, field: Field, sources: Sources, where: Where) -> Problem:
    kind, _, column = field.source.partition(".")
    message = f"model '{model.id}' reads '{field.name}', and "
    if kind not in sources:
        message += f"no file of {kind} was imported yet"
        hint = Hint(
            "import %(kind)s with the column %(column)s, or leave the field out of the model",
            kind=kind,
            column=column,
        )
    else:
        message += f"the {kind} on file have no column '{column}'"
        hint = Hint("import %(kind)s with that column, or leave the field out of the model", kind=kind)
    return Problem("model.field_missing", message, where, hint)


def with_field(playbook: Playbook, *fields: Field) -> Playbook:
    """The playbook with fields of ours beside its own, to read columns that it does not name."""
    return replace(playbook, fields={**playbook.fields, **{field.name: field for field in fields}})
