"""Fields of everybody as columns, built column by column; twin of ``facts``, which builds one customer's facts.

Numbers go through the very functions of ``facts``; texts and lists are reduced by their codes instead of one by one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.arrow import whole
from contact.storage.generations.facts import (
    NUMERIC,
    SUMMED,
    Floats,
    Integers,
    KindRows,
    any_masks,
    fits,
    has_months,
    month_text,
    numbers_of,
    order_of,
    reduced_by,
    summed_by_month,
)
from contact.storage.generations.files import CUSTOMER
from strategies.conditions.columns import Column, Mask
from strategies.declared.playbook import Field, FieldType

_VALUES: Mapping[str, Any] = {
    "boolean": np.bool_, "number": np.float64, "money": np.int64, "instant": np.int64, "date": np.int32,
}  # fmt: skip


class Members(Mapping[str, Mask]):
    """Who has each word of a list, as pairs sorted by word; a mask is made when it is asked for."""

    def __init__(self, words: Sequence[str], owners: Integers, codes: Integers, count: int) -> None:
        self.words, self.owners, self.codes, self.count = tuple(words), owners, codes, count

    def __getitem__(self, word: str) -> Mask:
        code = bisect_left(self.words, word)
        if code >= len(self.words) or self.words[code] != word:
            raise KeyError(word)
        first, last = np.searchsorted(self.codes, [code, code + 1])
        found = np.zeros(self.count, dtype=np.bool_)
        found[self.owners[first:last]] = True
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)


def unknown_column(type: FieldType, count: int) -> Column:
    """A field that nothing is known of."""
    nobody = np.zeros(count, dtype=np.bool_)
    if type == "list":
        return Column(np.zeros(count, dtype=np.int32), nobody)
    return Column(np.zeros(count, dtype=_VALUES.get(type, np.int32)), nobody)


def own_column(rows: KindRows, column: str, field: Field, minor_per_major: int) -> Column:
    """One value a row of a kind that has one row a customer; mirrors ``facts.column_facts``."""
    count, stored = int(rows.table.num_rows), rows.types.get(column)
    if stored is None or not fits(stored, field.type):
        return unknown_column(field.type, count)
    values = rows.table[column if column in rows.table.column_names else CUSTOMER]
    if field.type == "list":
        owners = np.arange(count, dtype=np.int64)
        return _list_column(values, owners, np.ones(count, dtype=np.bool_), count)
    if stored not in NUMERIC:
        return text_column(_texts(values))
    known = _present(values)
    if stored == "date":
        values = pc.cast(values, pa.int32())
    numbers = np.asarray(
        pc.fill_null(values, False if stored == "boolean" else 0).to_numpy(zero_copy_only=False)
    )
    if (stored, field.type) == ("money", "number"):
        numbers = numbers / minor_per_major
    elif (stored, field.type) == ("number", "money"):
        numbers = np.rint(numbers * minor_per_major)
    return Column(numbers.astype(_VALUES[field.type]), known)


def placed(column: Column, owners: Integers, count: int) -> Column:
    """A column of rows as one of customers, unknown where nobody's row it is; mirrors ``decoding._placed``."""
    there = owners >= 0
    known = np.zeros(count, dtype=np.bool_)
    known[owners[there]] = True if column.known is None else column.known[there]
    values = np.zeros(count, dtype=column.values.dtype)
    values[owners[there]] = column.values[there]
    if isinstance(column.members, Members):
        whose = owners[column.members.owners]
        kept = whose >= 0
        members = Members(column.words, whose[kept], column.members.codes[kept], count)
        return Column(values, known, column.words, members)
    return Column(values, known, column.words)


def aggregate_column(
    rows: KindRows, column: str, field: Field, owners: Integers, count: int, minor_per_major: int
) -> Column:
    """One value an owner over many rows; mirrors ``facts.aggregate_facts``."""
    stored = rows.types.get(column)
    if stored is None:
        return unknown_column(field.type, count)
    values = rows.table[column]
    chosen = owners >= 0
    if field.months is not None and rows.latest_month is not None:
        chosen = chosen & (
            rows.table["month"].to_numpy(zero_copy_only=False) > rows.latest_month - field.months
        )
    present = _present(values)
    if field.aggregate == "count":
        rows_of = np.bincount(owners[chosen & present], minlength=count)
        return Column(rows_of.astype(_VALUES.get(field.type, np.float64)))
    if not fits(stored, field.type):
        return unknown_column(field.type, count)
    order = order_of(rows)
    if stored not in NUMERIC:
        return _words_column(values, owners, chosen & present, order, field, count)
    numbers = numbers_of(values, stored)
    if field.aggregate == "any":
        true, unknown = any_masks(numbers, owners, chosen, present, count)
        return Column(true, true | ~unknown)
    kept = chosen & present
    numbers, owners, order = numbers[kept], owners[kept], order[kept]
    if has_months(rows) and stored in SUMMED:
        numbers, owners, order = summed_by_month(numbers, owners, order)
    reduced = reduced_by(field.aggregate, numbers, owners, order, count)
    return _number_column(reduced, stored, field, minor_per_major)


def _number_column(reduced: Floats, stored: str, field: Field, minor_per_major: int) -> Column:
    """Mirrors ``facts._as_facts``."""
    known: Mask = ~np.isnan(reduced)
    filled = np.where(known, reduced, 0.0)
    if field.type == "boolean":
        return Column(filled != 0, known)
    if (stored, field.type) == ("money", "number"):
        filled = filled * (1 / minor_per_major)
    elif (stored, field.type) == ("number", "money"):
        filled = filled * minor_per_major
    if field.type in ("money", "instant"):
        filled = np.rint(filled)
    return Column(filled.astype(_VALUES[field.type]), known)


def text_column(values: Any) -> Column:
    """Texts as codes into their words in order of code point."""
    codes, words = coded(values)
    return Column(np.maximum(codes, 0), codes >= 0, words)


def coded(values: Any) -> tuple[np.ndarray[Any, np.dtype[np.int32]], tuple[str, ...]]:
    """Codes of texts, −1 where there is none, and the words in order of code point."""
    encoded = whole(pc.dictionary_encode(values))
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    listed = encoded.dictionary.to_pylist()
    rank = np.empty(len(listed) + 1, dtype=np.int32)
    order = sorted(range(len(listed)), key=listed.__getitem__)
    rank[order] = np.arange(len(listed), dtype=np.int32)
    rank[-1] = -1
    indices = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False)
    return rank[indices], tuple(listed[place] for place in order)


def _texts(values: Any) -> Any:
    """Months are stored as numbers and read as texts."""
    if not pa.types.is_integer(values.type):
        return values
    different = pc.unique(values).drop_null()
    texts = pa.array([month_text(each) for each in different.to_pylist()], pa.string())
    return texts.take(pc.index_in(values, value_set=different))


def _words_column(
    values: Any, owners: Integers, kept: Mask, order: Integers, field: Field, count: int
) -> Column:
    """Texts and lists of many rows; mirrors ``facts._one_of``."""
    if field.type == "list":
        if field.aggregate == "latest":
            kept = _latest_only(owners, kept, order, count)
        return _list_column(values, owners, kept, count)
    if field.aggregate not in ("latest", "min", "max"):
        return unknown_column(field.type, count)
    codes, words = coded(_texts(values))
    if field.aggregate == "latest":
        kept = _latest_only(owners, kept, order, count)
    found = np.full(count, -1, dtype=np.int32)
    if field.aggregate == "min":
        found[:] = len(words)
        np.minimum.at(found, owners[kept], codes[kept])
        found[found == len(words)] = -1
    else:
        np.maximum.at(found, owners[kept], codes[kept])
    return Column(np.maximum(found, 0), found >= 0, words)


def _latest_only(owners: Integers, kept: Mask, order: Integers, count: int) -> Mask:
    """One row an owner: the first of those that come last."""
    places = np.flatnonzero(kept)
    sequence = places[np.lexsort((-places, order[places], owners[places]))]
    chosen = np.full(count, -1, dtype=np.int64)
    chosen[owners[sequence]] = sequence  # of repeated places numpy keeps the last written
    found = np.zeros(len(kept), dtype=np.bool_)
    found[chosen[chosen >= 0]] = True
    return found


def _list_column(values: Any, owners: Integers, kept: Mask, count: int) -> Column:
    """The distinct entries of the kept rows of each owner; unknown where an owner has no such row."""
    kept = kept & _present(values)
    known = np.zeros(count, dtype=np.bool_)
    known[owners[kept]] = True
    rows = whole(pc.filter(values, pa.array(kept)))
    if pa.types.is_list(rows.type) or pa.types.is_large_list(rows.type):
        lengths = pc.list_value_length(rows).to_numpy(zero_copy_only=False)
        codes, words = coded(pc.list_flatten(rows))
        whose = np.repeat(owners[kept], lengths)
    else:
        codes, words = coded(_texts(rows))
        whose = owners[kept]
    return list_column(codes.astype(np.int64), words, whose, known)


def list_column(codes: Integers, words: Sequence[str], owners: Integers, known: Mask) -> Column:
    """A list column of pairs (word, owner); a pair that stands twice counts once."""
    count = len(known)
    pairs = np.unique(codes * np.int64(count or 1) + owners)
    codes, owners = pairs // (count or 1), pairs % (count or 1)
    sizes = np.bincount(owners, minlength=count).astype(np.int32)
    return Column(sizes, known, tuple(words), Members(words, owners, codes, count))


def _present(values: Any) -> Mask:
    found: Mask = ~values.is_null().to_numpy(zero_copy_only=False)
    return found


def columns_of_kind(
    rows: KindRows, fields: Iterable[Field], owners: Integers | None, count: int, minor_per_major: int
) -> dict[str, Column]:
    """The columns of fields that come from one kind; ``owners`` says whose each row is, None for customers' own rows."""
    found = {}
    for field in fields:
        kind, _, column = field.source.partition(".")
        if owners is None:
            found[field.name] = own_column(rows, column, field, minor_per_major)
        elif kind == "scores":
            found[field.name] = placed(own_column(rows, column, field, minor_per_major), owners, count)
        else:
            found[field.name] = aggregate_column(rows, column, field, owners, count, minor_per_major)
    return found
