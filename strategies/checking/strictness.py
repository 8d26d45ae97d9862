"""Which of two rules that meet the same contacts is the stricter: it refuses whenever the other does."""

from __future__ import annotations

from math import ceil, inf

from strategies.checking.opening_minutes import minutes_open
from strategies.checking.rule_reach import Reach
from strategies.declared.calendar import HOLIDAY
from strategies.declared.playbook import Rule, Window
from strategies.documents.rules import ON_HIT
from strategies.instants import DAY, HOUR
from strategies.judging.caps import window_words

_PERIODS = ("day", "week", "month")
_DAYS_OF = {"day": (1, 1), "week": (7, 7), "month": (28, 31)}
"""Of a period of the calendar, the shortest and the longest; a clock change takes an hour, or gives one."""
_MOST_IN = {("day", "week"): 7, ("day", "month"): 31, ("week", "month"): 6}
"""How many of one period another of the same calendar touches."""


def at_least_as_strict(wide: Reach, narrow: Reach, apart: int) -> bool:
    """Whether, where both apply, the first refuses whenever the second does, and with no milder consequence.

    ``apart``: how far the zones lie apart that a customer of unknown zone may be in, in microseconds. Of caps with unlike
    windows it is taken for granted that the first has been kept all the time.
    """
    one, other = wide.rule, narrow.rule
    if ON_HIT.index(one.on_hit) < ON_HIT.index(other.on_hit) or one.reroute != other.reroute:
        return False
    if one.effect == "forbid":
        return True
    if one.effect != other.effect:
        return False
    match one.effect:
        case "hours":
            return _opens_less(one, other)
        case "cap":
            return _counts_as_much(wide, narrow) and (
                _no_less_in_the_window(one, other, apart) or _never_as_many(wide, narrow, apart)
            )
        case "suppress":
            return _counts_as_much(wide, narrow) and _rests_as_long(one, other, apart)
        case "pair":
            return _counts_as_much(wide, narrow) and _keeps_as_far_apart(one, other)
        case _:
            first, second = one.cooldown, other.cooldown
            return (
                first is not None
                and second is not None
                and first.event == second.event
                and first.lasts >= second.lasts
            )


def _opens_less(one: Rule, other: Rule) -> bool:
    same = one.zone == other.zone and _on_holidays(one) == _on_holidays(other)
    return same and minutes_open(one) & ~minutes_open(other) == 0 and one.last_start >= other.last_start


def _on_holidays(rule: Rule) -> object:
    """What the minutes of a week do not tell: which days are holidays, and nights that begin or end in one."""
    return frozenset(
        (HOLIDAY in each.days, each.holidays, each if each.start_minute >= each.end_minute else None)
        for each in rule.open
        if each.holidays or HOLIDAY in each.days
    )


def _counts_as_much(wide: Reach, narrow: Reach) -> bool:
    """Whether all that counts for the second counts for the first, where both windows hold it."""
    one, other = wide.rule, narrow.rule
    return (
        one.subject == other.subject
        and one.count == other.count
        and one.not_counted <= other.not_counted
        and narrow.counted <= wide.counted
        and one.same in ("any", other.same)
    )


def _no_less_in_the_window(one: Rule, other: Rule, apart: int) -> bool:
    """Whether the first window holds all that the second does, and is full no later."""
    if one.window is None or other.window is None or one.max is None:
        return False
    return _reaches_back(one.window, other.window, apart) and (other.max is None or one.max <= other.max)


def _reaches_back(wide: Window, narrow: Window, apart: int) -> bool:
    """Whether all that counts in the one window counts in the other."""
    if wide.kind == "lifetime":
        return True
    if wide.kind == "sliding" and narrow.kind == "calendar":
        return wide.length >= _longest(narrow, apart)
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


def _never_as_many(wide: Reach, narrow: Reach, apart: int) -> bool:
    """Whether a cap that was kept never lets in as many as a cap over a longer window waits for."""
    one, other = wide.rule, narrow.rule
    if one.window is None or other.window is None or one.max is None or one.count != "attempt":
        return False
    sometimes = (one.when, one.segment, one.match.units, one.match.jurisdictions, one.valid_from)
    if any(each is not None for each in sometimes) or not narrow.counted <= wide.categories:
        return False
    most = inf if other.max is None else other.max
    return one.max * _pieces(one.window, other.window, apart) <= most


def _pieces(short: Window, long: Window, apart: int) -> float:
    """How many windows of the one kind are needed to hold all of the other."""
    if long.kind not in ("sliding", "calendar") or short.kind not in ("sliding", "calendar"):
        return inf
    if short.kind == "calendar" and long.kind == "calendar":
        same = short.zone == long.zone and short.week_start == long.week_start
        same = same and not (apart and long.zone == "customer")
        return _MOST_IN.get((short.period, long.period), inf) if same else inf
    length = long.length if long.kind == "sliding" else _longest(long, apart)
    if short.kind == "calendar":
        return ceil(length / (_DAYS_OF[short.period][0] * DAY - HOUR)) + 1
    touching = long.kind == "sliding" and long.closed and not short.closed
    return length // short.length + 1 if touching else ceil(length / short.length)


def _longest(window: Window, apart: int) -> int:
    """Of a period of the calendar; where the zone is unknown, that of all plausible zones together."""
    return _DAYS_OF[window.period][1] * DAY + HOUR + (apart if window.zone == "customer" else 0)


def _rests_as_long(one: Rule, other: Rule, apart: int) -> bool:
    first, second = one.suppression, other.suppression
    if first is None or second is None or first.results != second.results or first.times > second.times:
        return False
    if first.same not in ("any", second.same):
        return False
    if first.lasts is not None and (second.lasts is None or first.lasts < second.lasts):
        return False
    if one.window is None or other.window is None:
        return one.window is None
    return _reaches_back(one.window, other.window, apart)


def _keeps_as_far_apart(one: Rule, other: Rule) -> bool:
    first, second = one.pair, other.pair
    if first is None or second is None or first.first != second.first:
        return False
    if not one.exempt <= other.exempt:  # the contacts of 'first' are refused too, and may be exempt
        return False
    if not one.exempt - one.counts_even_if_exempt <= other.exempt - other.counts_even_if_exempt:
        return False
    return first.within >= second.within and first.order in ("either", second.order)


def limits(one: Rule, other: Rule) -> tuple[str, str]:
    """What two caps allow; their windows are said where they are not alike."""
    alike = one.window == other.window
    return _limit(one, alike), _limit(other, alike)


def _limit(rule: Rule, alike: bool) -> str:
    said = "unlimited" if rule.max is None else f"at most {rule.max}"
    if alike or rule.window is None:
        return said
    calendar = rule.window.kind == "calendar"
    return f"{said} {f'a calendar {rule.window.period}' if calendar else window_words(rule.window)}"
