"""Pictures of journeys: each with a sentence that says what it shows, what the chart draws, and the same as a table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from contact.faces.console.journeys.names import Names
from contact.faces.console.shared.pages import Look
from ivr.journeys import NodeMeasures, Rate, Spread
from ivr.journeys_paths import END, OTHER, CommonPath, Link, Transitions, Unrolled

FEW = 30
"""Below so many calls a share is shown, but gets no shade, and no goal is called quickest or slowest."""
STEPS_OF_SHADE = 6
MOST_BOXES, MOST_PLACES = 12, 16
"""Goals drawn as boxes, and places of the matrix; tables and CSV hold all."""


def flow_figure(look: Look, names: Names, found: Unrolled) -> dict[str, Any]:
    """How callers move: each column a step, each place of a step its own, so that going back makes no circle."""
    say, number = look.formats.words.gettext, look.formats.number
    nodes = [
        {
            "name": f"{stop.step}·{stop.node}", "depth": stop.step - 1,
            "label": f"{number(stop.calls)} {names.place(stop.node)}",
            "said": f"{stop.step}. {names.place(stop.node)}: {number(stop.calls)}", "kind": _kind(stop.node),
        }
        for column in found.columns for stop in column
    ]  # fmt: skip
    links = [
        {
            "source": f"{link.step}·{link.source}", "target": f"{link.step + 1}·{link.target}", "value": link.calls,
            "said": f"{names.place(link.source)} → {names.place(link.target)}: {number(link.calls)}",
        }
        for link in found.links
    ]  # fmt: skip
    return {
        "name": "flows",
        "title": say("How callers move"),
        "finding": _flow_finding(look, names, found),
        "size": "wide",
        "chart": _json({"kind": "flows", "nodes": nodes, "links": links}) if links else "",
        "heads": [say("Step"), say("From"), say("To"), say("Calls")],
        "texts": 3,
        "rows": [
            (number(link.step), names.place(link.source), names.place(link.target), number(link.calls))
            for link in sorted(found.links, key=lambda each: (each.step, -each.calls))
        ],
    }


def _flow_finding(look: Look, names: Names, found: Unrolled) -> str:
    say, formats = look.formats.words.gettext, look.formats
    first = next((ways for ways in _ways_by_step(found) if len(ways) > 1), None)
    if first is None:
        return (
            say("All calls took the same way.")
            if found.links
            else say("No call went further than its first place.")
        )
    total = sum(link.calls for link in first)
    top = max(first, key=lambda link: link.calls)
    text = say("From %(from)s most callers go on to: %(to)s (%(share)s of %(calls)s calls).")
    return text % {
        "from": names.place(top.source), "to": names.place(top.target),
        "share": formats.percent(top.calls / total), "calls": formats.number(total),
    }  # fmt: skip


def _ways_by_step(found: Unrolled) -> list[list[Link]]:
    """The ways on from the most frequent place of each step."""
    ways = []
    for column in found.columns:
        place = max(column, key=lambda stop: (not stop.node.startswith(END), stop.calls))
        ways.append([link for link in found.links if (link.step, link.source) == (place.step, place.node)])
    return ways


def _kind(place: str) -> str:
    return "end" if place.startswith(END) else "other" if place == OTHER else "place"


def boxes_figure(look: Look, names: Names, found: Mapping[str, Spread]) -> dict[str, Any]:
    """Seconds to each goal: quartiles as boxes, whiskers from 5 to 95 percent."""
    say, formats = look.formats.words.gettext, look.formats
    ordered = sorted(found.items(), key=lambda each: -each[1].median)
    drawn = ordered[:MOST_BOXES]
    text = say("No goal was reached in these calls.")
    if ordered:
        told = [each for each in ordered if each[1].count >= FEW] or ordered
        slow, quick = told[0], told[-1]
        text = say(
            "Half of the calls need %(seconds)s s or more to the slowest goal, %(slow)s, "
            "%(least)s s to the quickest, %(quick)s."
        )
        text %= {
            "slow": names.goal(slow[0]), "seconds": _seconds(look, slow[1].median),
            "quick": names.goal(quick[0]), "least": _seconds(look, quick[1].median),
        }  # fmt: skip
    boxes = [
        [round(end, 1) for end in (each.low, each.q1, each.median, each.q3, each.high)] for _, each in drawn
    ]
    said = [_box_in_words(look, names.goal(goal), each) for goal, each in drawn]
    given = {"kind": "boxes", "labels": [names.goal(goal) for goal, _ in drawn], "boxes": boxes, "said": said,
             "unit": say("seconds to the goal")}  # fmt: skip
    return {
        "name": "goals",
        "title": say("Seconds to the goal"),
        "finding": text,
        "size": "tall" if len(drawn) > 5 else "short",
        "chart": _json(given) if drawn else "",
        "heads": [say("Goal"), say("Calls"), "5 %", "25 %", say("Median"), "75 %", "95 %"],
        "texts": 1,
        "rows": [
            (names.goal(goal), formats.number(each.count),
             *(_seconds(look, end) for end in (each.low, each.q1, each.median, each.q3, each.high)))
            for goal, each in ordered
        ],
    }  # fmt: skip


def _box_in_words(look: Look, goal: str, found: Spread) -> str:
    middle = f"{_seconds(look, found.q1)}–{_seconds(look, found.q3)}"
    return f"{goal}: {_seconds(look, found.median)} s ({middle}), n = {look.formats.number(found.count)}"


def heat_table(look: Look, names: Names, found: Sequence[NodeMeasures]) -> dict[str, Any]:
    """Where callers spend their time, fall silent, hang up and go to an agent, place by place."""
    say, formats = look.formats.words.gettext, look.formats
    whole = sum(each.total_seconds for each in found) or 1.0
    most = max((each.total_seconds for each in found), default=0) / whole
    known = [each for each in found if each.calls >= FEW]
    worst = max(known, key=lambda each: each.abandoned.rate or 0, default=None)
    text = say("No place was heard yet.")
    if found:
        text = say("Most time is spent at: %(place)s (%(share)s of all seconds).")
        text %= {
            "place": names.place(found[0].node),
            "share": formats.percent(found[0].total_seconds / whole),
        }
    if worst is not None and worst.abandoned.count:
        more = say("Most often callers hang up at: %(place)s (%(rate)s of %(calls)s calls).")
        values = {"place": names.place(worst.node), "rate": formats.percent(worst.abandoned.rate or 0),
                  "calls": formats.number(worst.calls)}  # fmt: skip
        text = f"{text} {more % values}"
    waiting = [each for each in known if names.waits_for_key(each.node)]
    peaks = [
        max((_of(each, name).rate or 0 for each in (waiting if name == "silent" else known)), default=0)
        for name in _RATES
    ]
    rows = []
    for each in found:
        share = each.total_seconds / whole
        cells = [(formats.rate(share), shade(share, most))]
        for name, peak in zip(_RATES, peaks, strict=True):
            rate = _of(each, name)
            told = rate.rate if name != "silent" or names.waits_for_key(each.node) else None
            shown = formats.rate(told) if told is not None else "–"
            cells.append((shown, shade(told or 0, peak) if each.calls >= FEW else 0))
        rows.append({"place": names.place(each.node), "node": each.node, "calls": formats.number(each.calls),
                     "seconds": _seconds(look, each.seconds.median), "cells": cells})  # fmt: skip
    return {"finding": text, "rows": rows}


_RATES = ("silent", "abandoned", "agent")


def _of(measured: NodeMeasures, name: str) -> Rate:
    found: Rate = getattr(measured, name)
    return found


def matrix_table(look: Look, names: Names, found: Transitions) -> dict[str, Any]:
    """From where to where, in shares of all that left a place; going round in circles stands on the diagonal."""
    say, formats = look.formats.words.gettext, look.formats
    rows, columns = [], _columns(found)
    for source, counts in list(zip(found.sources, found.counts, strict=True))[:MOST_PLACES]:
        left = sum(counts) or 1
        cells = []
        for target, count in list(zip(found.targets, counts, strict=True)):
            if target in columns:
                shown = formats.percent(count / left) if count else ""
                cells.append((shown, shade(count / left, 1.0) if left >= FEW else 0))
        rows.append(
            {
                "place": names.place(source),
                "node": source,
                "calls": formats.number(sum(counts)),
                "cells": cells,
            }
        )
    same = sum(
        counts[found.targets.index(source)]
        for source, counts in zip(found.sources, found.counts, strict=True)
        if source in found.targets
    )
    total = sum(map(sum, found.counts))
    text = say("No call left its first place.")
    if total:
        text = say(
            "%(share)s of %(steps)s steps stay at the same place: callers wait, mistype or listen again."
        )
        text %= {"share": formats.percent(same / total), "steps": formats.number(total)}
    return {"finding": text, "heads": [names.place(each) for each in columns], "rows": rows}


def _columns(found: Transitions) -> tuple[str, ...]:
    """The places of the rows and all ends of calls, as far as anybody came there."""
    shown = found.sources[:MOST_PLACES]
    sums = (sum(counts) for counts in zip(*found.counts[:MOST_PLACES], strict=True))
    came = {target for target, total in zip(found.targets, sums, strict=True) if total}
    return tuple(each for each in found.targets if each in came and (each in shown or each.startswith(END)))


def paths_table(look: Look, names: Names, found: Sequence[CommonPath]) -> dict[str, Any]:
    """The commonest ways through the menu."""
    say, formats = look.formats.words.gettext, look.formats
    if not found:
        return {"finding": say("No call ended yet."), "rows": []}
    text = say(
        "The commonest path is taken by %(first)s of the calls; these %(count)s hold %(all)s of all calls."
    )
    values = {
        "first": formats.percent(found[0].share), "count": formats.number(len(found)),
        "all": formats.percent(sum(each.share for each in found)),
    }  # fmt: skip
    rows = [
        {"places": [names.place(node) for node in each.nodes], "end": names.end(each.end),
         "calls": formats.number(each.calls), "share": each.share, "seconds": _seconds(look, each.seconds)}
        for each in found
    ]  # fmt: skip
    return {"finding": text % values, "rows": rows, "most": found[0].share}


def shade(value: float, most: float) -> int:
    """One of seven shades, none for nothing."""
    if value <= 0 or most <= 0:
        return 0
    return max(1, min(STEPS_OF_SHADE, round(STEPS_OF_SHADE * value / most)))


def _seconds(look: Look, value: float) -> str:
    return look.formats.decimal(value, 1)


def _json(given: Mapping[str, Any]) -> str:
    return json.dumps(given, ensure_ascii=False)
