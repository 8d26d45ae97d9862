"""The columns of a mapping: each says where its cells come from and how they are read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from contact.storage.imports.cell_types import OddCell, ValueFault
from contact.storage.imports.kinds import INTERNAL, VALUE_TYPES, Kind, Known, ValueType
from contact.storage.imports.mapping_nodes import NodeReader, suggestion
from contact.storage.imports.phones import is_region
from contact.storage.imports.values import Column, reader_of
from strategies.documents.values import known_zones
from strategies.problems import Hint, Where
from strategies.texts.source import Node

_MINOR_FOR_CHECKS = 100

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
COLUMN_KEYS = (
    "from", "value", "hash_of", "type", "empty", "required", "trim", "codes", "format", "zone", "region",
    "range", "unit", "separator", "round",
)  # fmt: skip
_ORIGINS = ("from", "value", "hash_of")
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


class ColumnReader(NodeReader):
    """Reads the ``columns`` of a mapping."""

    def columns(self, node: Node | None, root: Node, kind: Kind | None) -> tuple[Column, ...]:
        if node is None:
            self.problem(
                "key.missing",
                "the mapping has no 'columns'",
                root.where,
                Hint("say which column of the file is ours"),
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
        if not self.named(name, where):
            return None
        if isinstance(node.value, str):
            return Column(
                name, known.types[0] if known else "text", where, source=node.value, **_needs(known)
            )
        before = len(self.problems)
        entry = self.keys(node, COLUMN_KEYS, f"column '{name}'")
        if len(self.problems) > before and not any(key in entry for key in _ORIGINS):
            return None  # the key that says where it comes from was misspelt, which is one problem, not two
        column = self.described(name, entry, known, where)
        return column if len(self.problems) == before else None

    def named(self, name: str, where: Where) -> bool:
        """Whether a column of ours can be called so."""
        if _NAME.fullmatch(name) and name not in INTERNAL:
            return True
        hint = Hint("a-z, 0-9 and _, beginning with a letter")
        self.problem("value.name", f"'{name}' cannot name a column", where, hint)
        return False

    def described(self, name: str, entry: dict[str, Node], known: Known | None, where: Where) -> Column:
        type_ = self.type(entry, known, name)
        for key, types in _ONLY_FOR.items():
            if key in entry and type_ not in types:
                self.problem("key.conflict", f"'{key}' means nothing for type {type_}", entry[key].where)
        origins = [key for key in _ORIGINS if key in entry]
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
            zone=self.chosen(entry.get("zone"), "value.zone", "time zone", known_zones()),
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
            constant = reader_of(column, _MINOR_FOR_CHECKS)(
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
                    "value.type", "a text in quotes is needed here", word.where, Hint('for example ["", "-"]')
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
            self.problem("value.type", "this is no date format", node.where, Hint("for example %d/%m/%Y"))
        return text

    def region(self, node: Node | None) -> str | None:
        text = self.text(node)
        if text is not None and node is not None and not is_region(text):
            self.problem(
                "value.choice",
                f"there is no region '{text}'",
                node.where,
                Hint("two capital letters, for example CN"),
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
            self.problem(
                "value.range", "a range is [lowest, highest]", node.where, Hint("for example [0, 5000]")
            )
            return None, None
        return numbers[0], numbers[1]


def _needs(known: Known | None) -> dict[str, Any]:
    return {"required": True} if known and known.required else {}
