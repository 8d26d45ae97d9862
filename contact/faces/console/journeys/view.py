"""What stands on the page of journeys: figures, tables and the filters they were asked with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from contact.domain.journey_answers import JourneysAnswer
from contact.faces.console.journeys.compared import comparison_table
from contact.faces.console.journeys.figures import (
    boxes_figure,
    flow_figure,
    heat_table,
    matrix_table,
    paths_table,
)
from contact.faces.console.journeys.names import Names
from contact.faces.console.shared.pages import Look
from ivr.journeys import Measures
from strategies.declared.menu import Menu

DAYS = (1, 7, 30, 90, 366)
FILTERS = ("unit", "segment", "version", "source")
LONGEST = 120
MOST_TOPICS = 20
MOST_GROUPS = 12
"""Of one kind in the table; the API and the CSV hold all."""


@dataclass(frozen=True)
class Asked:
    """The filters of the page, as they stand in its address: no customer is among them."""

    menu: str = ""
    days: int = 30
    unit: str = ""
    segment: str = ""
    version: str = ""
    source: str = ""
    split: str = ""
    """A day, ISO: calls from it on are held against those before; empty: none."""

    def query(self) -> str:
        """The same filters for another address."""
        return urlencode({name: value for name, value in self._pairs() if value})

    def with_filter(self, name: str, value: str) -> str:
        """The address's filters with another one set: a group of a table leads to its own page."""
        changed: dict[str, Any] = {name: value}
        return replace(self, **changed).query()

    def _pairs(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in ("menu", "days", *FILTERS, "split")]


def asked_of(query: Mapping[str, str]) -> Asked:
    """The filters of an address; what cannot be meant is as if it were not there."""
    words: dict[str, Any] = {
        name: query.get(name, "").strip()[:LONGEST] for name in ("menu", *FILTERS, "split")
    }
    days = query.get("days", "")
    asked = Asked(**words)
    if days.isdecimal() and 1 <= int(days[:4]) <= DAYS[-1]:
        asked = replace(asked, days=int(days[:4]))
    try:
        date.fromisoformat(asked.split)
    except ValueError:
        asked = replace(asked, split="")
    return asked


def journeys_view(
    look: Look, asked: Asked, found: JourneysAnswer | None, *, units: Sequence[str] = ()
) -> dict[str, Any]:  # fmt: skip
    """What the template needs; ``found`` is None where no menu is published, ``units`` are those the person may see."""
    menus = look.playbook.menus if look.playbook is not None else {}
    menu = menus.get(found.menu) if found is not None else None
    names = Names(look, menu)
    view: dict[str, Any] = {
        "asked": asked,
        "found": found,
        "menus": [(each.id, Names(look, each).title()) for each in menus.values()],
        "units": [(each, _unit(look, each)) for each in units],
        "segments": [(each, _segment(look, each)) for each in _segments(look, asked)],
        "versions": sorted({*(found.by_version if found is not None else ()), asked.version} - {""}),
        "days": sorted({*DAYS, asked.days}),
        "names": names,
        "narrowed": bool(asked.unit or asked.segment or asked.version or asked.source),
        "now": found.at if found is not None else None,
        "simulated": found.simulated_time if found is not None else False,
        "figures": [],
        "groups": [],
        "topics": None,
    }
    if found is not None:
        view["topics"] = topics_table(look, found)
    if found is not None and found.calls:
        view |= _filled(look, names, found, menu)
    return view


def topics_table(look: Look, found: JourneysAnswer) -> dict[str, Any] | None:
    """What agents were asked about, most asked first; None where nothing was reported."""
    if not found.topics:
        return None
    say, number = look.formats.words.gettext, look.formats.number
    total, first = sum(each.calls for each in found.topics), found.topics[0]
    text = say("Asked about most: %(topic)s, %(calls)s of %(total)s enquiries.")
    values = {"topic": first.title or first.topic, "calls": number(first.calls), "total": number(total)}
    return {"finding": text % values, "rows": found.topics[:MOST_TOPICS], "most": first.calls}


def _filled(look: Look, names: Names, found: JourneysAnswer, menu: Menu | None) -> dict[str, Any]:
    against, split = found.against_static, found.before_after
    return {
        "head": head(look, found.measures),
        "figures": [flow_figure(look, names, found.sankey), boxes_figure(look, names, found.goals)],
        "heat": heat_table(look, names, found.nodes),
        "matrix": matrix_table(look, names, found.transitions),
        "paths": paths_table(look, names, found.paths),
        "against": comparison_table(look, against.comparison) if against is not None else None,
        "split": comparison_table(look, split) if split is not None else None,
        "static_percent": menu.personal.static_percent if menu is not None else None,
        "groups": groups(look, found),
    }


def head(look: Look, found: Measures) -> list[tuple[str, str, str]]:
    """The figures at the top: title, value, and what it is made of."""
    say, formats = look.formats.words.gettext, look.formats

    def share(rate: Any) -> tuple[str, str]:
        if rate.rate is None:
            return "–", say("cannot be told yet")
        return formats.rate(rate.rate), f"{formats.number(rate.count)} / {formats.number(rate.of)}"

    def median(spread: Any) -> tuple[str, str]:
        if spread is None:
            return "–", ""
        return formats.decimal(
            spread.median, 1
        ), f"{formats.decimal(spread.q1, 1)}–{formats.decimal(spread.q3, 1)}"

    callers = say("%(callers)s known callers")
    return [
        (say("Calls"), formats.number(found.calls), callers % {"callers": formats.number(found.callers)}),
        (say("Reached their goal"), *share(found.reached)),
        (say("Seconds to it, median"), *median(found.seconds)),
        (say("Keys to it, median"), *median(found.keys)),
        (say("Contained"), *share(found.contained)),
        (say("To an agent"), *share(found.agent)),
        (say("Hung up before"), *share(found.abandoned)),
        (say("Called again in 24 h"), *share(found.repeated_day)),
        (say("Called again in 7 days"), *share(found.repeated_week)),
    ]  # fmt: skip


def groups(look: Look, found: JourneysAnswer) -> list[dict[str, Any]]:
    """The same measures by segment, unit, version and source, largest first; a kind with one group says nothing."""
    say = look.formats.words.gettext
    kinds = (
        (say("Segment"), "segment", found.by_segment), (say("Unit"), "unit", found.by_unit),
        (say("Version"), "version", found.by_version), (say("Menu heard"), "arm", found.by_arm),
        (say("Source"), "source", found.by_source),
    )  # fmt: skip
    return [
        {
            "kind": kind, "title": title, "more": max(0, len(of) - MOST_GROUPS),
            "rows": [
                (named(look, kind, name), name, _measured(look, each))
                for name, each in list(of.items())[:MOST_GROUPS]
            ],
        }
        for title, kind, of in kinds if len(of) > 1
    ]  # fmt: skip


def named(look: Look, kind: str, name: str) -> str:
    """What a group is called."""
    if not name:
        return look.formats.words.gettext("not known")
    if kind == "unit":
        return _unit(look, name)
    if kind == "version":
        return name[:8]
    if kind == "segment":
        return _segment(look, name)
    return look.named("call_arms" if kind == "arm" else "call_sources", name)


def _unit(look: Look, unit: str) -> str:
    found = look.playbook.units.get(unit) if look.playbook is not None else None
    if found is None:
        return unit
    return found.title.get(look.formats.words.language) or next(iter(found.title.values()), unit)


def _segments(look: Look, asked: Asked) -> list[str]:
    known = look.playbook.segments if look.playbook is not None else {}
    return sorted({*known, asked.segment} - {""})


def _segment(look: Look, segment: str) -> str:
    found = look.playbook.segments.get(segment) if look.playbook is not None else None
    return found.title.get(look.formats.words.language, segment) if found is not None else segment


def _measured(look: Look, found: Measures) -> list[str]:
    formats = look.formats

    def share(rate: Any) -> str:
        return "–" if rate.rate is None else formats.rate(rate.rate)

    def median(spread: Any) -> str:
        return "–" if spread is None else str(formats.decimal(spread.median, 1))

    return [
        formats.number(found.calls), share(found.reached), median(found.seconds), median(found.keys), share(found.contained),
        share(found.agent), share(found.abandoned), share(found.repeated_day), share(found.repeated_week),
    ]  # fmt: skip
