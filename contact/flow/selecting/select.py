"""Select customers: how many a condition finds, and how many are left after each exclusion, over everybody at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from contact.domain.selection_answers import ExclusionAnswer, SelectionAnswer
from contact.flow.gather import known_channel, known_strategy, unknown
from contact.ports import BaseView, Ports
from contact.ports.base import BASE_MAX_AGE
from strategies.candidate import Candidate
from strategies.conditions.columns import Mask
from strategies.conditions.columns_masks import is_not_false, is_true
from strategies.conditions.language import compile_condition
from strategies.declared.playbook import Channel, Condition, Playbook, Strategy
from strategies.instants import Instant, to_datetime
from strategies.judging.many import fields_judged, refused_many
from strategies.judging.people import People, slots
from strategies.offering.eligibility import STRATEGY_CONTROL, UNIVERSAL_CONTROL
from strategies.problems import Hint, Problem, ProblemsFound, Where

STATE, DO_NOT_DISTURB, FREQUENCY, HOURS, CONTROL = "state", "do_not_disturb", "frequency", "hours", "control"
NO_NUMBER = "channel.number"
"""Built-in name under ``state``: the channel needs a number and none is on file."""
SAMPLE = 5
_EFFECTS: Mapping[str, tuple[str, ...]] = {
    STATE: ("validity", "forbid"),
    DO_NOT_DISTURB: ("consent",),
    FREQUENCY: ("cap", "suppress", "pair", "cooldown"),
    HOURS: ("hours",),
}
Step = tuple[str, Mapping[str, Mask]]
"""Name of an exclusion, and whom each of its reasons refuses."""


@dataclass(frozen=True, slots=True)
class Selected:
    """An answer with the customers themselves: numbers of those found and of those left, in the base's order."""

    answer: SelectionAnswer
    view: BaseView
    found: Mask
    left: Mask

    def customers(self) -> list[str]:
        """The ids of those who are left."""
        return self.view.customers(np.flatnonzero(self.left).tolist())


@dataclass(frozen=True, slots=True)
class _Asked:
    playbook: Playbook
    condition: Condition
    channel: Channel
    candidate: Candidate
    strategy: Strategy | None
    without: tuple[Condition, ...]

    @property
    def fields(self) -> frozenset[str]:
        """Every field that the selection reads."""
        read = fields_judged(self.playbook, self.candidate) | self.condition.fields
        return read.union(*(each.fields for each in self.without))


async def selected(
    ports: Ports,
    condition: str | None,
    *,
    channel: str,
    category: str | None = None,
    strategy: str | None = None,
    without: Sequence[str] = (),
    at: Instant | None = None,
    base_max_age: float = BASE_MAX_AGE,
) -> Selected:
    """How many customers a condition finds, how many of them could be contacted in a channel about a category, and who.

    Excluded in this order: state (rules that forbid), do-not-disturb (consents), frequency (caps and rests), hours where
    an instant is asked for, control groups, and whom a condition of ``without`` may be true of. With a strategy its
    category, validity and own control group count; without a condition its audience is selected. Raises ProblemsFound.
    """
    begun = time.perf_counter()
    moment = at if at is not None else (await ports.clock.now()).at
    playbook = (await ports.playbooks.current()).at(moment)
    asked = _asked(playbook, condition, channel, category, strategy, without)
    view = await ports.base.view(asked.fields, playbook, people=True, max_age=base_max_age)
    return await asyncio.to_thread(_selected, asked, view, moment, hours=at is not None, begun=begun)


def compiled(playbook: Playbook, text: str, place: str = "condition") -> Condition:
    """A condition over the playbook's fields. Raises ProblemsFound."""
    operator = playbook.operator
    return compile_condition(
        text,
        playbook.fields,
        Where(place, 1, 1),
        minor_per_major=operator.minor_per_major,
        zone=operator.zone,
    )


def _asked(
    playbook: Playbook,
    condition: str | None,
    channel: str,
    category: str | None,
    strategy: str | None,
    without: Iterable[str],
) -> _Asked:
    way = known_channel(playbook, channel)
    about = known_strategy(playbook, strategy) if strategy is not None else None
    if about is not None:
        category = category or about.category
    if condition is None and about is None:
        hint = Hint("give a condition, or a strategy whose audience is meant")
        raise ProblemsFound([Problem("condition.syntax", "nothing is asked for", Where("condition"), hint)])
    if category is None:
        hint = Hint(
            "one of: %(names)s; or name a strategy", names=", ".join(sorted(playbook.operator.categories))
        )
        message = "the category of the contact is needed: other rules hold for each"
        raise ProblemsFound([Problem("key.missing", message, Where("category"), hint)])
    if category not in playbook.operator.categories:
        raise ProblemsFound([unknown("category", category, playbook.operator.categories)])
    return _Asked(
        playbook,
        about.audience if condition is None and about is not None else compiled(playbook, condition or ""),
        way,
        Candidate(
            channel,
            category,
            direction=way.direction,
            promotional=playbook.operator.categories[category],
            strategy=about.id if about is not None else "",
        ),
        about,
        tuple(compiled(playbook, text, "without") for text in without),
    )


def _selected(asked: _Asked, view: BaseView, at: Instant, *, hours: bool, begun: float) -> Selected:
    people = view.people
    assert people is not None  # it was asked for
    found = is_true(asked.condition, view.columns, at)
    if view.within is not None:
        found &= view.within
    left, steps = found.copy(), list[ExclusionAnswer]()
    for name, refused in _steps(asked, people, at, hours=hours):
        before = int(left.sum())
        for mask in refused.values():
            left &= ~mask
        alone = {rule: count for rule, mask in refused.items() if (count := int((mask & found).sum()))}
        remaining = int(left.sum())
        ranked = dict(sorted(alone.items(), key=lambda each: (-each[1], each[0])))
        steps.append(ExclusionAnswer(name, before - remaining, remaining, ranked))
    answer = SelectionAnswer(
        condition=asked.condition.text,
        total=people.count if view.within is None else int(view.within.sum()),
        found=int(found.sum()),
        exclusions=steps,
        left=int(left.sum()),
        base_at=to_datetime(view.at),
        age_seconds=view.age_seconds,
        playbook=asked.playbook.version,
        seconds=time.perf_counter() - begun,
        sample=view.customers(np.flatnonzero(left)[:SAMPLE].tolist()),
    )
    return Selected(answer, view, found, left)


def _steps(asked: _Asked, people: People, at: Instant, *, hours: bool) -> Iterable[Step]:
    """The exclusions in order, each worked out when its turn comes."""
    for name, effects in _EFFECTS.items():
        if name == HOURS and not hours:
            continue
        refused: dict[str, Mask] = refused_many(asked.playbook, asked.candidate, people, at, effects=effects)
        if name == STATE and asked.channel.needs_number:
            refused[NO_NUMBER] = people.subjects["number"] < 0
        yield name, refused
    yield CONTROL, in_control(asked.playbook, asked.strategy, people, promotional=asked.candidate.promotional)
    for condition in asked.without:
        yield condition.text, _outside(condition, people, at)


def in_control(
    playbook: Playbook, strategy: Strategy | None, people: People, *, promotional: bool
) -> dict[str, Mask]:
    """Who is drawn for the universal control, and for the strategy's own; mirrors ``eligibility.arm``."""
    found: dict[str, Mask] = {}
    universal = playbook.operator.universal_control_hundredths
    if promotional and universal:
        found[UNIVERSAL_CONTROL] = slots(people.hashes, "universal") < universal
    if strategy is not None and strategy.control_hundredths:
        own = slots(people.hashes, strategy.control_salt) < strategy.control_hundredths
        found[STRATEGY_CONTROL] = own & ~found[UNIVERSAL_CONTROL] if UNIVERSAL_CONTROL in found else own
    return found


def _outside(condition: Condition, people: People, at: Instant) -> dict[str, Mask]:
    """Whom a condition excludes: those of whom it is true, and those of whom that is not known."""
    true = is_true(condition, people.columns, at)
    return {"true": true, "unknown": is_not_false(condition, people.columns, at) & ~true}
