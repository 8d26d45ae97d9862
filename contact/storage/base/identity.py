"""Who the customers of a generation are, by number: ids, hashes, zones, units, and who shares accounts and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from contact.storage.base.columns import coded
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.arrow import whole
from contact.storage.generations.files import CUSTOMER, Generation, Generations
from strategies.judging.people import NOT_HERE, Codes, Texts

_KEYS = {"account": "account", "household": "household", "device": "device", "number": "number_hash"}
_TEXTS = ("zone", "unit", "jurisdiction", "language")


class Identity:
    """The customers of one generation, in order of bucket and id; each part is read when it is first asked for."""

    def __init__(self, generations: Generations, generation: Generation) -> None:
        self._generations, self._files = generations, generation.files

    @cached_property
    def count(self) -> int:
        name = self._files.get("customers")
        return 0 if name is None else self._generations.file(name).rows

    @cached_property
    def ids(self) -> Any:
        """Arrow texts."""
        return self._column(CUSTOMER)

    @cached_property
    def hashes(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        if not self.count:
            return np.zeros(0, dtype=np.uint64)
        values = self._column("customer_hash").to_numpy(zero_copy_only=False)
        return np.asarray(values).astype(np.int64).view(np.uint64)

    @cached_property
    def texts(self) -> Mapping[str, Texts]:
        """zone, unit, jurisdiction, language."""
        return {name: Texts(*coded(self._column(name))) for name in _TEXTS}

    @cached_property
    def _coded(self) -> Mapping[str, tuple[Codes, Any]]:
        """Kind of subject → the code of each customer (for numbers, then of each line), and the key of each code."""
        found = {}
        for kind, key in _KEYS.items():
            column = self._column(key)
            if kind == "account":
                column = pc.if_else(pc.equal(pc.coalesce(column, ""), ""), self.ids, column)
            elif kind == "number":
                column = pa.concat_arrays([column, self._lines["number_hash"]])
            encoded = pc.dictionary_encode(column)
            codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
            found[kind] = codes, encoded.dictionary
        return found

    @cached_property
    def subjects(self) -> Mapping[str, Codes]:
        return {kind: codes[: self.count] for kind, (codes, _) in self._coded.items()}

    @cached_property
    def words(self) -> Mapping[str, Any]:
        """Kind of subject → Arrow texts: the key of each code."""
        return {kind: words for kind, (_, words) in self._coded.items()}

    @cached_property
    def numbers(self) -> tuple[Codes, Codes]:
        """Every number of each customer once, the own one and those of the lines: whose, and its code."""
        owners_of_lines = np.maximum(places_among(self.ids, self._lines[CUSTOMER]), -1)
        return _held(self._coded["number"][0], owners_of_lines, self.count)

    def places(self, customers: Any) -> Codes:
        """The number of each customer id (Arrow texts), −1 of those who are not here."""
        return np.maximum(places_among(self.ids, customers), -1)

    def codes(self, kind: str, keys: Any) -> Codes:
        """The code of each key of a kind of subject; −1 for NULL, ``NOT_HERE`` for one nobody here has."""
        return places_among(self.words[kind], keys)

    def _column(self, name: str) -> Any:
        """A column of the customers' file, NULLs where it has none."""
        file = self._files.get("customers")
        if file is None or name not in self._generations.file(file).schema.names:
            return pa.nulls(self.count, pa.string())
        return whole(self._generations.whole(file, (name,))[name])

    @cached_property
    def _lines(self) -> Mapping[str, Any]:
        file = self._files.get("lines")
        if file is None:
            return {CUSTOMER: pa.nulls(0, pa.string()), "number_hash": pa.nulls(0, pa.string())}
        table = self._generations.whole(file, (CUSTOMER, "number_hash")).combine_chunks()
        return {each: whole(table[each]) for each in (CUSTOMER, "number_hash")}


def places_among(words: Any, keys: Any) -> Codes:
    """Where each key stands among different words; −1 for NULL, ``NOT_HERE`` for what is not among them."""
    if len(keys) * 4 < len(words):
        # few keys among many words: only the words that are asked for are worth a table
        places = np.flatnonzero(
            pc.is_in(words, value_set=pc.unique(keys).drop_null()).to_numpy(zero_copy_only=False)
        )
        near = whole(words.take(pa.array(places)))
        found = pc.index_in(keys, value_set=near)
        known = pc.fill_null(found, -1).to_numpy(zero_copy_only=False)
        codes = np.append(places, NOT_HERE)[known]
    else:
        codes = (
            pc.fill_null(pc.index_in(keys, value_set=words), NOT_HERE).to_numpy(zero_copy_only=False).copy()
        )
    codes[keys.is_null().to_numpy(zero_copy_only=False)] = -1
    among: Codes = codes.astype(np.int32)
    return among


def _held(codes: Codes, owners_of_lines: Codes, count: int) -> tuple[Codes, Codes]:
    """Every number of each customer once: the own one and those of the lines."""
    owners = np.concatenate([np.arange(count, dtype=np.int32), owners_of_lines])
    there = (codes >= 0) & (owners >= 0)
    pairs = np.sort(owners[there].astype(np.int64) << 32 | codes[there])
    pairs = pairs[np.concatenate([[True], pairs[1:] != pairs[:-1]])[: len(pairs)]]
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
