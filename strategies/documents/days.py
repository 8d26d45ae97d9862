"""Readers of what an operator says of its law, its holidays and its own results."""

from __future__ import annotations

import re

from strategies.declared.results import RESULTS
from strategies.documents.reading import Reading, Section
from strategies.problems import Hint
from strategies.texts.holidays_of import countries, official_holidays, parts_of
from strategies.texts.quantities import calendar_day
from strategies.texts.source import Node

_RESULT = re.compile(r"[a-z][a-z0-9_]{0,63}")
_JURISDICTION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?")


def read_jurisdiction(reading: Reading, node: Node) -> str | None:
    """A country's or union's two letters, with a part's code behind them where only that is meant."""
    if not isinstance(node.value, str):
        reading.wrong(node, "a jurisdiction", "a code", Hint("as CN or US-FL"))
        return None
    if not _JURISDICTION.fullmatch(node.value):
        message = f"'{node.value}' cannot be a jurisdiction"
        reading.problem(
            "value.name", message, node.where, Hint("two letters of ISO 3166, as CN, or a part, as US-FL")
        )
        return None
    return node.value


def read_holidays(reading: Reading, section: Section) -> frozenset[str]:
    """The days off of a country or a part of it, and the operator's own, as ``2026-10-01``."""
    node = section.get("holidays")
    entry = reading.section(node, "'holidays'", ("country", "subdivision", "days")) if node else None
    if entry is None:
        return frozenset()
    found = set(_official(reading, entry))
    for each in entry.items("days"):
        day = calendar_day(each.value) if isinstance(each.value, str) else None
        if day is not None:
            found.add(day.isoformat())
        elif not each.broken:
            message = f"a holiday cannot be {each.text or 'that'}"
            reading.problem("value.date", message, each.where, Hint("a date, as 2026-10-01"))
    return frozenset(found)


def _official(reading: Reading, entry: Section) -> frozenset[str]:
    country, part = entry.get("country"), entry.get("subdivision")
    if country is None:
        if part is not None:
            message = "a 'subdivision' needs its 'country'"
            reading.problem("key.conflict", message, entry.where("subdivision"), Hint("as country: US"))
        return frozenset()
    known = reading.reference(country, "country with holidays", countries())
    if known is None:
        return frozenset()
    named = (
        reading.reference(part, f"part of {known} with holidays", parts_of(known))
        if part is not None
        else None
    )
    return frozenset() if part is not None and named is None else official_holidays(known, named)


def read_own_results(reading: Reading, section: Section) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Own dispositions, each with the standard result it means, and with its titles."""
    means: dict[str, str] = {}
    titles: dict[str, dict[str, str]] = {}
    for name, where, node in section.mapping("results"):
        if not _RESULT.fullmatch(name) or name in RESULTS:
            message = f"'{name}' cannot be a result of your own"
            hint = (
                Hint("it is a standard one")
                if name in RESULTS
                else Hint("small letters, digits and '_', at most 64")
            )
            reading.problem("value.reserved" if name in RESULTS else "value.name", message, where, hint)
            continue
        entry = reading.section(node, f"result '{name}'", ("means", "title"))
        if entry is None:
            continue
        standard = entry.need("means", Hint("one of: %(names)s", names=", ".join(RESULTS)))
        if standard is not None and entry.choice("means", RESULTS, ""):
            means[name] = standard.text
        titles[name] = entry.languages("title", needed=True)
    return means, titles
