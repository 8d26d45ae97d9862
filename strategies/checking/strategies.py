"""Passes over strategies seen together: two that want the same people in the same channel, one of which never gets them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from strategies.checking.rule_reach import holds_as_long
from strategies.declared.playbook import Offer, Playbook, Strategy
from strategies.problems import Problem


def strategy_warnings(playbook: Playbook) -> Iterator[Problem]:
    """Strategies for one audience and category of which one always comes second."""
    by_audience: dict[tuple[str, str], list[Strategy]] = {}
    for strategy in playbook.strategies:
        by_audience.setdefault((strategy.audience.text, strategy.category), []).append(strategy)
    for rivals in by_audience.values():
        for first, second in combinations(rivals, 2):
            if not _at_one_time(first, second):
                continue
            for channel in sorted(_channels(first) & _channels(second)):
                found = _always_second(playbook, first, second, channel)
                if found is not None:
                    yield found
                    break


def _channels(strategy: Strategy) -> set[str]:
    return {name for offer in strategy.offers for name in offer.channels}


def _at_one_time(first: Strategy, second: Strategy) -> bool:
    starts = [each.valid_from for each in (first, second) if each.valid_from is not None]
    ends = [each.valid_until for each in (first, second) if each.valid_until is not None]
    return not starts or not ends or max(starts) < min(ends)


def _always_second(playbook: Playbook, first: Strategy, second: Strategy, channel: str) -> Problem | None:
    """Which of two always comes behind the other in a channel, where that is certain."""
    if first.switched_off != second.switched_off or first.contexts or second.contexts:
        return None
    for ahead, behind in ((first, second), (second, first)):
        certain = _weights(playbook, ahead, channel, certain=True) if holds_as_long(ahead, behind) else {}
        possible = _weights(playbook, behind, channel, certain=False)
        if len(possible) != 1 or not possible.keys() <= certain.keys():
            continue
        ((source, low),) = possible.items()
        if low < certain[source]:
            message = (
                f"strategy '{behind.id}' always comes behind '{ahead.id}' in channel '{channel}':"
                f" one audience, and {low:g} against {certain[source]:g}"
            )
            hint = "give each an audience of its own, or a context that puts it first"
            return Problem("warning.fight", message, behind.place, hint, "warning")
    return None


def _weights(playbook: Playbook, strategy: Strategy, channel: str, *, certain: bool) -> dict[str, float]:
    """Propensity field (empty for a constant) → the highest weight of the strategy's offers in a channel.

    ``certain``: only of offers that suit the whole audience, which are sure to be there.
    """
    found: dict[str, float] = {}
    for offer in strategy.offers:
        way = offer.channels.get(channel)
        if way is None or (certain and (offer.suitable is not None or offer.per_line)):
            continue
        off = "propensity" in strategy.switched_off
        source = "" if off else way.propensity_field or ""
        constant = 1.0 if off or way.propensity is None else way.propensity
        weight = constant * _worth(playbook, strategy, offer)
        found[source] = max(found.get(source, 0.0), weight)
    return found


def _worth(playbook: Playbook, strategy: Strategy, offer: Offer) -> float:
    off = strategy.switched_off
    levers = strategy.lever_category_percent + strategy.lever_family_percent + offer.lever_percent
    value = 1.0 if "value" in off else offer.value_minor / playbook.operator.minor_per_major
    return value * (1.0 if "lever" in off else 1 + levers / 100)
