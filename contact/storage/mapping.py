"""A mapping says which of an operator's columns is which of ours; read strictly, all problems at once."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, cast
from zoneinfo import available_timezones

from contact.storage.kinds import INTERNAL, KINDS, VALUE_TYPES, Kind, Known, ValueType
from contact.storage.phones import is_region
from contact.storage.values import Column, OddCell, ValueFault, reader_of
from strategies.problems import Problem, ProblemsFound, Where
from strategies.source import Node, read_yaml

Mode = Literal["snapshot", "upsert"]
ENCODINGS = {"utf-8": "utf-8", "utf-16": "utf-16", "gb18030": "gb18030", "gbk": "gbk", "latin-1": "latin-1"}
MINOR_FOR_CHECKS = 100

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
_TOP = ("kind", "mode", "format", "max_faulty", "max_shrink", "columns")
_FORMAT = ("delimiter", "encoding", "sheet")
_COLUMN = (
    "from", "value", "hash_of", "type", "empty", "required", "trim", "codes", "format", "zone", "region",
    "range", "unit", "separator", "round",
)  # fmt: skip
_ONLY_FOR: Mapping[str, tuple[ValueType, ...]] = {
    "region": ("phone",),
    "range": ("number", "money"),
    "unit": ("number",),
    "round": ("money",),
    "separator": ("list",),
    "format": ("date", "instant", "month"),
    "zone": ("instant",),
    "codes": ("text", "boolean", "number", "id"),
}


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

    def column(self, name: str) -> Column | None:
        """Our column of that name, None where it is not mapped."""
        return next((column for column in self.columns if column.name == name), None)


def read_mapping(text: str, path: str) -> FileMapping:
    """The mapping written in ``text``. Raises ``ProblemsFound`` with everything that is wrong with it."""
    return _MappingReader(path).mapping(read_yaml(text, path))


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the nearest known word, else the list of them."""
    words = list(known)
    close = difflib.get_close_matches(wrong, words, 1, 0.6)
    return f"did you mean '{close[0]}'?" if close else f"known: {', '.join(words)}"


class _MappingReader:
    """Walks the tree once and collects problems; what is faulty is left out of the result, which is then not given."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def problem(self, code: str, message: str, where: Where, hint: str = "") -> None:
        self.problems.append(Problem(code, message, where, hint))

    def mapping(self, root: Node) -> FileMapping:
        top = self.keys(root, _TOP, "the mapping")
        kind = self.kind(top.get("kind"), root)
        mode = self.mode(top.get("mode"), root, kind)
        shape = self.keys(top["format"], _FORMAT, "format") if "format" in top else {}
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
        )
        if self.problems:
            raise ProblemsFound(self.problems)
        return result

    def keys(self, node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
        """The entries of a mapping node whose keys are known."""
        if node.mapping is None:
            self.problem("value.type", f"{what} must be a mapping of keys to values", node.where)
            return {}
        for key in node.mapping:
            if key not in known:
                hint = "did you mean 'empty'?" if key in ("null", "nulls", "na") else suggestion(key, known)
                self.problem(
                    "key.unknown", f"{what} has no key '{key}'", node.keys.get(key, node.where), hint
                )
        return {key: entry for key, entry in node.mapping.items() if key in known}

    def kind(self, node: Node | None, root: Node) -> Kind | None:
        if node is None:
            self.problem(
                "key.missing", "the mapping does not say its 'kind'", root.where, f"one of {', '.join(KINDS)}"
            )
            return None
        name = self.text(node)
        if name is not None and name not in KINDS:
            self.problem("value.choice", f"there is no kind '{name}'", node.where, suggestion(name, KINDS))
        return KINDS.get(name or "")

    def mode(self, node: Node | None, root: Node, kind: Kind | None) -> Mode:
        hint = "snapshot: the file is everything there is; upsert: it adds and changes rows"
        if node is None:
            self.problem("key.missing", "the mapping does not say its 'mode'", root.where, hint)
            return "upsert"
        mode = self.text(node)
        if mode is not None and mode not in ("snapshot", "upsert"):
            self.problem("value.choice", f"there is no mode '{mode}'", node.where, hint)
        elif mode is not None and kind is not None and mode not in kind.modes:
            message = f"{kind.name} are records that only grow; a file never replaces them"
            self.problem("value.choice", message, node.where, "write mode: upsert")
        return cast(Mode, mode)

    def text(self, node: Node | None) -> str | None:
        if node is None:
            return None
        if not isinstance(node.value, str) or not node.value:
            self.problem(
                "value.type", "text is needed here", node.where, "write a word, in quotes where needed"
            )
            return None
        return node.value

    def flag(self, node: Node | None) -> bool:
        if node is not None and not isinstance(node.value, bool):
            self.problem("value.type", "true or false is needed here", node.where)
            return False
        return node is not None and bool(node.value)

    def delimiter(self, node: Node | None) -> str:
        text = self.text(node)
        if text is None:
            return ","
        if text == "tab":
            return "\t"
        if len(text) != 1 or text in "\"\r\n'" or text.isalnum():
            assert node is not None
            self.problem(
                "value.choice", "a delimiter is one character", node.where, 'for example ",", ";", "|" or tab'
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
                "write 1 for 1 %",
            )
            return default
        return Decimal(value)

    def columns(self, node: Node | None, root: Node, kind: Kind | None) -> tuple[Column, ...]:
        if node is None:
            self.problem(
                "key.missing",
                "the mapping has no 'columns'",
                root.where,
                "say which column of the file is ours",
            )
            return ()
        if not node.mapping:
            self.problem("value.type", "columns must be a mapping of our names to theirs", node.where)
            return ()
        found = {}
        for name, entry in node.mapping.items():
            column = self.column(name, entry, node.keys.get(name, entry.where), kind)
            if column is not None:
                found[name] = column
        if kind is not None:
            self.complete(kind, node)
        for column in found.values():
            self.hashed(column, found)
        return tuple(found.values())

    def complete(self, kind: Kind, node: Node) -> None:
        names = node.mapping or {}
        for name, known in kind.columns.items():
            if known.required and name not in names:
                self.problem("key.missing", f"{kind.name} need the column '{name}'", node.where)
        if kind.one_of and not any(name in names for name in kind.one_of):
            self.problem("key.missing", f"{kind.name} need {' or '.join(kind.one_of)}", node.where)

    def hashed(self, column: Column, found: Mapping[str, Column]) -> None:
        source = found.get(column.hash_of or "")
        if column.hash_of is not None and (source is None or source.type != "phone"):
            message = f"'{column.name}' is made from '{column.hash_of}', which is no mapped phone column"
            self.problem("reference.unknown", message, column.place)

    def column(self, name: str, node: Node, where: Where, kind: Kind | None) -> Column | None:
        known = kind.columns.get(name) if kind else None
        if kind is not None and known is None and not kind.open_columns:
            self.problem(
                "key.unknown", f"{kind.name} have no column '{name}'", where, suggestion(name, kind.columns)
            )
            return None
        if not _NAME.fullmatch(name) or name in INTERNAL:
            self.problem(
                "value.name",
                f"'{name}' cannot name a column",
                where,
                "a-z, 0-9 and _, beginning with a letter",
            )
            return None
        if isinstance(node.value, str):
            return Column(
                name, known.types[0] if known else "text", where, source=node.value, **_needs(known)
            )
        before = len(self.problems)
        column = self.described(name, self.keys(node, _COLUMN, f"column '{name}'"), known, where)
        return column if len(self.problems) == before else None

    def described(self, name: str, entry: dict[str, Node], known: Known | None, where: Where) -> Column:
        type_ = self.type(entry, known, name)
        for key, types in _ONLY_FOR.items():
            if key in entry and type_ not in types:
                self.problem("key.conflict", f"'{key}' means nothing for type {type_}", entry[key].where)
        origins = [key for key in ("from", "value", "hash_of") if key in entry]
        if len(origins) != 1:
            self.problem("key.conflict", f"column '{name}' needs exactly one of from, value, hash_of", where)
        low, high = self.range(entry.get("range"))
        column = Column(
            name, type_, where,
            source=self.text(entry.get("from")),
            hash_of=self.text(entry.get("hash_of")),
            null=self.empty(entry.get("empty")),
            trim=self.flag(entry.get("trim")),
            codes=self.codes(entry.get("codes"), type_),
            format=self.format(entry.get("format")),
            zone=self.chosen(entry.get("zone"), "value.zone", "time zone", available_timezones()),
            region=self.region(entry.get("region")),
            low=low, high=high,
            unit=self.text(entry.get("unit")),
            separator=self.text(entry.get("separator")) or ";",
            round=self.flag(entry.get("round")),
            required=self.flag(entry.get("required")) or bool(known and known.required),
        )  # fmt: skip
        return self.with_constant(column, entry.get("value"))

    def type(self, entry: dict[str, Node], known: Known | None, name: str) -> ValueType:
        allowed: tuple[ValueType, ...] = known.types if known else VALUE_TYPES
        given = self.text(entry.get("type"))
        if given is None:
            return allowed[0] if known else "text"
        if given not in allowed:
            where = entry["type"].where
            message = f"column '{name}' cannot be of type '{given}'"
            self.problem("value.choice", message, where, suggestion(given, allowed))
            return allowed[0]
        return given

    def with_constant(self, column: Column, node: Node | None) -> Column:
        """The column with its constant read as a cell would be."""
        if node is None or column.source is not None:
            return column
        raw: Any = node.text if not node.quoted and isinstance(node.value, Decimal | int) else node.value
        if isinstance(node.value, bool):
            raw = "true" if node.value else "false"
        try:
            constant = reader_of(column, MINOR_FOR_CHECKS)(
                raw if isinstance(raw, str) else OddCell("is no single value")
            )
        except ValueFault as fault:
            self.problem("value.type", f"the value {fault}", node.where)
            return column
        return Column(column.name, column.type, column.place, constant=raw if constant is not None else None,
                      codes=column.codes, format=column.format, zone=column.zone, region=column.region,
                      unit=column.unit, separator=column.separator, round=column.round)  # fmt: skip

    def empty(self, node: Node | None) -> frozenset[str]:
        if node is None:
            return frozenset({""})
        words = (node,) if node.sequence is None else node.sequence
        for word in words:
            if not isinstance(word.value, str):
                self.problem(
                    "value.type", "a text in quotes is needed here", word.where, 'for example ["", "-"]'
                )
        return frozenset(word.text for word in words)

    def codes(self, node: Node | None, type_: ValueType) -> Mapping[str, Any] | None:
        if node is None:
            return None
        if not node.mapping:
            self.problem("value.type", "codes must be a mapping of their codes to our values", node.where)
            return None
        wanted: dict[str, type | tuple[type, ...]] = {"boolean": bool, "number": (int, Decimal)}
        found: dict[str, Any] = {}
        for code, entry in node.mapping.items():
            if not isinstance(entry.value, wanted.get(type_, str)) or (
                type_ == "number" and isinstance(entry.value, bool)
            ):
                self.problem("value.type", f"the value of code '{code}' is no {type_}", entry.where)
            found[code] = (
                float(entry.value)
                if isinstance(entry.value, Decimal | int) and type_ == "number"
                else entry.value
            )
        return found

    def format(self, node: Node | None) -> str | None:
        text = self.text(node)
        if (
            text is not None
            and node is not None
            and not re.fullmatch(r"(?=.*%)(?:[^%]|%[YymdHMSfzjbB%])+", text)
        ):
            self.problem("value.type", "this is no date format", node.where, "for example %d/%m/%Y")
        return text

    def chosen(self, node: Node | None, code: str, what: str, known: Iterable[str]) -> str | None:
        text = self.text(node)
        if text is not None and node is not None and text not in known:
            close = difflib.get_close_matches(text, known, 1, 0.6)
            self.problem(
                code,
                f"there is no {what} '{text}'",
                node.where,
                f"did you mean '{close[0]}'?" if close else "",
            )
            return None
        return text

    def region(self, node: Node | None) -> str | None:
        text = self.text(node)
        if text is not None and node is not None and not is_region(text):
            self.problem(
                "value.choice",
                f"there is no region '{text}'",
                node.where,
                "two capital letters, for example CN",
            )
            return None
        return text

    def range(self, node: Node | None) -> tuple[float | None, float | None]:
        if node is None:
            return None, None
        ends = [each.value for each in node.sequence or ()]
        numbers = [
            float(each) for each in ends if isinstance(each, int | Decimal) and not isinstance(each, bool)
        ]
        if len(numbers) != 2 or len(ends) != 2 or numbers[0] > numbers[1]:
            self.problem("value.range", "a range is [lowest, highest]", node.where, "for example [0, 5000]")
            return None, None
        return numbers[0], numbers[1]


def _needs(known: Known | None) -> dict[str, Any]:
    return {"required": True} if known and known.required else {}
