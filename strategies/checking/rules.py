"""Passes over rules seen together: which never refuse what another does not, and which leave nothing open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from strategies.checking.implied import Implied
from strategies.checking.opening_minutes import DAY_MINUTES, minutes_open, short_gaps
from strategies.checking.rule_reach import NAMED, Reach, covers, may_meet, place_of, reach_of
from strategies.checking.strictness import at_least_as_strict, limits
from strategies.checking.walls import wall_warnings
from strategies.conditions.range import spans_of
from strategies.counted import counted
from strategies.declared.playbook import Playbook, Rule
from strategies.documents.policies import LAYERS
from strategies.instants import HOUR
from strategies.problems import Hint, Problem

SHORT_GAP = 30
"""Minutes: who closes for less seldom means it."""
_ALL_DAY = (1 << DAY_MINUTES) - 1
_ZONES_APART = 26 * HOUR
"""No two zones lie further apart."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def rule_warnings(playbook: Playbook) -> Iterator[Problem]:
    """Rules that add nothing, contradict one another, or close for a moment only."""
    reaches = [found for rule in playbook.rules if (found := reach_of(playbook, rule)).meets_something]
    conditions = (rule.when for rule in playbook.rules if rule.when is not None)
    spans = spans_of(playbook.fields, playbook.operator.minor_per_major)
    implied = Implied(conditions, spans)
    yield from _shadowed(playbook, reaches, implied)
    yield from _never_open_together(reaches)
    yield from wall_warnings(playbook, reaches, implied, spans)
    yield from _moments_closed(playbook.rules)
    yield from _days_forgotten(playbook.rules)


def _warning(code: str, message: str, rule: Rule, hint: Hint) -> Problem:
    return Problem(f"warning.{code}", message, rule.place, hint, "warning")


def _shadowed(playbook: Playbook, reaches: Sequence[Reach], implied: Implied) -> Iterator[Problem]:
    """A rule that never, whatever its dated values, refuses what another does not; said once, and of twins of the later."""
    apart = _ZONES_APART if len(playbook.operator.plausible_zones) > 1 else 0
    covering: dict[int, list[Rule]] = {}
    for wide, narrow in _comparable(reaches, implied):
        one, other = wide.rule, narrow.rule
        # what a higher layer says stays, however much a lower one restricts further
        if one.id == other.id or LAYERS.index(one.layer) > LAYERS.index(other.layer):
            continue
        if at_least_as_strict(wide, narrow, apart) and covers(playbook, wide, narrow, implied):
            covering.setdefault(id(other), []).append(one)
    by_id: dict[str, list[Rule]] = {}
    for each in reaches:
        by_id.setdefault(each.rule.id, []).append(each.rule)
    told: set[str] = set()
    for rule_id, dated in reversed(by_id.items()):
        ones = [
            next((one for one in covering.get(id(each), ()) if one.id not in told), None) for each in dated
        ]
        if ones[0] is not None and None not in ones:
            told.add(rule_id)
            yield _about(ones[0], dated[0])


def _comparable(reaches: Sequence[Reach], implied: Implied) -> Iterator[tuple[Reach, Reach]]:
    """Pairs of which the first may cover the second: under no narrower condition, and naming what it names."""
    wide_by: dict[tuple[str | None, str, str], list[Reach]] = {}
    for each in reaches:
        for key, name in _first_named(each.rule):
            wide_by.setdefault((_condition(each.rule), key, name), []).append(each)
    for narrow in reaches:
        for condition in (None, *implied.wider(narrow.rule.when)):
            for key, name in (("", ""), *_one_of_each(narrow.rule)):
                for wide in wide_by.get((condition, key, name), ()):
                    if wide is not narrow:
                        yield wide, narrow


def _condition(rule: Rule) -> str | None:
    return rule.when.text if rule.when is not None else None


def _first_named(rule: Rule) -> list[tuple[str, str]]:
    """The names of the first list of the match that has any."""
    for key in NAMED:
        names = getattr(rule.match, key)
        if names is not None:
            return [(key, name) for name in names]
    return [("", "")]


def _one_of_each(rule: Rule) -> Iterator[tuple[str, str]]:
    """One name of each list of the match: who covers the rule names it too, or none of its kind."""
    for key in NAMED:
        names = getattr(rule.match, key)
        if names:
            yield key, min(names)


def _about(one: Rule, other: Rule) -> Problem:
    if one.effect == other.effect == "cap" and LAYERS.index(one.layer) < LAYERS.index(other.layer):
        strict, loose = limits(one, other)
        message = f"cap '{other.id}' ({loose}) is looser than '{one.id}' of layer {one.layer} ({strict})"
        return _warning(
            "looser",
            message,
            other,
            Hint("it never refuses; tighten it or leave it out (%(place)s)", place=place_of(one)),
        )
    message = f"rule '{other.id}' never refuses what '{one.id}' does not refuse anyhow"
    return _warning(
        "shadowed", message, other, Hint("leave it out, or narrow the other (%(place)s)", place=place_of(one))
    )


def _never_open_together(reaches: Sequence[Reach]) -> Iterator[Problem]:
    """Two hours that leave no minute of the week for what both apply to."""
    hours = [
        (each, minutes)
        for each in reaches
        if each.rule.effect == "hours" and (minutes := minutes_open(each.rule))
    ]
    for (first, minutes), (second, others) in combinations(hours, 2):
        one, other = first.rule, second.rule
        if one.id != other.id and one.zone == other.zone and not minutes & others and may_meet(first, second):
            channels = ", ".join(sorted(first.channels & second.channels))
            message = f"rules '{one.id}' and '{other.id}' together leave no hour open for {channels}"
            yield _warning(
                "contradictory",
                message,
                other,
                Hint("let their openings overlap (%(place)s)", place=place_of(one)),
            )


def _moments_closed(rules: Sequence[Rule]) -> Iterator[Problem]:
    """Hours that close for a few minutes, as 12:00 to 12:01."""
    for rule in rules:
        gaps = list(short_gaps(rule, SHORT_GAP)) if rule.effect == "hours" else []
        if gaps:
            begin, end = gaps[0]
            more = f" and {counted(len(gaps) - 1, 'more time')}" if len(gaps) > 1 else ""
            when = f"{_DAYS[begin // DAY_MINUTES]} from {_clock(begin)} to {_clock(end)}"
            message = f"the hours of rule '{rule.id}' close on {when}{more}"
            yield _warning("gap", message, rule, Hint("let one opening end where the next begins"))


def _days_forgotten(rules: Sequence[Rule]) -> Iterator[Problem]:
    """Hours closed all of a Tuesday, Wednesday or Thursday between two days on which they open: nobody rests then."""
    for rule in rules:
        minutes = minutes_open(rule) if rule.effect == "hours" else 0
        closed = [day for day in range(1, 6) if not minutes >> (day - 1) * DAY_MINUTES & _ALL_DAY]
        for day in (2, 3, 4):
            if closed == [day]:
                message = f"the hours of rule '{rule.id}' are closed all {_DAYS[day - 1]}, and open the day before and after"
                yield _warning(
                    "gap", message, rule, Hint("add %(day)s to 'days'", day=_DAYS[day - 1][:3].lower())
                )


def _clock(minute: int) -> str:
    return f"{minute % DAY_MINUTES // 60:02}:{minute % 60:02}"
