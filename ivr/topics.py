"""What callers ask about: topics by group of callers, and which groups ask for what more than others do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ivr.call import ENQUIRY, Journey

FREQUENT = "frequent"
"""The group of those who called ``OFTEN`` times or more in the time looked at."""
OFTEN = 3
EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class TopicCount:
    """One topic among the calls of one group."""

    topic: str
    calls: int
    callers: int
    share: float
    """Of the group's calls that had a topic."""
    times: float
    """The share held against everybody's: above 1 the group asks it more often than others do."""


def groups_of(calls: Sequence[Journey], segments: Mapping[str, Collection[str]]) -> dict[str, frozenset[str]]:
    """Group → its callers: those of each segment, and those who called often.

    A call of the menu and what an agent noted down of it are one call: the larger of the two numbers counts.
    """
    of_menus = Counter(call.customer for call in calls if call.customer and call.source != ENQUIRY)
    noted = Counter(call.customer for call in calls if call.customer and call.source == ENQUIRY)
    often = of_menus | noted
    found = {name: frozenset(often.keys() & members) for name, members in segments.items()}
    found[FREQUENT] = frozenset(name for name, times in often.items() if name and times >= OFTEN)
    return found


def hot_topics(
    calls: Sequence[Journey], groups: Mapping[str, Collection[str]]
) -> dict[str, tuple[TopicCount, ...]]:
    """Group → its topics, the most asked first; ``EVERYBODY`` holds callers not known, too. Groups may overlap."""
    asked = [call for call in calls if call.goal is not None]
    everybody = _counted(asked, {})
    usual = {each.topic: each.share for each in everybody}
    found = {EVERYBODY: everybody}
    for name, members in groups.items():
        found[name] = _counted([call for call in asked if call.customer in members], usual)
    return found


def _counted(calls: Sequence[Journey], usual: Mapping[str, float]) -> tuple[TopicCount, ...]:
    times: Counter[str] = Counter()
    callers: dict[str, set[str]] = defaultdict(set)
    for call in calls:
        topic = call.goal or ""
        times[topic] += 1
        if call.customer is not None:
            callers[topic].add(call.customer)
    total = len(calls)
    found = (
        TopicCount(topic, count, len(callers[topic]), count / total, count / total / usual.get(topic, count / total))
        for topic, count in times.items()
    )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (-each.calls, each.topic)))


def by_day(calls: Sequence[Journey], days: Mapping[str, int]) -> dict[str, Counter[int]]:
    """Topic → day → calls; ``days`` are the days of calls by their ids."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for call in calls:
        if call.goal is not None:
            found[call.goal][days[call.id]] += 1
    return found
