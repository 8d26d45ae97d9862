"""Passes over strategies seen together: two that want the same people in the same channel, one of which never gets them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from strategies.checking.implied import Implied
from strategies.checking.rule_reach import holds_as_long
from strategies.conditions.range import spans_of
from strategies.declared.playbook import Offer, Playbook, Strategy
from strategies.problems import Hint, Problem


def strategy_warnings(playbook: Playbook) -> Iterator[Problem]:
    """Strategies of one category and channel for the same people, of which one always comes second, or none comes first.

    Of dated values it is said where it holds with all of them.
    """
    first, *others = [
        list(_at_one_time_of_values(replace(playbook, strategies=values.strategies)))
        for _, values in playbook.later
    ] or [list(_at_one_time_of_values(playbook))]
    yield from (problem for problem in first if all(problem in each for each in others))


def _at_one_time_of_values(playbook: Playbook) -> Iterator[Problem]:
    audiences = [strategy.audience for strategy in playbook.strategies]
    implied = Implied(audiences, spans_of(playbook.fields, playbook.operator.minor_per_major))
    for first, second in _rivals(playbook, implied):
        for channel in sorted(_channels(first) & _channels(second)):
            found = _fighting(playbook, first, second, channel, implied)
            if found is not None:
                yield found
                break


def _rivals(playbook: Playbook, implied: Implied) -> Iterator[tuple[Strategy, Strategy]]:
    """Every two strategies of one category and time of which the audience of one lies in the other's."""
    by_audience: dict[tuple[str, str], list[int]] = {}
    for number, strategy in enumerate(playbook.strategies):
        by_audience.setdefault((strategy.audience.text, strategy.category), []).append(number)
    pairs = {
        (min(number, other), max(number, other))
        for number, strategy in enumerate(playbook.strategies)
        for audience in implied.wider(strategy.audience)
        for other in by_audience.get((audience, strategy.category), ())
        if other != number
    }
    for one, other in sorted(pairs):
        first, second = playbook.strategies[one], playbook.strategies[other]
        if _at_one_time(first, second):
            yield first, second


def _channels(strategy: Strategy) -> set[str]:
    return {name for offer in strategy.offers for name in offer.channels}


def _at_one_time(first: Strategy, second: Strategy) -> bool:
    starts = [each.valid_from for each in (first, second) if each.valid_from is not None]
    ends = [each.valid_until for each in (first, second) if each.valid_until is not None]
    return not starts or not ends or max(starts) < min(ends)


def _fighting(
    playbook: Playbook, first: Strategy, second: Strategy, channel: str, implied: Implied
) -> Problem | None:
    """Which of two always comes behind the other in a channel, or that neither does, where that is certain."""
    if first.switched_off != second.switched_off or first.contexts or second.contexts:
        return None
    for ahead, behind in ((first, second), (second, first)):
        if ahead.audience.text not in implied.wider(behind.audience) or not holds_as_long(ahead, behind):
            continue
        certain = _weights(playbook, ahead, channel, certain=True)
        possible = _weights(playbook, behind, channel, certain=False)
        if len(possible) != 1 or not possible.keys() <= certain.keys():
            continue
        ((source, low),) = possible.items()
        if source and behind.explores:  # drawn without a propensity, it may stand alone
            continue
        if low < certain[source]:
            always = f"strategy '{behind.id}' always comes behind '{ahead.id}' in channel '{channel}'"
            worth = f"{_whose(ahead, behind)}, and {low:g} against {certain[source]:g}"
            hint = Hint("give each an audience of its own, or a context that puts it first")
            return Problem("warning.fight", f"{always}: {worth}", behind.place, hint, "warning")
        every = (
            _weights(playbook, each, channel, certain=sure)
            for each in (ahead, behind)
            for sure in (True, False)
        )
        if ahead is first and all(each == possible for each in every):
            alike = f"strategies '{first.id}' and '{second.id}' are worth the same in channel '{channel}'"
            worth = f"{_whose(first, second)}, and {low:g} each"
            hint = Hint("say by value or levers which comes first, or give each an audience of its own")
            return Problem("warning.fight", f"{alike}: {worth}", second.place, hint, "warning")
    return None


def _whose(wide: Strategy, narrow: Strategy) -> str:
    if wide.audience.text == narrow.audience.text:
        return "one audience"
    return f"the audience of '{narrow.id}' lies in that of '{wide.id}'"


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
        if source and offer.per_line:  # each line has its own
            source = f"{source} of a line"
        constant = 1.0 if off or way.propensity is None else way.propensity
        weight = constant * _worth(playbook, strategy, offer)
        found[source] = max(found.get(source, 0.0), weight)
    return found


def _worth(playbook: Playbook, strategy: Strategy, offer: Offer) -> float:
    off = strategy.switched_off
    levers = strategy.lever_category_percent + strategy.lever_family_percent + offer.lever_percent
    value = 1.0 if "value" in off else offer.value_minor / playbook.operator.minor_per_major
    return value * (1.0 if "lever" in off else 1 + levers / 100)
