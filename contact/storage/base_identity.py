"""Who the customers of a generation are, by number: ids, hashes, zones, units, and who shares accounts and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from contact.storage.arrow import compute as pc
from contact.storage.arrow import whole
from contact.storage.base_columns import coded
from contact.storage.generations import CUSTOMER, Generation, Generations
from strategies.people import NOT_HERE, Codes, Texts

_KEYS = {"account": "account", "household": "household", "device": "device", "number": "number_hash"}
_TEXTS = ("zone", "unit", "jurisdiction", "language")


@dataclass(frozen=True, slots=True)
class Identity:
    """The customers of one generation, in order of bucket and id."""

    ids: Any
    """Arrow texts."""
    hashes: np.ndarray[Any, np.dtype[np.uint64]]
    texts: Mapping[str, Texts]
    """zone, unit, jurisdiction, language."""
    subjects: Mapping[str, Codes]
    words: Mapping[str, Any]
    """Kind of subject → Arrow texts: the key of each code."""
    numbers_owner: Codes
    numbers: Codes

    @property
    def count(self) -> int:
        return len(self.ids)

    def places(self, customers: Any) -> Codes:
        """The number of each customer id (Arrow texts), −1 of those who are not here."""
        return np.maximum(places_among(self.ids, customers), -1)

    def codes(self, kind: str, keys: Any) -> Codes:
        """The code of each key of a kind of subject; −1 for NULL, ``NOT_HERE`` for one nobody here has."""
        return places_among(self.words[kind], keys)


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


def read_identity(generations: Generations, generation: Generation) -> Identity:
    """The identities of a generation; nobody before the first import."""
    name = generation.files.get("customers")
    if name is None:
        return _nobody()
    wanted = (CUSTOMER, "customer_hash", *_KEYS.values(), *_TEXTS)
    there = [each for each in wanted if each in generations.file(name).schema.names]
    table = generations.whole(name, there).combine_chunks()
    ids = whole(table[CUSTOMER])
    lines = _lines(generations, generation)
    columns = {
        kind: whole(table[key]) if key in there else pa.nulls(len(ids), pa.string())
        for kind, key in _KEYS.items()
    }
    columns["account"] = pc.if_else(
        pc.equal(pc.coalesce(columns["account"], ""), ""), ids, columns["account"]
    )
    subjects, words = dict[str, Codes](), dict[str, Any]()
    owners_of_lines = np.maximum(places_among(ids, lines[CUSTOMER]), -1)
    for kind, column in columns.items():
        joined = pa.concat_arrays([column, lines["number_hash"]]) if kind == "number" else column
        encoded = pc.dictionary_encode(joined)
        codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)
        subjects[kind], words[kind] = codes[: len(ids)], encoded.dictionary
        if kind == "number":
            owner, numbers = _held(codes, owners_of_lines, len(ids))
    texts = {
        each: _as_texts(table[each]) if each in there else Texts(np.full(len(ids), -1, dtype=np.int32), ())
        for each in _TEXTS
    }
    hashes = (
        np.asarray(table["customer_hash"].to_numpy(zero_copy_only=False)).astype(np.int64).view(np.uint64)
    )
    return Identity(ids, hashes, texts, subjects, words, owner, numbers)


def _as_texts(values: Any) -> Texts:
    codes, words = coded(values)
    return Texts(codes, words)


def _held(codes: Codes, owners_of_lines: Codes, count: int) -> tuple[Codes, Codes]:
    """Every number of each customer once: the own one and those of the lines."""
    owners = np.concatenate([np.arange(count, dtype=np.int32), owners_of_lines])
    there = (codes >= 0) & (owners >= 0)
    pairs = np.unique(owners[there].astype(np.int64) << 32 | codes[there])
    return (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)


def _lines(generations: Generations, generation: Generation) -> Mapping[str, Any]:
    name = generation.files.get("lines")
    if name is None:
        return {CUSTOMER: pa.nulls(0, pa.string()), "number_hash": pa.nulls(0, pa.string())}
    table = generations.whole(name, (CUSTOMER, "number_hash")).combine_chunks()
    return {each: whole(table[each]) for each in (CUSTOMER, "number_hash")}


def _nobody() -> Identity:
    none = np.zeros(0, dtype=np.int32)
    empty = pa.nulls(0, pa.string())
    return Identity(
        empty, np.zeros(0, dtype=np.uint64), {each: Texts(none, ()) for each in _TEXTS},
        dict.fromkeys(_KEYS, none), dict.fromkeys(_KEYS, empty), none, none,
    )  # fmt: skip
