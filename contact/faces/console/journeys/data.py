"""The figures behind each picture of journeys as flat rows, by the ids that menus and logs use: given out as CSV."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from contact.domain.journey_answers import JourneysAnswer
from contact.faces.console.journeys.compared import MEANS, RATES
from contact.faces.console.shared.figures import Row
from ivr.journeys import Measures, Rate, Spread
from ivr.journeys_compared import Comparison, RateChange
from scoring.effects import MeanEffect

_RATES = ("reached", "agent", "abandoned", "contained", "repeated_day", "repeated_week")
_SPREADS = ("keys", "seconds", "whole_seconds")


def calls(found: JourneysAnswer) -> list[Row]:
    """All measures of all calls."""
    return [_measures(found.measures)]


def groups(found: JourneysAnswer) -> list[Row]:
    """All measures of every group."""
    kinds = {
        "segment": found.by_segment, "unit": found.by_unit, "version": found.by_version, "arm": found.by_arm,
        "source": found.by_source,
    }  # fmt: skip
    return [
        {"by": by, "name": name, **_measures(each)} for by, of in kinds.items() for name, each in of.items()
    ]


def flows(found: JourneysAnswer) -> list[Row]:
    """Every flow from a step's place to the next step's."""
    return [
        {"step": each.step, "source": each.source, "target": each.target, "calls": each.calls}
        for each in found.sankey.links
    ]


def goals(found: JourneysAnswer) -> list[Row]:
    """Seconds to each goal."""
    return [
        {"goal": goal, "calls": each.count, **_spread("seconds", each)} for goal, each in found.goals.items()
    ]


def nodes(found: JourneysAnswer) -> list[Row]:
    """What happens at each place."""
    return [
        {"node": each.node, "calls": each.calls, "stays": each.stays, **_spread("seconds", each.seconds),
         "total_seconds": each.total_seconds, **_rate("silent", each.silent), **_rate("abandoned", each.abandoned),
         **_rate("agent", each.agent)}
        for each in found.nodes
    ]  # fmt: skip


def matrix(found: JourneysAnswer) -> list[Row]:
    """How often a stay was followed by another."""
    table = found.transitions
    return [
        {"source": source, "target": target, "stays": count}
        for source, counts in zip(table.sources, table.counts, strict=True)
        for target, count in zip(table.targets, counts, strict=True) if count
    ]  # fmt: skip


def paths(found: JourneysAnswer) -> list[Row]:
    """The commonest ways through the menu."""
    return [
        {"path": " > ".join(each.nodes), "end": each.end, "calls": each.calls, "share": each.share, "seconds": each.seconds}
        for each in found.paths
    ]  # fmt: skip


def against(found: JourneysAnswer) -> list[Row]:
    """The personal menu against everybody's."""
    return _compared(found.against_static.comparison) if found.against_static is not None else []


def split(found: JourneysAnswer) -> list[Row]:
    """After against before."""
    return _compared(found.before_after) if found.before_after is not None else []


def topics(found: JourneysAnswer) -> list[Row]:
    """What agents were asked about."""
    return [
        {"topic": each.topic, "title": each.title, "calls": each.calls, "callers": each.callers}
        for each in found.topics
    ]


TABLES: Mapping[str, Callable[[JourneysAnswer], list[Row]]] = {
    "calls": calls, "groups": groups, "flows": flows, "goals": goals, "nodes": nodes, "matrix": matrix, "paths": paths,
    "against": against, "split": split, "topics": topics,
}  # fmt: skip
"""Name in the address → the rows of that picture."""


def _measures(found: Measures) -> Row:
    row: Row = {"calls": found.calls, "callers": found.callers}
    for name in _RATES:
        row |= _rate(name, getattr(found, name))
    for name in _SPREADS:
        row |= _spread(name, getattr(found, name))
    return row


def _rate(name: str, found: Rate) -> Row:
    return {name: found.rate, f"{name}_of": found.of, f"{name}_low": found.low, f"{name}_high": found.high}


def _spread(name: str, found: Spread | None) -> Row:
    ends = ("mean", "low", "q1", "median", "q3", "high")
    return {f"{name}_{end}": getattr(found, end) if found is not None else None for end in ends}


def _compared(found: Comparison) -> list[Row]:
    rows: list[Row] = []
    for name in RATES:
        each = getattr(found, name)
        sides = {"treated": each.rate.rate, "control": each.control.rate}
        counts = {"treated_of": each.rate.of, "control_of": each.control.of}
        rows.append({"measure": name, **sides, **counts, **_difference(each)})
    for name in MEANS:
        mean = getattr(found, name)
        if mean is not None:
            sides = {"treated": mean.mean, "control": mean.control_mean}
            counts = {"treated_of": found.callers, "control_of": found.control_callers}
            rows.append({"measure": name, **sides, **counts, **_difference(mean)})
    return rows


def _difference(found: RateChange | MeanEffect) -> Row:
    return {"difference": found.difference, "low": found.low, "high": found.high}
