"""What a caller most likely wants: everybody's shares, changed by segment, circumstances and the caller's own calls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from ivr.call import Known
from ivr.fitting import OWN_CALLS, Example, Learnt, declared
from strategies.declared.menu import Menu
from strategies.declared.playbook import Condition
from strategies.instants import DAY, Instant
from strategies.profile import FieldValue

WEEK = 7 * DAY
_LEAST_CHANCE = 1e-12
Offered = Mapping[str, tuple[str, ...]]
"""Level → targets of the items that are offered there."""


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
    """Goal → probability; they sum to 1. 0 for a goal that is not offered to this caller."""
    circumstances: tuple[Circumstances, ...] = field(default=(), repr=False)
    """What ``factors`` is told from; nothing where nothing is known."""

    @property
    def factors(self) -> dict[str, tuple[Factor, ...]]:
        """Goal → the factors whose product, over all offered goals' sum, is its probability."""
        return {goal: each.factors_of(goal) for each in self.circumstances for goal in self.probability}


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is so for one caller at one moment, as far as a menu's weights ask."""

    weights: Weights
    holding: tuple[str, ...]
    """Conditions that are true."""
    segment: str | None
    own: Mapping[str, float]
    """Goal → own calls, counted with their age."""
    again: Mapping[str, str]
    """Goal → ``day`` or ``week``."""

    def factors_of(self, goal: str) -> tuple[Factor, ...]:
        """Why a goal weighs what it does."""
        weights, share = self.weights, self.weights.shares[goal]
        found = [Factor("share", share)]
        if times := weights.segments.get(self.segment or "", {}).get(goal):
            found.append(Factor(f"segment {self.segment}", times))
        found += [
            Factor(text, times) for text in self.holding if (times := weights.conditions[text][1].get(goal))
        ]
        if calls := self.own.get(goal):
            found.append(Factor("own calls", 1 + calls / (weights.own_calls[goal] * share)))
        if goal in self.again and (times := weights.again.get(self.again[goal])):
            found.append(Factor(f"again within a {self.again[goal]}", times))
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Weights:
    """What is learnt of a menu, or declared, ready to be multiplied."""

    menu: Menu
    learnt: Learnt | None
    shares: Mapping[str, float]
    conditions: Mapping[str, tuple[Condition, Mapping[str, float]]]
    """Text → condition, and goal → times."""
    segments: Mapping[str, Mapping[str, float]]
    own_calls: Mapping[str, float]
    again: Mapping[str, float]
    half_life: int


_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")
_WEIGHTS: dict[tuple[int, int], Weights] = {}
_FIELDS: dict[int, tuple[Menu, frozenset[str]]] = {}
_REACHED: dict[tuple[int, tuple[tuple[str, tuple[str, ...]], ...]], tuple[Menu, frozenset[str]]] = {}
_MOST_KEPT = 256


def fields_read(menu: Menu) -> frozenset[str]:
    """The fields that a menu's conditions read: what a call must keep to be learnt from."""
    known = _FIELDS.get(id(menu))
    if known is None or known[0] is not menu:
        items = [item.when for node in menu.nodes.values() for item in node.items if item.when is not None]
        found = frozenset(
            name for condition in (*conditions(menu).values(), *items) for name in condition.fields
        )
        _keep(_FIELDS, id(menu), known := (menu, found))
    return known[1]


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
    weights = _weights(menu, learnt)
    holding = tuple(text for text, (when, _) in weights.conditions.items() if holds(when, facts, now))
    own, again = own_calls(menu, known, now, weights.half_life), called_again(known, now)
    weight = dict(weights.shares)
    for goal, calls in own.items():
        weight[goal] += calls / weights.own_calls[goal]
    for times in (
        weights.segments.get(segment or "", {}),
        *(weights.conditions[text][1] for text in holding),
    ):
        for goal, factor in times.items():
            weight[goal] *= factor
    for goal, lately in again.items():
        if goal in weight:
            weight[goal] *= weights.again.get(lately, 1.0)
    reached = reachable(menu, offered(menu, facts, now))
    if len(reached) < len(weight) and reached:
        weight = {goal: each if goal in reached else 0.0 for goal, each in weight.items()}
    total = sum(weight.values()) or 1.0
    return Likely(
        {goal: each / total for goal, each in weight.items()},
        (Circumstances(weights, holding, segment, own, again),),
    )


def loss_of(menu: Menu, weights: Learnt, examples: Sequence[Example]) -> float:
    """Mean logarithmic loss of weights on calls."""
    chances = (
        likely(menu, weights, each.facts, each.segment, each.known, each.at).probability.get(each.goal, 0.0)
        for each in examples
    )
    return mean_loss(chances, len(examples))


def mean_loss(chances: Iterable[float], count: int) -> float:
    """Mean logarithmic loss where these were the chances of what came true; what had none costs much, not all."""
    return math.fsum(-math.log(max(chance, _LEAST_CHANCE)) for chance in chances) / count


def offered(menu: Menu, facts: Mapping[str, FieldValue], now: Instant) -> dict[str, tuple[str, ...]]:
    """Node → targets of the items offered to this caller; one whose condition is unknown is not."""
    return {
        node.id: tuple(item.to for item in node.items if item.when is None or holds(item.when, facts, now))
        for node in menu.nodes.values()
        if node.kind == "menu"
    }


def reachable(menu: Menu, offers: Offered) -> frozenset[str]:
    """The goals that some way leads to."""
    key = (id(menu), tuple(offers.items()))
    known = _REACHED.get(key)
    if known is None or known[0] is not menu:
        seen, waiting = {menu.root}, [menu.root]
        while waiting:
            node = menu.nodes[waiting.pop()]
            onward = offers.get(node.id, ()) if node.kind == "menu" else (node.then,) if node.then else ()
            waiting += [each for each in onward if each not in seen]
            seen.update(onward)
        found = frozenset(goal for name in seen if (goal := menu.nodes[name].goal) is not None)
        _keep(_REACHED, key, known := (menu, found))
    return known[1]


def holds(when: Condition, facts: Mapping[str, FieldValue], now: Instant) -> bool:
    """Whether a condition is true; a field that is missing is unknown."""
    return when.decide({name: facts.get(name) for name in when.fields}, now) is True


def own_calls(menu: Menu, known: Known, now: Instant, half_life: int) -> dict[str, float]:
    """Goal → the caller's earlier calls of it, each halved with every half-life of its age."""
    counted: dict[str, float] = {}
    for goal, at in known.goals:
        if goal in menu.goals and at <= now:
            counted[goal] = counted.get(goal, 0.0) + 0.5 ** ((now - at) / half_life)
    return counted


def called_again(known: Known, now: Instant) -> dict[str, str]:
    """Goal → ``day`` or ``week``: how lately the caller called about it."""
    lately: dict[str, str] = {}
    for goal, at in known.goals:
        if 0 <= now - at <= WEEK:
            lately.setdefault(goal, "day" if now - at <= DAY else "week")
    return lately


def _weights(menu: Menu, learnt: Learnt | None) -> Weights:
    key = (id(menu), id(learnt))
    known = _WEIGHTS.get(key)
    if known is None or known.menu is not menu or known.learnt is not learnt:
        _keep(_WEIGHTS, key, known := _compiled(menu, learnt))
    return known


def _compiled(menu: Menu, learnt: Learnt | None) -> Weights:
    plain = declared(menu)
    found = learnt or plain
    texts = conditions(menu)
    return Weights(
        menu=menu,
        learnt=learnt,
        shares={goal: math.exp(found.shares.get(goal, plain.shares[goal])) for goal in menu.goals},
        conditions={
            text: (when, _times(menu, found.circumstances.get(text, plain.circumstances[text])))
            for text, when in texts.items()
        },
        segments={name: _times(menu, weights) for name, weights in found.segments.items()},
        own_calls={goal: found.own_calls.get(goal, OWN_CALLS) for goal in menu.goals},
        again={name: math.exp(weight) for name, weight in found.again.items()},
        half_life=found.half_life or menu.personal.half_life,
    )


def _times(menu: Menu, weights: Mapping[str, float]) -> dict[str, float]:
    return {goal: math.exp(weight) for goal, weight in weights.items() if goal in menu.goals}


def _keep(kept: dict[_Key, _Kept], key: _Key, value: _Kept) -> None:
    """A few menus at a time; each entry holds what its key names, so that a number is never another's."""
    if len(kept) >= _MOST_KEPT:
        kept.clear()
    kept[key] = value
