"""Single values of documents: amounts, durations, zones and texts by language, with what to do where they are wrong."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from strategies.instants import Instant
from strategies.problems import NO_HINT, Hint, Where
from strategies.texts import quantities
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

if TYPE_CHECKING:
    from strategies.documents.reading import Reading, Section

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@cache
def known_zones() -> frozenset[str]:
    """The IANA names of this host's zone data."""
    return frozenset(available_timezones() - {"localtime", "Factory", "posixrules"})


def by_language(reading: Reading, node: Node, what: str) -> dict[str, str]:
    """A mapping of language to text."""
    if node.mapping is None:
        reading.wrong(node, what, "a text by language", Hint("as {en: …}"))
        return {}
    found: dict[str, str] = {}
    for language, value in node.mapping.items():
        check_language(reading, language, node.keys[language])
        if isinstance(value.value, str):
            found[language] = value.value
        else:
            reading.wrong(
                value, what, "text", Hint('write "%(text)s"', text=value.text) if value.text else NO_HINT
            )
    if not found and not node.mapping:
        reading.problem("value.empty", f"{what} has no text", node.where, Hint("as {en: …}"))
    return found


def check_language(reading: Reading, language: str, where: Where) -> None:
    """A language code that is well-formed and, once the operator is read, one of its languages."""
    if not _LANGUAGE.fullmatch(language):
        reading.problem(
            "value.language", f"'{language}' is not a language code", where, Hint("as en or zh-CN")
        )
    elif reading.languages and language not in reading.languages and not reading.lenient:
        hint = suggestion(language, reading.languages)
        reading.problem("value.language", f"'{language}' is not among the operator's languages", where, hint)


def money(reading: Reading, node: Node, what: str) -> int | None:
    """An amount of major units, not negative, in minor units."""
    if isinstance(node.value, bool) or not isinstance(node.value, int | Decimal):
        reading.wrong(node, what, "an amount", Hint("a number without quotes or currency sign"))
        return None
    found = quantities.minor_units(node.text, reading.minor_per_major)
    if found is None:
        decimals = len(str(reading.minor_per_major)) - 1
        hint = Hint(
            "%(currency)s has %(count)s decimals", currency=reading.currency or "the currency", count=decimals
        )
        reading.problem("value.money", f"{what} cannot be {node.text}", node.where, hint)
    elif found < 0:
        reading.problem("value.range", f"{what} is {node.text}", node.where, Hint("an amount of 0 or more"))
        return None
    return found


def number(reading: Reading, node: Node, what: str, low: float, high: float) -> float | None:
    """A number between two bounds, both included."""
    if isinstance(node.value, bool) or not isinstance(node.value, int | Decimal):
        reading.wrong(node, what, "a number", Hint("write it without quotes") if node.quoted else NO_HINT)
        return None
    if not low <= node.value <= high:
        reading.problem(
            "value.range",
            f"{what} is {node.text}",
            node.where,
            Hint("from %(least)s to %(most)s", least=f"{low:g}", most=f"{high:g}"),
        )
        return None
    return float(node.value)


def percent(reading: Reading, node: Node, what: str) -> int | None:
    """A percentage in hundredths, read from its text."""
    if isinstance(node.value, bool) or not isinstance(node.value, int | Decimal):
        reading.wrong(node, what, "a percentage", Hint("a number from 0 to 100 without quotes or %"))
        return None
    found = quantities.hundredths(node.text)
    if found is None:
        hint = Hint("a number from 0 to 100 with at most two decimals")
        reading.problem("value.percent", f"{what} cannot be {node.text}", node.where, hint)
    return found


def duration(reading: Reading, node: Node, what: str, *, zero: bool = False) -> int | None:
    """An ISO duration in microseconds."""
    if not isinstance(node.value, str):
        reading.wrong(node, what, "a duration", Hint("as PT2M, PT24H or P7D"))
        return None
    found = quantities.microseconds(node.value)
    if found is None or (found == 0 and not zero):
        calendar = quantities.is_calendar_duration(node.value)
        hint = (
            Hint("months and years differ in length; count days, as P30D")
            if calendar
            else Hint("as PT2M, PT24H or P7D")
        )
        reading.problem("value.duration", f"{what} cannot be '{node.value}'", node.where, hint)
        return None
    return found


def zone(reading: Reading, node: Node, words: Collection[str] = ()) -> str | None:
    """An IANA zone, or one of the ``words``."""
    if isinstance(node.value, str) and (node.value in words or node.value in known_zones()):
        return node.value
    if not isinstance(node.value, str):
        reading.wrong(node, "a zone", "the name of a zone", Hint("as Asia/Shanghai"))
    else:
        hint = suggestion(node.value, {*known_zones(), *words}) or Hint("as Asia/Shanghai")
        reading.problem("value.zone", f"there is no zone '{node.value}'", node.where, hint)
    return None


def day(reading: Reading, node: Node, what: str) -> Instant | None:
    """The midnight of the operator's zone at which a day begins."""
    found = quantities.calendar_day(node.value) if isinstance(node.value, str) else None
    if found is None:
        if not node.broken:
            message = f"{what} cannot be {node.text or 'that'}"
            reading.problem("value.date", message, node.where, Hint("a date, as 2026-01-31"))
        return None
    return quantities.local_midnight(found, reading.zone)


def validity(section: Section) -> tuple[Instant | None, Instant | None]:
    """``valid``: from and until, as midnights of the operator; half-open."""
    node, reading = section.get("valid"), section.reading
    entry = reading.section(node, "'valid'", ("from", "to")) if node else None
    if entry is None:
        return None, None
    first, last = entry.get("from"), entry.get("to")
    begins = day(reading, first, "'from'") if first else None
    ends = day(reading, last, "'to'") if last else None
    if begins is not None and ends is not None and begins >= ends:
        hint = Hint("'to' is the first day on which it no longer holds")
        reading.problem("value.order", "'valid' ends before it begins", entry.where("to"), hint)
    return begins, ends


def unique(reading: Reading, seen: dict[str, Where], name: str, where: Where, what: str) -> bool:
    """Whether the name is new; says where it stood before otherwise."""
    if name in seen:
        first = seen[name]
        reading.problem(
            "value.duplicate",
            f"{what} '{name}' is declared again",
            where,
            Hint("first in %(place)s", place=f"{first.path}:{first.line}"),
        )
        return False
    seen[name] = where
    return True


def whole_hint(node: Node) -> Hint:
    """What to write where a whole number was meant."""
    if isinstance(node.value, str) and node.value.lstrip("-").isdigit():
        return Hint("write %(number)s without quotes", number=node.value)
    if isinstance(node.value, Decimal) and node.value == node.value.to_integral_value():
        return Hint("write %(number)s", number=int(node.value))
    return NO_HINT
