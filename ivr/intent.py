"""What a caller most likely wants: everybody's shares, changed by segment, circumstances and the caller's own calls."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ivr.call import Known
from ivr.fitting import Learnt, declared
from strategies.instants import DAY, Instant
from strategies.menu import Menu
from strategies.playbook import Condition
from strategies.profile import FieldValue

WEEK = 7 * DAY


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason for a probability: ``times`` is what it multiplies the goal's weight by.

    ``name`` is ``share`` (then ``times`` is the share itself), ``segment NAME``, ``own calls``, ``again within a day``,
    ``again within a week``, or a condition as written.
    """

    name: str
    times: float


@dataclass(frozen=True, slots=True)
class Likely:
    """How likely each goal is for one caller at one moment, and why."""

    probability: Mapping[str, float]
    """Goal → probability; they sum to 1."""
    factors: Mapping[str, tuple[Factor, ...]]
    """Goal → the factors whose product, over all goals' sum, is its probability."""


def fields_read(menu: Menu) -> frozenset[str]:
    """The fields that a menu's conditions read: what a call must keep to be learnt from."""
    return frozenset(
        name for condition in conditions(menu).values() for name in condition.fields
    ) | frozenset(
        name
        for node in menu.nodes.values()
        for item in node.items
        if item.when is not None
        for name in item.when.fields
    )


def conditions(menu: Menu) -> dict[str, Condition]:
    """The circumstances that make goals likelier, by their text."""
    return {likelier.when.text: likelier.when for goal in menu.goals.values() for likelier in goal.likelier}


def likely(
    menu: Menu,
    learnt: Learnt | None,
    facts: Mapping[str, FieldValue],
    segment: str | None,
    known: Known,
    now: Instant,
) -> Likely:
    """How likely each goal is. A field that is missing or unknown makes its circumstance count as absent.

    Source: conditional logit (McFadden 1974); own calls enter as the predictive rule of a Dirichlet prior whose mean are
    the shares.
    """
    plain = declared(menu)
    weights = learnt or plain
    holding = [text for text, when in conditions(menu).items() if _holds(when, facts, now)]
    own = own_calls(menu, known, now)
    again = called_again(known, now)
    factors: dict[str, tuple[Factor, ...]] = {}
    for goal in menu.goals:
        share = math.exp(weights.shares.get(goal, plain.shares[goal]))
        found = [Factor("share", share)]
        if segment is not None and (weight := weights.segments.get(segment, {}).get(goal)):
            found.append(Factor(f"segment {segment}", math.exp(weight)))
        for text in holding:
            of_text = weights.circumstances.get(text, plain.circumstances[text])
            if weight := of_text.get(goal):
                found.append(Factor(text, math.exp(weight)))
        if calls := own.get(goal):
            found.append(Factor("own calls", (1 + calls / (weights.own_calls * share)) ** weights.habit))
        if goal in again and (weight := weights.again.get(again[goal])):
            found.append(Factor(f"again within a {again[goal]}", math.exp(weight)))
        factors[goal] = tuple(found)
    return Likely(_normalised(factors), factors)


def own_calls(menu: Menu, known: Known, now: Instant) -> dict[str, float]:
    """Goal → the caller's earlier calls of it, each halved with every half-life of its age."""
    counted: dict[str, float] = {}
    for goal, at in known.goals:
        if goal in menu.goals and at <= now:
            counted[goal] = counted.get(goal, 0.0) + 0.5 ** ((now - at) / menu.personal.half_life)
    return counted


def called_again(known: Known, now: Instant) -> dict[str, str]:
    """Goal → ``day`` or ``week``: how lately the caller called about it."""
    lately: dict[str, str] = {}
    for goal, at in known.goals:
        if 0 <= now - at <= WEEK:
            lately.setdefault(goal, "day" if now - at <= DAY else "week")
    return lately


def _holds(when: Condition, facts: Mapping[str, FieldValue], now: Instant) -> bool:
    return when.decide({name: facts.get(name) for name in when.fields}, now) is True


def _normalised(factors: Mapping[str, tuple[Factor, ...]]) -> dict[str, float]:
    weights = {goal: math.prod(each.times for each in found) for goal, found in factors.items()}
    total = sum(weights.values())
    return {goal: weight / total for goal, weight in weights.items()}
