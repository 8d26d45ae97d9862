"""One cell of an operator's file becomes one value, or a reason why not; reasons never repeat the cell's text."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from contact.storage.kinds import ValueType
from contact.storage.phones import PhoneReader
from strategies.instants import to_instant
from strategies.problems import Where

Raw = Any
"""What a reader found in a cell: text, or an XLSX or Parquet cell's own number, boolean, date, None or ``OddCell``."""
Read = Callable[[Raw], Any]

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_MONEY = re.compile(r"([+-]?)(\d{1,15})(?:\.(\d+))?", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SCIENTIFIC = re.compile(r"\d\.?\d*[eE]\+?\d{1,3}")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_LONGEST_TEXT = 4000


class ValueFault(Exception):
    """A cell that cannot be read; the message is the reason."""


@dataclass(frozen=True, slots=True)
class OddCell:
    """A spreadsheet cell that is no value: a formula or an error."""

    reason: str


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
            return codes[_text(raw)]
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
            return _long_text
        case "id":
            return _id
        case "number":
            return _number if column.unit is None else _with_unit(column.unit)
        case "money":
            return _money(minor_per_major, column.round)
        case "boolean":
            return _boolean
        case "date":
            return _day(column.format)
        case "instant":
            return _instant(column.format, column.zone)
        case "month":
            return _month(column.format)
        case "phone":
            return _phone(column.region)
        case "zone":
            return _zone
        case "list":
            return _list(column.separator)


def _text(raw: Raw) -> str:
    if isinstance(raw, str):
        return raw
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return str(raw)
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 2**53:
        return str(int(raw))
    if isinstance(raw, float | Decimal):
        return str(raw)
    if isinstance(raw, datetime | date):
        return raw.isoformat()
    raise ValueFault("is not text")


def _long_text(raw: Raw) -> str:
    text = _text(raw)
    if len(text) > _LONGEST_TEXT:
        raise ValueFault(f"is longer than {_LONGEST_TEXT} characters")
    return text


def _id(raw: Raw) -> str:
    if isinstance(raw, float):
        raise ValueFault("is a number that a spreadsheet may have rounded; store ids as text")
    text = _text(raw)
    if _SCIENTIFIC.fullmatch(text):
        raise ValueFault("is in scientific notation; digits are lost, export ids as text")
    if not _ID.fullmatch(text):
        raise ValueFault("is not an id (1 to 64 of A-Z a-z 0-9 . _ -)")
    return text


def _number(raw: Raw) -> float:
    if isinstance(raw, str):
        if not _NUMBER.fullmatch(raw):
            raise ValueFault("is not a number")
        value = float(raw)
    elif isinstance(raw, bool):
        raise ValueFault("is true or false, not a number")
    elif isinstance(raw, int | float | Decimal):
        value = float(raw)
    else:
        raise ValueFault("is not a number")
    if not math.isfinite(value):
        raise ValueFault("is not a finite number")
    return value


def _with_unit(unit: str) -> Read:
    def read(raw: Raw) -> float:
        if isinstance(raw, str) and raw[-1:].isalpha():
            if not raw.endswith(unit):
                raise ValueFault(f"has a unit other than {unit}")
            raw = raw[: -len(unit)].rstrip(" ")
        return _number(raw)

    return read


def _money(minor_per_major: int, rounds: bool) -> Read:
    decimals = len(str(minor_per_major)) - 1

    def read(raw: Raw) -> int:
        text = repr(raw) if isinstance(raw, float) else str(raw) if isinstance(raw, int | Decimal) else raw
        match = _MONEY.fullmatch(text) if isinstance(text, str) and not isinstance(raw, bool) else None
        if match is None and isinstance(text, str) and _SCIENTIFIC.fullmatch(text):
            raise ValueFault("is in scientific notation; digits are lost, export amounts as text")
        if match is None:
            raise ValueFault("is not an amount of money (digits, one point, no separators or currency sign)")
        sign, whole, part = match.group(1), match.group(2), (match.group(3) or "").rstrip("0")
        if len(part) > decimals and not rounds:
            raise ValueFault(f"has more than {decimals} decimals; say `round: true` to round it")
        minor = int(whole) * minor_per_major + int((part[:decimals] or "0").ljust(decimals, "0") or "0")
        minor += len(part) > decimals and part[decimals] >= "5"
        return -minor if sign == "-" else minor

    return read


_YES_NO = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def _boolean(raw: Raw) -> bool:
    if isinstance(raw, bool):
        return raw
    answer = _YES_NO.get(_text(raw).lower())
    if answer is None:
        raise ValueFault("is not true or false; give `codes:`")
    return answer


def _day(format: str | None) -> Read:
    def read(raw: Raw) -> date:
        if isinstance(raw, datetime):
            if (raw.hour, raw.minute, raw.second, raw.microsecond) != (0, 0, 0, 0):
                raise ValueFault("is a moment, not a day")
            return raw.date()
        if isinstance(raw, date):
            return raw
        try:
            if format is not None:
                return date(*time.strptime(_text(raw), format)[:3])
            if isinstance(raw, str) and _ISO_DAY.fullmatch(raw):
                return date.fromisoformat(raw)
        except ValueError:
            raise ValueFault("is not a day of the calendar in the declared format") from None
        raise ValueFault("is not a date like 2026-01-31; declare its `format:`")

    return read


def _instant(format: str | None, zone: str | None) -> Read:
    local = None if zone is None else ZoneInfo(zone)

    def read(raw: Raw) -> int:
        if isinstance(raw, datetime):
            moment = raw
        else:
            try:
                text = _text(raw)
                moment = (
                    datetime.strptime(text, format)  # noqa: DTZ007 (its zone is looked at below)
                    if format
                    else datetime.fromisoformat(text)
                )
            except ValueError:
                raise ValueFault(
                    "is not an instant like 2026-01-31T09:00:00+08:00; declare its `format:`"
                ) from None
        if moment.tzinfo is None:
            if local is None:
                raise ValueFault("has no offset; declare its `zone:`")
            moment = moment.replace(tzinfo=local)
        if not 1970 <= moment.year <= 2200:
            raise ValueFault("lies outside the years 1970 to 2200")
        return int(to_instant(moment))

    return read


def _month(format: str | None) -> Read:
    def read(raw: Raw) -> int:
        if isinstance(raw, date):
            return raw.year * 12 + raw.month - 1
        text = _text(raw)
        if format is not None:
            try:
                day = date(*time.strptime(text, format)[:3])
            except ValueError:
                raise ValueFault("is not a month in the declared format") from None
            return day.year * 12 + day.month - 1
        match = _MONTH.fullmatch(text)
        if match is None:
            raise ValueFault("is not a month like 2026-01")
        return int(match.group(1)) * 12 + int(match.group(2)) - 1

    return read


def _phone(region: str | None) -> Read:
    phones = PhoneReader(region)

    def read(raw: Raw) -> str:
        if isinstance(raw, float):
            raise ValueFault("is a number that a spreadsheet may have rounded; store phone numbers as text")
        text = _text(raw)
        if _SCIENTIFIC.fullmatch(text):
            raise ValueFault("is in scientific notation; digits are lost, export phone numbers as text")
        number = phones.read(text)
        if number is None:
            raise ValueFault("is not a phone number" + ("" if region is None else f" of region {region}"))
        return number

    return read


_ZONES = frozenset(available_timezones())


def _zone(raw: Raw) -> str:
    text = _text(raw)
    if text not in _ZONES:
        raise ValueFault("is not an IANA time zone like Asia/Shanghai")
    return text


def _list(separator: str) -> Read:
    def read(raw: Raw) -> list[str]:
        entries = [_text(each) for each in raw] if isinstance(raw, list) else _text(raw).split(separator)
        return [entry.strip() for entry in entries if entry.strip()]

    return read
