"""What journeys say of why people call: weights of goals by segment, circumstance and habit, learnt or as declared.

Conditional logit (McFadden 1974) whose coefficients have normal priors around what the menu declares (MAP, as in Murphy,
Machine Learning, 2012, 8.3.6): few calls leave shares and times as declared, many speak for themselves. A caller's own
calls enter beside a goal's share, as in the predictive rule of a Dirichlet prior.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from ivr.call import ENQUIRY, NOTHING_KNOWN, Journey, Known
from strategies.declared.menu import Menu
from strategies.instants import Instant
from strategies.profile import FieldValue

OWN_CALLS = 10.0
"""How many of a caller's own calls weigh as much as everybody's shares, before anything is learnt."""
LEAST_SHARE = 1e-9
TOLD_SHARE = 0.1
"""Of the calls: where as many have facts, those without are left out; where fewer, they are all there is to learn from."""


@dataclass(frozen=True, slots=True)
class Example:
    """One earlier call: what was known when it began, and what it was about."""

    at: Instant
    goal: str
    facts: Mapping[str, FieldValue]
    segment: str | None = None
    known: Known = NOTHING_KNOWN


def says_why(menu: Menu, call: Journey) -> bool:
    """Whether a call says why somebody called this menu; what agents noted down was not asked of it."""
    return call.goal is not None and menu.serving(call.goal) is not None and call.source != ENQUIRY


def example_of(call: Journey, known: Known) -> Example:
    """What a call that says why teaches, with what was known of its caller when it began."""
    return Example(call.at, call.goal or "", call.facts, call.segment, known)


class Learnt(msgspec.Struct, frozen=True, omit_defaults=True):
    """Weights of a menu's goals; logarithms, so that 0 changes nothing. Later goals and circumstances are not in it."""

    menu: str
    shares: dict[str, float] = {}
    """Goal → logarithm of its share of all calls in which no circumstance holds."""
    segments: dict[str, dict[str, float]] = {}
    """Segment → goal → weight."""
    circumstances: dict[str, dict[str, float]] = {}
    """Condition as written → goal → weight where it is true."""
    own_calls: dict[str, float] = {}
    """Goal → how many own calls about it weigh as much as everybody's shares."""
    half_life: int | None = None
    """Microseconds after which an own call counts half; None: as the menu declares."""
    again: dict[str, float] = {}
    """``day``, ``week`` → weight of a goal that the caller called about within that time."""
    examples: int = 0
    until: Instant = Instant(0)
    """Instant of the newest call it was learnt from."""
    loss: float = 0.0
    """Mean logarithmic loss on calls that were held back, later than those it was judged by."""
    declared_loss: float = 0.0
    """The same of shares and times as declared."""

    def as_json(self) -> dict[str, Any]:
        """As kept."""
        built: dict[str, Any] = msgspec.to_builtins(self)
        return built


def learnt_of(kept: Mapping[str, Any] | None) -> Learnt | None:
    """What ``as_json`` gave; None where nothing was kept, or in a form of another version."""
    if kept is None:
        return None
    try:
        return msgspec.convert(kept, Learnt)
    except msgspec.ValidationError:
        return None


def declared(menu: Menu) -> Learnt:
    """Shares and times as the menu declares them: what holds before anything was learnt."""
    total = sum(goal.share for goal in menu.goals.values()) or 1.0
    circumstances: dict[str, dict[str, float]] = {}
    for goal in menu.goals.values():
        for likelier in goal.likelier:
            circumstances.setdefault(likelier.when.text, {})[goal.id] = math.log(likelier.times)
    return Learnt(
        menu.id,
        shares={goal.id: math.log(max(goal.share / total, LEAST_SHARE)) for goal in menu.goals.values()},
        circumstances=circumstances,
    )


def fit(menu: Menu, examples: Sequence[Example], half_life: int | None = None) -> Learnt:
    """What these calls say of a menu; as declared where there are none.

    Calls of which no fact was kept say nothing where one in ten or more has facts: their circumstances are not known.
    So say calls about a goal that the menu has no more. Where none is given several half-lives are tried, the likeliest
    kept.
    """
    usable = [each for each in examples if each.goal in menu.goals]
    told = [each for each in usable if each.facts]
    if told and len(told) >= TOLD_SHARE * len(usable):
        usable = told
    plain = declared(menu)
    if not usable:
        return plain
    from ivr.fitting_logit import fitted  # scipy: for whoever learns, not for whoever answers a call

    return fitted(menu, plain, usable, half_life)
