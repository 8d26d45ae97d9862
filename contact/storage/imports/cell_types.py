"""Readers of one cell by type: a value, or a reason why not; reasons never repeat the cell's text."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from contact.storage.imports.phones import PhoneReader
from strategies.documents.values import known_zones
from strategies.instants import to_datetime, to_instant

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
QUANTITY_DECIMALS = 9
_LARGEST_QUANTITY = Decimal(10**15)


class ValueFault(Exception):
    """A cell that cannot be read; the message is the reason."""


@dataclass(frozen=True, slots=True)
class OddCell:
    """A spreadsheet cell that is no value: a formula or an error."""

    reason: str


def text_cell(raw: Raw) -> str:
    """The cell as text; whole numbers of spreadsheets without a point."""
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


def long_text_cell(raw: Raw) -> str:
    """Text up to a sane length."""
    text = text_cell(raw)
    if len(text) > _LONGEST_TEXT:
        raise ValueFault(f"is longer than {_LONGEST_TEXT} characters")
    return text


def id_cell(raw: Raw) -> str:
    """An id: 1 to 64 of ``[A-Za-z0-9._-]``, never in scientific notation."""
    if isinstance(raw, float):
        raise ValueFault("is a number that a spreadsheet may have rounded; store ids as text")
    text = text_cell(raw)
    if _SCIENTIFIC.fullmatch(text):
        raise ValueFault("is in scientific notation; digits are lost, export ids as text")
    if not _ID.fullmatch(text):
        raise ValueFault("is not an id (1 to 64 of A-Z a-z 0-9 . _ -)")
    return text


def number_cell(raw: Raw) -> float:
    """A finite number, written with a point."""
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


def with_unit(unit: str) -> Read:
    """Numbers that may carry this unit, and no other."""

    def read(raw: Raw) -> float:
        if isinstance(raw, str) and raw[-1:].isalpha():
            if not raw.endswith(unit):
                raise ValueFault(f"has a unit other than {unit}")
            raw = raw[: -len(unit)].rstrip(" ")
        return number_cell(raw)

    return read


def money(minor_per_major: int, rounds: bool) -> Read:
    """Amounts in major units as integer minor units, exactly."""
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


def boolean_cell(raw: Raw) -> bool:
    """true/false, yes/no, 1/0."""
    if isinstance(raw, bool):
        return raw
    answer = _YES_NO.get(text_cell(raw).lower())
    if answer is None:
        raise ValueFault("is not true or false; give `codes:`")
    return answer


def day(format: str | None) -> Read:
    """Days as ``2026-01-31`` or in the declared format."""

    def read(raw: Raw) -> date:
        if isinstance(raw, datetime):
            if (raw.hour, raw.minute, raw.second, raw.microsecond) != (0, 0, 0, 0):
                raise ValueFault("is a moment, not a day")
            return raw.date()
        if isinstance(raw, date):
            return raw
        try:
            if format is not None:
                return date(*time.strptime(text_cell(raw), format)[:3])
            if isinstance(raw, str) and _ISO_DAY.fullmatch(raw):
                return date.fromisoformat(raw)
        except ValueError:
            raise ValueFault("is not a day of the calendar in the declared format") from None
        raise ValueFault("is not a date like 2026-01-31; declare its `format:`")

    return read


def instant(format: str | None, zone: str | None) -> Read:
    """Instants with an offset, or local ones of the declared zone, in UTC microseconds."""
    local = None if zone is None else ZoneInfo(zone)

    def read(raw: Raw) -> int:
        if isinstance(raw, datetime):
            moment = raw
        else:
            try:
                text = text_cell(raw)
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


def month(format: str | None) -> Read:
    """Months as ``2026-01`` or in the declared format, counted from year 0."""

    def read(raw: Raw) -> int:
        if isinstance(raw, date):
            return raw.year * 12 + raw.month - 1
        text = text_cell(raw)
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


def month_of_day(format: str | None, zone: str | None) -> Read:
    """The month of a day, or of an instant in the declared zone."""
    read_day, read_instant = day(format), instant(format, zone)
    local = None if zone is None else ZoneInfo(zone)

    def read(raw: Raw) -> int:
        at = read_day(raw) if local is None else to_datetime(read_instant(raw)).astimezone(local)
        return int(at.year * 12 + at.month - 1)

    return read


def quantity(step: Decimal | None) -> Read:
    """What one event used, exactly: never negative, rounded up to whole steps, to nine decimals else."""
    grain = None if step is None else int(step.scaleb(QUANTITY_DECIMALS))

    def read(raw: Raw) -> Decimal:
        number_cell(raw)
        value = Decimal(repr(raw) if isinstance(raw, float) else raw)
        if value < 0:
            raise ValueFault("is negative")
        if value >= _LARGEST_QUANTITY:
            raise ValueFault("is too large for what one event uses")
        grains = int(value.scaleb(QUANTITY_DECIMALS).to_integral_value(ROUND_HALF_UP))
        if grain is not None:
            grains = -(-grains // grain) * grain
        return Decimal(grains).scaleb(-QUANTITY_DECIMALS)

    return read


def phone(region: str | None) -> Read:
    """Phone numbers in E.164."""
    phones = PhoneReader(region)

    def read(raw: Raw) -> str:
        if isinstance(raw, float):
            raise ValueFault("is a number that a spreadsheet may have rounded; store phone numbers as text")
        text = text_cell(raw)
        if _SCIENTIFIC.fullmatch(text):
            raise ValueFault("is in scientific notation; digits are lost, export phone numbers as text")
        number = phones.read(text)
        if number is None:
            raise ValueFault("is not a phone number" + ("" if region is None else f" of region {region}"))
        return number

    return read


def zone_cell(raw: Raw) -> str:
    """An IANA time zone."""
    text = text_cell(raw)
    if text not in known_zones():
        raise ValueFault("is not an IANA time zone like Asia/Shanghai")
    return text


def entries(separator: str) -> Read:
    """Lists of texts."""

    def read(raw: Raw) -> list[str]:
        entries = (
            [text_cell(each) for each in raw] if isinstance(raw, list) else text_cell(raw).split(separator)
        )
        return [entry.strip() for entry in entries if entry.strip()]

    return read
