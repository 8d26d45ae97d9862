"""A usage file of single events: which column says when, and how events become a month's counters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from contact.storage.imports.kinds import Kind, Known
from contact.storage.imports.mapping_columns import ColumnReader
from contact.storage.imports.values import Column
from strategies.problems import Hint, Where
from strategies.texts.source import Node

EVENT_KEYS = ("at",)
COUNTER_KEYS = ("sum", "count", "round_up", "divide_by", "only")
_EVENTS = Kind(
    "events of usage",
    {"line": Known(("id",), required=True), "id": Known(("id",)), "number": Known(("phone",))},
    key=("id",),
    in_generation=True,
    open_columns=False,
)
_AT = Kind("events", {"at": Known(("date", "instant"), required=True)}, key=(), in_generation=True)
_TAKEN = ("line", "month", "customer", "id", "number")


@dataclass(frozen=True, slots=True)
class EventCounter:
    """One counter of a month, made of the events of a line: their number, or the sum of one of their columns."""

    name: str
    place: Where
    sum: str | None = None
    """The column of the checked table that holds each event's quantity; None counts events."""
    divide_by: Decimal | None = None
    only: tuple[tuple[str, frozenset[str]], ...] = ()
    """Columns of the checked table and the words one of which an event must have there."""


class EventReader(ColumnReader):
    """Reads ``events``, ``columns`` and ``counters`` of a mapping for a file of events."""

    def events(
        self, top: Mapping[str, Node], root: Node, kind: Kind | None, mode: str
    ) -> tuple[tuple[Column, ...], tuple[EventCounter, ...]]:
        """The columns to read and the counters they become."""
        for key, other in (("events", "counters"), ("counters", "events")):
            if key not in top:
                message = f"'{other}' without '{key}'; a file of events needs both"
                self.problem("key.missing", message, top[other].where, Hint("events: {at: THEIR_COLUMN}"))
        if kind is not None and kind.name != "usage":
            self.problem(
                "key.conflict", f"{kind.name} are not made of events", root.where, Hint("write kind: usage")
            )
        if mode == "snapshot":
            message = "a file of events never replaces all usage, only its counters in the months it covers"
            self.problem("key.conflict", message, top["mode"].where, Hint("write mode: upsert"))
        columns = list(self.columns(top.get("columns"), root, _EVENTS))
        if "events" in top:
            columns += self.at(top["events"])
        if "counters" in top:
            read, counters = self.counters(top["counters"])
            return (*columns, *read), counters
        return tuple(columns), ()

    def at(self, node: Node) -> list[Column]:
        """The column ``month``, read from the day or instant of an event."""
        entry = self.keys(node, EVENT_KEYS, "events").get("at")
        if entry is None:
            if node.mapping is not None and not node.mapping:
                self.problem("key.missing", "events do not say 'at'", node.where, Hint("at: THEIR_COLUMN"))
            return []
        column = self.column("at", entry, entry.where, _AT)
        if column is None:
            return []
        if column.hash_of is not None:
            self.problem(
                "key.conflict", "when an event was is no hash", entry.where, Hint("write at: {from: …}")
            )
        if column.type == "instant" and column.zone is None:
            message = "an instant needs its 'zone': it says in which month an event of the last night was"
            self.problem("key.missing", message, entry.where, Hint("zone: Asia/Shanghai"))
        return [replace(column, name="month", type="event_month")]

    def counters(self, node: Node) -> tuple[list[Column], tuple[EventCounter, ...]]:
        """The counters, and the columns they need besides."""
        if not node.mapping:
            hint = Hint("as calls: {count: true}")
            self.problem("value.type", "counters must be a mapping of our names", node.where, hint)
            return [], ()
        columns, found = dict[str, Column](), list[EventCounter]()
        for name, entry in node.mapping.items():
            counter = self.counter(name, entry, node.keys.get(name, entry.where), columns)
            if counter is not None:
                found.append(counter)
        return list(columns.values()), tuple(found)

    def counter(self, name: str, node: Node, where: Where, columns: dict[str, Column]) -> EventCounter | None:
        if not self.named(name, where):
            return None
        if name in _TAKEN:
            self.problem(
                "value.name", f"'{name}' has a meaning of its own", where, Hint("choose another name")
            )
            return None
        before = len(self.problems)
        entry = self.keys(node, COUNTER_KEYS, f"counter '{name}'")
        if len(self.problems) > before:
            return None
        self.check_origin(name, entry, where)
        step, divisor = self.positive(entry.get("round_up")), self.positive(entry.get("divide_by"))
        source = self.text(entry.get("sum"))
        if source is not None:
            columns[name] = Column(name, "quantity", entry["sum"].where, source=source, step=step)
        only = self.only(entry.get("only"), columns)
        return EventCounter(name, where, None if source is None else name, divisor, only)

    def check_origin(self, name: str, entry: Mapping[str, Node], where: Where) -> None:
        """A counter sums a column or counts events, and only sums are rounded and divided."""
        if ("sum" in entry) == ("count" in entry):
            message = f"counter '{name}' needs exactly one of sum, count"
            self.problem("key.conflict", message, where, Hint("as {sum: duration}, or {count: true}"))
        if "count" in entry and entry["count"].value is not True:
            self.problem(
                "value.type", "only true can be said here", entry["count"].where, Hint("count: true")
            )
        for key in ("round_up", "divide_by"):
            if key in entry and "count" in entry and "sum" not in entry:
                self.problem("key.conflict", f"'{key}' means nothing without 'sum'", entry[key].where)

    def positive(self, node: Node | None) -> Decimal | None:
        """A number above zero with at most six decimals."""
        if node is None:
            return None
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            self.problem("value.type", "a number is needed here", node.where, Hint("for example 60"))
            return None
        number = Decimal(value)
        if not 0 < number <= 10**12 or number != round(number, 6):
            message = "a number above 0 with at most six decimals is needed here"
            self.problem("value.range", message, node.where, Hint("for example 60"))
            return None
        return number

    def only(self, node: Node | None, columns: dict[str, Column]) -> tuple[tuple[str, frozenset[str]], ...]:
        """The words an event must have in columns of theirs."""
        if node is None:
            return ()
        if not node.mapping:
            hint = Hint("as {network: [own, partner]}")
            self.problem("value.type", "only must be a mapping of their columns to words", node.where, hint)
            return ()
        found = []
        for source, entry in node.mapping.items():
            words = [entry] if entry.sequence is None else list(entry.sequence)
            texts = frozenset(text for word in words if (text := self.text(word)) is not None)
            if not words:
                self.problem("value.empty", "no word is listed", entry.where, Hint("leave 'only' out"))
            name = f"only {source}"
            columns.setdefault(name, Column(name, "text", entry.where, source=source))
            found.append((name, texts))
        return tuple(found)
