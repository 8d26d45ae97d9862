"""How the fields are spread over today's base: for hover, completion and the choice of a threshold."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from contact.domain.selection_answers import FieldAnswer, FieldsAnswer, SpreadAnswer
from contact.faults import NotFound
from contact.flow.wording import titled
from contact.ports import Ports
from strategies.conditions.columns import Column
from strategies.declared.fields import with_built_in
from strategies.declared.playbook import Field, Playbook

QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
WORDS = 20
"""The most frequent texts that are counted in an answer."""
_AGGREGATES = {
    "sum": "sum", "mean": "mean", "min": "smallest", "max": "largest", "count": "number", "any": "any", "latest": "latest",
}  # fmt: skip


async def spread(ports: Ports, field: str, language: str = "en") -> SpreadAnswer:
    """How one field is spread over everybody. Raises NotFound for a field nobody declared."""
    playbook = await ports.playbooks.current()
    declared = with_built_in(playbook.fields).get(field)
    if declared is None:
        raise NotFound(f"there is no field {field}")
    columns, _ = await ports.base.columns([field], playbook)
    return await asyncio.to_thread(_spread, declared, columns.by_field[field], playbook, language)


async def fields(ports: Ports, language: str = "en") -> FieldsAnswer:
    """Every field that a condition may read, by name."""
    playbook = await ports.playbooks.current()
    every = with_built_in(playbook.fields)
    languages = playbook.operator.languages
    return FieldsAnswer([_field(every[name], language, languages) for name in sorted(every)])


def _field(field: Field, language: str, languages: Sequence[str]) -> FieldAnswer:
    return FieldAnswer(
        field.name,
        field.type,
        titled(field.title, language, languages, field.name),
        field.unit,
        meaning(field),
        field.nullable,
    )


def meaning(field: Field) -> str:
    """Where a field comes from, in words: ``mean of usage.data_gb over the last 3 months``."""
    if not field.source:
        return "built in"
    how = f"{_AGGREGATES[field.aggregate]} of " if field.aggregate else ""
    months = "" if field.months is None else f" over the last {field.months} months"
    return f"{how}{field.source}{months}"


def _spread(field: Field, column: Column, playbook: Playbook, language: str) -> SpreadAnswer:
    total, languages = len(column.values), playbook.operator.languages
    values = column.values if column.known is None else column.values[column.known]
    low = high = None
    quantiles, words = list[float](), dict[str, int]()
    if field.type in ("number", "money") and len(values):
        scale = playbook.operator.minor_per_major if field.type == "money" else 1
        quantiles = [float(each) / scale for each in np.quantile(values.astype(np.float64), QUANTILES)]
        low, high = quantiles[0], quantiles[-1]
    elif field.type == "boolean":
        true = int(values.sum())
        words = {"true": true, "false": len(values) - true}
    elif field.type == "text":
        words = _most_frequent(np.bincount(values, minlength=len(column.words)).tolist(), column)
    elif field.type == "list":
        words = _most_frequent([int(column.members[word].sum()) for word in column.words[:1000]], column)
    title = titled(field.title, language, languages, field.name)
    return SpreadAnswer(
        field=field.name, type=field.type, known=len(values), total=total, title=title,
        unit=field.unit, low=low, high=high, quantiles=quantiles, words=words, meaning=meaning(field),
    )  # fmt: skip


def _most_frequent(counts: list[int], column: Column) -> dict[str, int]:
    ranked = sorted(zip(counts, column.words, strict=False), key=lambda each: (-each[0], each[1]))
    return {word: count for count, word in ranked[:WORDS] if count}
