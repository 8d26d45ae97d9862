"""A column of a mapping, and the function that reads its cells: NULLs, codes and ranges around the type's own reader."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contact.storage.imports import cell_types
from contact.storage.imports.cell_types import OddCell, Raw, Read, ValueFault
from contact.storage.imports.kinds import ValueType
from strategies.problems import Where


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a mapping: where ours comes from and how its cells are read."""

    name: str
    type: ValueType
    place: Where
    source: str | None = None
    constant: Any = None
    hash_of: str | None = None
    null: frozenset[str] = frozenset({""})
    required: bool = False
    trim: bool = False
    codes: Mapping[str, Any] | None = None
    format: str | None = None
    zone: str | None = None
    region: str | None = None
    low: float | None = None
    high: float | None = None
    unit: str | None = None
    separator: str = ";"
    round: bool = False
    """Money with more decimals than the currency has is rounded half up instead of being a fault."""
    step: Decimal | None = None
    """A quantity of an event is rounded up to whole steps."""


def reader_of(column: Column, minor_per_major: int) -> Read:
    """The function that reads this column's cells; it answers None for NULL and raises ``ValueFault``."""
    read = _by_type(column, minor_per_major)
    if column.codes is not None:
        read = _coded(column.codes)
    if column.low is not None or column.high is not None:
        read = _ranged(read, column, minor_per_major if column.type == "money" else 1)
    return _nullable(read, column)


def _nullable(read: Read, column: Column) -> Read:
    null, required, trim = column.null, column.required, column.trim

    def read_cell(raw: Raw) -> Any:
        if trim and isinstance(raw, str):
            raw = raw.strip(" \t")
        if raw is None or (isinstance(raw, str) and raw in null):
            if required:
                raise ValueFault("is empty")
            return None
        if isinstance(raw, OddCell):
            raise ValueFault(raw.reason)
        return read(raw)

    return read_cell


def _coded(codes: Mapping[str, Any]) -> Read:
    def read(raw: Raw) -> Any:
        try:
            return codes[cell_types.text_cell(raw)]
        except KeyError:
            raise ValueFault("is a code the mapping does not list") from None

    return read


def _ranged(read: Read, column: Column, scale: int) -> Read:
    low = -math.inf if column.low is None else column.low * scale
    high = math.inf if column.high is None else column.high * scale
    shown = (
        f"{column.low if column.low is not None else ''}..{column.high if column.high is not None else ''}"
    )

    def read_in_range(raw: Raw) -> Any:
        value = read(raw)
        if not low <= value <= high:
            raise ValueFault(f"is outside {shown}")
        return value

    return read_in_range


def _by_type(column: Column, minor_per_major: int) -> Read:
    match column.type:
        case "text":
            return cell_types.long_text_cell
        case "id":
            return cell_types.id_cell
        case "number":
            return cell_types.number_cell if column.unit is None else cell_types.with_unit(column.unit)
        case "money":
            return cell_types.money(minor_per_major, column.round)
        case "boolean":
            return cell_types.boolean_cell
        case "date":
            return cell_types.day(column.format)
        case "instant":
            return cell_types.instant(column.format, column.zone)
        case "month":
            return cell_types.month(column.format)
        case "phone":
            return cell_types.phone(column.region)
        case "zone":
            return cell_types.zone_cell
        case "list":
            return cell_types.entries(column.separator)
        case "quantity":
            return cell_types.quantity(column.step)
        case "event_month":
            return cell_types.month_of_day(column.format, column.zone)
