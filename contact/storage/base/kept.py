"""Contacts and consents as SQL gave them, in columns, and as files beside the generations.

A process reads the file and then only what is newer, whatever the generation: customers, accounts and numbers stand here by
their keys, numbers as hashes only. A file is taken only if what it was read from is still there: marks of the last rows
read must be the same. One that is missing, broken or of another store is left aside and written anew.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from contact.storage.databases.rows import MOMENTS
from contact.storage.generations.arrow import compute as pc
from contact.storage.generations.arrow import whole
from strategies.judging.people import Texts
from strategies.profile import NEVER_COUNTED_STATES

_FORM = 1
"""Of the files; another number makes all of them anew."""
TEXTS = ("channel", "category", "direction", "strategy", "offer", "family", "state", "result")
INSTANTS = ("planned_us", "receipt_until_us", *(f"{name}_us" for name in MOMENTS))
KEYS = {"account": "account_id", "household": "household_id", "device": "device_id", "number": "number_hash"}
_TEXT, _WHEN = pa.dictionary(pa.int32(), pa.string()), pa.int64()
CONTACTS = pa.schema(
    [("seq", _WHEN), ("customer_id", _TEXT), *((name, _TEXT) for name in (*KEYS.values(), *TEXTS)),
     *((name, _WHEN) for name in INSTANTS), ("promotional", pa.bool_()), ("final", pa.bool_())]
)  # fmt: skip
CONSENTS = pa.schema(
    [("seq", _WHEN), ("customer_id", _TEXT), ("number_hash", _TEXT), ("channel", _TEXT), ("category", _TEXT),
     ("at_us", _WHEN), ("until_us", _WHEN), ("given", pa.bool_())]
)  # fmt: skip
EVENTS = pa.schema([("type", _TEXT), ("at_us", _WHEN)])

Read = Mapping[str, Sequence[Any]]
"""Columns as SQL gave them."""
State = dict[str, Any]
"""How far a table was read, as JSON."""


class KeptFiles:
    """The folder of kept tables."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, name: str, schema: pa.Schema) -> tuple[pa.Table, State] | None:
        """The table and how far it was read; None where it has to be read anew."""
        try:
            with pa.memory_map(str(self.folder / f"{name}.arrow")) as file, pa.ipc.open_file(file) as reader:
                state: State = json.loads((reader.schema.metadata or {})[b"state"])
                table = reader.read_all().replace_schema_metadata(None)
        except (OSError, ValueError, KeyError, pa.ArrowInvalid):
            return None
        return (table, state) if state.pop("form", None) == _FORM and table.schema.equals(schema) else None

    def write(self, name: str, table: pa.Table, state: State) -> None:
        """Keep a table; where the disk is full it is read from SQL again next time."""
        draft = self.folder / f".{name}-{secrets.token_hex(4)}.arrow"
        said = {"state": json.dumps({"form": _FORM, **state})}
        table = table.unify_dictionaries().combine_chunks().replace_schema_metadata(said)
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with pa.ipc.new_file(str(draft), table.schema, options=options) as writer:
                writer.write_table(table)
            draft.rename(self.folder / f"{name}.arrow")
        except OSError:
            draft.unlink(missing_ok=True)


def table_of(rows: Read, schema: pa.Schema) -> pa.Table:
    """What SQL gave as a table, its texts by code."""
    if not len(rows[schema.names[0]]):
        return schema.empty_table()
    return pa.table([_array(rows[field.name], field.type) for field in schema], schema=schema)


def _array(values: Sequence[Any], kind: pa.DataType) -> Any:
    if kind == pa.bool_():
        return pa.array(np.array(values, dtype=np.bool_))
    if kind == _WHEN:
        return pa.array(values, _WHEN)
    return pc.dictionary_encode(pa.array(values, pa.string()))


def each_once(parts: Sequence[pa.Table]) -> pa.Table:
    """All parts as one in order of number, of each number what was read last."""
    filled = [part for part in parts if part.num_rows]
    table = filled[0] if len(filled) == 1 else pa.concat_tables(filled or parts[:1])
    table = table.unify_dictionaries().combine_chunks()
    numbers = whole(table["seq"]).to_numpy()
    if not np.any(numbers[1:] <= numbers[:-1]):
        return table
    _, last = np.unique(numbers[::-1], return_index=True)
    return table.take(len(numbers) - 1 - last)


def that_count(contacts: pa.Table) -> pa.Table:
    """Without the contacts that never count."""
    state = whole(contacts["state"])
    never = np.array([word in NEVER_COUNTED_STATES for word in state.dictionary.to_pylist()], dtype=np.bool_)
    return contacts.filter(pa.array(~never[state.indices.to_numpy()])) if never.any() else contacts


def within_reach(contacts: pa.Table, since: int) -> pa.Table:
    """Those that SQL would give of everything since an instant."""
    keep = pc.invert(contacts["final"])
    for name in ("planned_us", "attempt_us", "clicked_us", "accepted_us", "rejected_us"):
        keep = pc.or_(keep, pc.fill_null(pc.greater_equal(contacts[name], since), False))
    return contacts.filter(keep)


def texts_in(table: pa.Table, name: str) -> Texts:
    """A column of few texts, its words in order of code point."""
    codes, words = codes_in(table, name)
    listed = words.to_pylist()
    order = sorted(range(len(listed)), key=listed.__getitem__)
    rank = np.full(len(listed) + 1, -1, dtype=np.int32)
    rank[order] = np.arange(len(listed), dtype=np.int32)
    return Texts(rank[codes], tuple(listed[place] for place in order))


def codes_in(table: pa.Table, name: str) -> tuple[np.ndarray[Any, np.dtype[np.int32]], Any]:
    """A column's codes, −1 where there is none, and what each stands for (Arrow texts)."""
    column = whole(table[name])
    codes = pc.fill_null(column.indices, -1).to_numpy(zero_copy_only=False)
    return codes, column.dictionary


def instants_in(table: pa.Table, name: str, never: int) -> np.ndarray[Any, np.dtype[np.int64]]:
    """A column of instants, ``never`` where there is none."""
    found: np.ndarray[Any, np.dtype[np.int64]]
    found = pc.fill_null(whole(table[name]), never).to_numpy(zero_copy_only=False)
    return found


def flags_in(table: pa.Table, name: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """A column of truth values."""
    found: np.ndarray[Any, np.dtype[np.bool_]] = whole(table[name]).to_numpy(zero_copy_only=False)
    return found
