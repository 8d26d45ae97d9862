"""What an ended call leaves behind for the caller's next one."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.call import Heard, Journey, Known
from strategies.instants import Instant

KEPT_GOALS = 20
KEPT_MOVES = 10
"""Changes of one key; more than any rate of a menu can ask about."""


def remembered(known: Known, journey: Journey) -> Known:
    """What is known with this ended call; the same call twice, or one that was told late, changes nothing twice."""
    goals = set(known.goals)
    if journey.goal is not None:
        goals.add((journey.goal, journey.at))
    newest = _newest(goals)
    heard = dict(known.heard)
    for node, keys in journey.heard.items():
        before = heard.get(node)
        if before is None or before.at < journey.at:
            heard[node] = Heard(dict(keys), journey.at, _moved(before, keys, journey.at))
    return Known(newest, heard)


def together(one: Known, other: Known) -> Known:
    """What is known of a caller who was kept as two; of each level what was heard last."""
    heard = dict(one.heard)
    for node, each in other.heard.items():
        if node not in heard or heard[node].at < each.at:
            heard[node] = each
    return Known(_newest({*one.goals, *other.goals}), heard)


def _newest(goals: set[tuple[str, Instant]]) -> tuple[tuple[str, Instant], ...]:
    return tuple(sorted(goals, key=lambda each: (-each[1], each[0]))[:KEPT_GOALS])


def _moved(before: Heard | None, keys: Mapping[str, str], at: Instant) -> Mapping[str, tuple[Instant, ...]]:
    """A key that leads elsewhere than it did has changed its meaning; one that is new, or gone, has not."""
    if before is None:
        return {}
    moved = dict(before.moved)
    for key, to in keys.items():
        if key in before.keys and before.keys[key] != to:
            moved[key] = (*moved.get(key, ()), at)[-KEPT_MOVES:]
    return moved
