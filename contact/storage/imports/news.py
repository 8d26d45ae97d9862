"""The people and lines of whom a file tells something new: a nightly file must not write everybody while opt-outs wait.

They are sought before the write. Between the two, what is on file changes by an import, which the pointer of generations
shows, or goes: by an erasure or a merger, after which nobody of that id is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from contact.faults import SealBroken
from contact.storage.databases.database import Database
from contact.storage.keys.sealing import NAME, NUMBER, Sealer, of_customer, of_line

Parameters = dict[str, Any]
PAGE = 2_000
"""Rows on file that are read at once."""
_OF_CUSTOMERS = (
    "bucket",
    "account_id",
    "household_id",
    "device_id",
    "number_hash",
    "language",
    "zone",
    "unit",
)
_OF_LINES = ("customer_id", "number_hash")


class News:
    """Looks up what is on file, a page a snapshot; for a thread, outside of the writer's turn."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database, self._sealer = database, sealer

    def of_customers(self, told: Iterator[Parameters]) -> Iterator[Parameters]:
        """Rows of the identity table to be written, name and number sealed."""
        for row, known in self._beside("standing_identities", "customer_id", told):
            record = of_customer(row["customer_id"])
            same = (
                _same(row, known, (*_OF_CUSTOMERS, *(["manager"] if row["has_manager"] else [])))
                and (not row["has_name"] or self._says(record, NAME, known["name"], row["name"]))
                and (not row["has_number"] or self._says(record, NUMBER, known["number"], row["number"]))
            )
            if not same:
                name, number = self._sealer.seal(record, (row["name"], row["number"]))
                yield {**row, "name": name, "number": number}

    def of_lines(self, told: Iterator[Parameters]) -> Iterator[Parameters]:
        """Rows of the line_identity table to be written, the number sealed."""
        for row, known in self._beside("standing_lines", "line_id", told):
            record = of_line(row["line_id"])
            same = _same(row, known, _OF_LINES) and (
                not row["has_number"] or self._says(record, NUMBER, known["number"], row["number"])
            )
            if not same:
                yield {**row, "number": self._sealer.seal(record, (None, row["number"]))[NUMBER]}

    def _beside(
        self, standing: str, key: str, told: Iterator[Parameters]
    ) -> Iterator[tuple[Parameters, Mapping[str, Any]]]:
        """Each row with what is on file of it, with nothing where it is not there."""
        while page := list(islice(told, PAGE)):
            rows = self._rows(standing, [row[key] for row in page])
            known = {row[key]: row for row in rows}
            yield from ((row, known.get(row[key], {})) for row in page)

    def _rows(self, standing: str, ids: Sequence[str]) -> list[Parameters]:
        return self._database.read_here(lambda tx: tx.rows(standing, ids=tx.batch(ids)))

    def _says(self, record: str, place: int, sealed: str | None, text: str | None) -> bool:
        if sealed is None or text is None:
            return sealed is text
        try:
            return self._sealer.unseal(record, place, sealed) == text
        except SealBroken:  # the file tells it again
            return False


def _same(row: Mapping[str, Any], known: Mapping[str, Any], columns: Sequence[str]) -> bool:
    return bool(known) and all(row[name] == known[name] for name in columns)
