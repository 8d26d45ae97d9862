"""What events have set since the import, laid over the built columns, as it is laid over one customer's facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from contact.storage.base.columns import Members, list_column
from contact.storage.base.identity import Identity
from contact.storage.generations.unit_changes import OfUnits, UnitChange
from strategies.conditions.columns import Column
from strategies.declared.playbook import Field, Playbook
from strategies.judging.people import Texts

_EPOCH = date(1970, 1, 1).toordinal()
Set = dict[int, Any]
"""Customer's number → the value that was set last."""


def values_set(
    changes: Sequence[tuple[str, Mapping[str, Any]]], fields: Mapping[str, Field], identity: Identity
) -> dict[str, Set]:
    """Field → what is set of it, the later over the earlier; customers who are not here are left out."""
    if not changes:
        return {}
    places = identity.places(pa.array([customer for customer, _ in changes], pa.string())).tolist()
    found: dict[str, Set] = {}
    for place, (_, each) in zip(places, changes, strict=True):
        for name, value in each.items() if place >= 0 else ():
            if name in fields:
                found.setdefault(name, {})[place] = value
    return found


def laid_over(column: Column, field: Field, values: Set) -> Column:
    """The column with these values in place of what was built."""
    if not values:
        return column
    places = np.fromiter(values.keys(), dtype=np.int64, count=len(values))
    there = np.array([value is not None for value in values.values()], dtype=np.bool_)
    count = len(column.values)
    known = np.ones(count, dtype=np.bool_) if column.known is None else column.known.copy()
    known[places] = there
    if field.type == "list":
        return _list_over(column, values, places, known)
    if field.type == "text":
        return _text_over(column, values, places, known)
    filled = column.values.copy()
    filled[places] = [0 if value is None else _stored(value, field) for value in values.values()]
    return Column(filled, known)


def of_units_over(
    column: Column, field: Field, units: Texts, changes: Sequence[UnitChange], playbook: Playbook
) -> Column:
    """The column with what events of units have set of this field, for everybody in them and below."""
    told = [change for change in changes if field.name in change.fields]
    if not told:
        return column
    laid = OfUnits(playbook, told)
    by_unit = {
        code: fields[field.name]
        for code, unit in enumerate(units.words)
        if field.name in (fields := laid.of(unit)[1])
    }
    if field.type == "list":
        owners = np.flatnonzero(np.isin(units.codes, list(by_unit)))
        return laid_over(column, field, {int(each): by_unit[int(units.codes[each])] for each in owners})
    return _spread(column, field, units, by_unit)


def _spread(column: Column, field: Field, units: Texts, by_unit: Mapping[int, Any]) -> Column:
    """One value for each of these units, in one pass over everybody."""
    concerned = np.zeros(len(units.words) + 1, dtype=np.bool_)  # code -1, of nobody's unit, is the last entry
    concerned[list(by_unit)] = True
    values, words = column.values, column.words
    stored = {code: _stored(value, field) for code, value in by_unit.items() if value is not None}
    if field.type == "text":
        words = tuple(sorted({*words, *stored.values()}))
        code_of = {word: place for place, word in enumerate(words)}
        turned = np.array([code_of[word] for word in column.words] or [0], dtype=np.int32)
        values = turned[values]
        stored = {code: code_of[word] for code, word in stored.items()}
    value_of = np.zeros(len(concerned), dtype=values.dtype)
    there = np.zeros(len(concerned), dtype=np.bool_)
    value_of[list(stored)], there[list(stored)] = list(stored.values()), True
    here = concerned[units.codes]
    known = np.ones(len(values), dtype=np.bool_) if column.known is None else column.known
    return Column(
        np.where(here, value_of[units.codes], values), np.where(here, there[units.codes], known), words
    )


def _stored(value: Any, field: Field) -> Any:
    return date.fromisoformat(value).toordinal() - _EPOCH if field.type == "date" else value


def _text_over(column: Column, values: Set, places: Any, known: Any) -> Column:
    words = sorted({*column.words, *(value for value in values.values() if value is not None)})
    code = {word: place for place, word in enumerate(words)}
    turned = np.array([code[word] for word in column.words] or [0], dtype=np.int32)
    codes = turned[column.values]
    codes[places] = [0 if value is None else code[value] for value in values.values()]
    return Column(codes, known, tuple(words))


def _list_over(column: Column, values: Set, places: Any, known: Any) -> Column:
    held = column.members
    owners, codes, words = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), list(column.words)
    if isinstance(held, Members):
        kept = ~np.isin(held.owners, places)
        owners, codes = held.owners[kept], held.codes[kept]
    pairs = [(place, word) for place, value in values.items() for word in value or ()]
    every = sorted({*words, *(word for _, word in pairs)})
    code = {word: place for place, word in enumerate(every)}
    turned = np.array([code[word] for word in words] or [0], dtype=np.int64)
    owners = np.concatenate([owners, np.array([place for place, _ in pairs], dtype=np.int64)])
    codes = np.concatenate([turned[codes], np.array([code[word] for _, word in pairs], dtype=np.int64)])
    return list_column(codes, every, owners, known)
