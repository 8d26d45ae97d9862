"""Prohibitions seen together with what they shut in: two that leave nobody, a rerouting into one, an offer behind them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from strategies.checking.implied import Implied, reading_one_field, size
from strategies.checking.rule_reach import NAMED, Reach, covers, may_meet, place_of
from strategies.conditions.range import never_together
from strategies.conditions.spans import Spans
from strategies.declared.conditions_tree import Not
from strategies.declared.playbook import Condition, Playbook, Rule, Strategy
from strategies.problems import Hint, Problem, Where

MOST_LEAVES_OF_TWO = 3
"""Of the conditions of two prohibitions that are asked whether they leave nobody: who means that writes it briefly."""


def wall_warnings(
    playbook: Playbook, reaches: Sequence[Reach], implied: Implied, spans: Spans
) -> Iterator[Problem]:
    """What prohibitions leave nothing of."""
    yield from _rerouted_into_a_wall(playbook, reaches, implied)
    yield from _offers_walled_in(playbook, reaches, spans)
    yield from _nobody_left(reaches, spans)


def _warning(message: str, where: Where, hint: Hint) -> Problem:
    return Problem("warning.contradictory", message, where, hint, "warning")


def _everywhere(reaches: Sequence[Reach]) -> list[Reach]:
    """Prohibitions of everybody they are about, in all units and for good."""
    return [
        each
        for each in reaches
        if each.rule.effect == "forbid"
        and each.rule.segment is None
        and each.rule.match.units is None
        and each.rule.match.jurisdictions is None
        and each.rule.valid_from is None
        and each.rule.valid_until is None
    ]


def _rerouted_into_a_wall(
    playbook: Playbook, reaches: Sequence[Reach], implied: Implied
) -> Iterator[Problem]:
    """A rule that sends contacts on to a channel in which another forbids all of them."""
    walls = [each for each in _everywhere(reaches) if each.rule.when is None]
    for each in reaches:
        for channel in each.rule.reroute:
            moved = replace(each, channels=frozenset({channel}))
            wall = next((wall for wall in walls if covers(playbook, wall, moved, implied)), None)
            if wall is not None:
                message = f"rule '{each.rule.id}' sends on to {channel}, where '{wall.rule.id}' forbids it"
                yield _warning(
                    message,
                    each.rule.place,
                    Hint("name another channel, or drop (%(place)s)", place=place_of(wall.rule)),
                )


def _offers_walled_in(playbook: Playbook, reaches: Sequence[Reach], spans: Spans) -> Iterator[Problem]:
    """An offer that is forbidden in each of its channels, to everybody of its audience."""
    walls = _everywhere(reaches)
    known: dict[tuple[str, str], bool] = {}
    for strategy in playbook.strategies:
        around = [
            wall
            for wall in walls
            if strategy.category in wall.categories and _shuts_in(wall.rule, strategy, spans, known)
        ]
        for offer in strategy.offers:
            names = {"strategies": strategy.id, "offers": offer.id, "families": offer.family}
            against = {
                channel: wall.rule
                for channel in offer.channels
                for wall in around
                if channel in wall.channels
                # a rule asks about the line of such an offer, the audience about the customer
                and (wall.rule.when is None or not offer.per_line)
                and all(
                    named is None or names[key] in named
                    for key in NAMED
                    for named in (getattr(wall.rule.match, key),)
                )
            }
            if offer.channels and against.keys() >= offer.channels.keys():
                rules = ", ".join(f"'{id}'" for id in sorted({rule.id for rule in against.values()}))
                whom = "" if all(rule.when is None for rule in against.values()) else " to all its audience"
                message = f"offer '{offer.id}' is forbidden{whom} in each of its channels by {rules}"
                hint = (
                    Hint("let the rule exempt it, or make it to others")
                    if whom
                    else Hint("add a channel, or let the rule exempt it")
                )
                yield _warning(message, offer.place, hint)


def _shuts_in(wall: Rule, strategy: Strategy, spans: Spans, known: dict[tuple[str, str], bool]) -> bool:
    """Whether the prohibition holds for everybody of the audience."""
    audience = strategy.audience
    if wall.when is None:
        return True
    if not wall.when.fields or not wall.when.fields <= audience.fields:
        return False
    key = (audience.text, wall.when.text)
    if key not in known:
        known[key] = _never_met(spans, [audience], [wall.when])
    return known[key]


def _never_met(spans: Spans, true: Sequence[Condition], false: Sequence[Condition]) -> bool:
    """Whether there is nobody of whom the first are true and the others false."""
    trees = [each.tree for each in true if each.tree is not None]
    trees += [Not(each.tree) for each in false if each.tree is not None]
    return len(trees) == len(true) + len(false) and never_together(trees, spans)


def _nobody_left(reaches: Sequence[Reach], spans: Spans) -> Iterator[Problem]:
    """Two prohibitions of which one or the other holds for everybody."""
    told: set[tuple[str, str]] = set()
    for group in reading_one_field(_everywhere(reaches), lambda each: each.rule.when):
        for first, second in combinations(group, 2):
            one, other = first.rule, second.rule
            if one.when is None or other.when is None or one.id == other.id or (one.id, other.id) in told:
                continue
            if size(one.when) + size(other.when) > MOST_LEAVES_OF_TWO:
                continue
            if may_meet(first, second) and _never_met(spans, [], [one.when, other.when]):
                told.add((one.id, other.id))
                channels = ", ".join(sorted(first.channels & second.channels))
                everything = _is_about_all(one) and _is_about_all(other)
                what = "everything" if everything else "all that both are about"
                message = f"rules '{one.id}' and '{other.id}' together forbid {what} for {channels}"
                yield _warning(
                    message,
                    other.place,
                    Hint("leave somebody to whom neither applies (%(place)s)", place=place_of(one)),
                )


def _is_about_all(rule: Rule) -> bool:
    """Whether it forbids all contacts of its channels."""
    about = rule.match
    named = (*(getattr(about, key) for key in NAMED), about.categories, about.promotional)
    return all(each is None for each in named) and not rule.exempt
