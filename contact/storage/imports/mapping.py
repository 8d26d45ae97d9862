"""A mapping says which of an operator's columns is which of ours; read strictly, all problems at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, cast

from contact.storage.imports.kinds import KINDS, Kind, ValueType
from contact.storage.imports.mapping_events import EventCounter, EventReader
from contact.storage.imports.mapping_nodes import suggestion
from contact.storage.imports.values import Column
from strategies.problems import Hint, ProblemsFound, Where
from strategies.texts.source import Node, read_yaml

Mode = Literal["snapshot", "upsert"]
ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16", "gb18030": "gb18030", "gbk": "gbk", "latin-1": "latin-1"}
TOP_KEYS = ("kind", "mode", "format", "max_faulty", "max_shrink", "events", "columns", "counters")
_FORMAT = ("delimiter", "encoding", "sheet")


@dataclass(frozen=True, slots=True)
class FileMapping:
    """One mapping file, checked."""

    kind: Kind
    mode: Mode
    columns: tuple[Column, ...]
    path: str
    delimiter: str = ","
    encoding: str = "utf-8"
    sheet: str | None = None
    max_faulty: Decimal = Decimal(1)
    """Percent of rows that may be set aside."""
    max_shrink: Decimal = Decimal(5)
    """Percent by which a snapshot may be smaller than what it replaces."""
    place: Where = field(default=Where(""))
    counters: tuple[EventCounter, ...] = ()
    """What the events of a file of events become; ``columns`` are then those of an event."""

    @property
    def key(self) -> tuple[str, ...]:
        """The mapped columns that make a row unique; an event may have an ``id``."""
        names = ("id",) if self.counters else self.kind.key
        return tuple(name for name in names if self.column(name) is not None)

    def stored(self) -> dict[str, tuple[ValueType, Where]]:
        """The columns that the file brings: their type, and where the mapping says so."""
        columns = {column.name: (column.type, column.place) for column in self.columns}
        if not self.counters:
            return columns
        counted: dict[str, tuple[ValueType, Where]] = {
            counter.name: ("number", counter.place) for counter in self.counters
        }
        return {"line": columns["line"], "month": ("month", columns["month"][1]), **counted}

    def column(self, name: str) -> Column | None:
        """Our column of that name, None where it is not mapped."""
        return next((column for column in self.columns if column.name == name), None)


def read_mapping(text: str, path: str) -> FileMapping:
    """The mapping written in ``text``. Raises ``ProblemsFound`` with everything that is wrong with it."""
    return _MappingReader(path).mapping(read_yaml(text, path))


class _MappingReader(EventReader):
    """Walks the tree once and collects problems; what is faulty is left out of the result, which is then not given."""

    def mapping(self, root: Node) -> FileMapping:
        top = self.keys(root, TOP_KEYS, "the mapping")
        kind = self.kind(top.get("kind"), root)
        mode = self.mode(top.get("mode"), root, kind)
        shape = self.keys(top["format"], _FORMAT, "format") if "format" in top else {}
        counters: tuple[EventCounter, ...] = ()
        if "events" in top or "counters" in top:
            columns, counters = self.events(top, root, kind, mode)
        else:
            columns = self.columns(top.get("columns"), root, kind)
        result = FileMapping(
            kind=kind or KINDS["customers"],
            mode=mode,
            columns=columns,
            path=self.path,
            delimiter=self.delimiter(shape.get("delimiter")),
            encoding=self.encoding(shape.get("encoding")),
            sheet=self.text(shape.get("sheet")),
            max_faulty=self.percent(top.get("max_faulty"), Decimal(1)),
            max_shrink=self.percent(top.get("max_shrink"), Decimal(5)),
            place=root.where,
            counters=counters,
        )
        if self.problems:
            raise ProblemsFound(self.problems)
        return result

    def kind(self, node: Node | None, root: Node) -> Kind | None:
        if node is None:
            self.problem(
                "key.missing",
                "the mapping does not say its 'kind'",
                root.where,
                Hint("one of %(names)s", names=", ".join(KINDS)),
            )
            return None
        name = self.text(node)
        if name is not None and name not in KINDS:
            self.problem("value.choice", f"there is no kind '{name}'", node.where, suggestion(name, KINDS))
        return KINDS.get(name or "")

    def mode(self, node: Node | None, root: Node, kind: Kind | None) -> Mode:
        hint = Hint("snapshot: the file is everything there is; upsert: it adds and changes rows")
        if node is None:
            self.problem("key.missing", "the mapping does not say its 'mode'", root.where, hint)
            return "upsert"
        mode = self.text(node)
        if mode is not None and mode not in ("snapshot", "upsert"):
            self.problem("value.choice", f"there is no mode '{mode}'", node.where, hint)
        elif mode is not None and kind is not None and mode not in kind.modes:
            message = f"{kind.name} are records that only grow; a file never replaces them"
            self.problem("value.choice", message, node.where, Hint("write mode: upsert"))
        return cast(Mode, mode)

    def delimiter(self, node: Node | None) -> str:
        text = self.text(node)
        if text is None:
            return ","
        if text == "tab":
            return "\t"
        if len(text) != 1 or text in "\"\r\n'" or text.isalnum():
            assert node is not None
            self.problem(
                "value.choice",
                "a delimiter is one character",
                node.where,
                Hint('for example ",", ";", "|" or tab'),
            )
            return ","
        return text

    def encoding(self, node: Node | None) -> str:
        text = self.text(node)
        if text is None:
            return "utf-8"
        if text.lower() not in ENCODINGS:
            assert node is not None
            self.problem(
                "value.choice", f"no encoding '{text}' is read", node.where, suggestion(text, ENCODINGS)
            )
        return ENCODINGS.get(text.lower(), "utf-8")

    def percent(self, node: Node | None, default: Decimal) -> Decimal:
        if node is None:
            return default
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= 100:
            self.problem(
                "value.percent",
                "a percentage between 0 and 100 is needed here",
                node.where,
                Hint("write 1 for 1 %"),
            )
            return default
        return Decimal(value)
