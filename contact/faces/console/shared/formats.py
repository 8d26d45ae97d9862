"""Figures, money, days and times as people read them, by Babel, in the reader's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal, format_percent

from contact.faces.console.shared.words import Words

MINUS = "−"
_COUNTRY_BEFORE_SIGN = re.compile(r"[A-Z]{2}(?=[¥$£])")
"""CN¥, US$: an operator has one currency, so the sign says enough."""

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Formats:
    """How one reader sees values; ``zone`` is the operator's, in which agents and supervisors live."""

    words: Words
    currency: str = "CNY"
    minor_per_major: int = 100
    zone: str = "UTC"

    @property
    def locale(self) -> Locale:
        return self.words.locale

    def number(self, value: float) -> str:
        """A count or measure, grouped, at most two decimals, with a real minus sign."""
        return format_decimal(round(value, 2), locale=self.locale).replace("-", MINUS)

    def decimal(self, value: float, places: int = 3) -> str:
        """A measure with so many decimals, all of them shown, so that columns and intervals compare."""
        text = format_decimal(value, format="#,##0." + "0" * places, locale=self.locale)
        return text.replace("-", MINUS)

    def between(self, low: float, high: float, places: int = 3) -> str:
        """An interval: ``[0.823, 0.839]``."""
        return f"[{self.decimal(low, places)}, {self.decimal(high, places)}]"

    def percent(self, share: float) -> str:
        """A share of 1."""
        return format_percent(share, format="#,##0.#%", locale=self.locale)

    def rate(self, share: float) -> str:
        """A share of 1 with one decimal, always, so that a column of them lines up."""
        return format_percent(share, format="#,##0.0%", locale=self.locale)

    def money(self, minor: float) -> str:
        """Minor units as money of the operator."""
        amount = minor / self.minor_per_major
        text = format_currency(amount, self.currency, locale=self.locale).replace("-", MINUS)
        return _COUNTRY_BEFORE_SIGN.sub("", text)

    def change(self, minor: float) -> str:
        """A difference in money with its sign, also where it is more."""
        return f"+{self.money(minor)}" if minor > 0 else self.money(minor)

    def phone(self, number: str) -> str:
        """An E.164 number in groups, as people read it."""
        try:
            parsed = phonenumbers.parse(number)
        except phonenumbers.NumberParseException:
            return number
        return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL))

    def clock(self, at: datetime, zone: str | None = None) -> str:
        """Hours and minutes in a zone."""
        return format_time(at, "HH:mm", tzinfo=_zone(zone or self.zone), locale=self.locale)

    def moment(self, at: datetime, now: datetime, zone: str | None = None) -> str:
        """As short as stays clear: the time today, weekday and time within a week, else day and time."""
        there = _zone(zone or self.zone)
        local, today = at.astimezone(there), now.astimezone(there).date()
        clock = self.clock(at, zone)
        if local.date() == today:
            return clock
        if timedelta(0) < local.date() - today < timedelta(days=7):
            return f"{format_datetime(local, 'EEE', locale=self.locale)} {clock}"
        return f"{self.short_date(local.date(), today)} {clock}"

    def short_date(self, day: date, today: date | None = None) -> str:
        """Day and month, with the year where it is another."""
        english = self.locale.language == "en"
        pattern = "d MMM" if english else "M月d日"
        if today is not None and day.year != today.year:
            pattern = "d MMM y" if english else "y年M月d日"
        return format_date(day, pattern, locale=self.locale)

    def ago(self, at: datetime, now: datetime) -> str:
        """When something was, as a date in the operator's zone, or its time today."""
        there = _zone(self.zone)
        local, today = at.astimezone(there).date(), now.astimezone(there).date()
        return self.clock(at) if local == today else self.short_date(local, today)

    def stamp(self, at: datetime) -> str:
        """Day, year and time in the operator's zone."""
        return f"{self.short_date(at.astimezone(_zone(self.zone)).date(), date.min)} {self.clock(at)}"

    def zoned(self, at: datetime) -> str:
        """Day, year and time in the operator's zone, with how far that is from UTC: ``2 Mar 2026 10:30 UTC+08:00``."""
        return f"{self.stamp(at)} {self.zone_at(at)}"

    def zone_at(self, at: datetime) -> str:
        """How far the operator's zone is from UTC at a moment."""
        return format_datetime(at, "'UTC'xxx", tzinfo=_zone(self.zone), locale=self.locale).replace(
            "+00:00", ""
        )

    def month(self, text: str) -> str:
        """A month written 2026-02, as people write it; what is no month stays as it is."""
        if not _MONTH.fullmatch(text):
            return text
        pattern = "MMM y" if self.locale.language == "en" else "y年M月"
        return format_date(date.fromisoformat(f"{text}-01"), pattern, locale=self.locale)

    def month_of_year(self, text: str) -> tuple[str, str]:
        """A month written 2026-02 as its short name and its year; what is no month stays as it is, without a year."""
        if not _MONTH.fullmatch(text):
            return text, ""
        return format_date(date.fromisoformat(f"{text}-01"), "MMM", locale=self.locale), text[:4]

    def iso(self, at: datetime, zone: str | None = None) -> str:
        """A moment to the minute for machines, written like ``full`` so that the two compress into one."""
        return at.astimezone(_zone(zone or self.zone)).strftime("%Y-%m-%d %H:%M%z")

    def full(self, at: datetime, zone: str | None = None) -> str:
        """Date, time and zone, for the title of a short form."""
        return format_datetime(at, "y-MM-dd HH:mm zzz", tzinfo=_zone(zone or self.zone), locale=self.locale)

    def value(self, value: Any, kind: str, unit: str | None = None) -> str:
        """A field's value by its declared type; an unknown one is a dash."""
        if value is None or value == "":
            return "–"
        if isinstance(value, bool):
            return self.words.gettext("yes") if value else self.words.gettext("no")
        if kind == "money" and isinstance(value, int | float):
            return self.money(value)
        if isinstance(value, int | float) and kind not in ("date", "instant"):
            return self.number(value) + (f" {self.words.gettext(unit)}" if unit else "")
        if isinstance(value, list | tuple):
            return self.words.gettext(", ").join(str(each) for each in value) or "–"
        return self._date(value) if kind in ("date", "instant") else str(value)

    def _date(self, value: Any) -> str:
        if isinstance(value, int | float):
            days = value if abs(value) < 1_000_000 else value / 86_400_000_000
            value = date(1970, 1, 1) + timedelta(days=days)
        elif isinstance(value, str):
            try:
                value = date.fromisoformat(value[:10])
            except ValueError:
                return str(value)
        return self.short_date(value, date.min)

    def same_clock(self, zone: str | None, at: datetime) -> bool:
        """Whether the other zone reads the same time as the operator's, then it need not be said."""
        return (
            zone is None
            or at.astimezone(_zone(zone)).utcoffset() == at.astimezone(_zone(self.zone)).utcoffset()
        )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
