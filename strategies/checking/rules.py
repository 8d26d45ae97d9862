"""Passes over rules seen together: which never refuse what another does not, and which leave nothing open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from strategies.checking.opening_minutes import DAY_MINUTES, minutes_open, short_gaps
from strategies.checking.rule_reach import NAMED, Reach, covers, may_meet, reach_of
from strategies.counted import counted
from strategies.declared.playbook import Playbook, Rule, Window
from strategies.documents.policies import LAYERS
from strategies.documents.rules import ON_HIT
from strategies.problems import Problem

SHORT_GAP = 30
"""Minutes: who closes for less seldom means it."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PERIODS = ("day", "week", "month")


def rule_warnings(playbook: Playbook) -> Iterator[Problem]:
    """Rules that add nothing, contradict one another, or close for a moment only."""
    reaches = [found for rule in playbook.rules if (found := reach_of(playbook, rule)).meets_something]
    yield from _shadowed(playbook, reaches)
    yield from _never_open_together(reaches)
    yield from _rerouted_into_a_wall(playbook, reaches)
    yield from _offers_walled_in(playbook, reaches)
    yield from _moments_closed(playbook.rules)


def _warning(code: str, message: str, rule: Rule, hint: str) -> Problem:
    return Problem(f"warning.{code}", message, rule.place, hint, "warning")


def _at(rule: Rule) -> str:
    return f"{rule.place.path}:{rule.place.line}"


def _shadowed(playbook: Playbook, reaches: Sequence[Reach]) -> Iterator[Problem]:
    """A rule that never refuses what another does not; said once, and of twins of the later one."""
    told: set[str] = set()
    for wide, narrow in _comparable(reaches):
        one, other = wide.rule, narrow.rule
        if one.id == other.id or {one.id, other.id} & told or not _at_least_as_strict(one, other):
            continue
        # what a higher layer says stays, however much a lower one restricts further
        if LAYERS.index(one.layer) <= LAYERS.index(other.layer) and covers(playbook, wide, narrow):
            told.add(other.id)
            yield _about(one, other)


def _comparable(reaches: Sequence[Reach]) -> Iterator[tuple[Reach, Reach]]:
    """Pairs of which the first may cover the second: without a condition or with the same, and naming what it names."""
    wide_by: dict[tuple[str | None, str, str], list[Reach]] = {}
    for each in reaches:
        for key, name in _first_named(each.rule):
            wide_by.setdefault((_condition(each.rule), key, name), []).append(each)
    for narrow in reaches:
        for condition in dict.fromkeys((None, _condition(narrow.rule))):
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
        message = f"cap '{other.id}' ({_limit(other)}) is looser than '{one.id}' of layer {one.layer} ({_limit(one)})"
        return _warning(
            "looser", message, other, f"it never refuses; tighten it or leave it out ({_at(one)})"
        )
    message = f"rule '{other.id}' never refuses what '{one.id}' does not refuse anyhow"
    return _warning("shadowed", message, other, f"leave it out, or narrow the other ({_at(one)})")


def _limit(rule: Rule) -> str:
    return "unlimited" if rule.max is None else f"at most {rule.max}"


def _at_least_as_strict(one: Rule, other: Rule) -> bool:
    """Whether, where both apply, the one refuses whenever the other does, and with no milder consequence."""
    if ON_HIT.index(one.on_hit) < ON_HIT.index(other.on_hit) or one.reroute != other.reroute:
        return False
    if one.effect == "forbid":
        return True
    if one.effect != other.effect:
        return False
    if one.effect == "hours":
        same = one.zone == other.zone and _holidays(one) == _holidays(other)
        inside = minutes_open(one) & ~minutes_open(other) == 0
        return same and inside and one.last_start >= other.last_start
    if one.effect != "cap" or one.window is None or other.window is None or one.max is None:
        return False
    counts_all = (
        one.subject == other.subject
        and one.count == other.count
        and one.not_counted <= other.not_counted
        and one.exempt - one.counts_even_if_exempt <= other.exempt - other.counts_even_if_exempt
        and one.same in ("any", other.same)
    )
    return (
        counts_all and _reaches_back(one.window, other.window) and (other.max is None or one.max <= other.max)
    )


def _holidays(rule: Rule) -> object:
    return frozenset((each.days >= {8}, each.holidays) for each in rule.open)


def _reaches_back(wide: Window, narrow: Window) -> bool:
    """Whether all that counts in the one window counts in the other."""
    if wide.kind == "lifetime":
        return True
    if wide.kind != narrow.kind:
        return False
    if wide.kind == "since":
        return wide.event == narrow.event
    if wide.kind == "sliding":
        return wide.length > narrow.length or (
            wide.length == narrow.length and (wide.closed or not narrow.closed)
        )
    if wide.zone != narrow.zone or wide.week_start != narrow.week_start:
        return False
    return wide.period == narrow.period or (narrow.period == "day" and wide.period in _PERIODS)


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
            yield _warning("contradictory", message, other, f"let their openings overlap ({_at(one)})")


def _always_forbidding(reaches: Sequence[Reach]) -> list[Reach]:
    """Prohibitions without any condition, everywhere and for good."""
    return [
        each
        for each in reaches
        if each.rule.effect == "forbid"
        and each.rule.when is None
        and each.rule.segment is None
        and each.rule.match.units is None
        and each.rule.match.jurisdictions is None
        and each.rule.valid_from is None
        and each.rule.valid_until is None
    ]


def _rerouted_into_a_wall(playbook: Playbook, reaches: Sequence[Reach]) -> Iterator[Problem]:
    """A rule that sends contacts on to a channel in which another forbids all of them."""
    walls = _always_forbidding(reaches)
    for each in reaches:
        for channel in each.rule.reroute:
            moved = Reach(each.rule, frozenset({channel}), each.categories)
            wall = next((wall for wall in walls if covers(playbook, wall, moved)), None)
            if wall is not None:
                message = f"rule '{each.rule.id}' sends on to {channel}, where '{wall.rule.id}' forbids it"
                hint = f"name another channel, or drop ({_at(wall.rule)})"
                yield _warning("contradictory", message, each.rule, hint)


def _offers_walled_in(playbook: Playbook, reaches: Sequence[Reach]) -> Iterator[Problem]:
    """An offer that is forbidden in each of its channels."""
    walls = _always_forbidding(reaches)
    for strategy in playbook.strategies:
        for offer in strategy.offers:
            names = {"strategies": strategy.id, "offers": offer.id, "families": offer.family}
            against = {
                channel: wall.rule
                for channel in offer.channels
                for wall in walls
                if channel in wall.channels
                and strategy.category in wall.categories
                and all(
                    named is None or name in named
                    for key, name in names.items()
                    for named in (getattr(wall.rule.match, key),)
                )
            }
            if offer.channels and against.keys() >= offer.channels.keys():
                rules = ", ".join(f"'{id}'" for id in sorted({rule.id for rule in against.values()}))
                message = f"offer '{offer.id}' is forbidden in each of its channels by {rules}"
                hint = "add a channel, or let the rule exempt it"
                yield Problem("warning.contradictory", message, offer.place, hint, "warning")


def _moments_closed(rules: Sequence[Rule]) -> Iterator[Problem]:
    """Hours that close for a few minutes, as 12:00 to 12:01."""
    for rule in rules:
        gaps = list(short_gaps(rule, SHORT_GAP)) if rule.effect == "hours" else []
        if gaps:
            begin, end = gaps[0]
            more = f" and {counted(len(gaps) - 1, 'more time')}" if len(gaps) > 1 else ""
            when = f"{_DAYS[begin // DAY_MINUTES]} from {_clock(begin)} to {_clock(end)}"
            message = f"the hours of rule '{rule.id}' close on {when}{more}"
            yield _warning("gap", message, rule, "let one opening end where the next begins")


def _clock(minute: int) -> str:
    return f"{minute % DAY_MINUTES // 60:02}:{minute % 60:02}"
