"""Built columns as files beside the generation, so that a first count after a restart has nothing to build.

A file is named by all that its column depends on: the files of its kinds, the field's declaration and the currency.
Nothing else refers to it: one that is missing or broken is built again.
"""

from __future__ import annotations

import json
import secrets
import time
import zipfile
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path

import numpy as np

from contact.storage.base.columns import Members
from contact.storage.generations.files import Generation
from strategies.conditions.columns import Column
from strategies.declared.playbook import Field

_FORM = 1
"""Of the files; another number makes all of them anew."""
_UNUSED_FOR_SECONDS = 3600.0


class ColumnFiles:
    """The folder of built columns."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, key: str, count: int) -> Column | None:
        """The column of a key, None where it has to be built."""
        path = self.folder / f"{key}.npz"
        try:
            with np.load(path, allow_pickle=False) as held:
                return _column({name: held[name] for name in held.files}, count)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            return None

    def write(self, key: str, column: Column) -> None:
        """Keep a built column; where the disk is full it is built again next time."""
        draft = self.folder / f".{key}-{secrets.token_hex(4)}.npz"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as file:
                np.savez(file, **_arrays(column))  # type: ignore[arg-type]
            draft.rename(self.folder / f"{key}.npz")
        except OSError:
            draft.unlink(missing_ok=True)

    def remove_unused(self, used: Collection[str]) -> None:
        """Delete what is of no use to the generation in force and has not been written for an hour."""
        for path in self.folder.glob("*.npz"):
            if path.stem not in used and time.time() - path.stat().st_mtime > _UNUSED_FOR_SECONDS:
                path.unlink(missing_ok=True)


def key_of(generation: Generation, field: Field, minor_per_major: int) -> str:
    """What a field's column depends on, as the name of its file."""
    kind = field.source.partition(".")[0]
    parts = [
        _FORM, generation.files.get("customers"), generation.files.get(kind), field.source, field.type,
        field.aggregate, field.months, minor_per_major,
    ]  # fmt: skip
    return sha256(json.dumps(parts).encode()).hexdigest()[:40]


def _arrays(column: Column) -> dict[str, np.ndarray]:
    found = {
        "values": column.values,
        "words": np.frombuffer(json.dumps(column.words, ensure_ascii=False).encode(), dtype=np.uint8),
    }
    if column.known is not None:
        found["known"] = np.packbits(column.known)
    if isinstance(column.members, Members):
        found["owners"], found["codes"] = column.members.owners, column.members.codes
    return found


def _column(held: dict[str, np.ndarray], count: int) -> Column:
    words = tuple(json.loads(held["words"].tobytes().decode()))
    values = held["values"]
    if len(values) != count:
        raise ValueError("a column of other customers")
    known = None
    if "known" in held:
        known = np.unpackbits(held["known"], count=count).astype(np.bool_)
    if "owners" in held:
        return Column(values, known, words, Members(words, held["owners"], held["codes"], count))
    return Column(values, known, words)
