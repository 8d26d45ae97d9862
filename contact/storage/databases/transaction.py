"""A unit of work's view of its transaction: named statements, rows as dicts, and the store's instant."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from contact.domain.acts import Act
from contact.domain.halt import NOTHING, Halted
from contact.storage.databases.named_sql import Dialect, statements
from contact.storage.databases.opt_out_journal import Entry
from strategies.instants import Instant

Row = dict[str, Any]
Unchanged = dict[tuple[Any, ...], Sequence[Row]]
"""Statement and parameters → rows."""
ROWS_AT_ONCE = 500
"""Of a statement that is read column by column."""


class Cursor(Protocol):
    """What both drivers' cursors have in common."""

    rowcount: int

    def fetchall(self) -> Sequence[Any]: ...


class Connection(Protocol):
    """What both drivers' connections have in common; rows come as dicts."""

    def execute(self, query: Any, parameters: Any = ..., /) -> Any: ...
    def cursor(self) -> Any: ...


def _halts(told: str) -> Halted:
    pairs = (each.partition(" ") for each in told.split("|"))
    return frozenset((kind, key) for kind, _, key in pairs)


def _tuples(cursor: Any) -> Any:
    """psycopg's maker of rows that are tuples; the driver is loaded by whoever connects."""
    return tuple


class Transaction:
    """One unit of work inside a transaction that may be shared with others (group commit)."""

    def __init__(self, connection: Connection, dialect: Dialect, unchanged: Unchanged | None = None) -> None:
        """``unchanged``: rows this connection read before, where it can tell that nobody committed anything since."""
        self.connection = connection
        self.dialect = dialect
        self._unchanged = unchanged
        self.acts: list[tuple[Act, Instant]] = []
        """What this unit leaves in the audit trail (``audit.record_in``), appended just before the commit."""
        self.journal: list[Entry] = []
        """Consents this unit recorded, which are synced to the journal just before the commit."""
        self._now: Instant | None = None
        self._halted: Halted = NOTHING
        self._statements = statements(dialect)

    def rows(self, name: str, /, **parameters: Any) -> list[Row]:
        """All rows of a named statement."""
        text, bound = self._statements[name].bind(parameters)
        rows: list[Row] = self.connection.execute(text, bound).fetchall()
        return rows

    def standing(self, name: str, /, **parameters: Any) -> Sequence[Row]:
        """``rows`` of what many ask and few change: those of before while nothing was committed, for nobody to alter."""
        if self._unchanged is None:
            return self.rows(name, **parameters)
        key = (name, *parameters.values())
        found = self._unchanged.get(key)
        if found is None:
            found = self._unchanged[key] = self.rows(name, **parameters)
        return found

    def columns(self, name: str, /, **parameters: Any) -> Mapping[str, Sequence[Any]]:
        """The same column by column, without a dict for each row: for statements that read many.

        Some rows at a time: of many tuples that stay, the collector of garbage looks through every one, again and again.
        """
        text, bound = self._statements[name].bind(parameters)
        cursor = self.connection.cursor()
        cursor.row_factory = _tuples if self.dialect == "postgresql" else None
        cursor.execute(text, bound)
        found: dict[str, list[Any]] = {column[0]: [] for column in cursor.description}
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for column, values in zip(found.values(), zip(*rows, strict=True), strict=True):
                column += values
        return found

    def row(self, name: str, /, **parameters: Any) -> Row | None:
        """The first row, or None."""
        rows = self.rows(name, **parameters)
        return rows[0] if rows else None

    def run(self, name: str, /, **parameters: Any) -> int:
        """Rows touched by a named statement that returns none."""
        text, bound = self._statements[name].bind(parameters)
        touched: int = self.connection.execute(text, bound).rowcount
        return touched

    def many(self, name: str, parameters: Iterable[Mapping[str, Any]]) -> None:
        """The same statement for many parameter sets; lists are not spread here."""
        text, _ = self._statements[name].bind({})
        self.connection.cursor().executemany(text, list(parameters))

    def put(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """The rows of a named INSERT of plain values, all at once: copied in where the database can."""
        if not rows:
            return
        text, in_order = self._statements[name].put()
        if self.dialect == "postgresql":
            with self.connection.cursor().copy(text) as copy:
                for row in rows:
                    copy.write_row(in_order(row))
        else:
            self.connection.cursor().executemany(text, map(in_order, rows))

    def batch(self, values: Iterable[str]) -> str:
        """Many texts as one parameter, for ``json_array_elements_text(:x)`` and ``json_each(:x)``.

        A list of psycopg's is looked through text by text, several times.
        """
        return json.dumps(list(values))

    def now(self) -> Instant:
        """The store's instant, read once for the unit, after its locks were taken."""
        if self._now is None:
            row = self.standing("read_clock")[0]
            if row["halted"]:
                self._halted = _halts(row["halted"])
            if self.dialect == "postgresql":
                self._now = Instant(row["now_us"])
            else:
                self._now = Instant(max(time.time_ns() // 1000 + row["offset_us"], row["last_us"]))
        return self._now

    def halted(self) -> Halted:
        """What is halted at that instant."""
        self.now()
        return self._halted

    @property
    def used_now(self) -> Instant | None:
        """The instant, if this unit asked for it."""
        return self._now
