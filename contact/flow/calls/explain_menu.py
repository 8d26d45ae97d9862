"""Why a caller hears their voice menu in this order: what they likely want and why, and what held the order back."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from contact.domain.menu_learning_answers import (
    GoalLikelyAnswer,
    HeardEntryAnswer,
    HeardLevelAnswer,
    MenuExplanationAnswer,
    MenuFactorAnswer,
)
from contact.flow.calls.menu_for import language_of, menu_of, segment_of
from contact.ports import Ports
from ivr.call import NOTHING_KNOWN, Entry, Heard, Known
from ivr.fitting import learnt_of
from ivr.intent import fields_read
from ivr.ordering import Arranged, arranged, resting, seconds_to, static, way_to
from ivr.personal import PersonalMenu, offered, personal_menu
from ivr.remembering import remembered
from strategies.declared.menu import Menu
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, Instant, to_datetime
from strategies.judging import asking
from strategies.profile import CustomerId, FieldValue


async def explain_menu(
    ports: Ports, customer: str, menu_id: str | None = None, at: Instant | None = None
) -> MenuExplanationAnswer:
    """The order this caller hears now, or heard at another instant, with its reasons.

    At another instant facts and weights are those of today; calls and layout are as of then. Raises NotFound for an
    unknown customer and where no menu is published, ProblemsFound for an unknown menu.
    """
    playbook = await ports.playbooks.current()
    menu = menu_of(playbook, menu_id)
    if at is None:
        profile = await ports.profiles.gather(CustomerId(customer), playbook)
        now, known = (await ports.clock.now()).at, await ports.calls.known(customer, menu.id)
    else:
        profile = await ports.past.as_of(CustomerId(customer), playbook, at)
        now, known = at, await _known_at(ports, customer, menu, at)
    facts = asking.facts_of(playbook, profile)
    learnt = learnt_of(await ports.calls.learnt(menu.id))
    read = {name: facts.get(name) for name in fields_read(menu)}
    segment, language = segment_of(playbook, facts, now), language_of(playbook, None, profile.language)
    found = personal_menu(menu, learnt, read, segment, known, customer, language, now)
    return _explained(playbook, found, read, known, customer, now, learnt.examples if learnt else 0)


async def _known_at(ports: Ports, customer: str, menu: Menu, at: Instant) -> Known:
    """What earlier calls had left behind by then."""
    journeys = await ports.calls.between(Instant(0), at, menu=menu.id, customer=customer)
    return reduce(remembered, journeys, NOTHING_KNOWN)


def _explained(
    playbook: Playbook, found: PersonalMenu, facts: Mapping[str, FieldValue], known: Known, customer: str,
    now: Instant, learnt_from: int,
) -> MenuExplanationAnswer:  # fmt: skip
    menu, order, language = found.menu, found.arranged, found.language
    offers = offered(menu, facts, now)
    usual, chances = static(menu, offers), found.likely.probability
    free = arranged(menu, chances, language, offers, Known(known.goals), now)
    factors, title = found.likely.factors, playbook.operator.languages[0]
    goals = [
        GoalLikelyAnswer(
            goal=goal,
            title=menu.goals[goal].title.get(title, goal),
            probability=chance,
            factors=[MenuFactorAnswer(name=each.name, times=round(each.times, 4)) for each in factors[goal]],
            seconds=_seconds(menu, order, goal, language),
            static_seconds=_seconds(menu, usual, goal, language),
        )
        for goal, chance in sorted(chances.items(), key=lambda each: -each[1])
    ]
    pressed = _pressed(menu, order, chances)
    return MenuExplanationAnswer(
        customer=customer,
        at=to_datetime(now),
        menu=menu.id,
        arm=found.arm,
        language=language,
        learnt_from=learnt_from,
        ask=order.ask,
        seconds=order.seconds,
        static_seconds=order.static_seconds,
        bound=order.bound,
        unfamiliar_seconds=order.unfamiliar,
        goals=goals,
        levels=[
            _level(menu, node, order, free, known.heard.get(node), pressed, now)
            for node in order.levels
            if order.levels[node] and found.arm == "personal"
        ],
    )


def _seconds(menu: Menu, order: Arranged, goal: str, language: str) -> float | None:
    way = seconds_to(menu, order, goal, language)
    return None if way is None else way[0]


def _pressed(menu: Menu, order: Arranged, chances: Mapping[str, float]) -> dict[tuple[str, str], float]:
    """(Level, key) → how likely this caller presses it."""
    found: dict[tuple[str, str], float] = {}
    for goal, chance in chances.items():
        way = way_to(menu, order, goal)
        for node, entry in way.pressed if way is not None else ():
            found[node, entry.key] = found.get((node, entry.key), 0.0) + chance
    return found


def _level(
    menu: Menu, node: str, order: Arranged, free: Arranged, heard: Heard | None,
    pressed: Mapping[tuple[str, str], float], now: Instant,
) -> HeardLevelAnswer:  # fmt: skip
    entries = order.levels[node]
    remembered = heard if heard is not None and now - heard.at < menu.personal.remembered else None
    rest = resting(menu, remembered, now) if remembered is not None else frozenset[str]()
    return HeardLevelAnswer(
        node=node,
        entries=[
            HeardEntryAnswer(
                key=each.key,
                to=each.to,
                lifted=each.lifted,
                probability=pressed.get((node, each.key), 0.0),
                before=None if remembered is None else remembered.keys.get(each.key),
                rests=each.key in rest,
            )
            for each in entries
        ],
        heard_at=None if remembered is None else to_datetime(remembered.at),
        held_back=""
        if remembered is None
        else _held_back(menu, entries, free.levels[node], remembered, rest),
    )


def _held_back(
    menu: Menu, entries: tuple[Entry, ...], free: tuple[Entry, ...], heard: Heard, rest: frozenset[str]
) -> str:
    """Which constraint kept the level from the order that a caller would hear who remembers none."""
    if entries == free:
        return ""
    wanted = sum(heard.keys.get(each.key, each.to) != each.to for each in free)
    reasons = []
    if kept := sorted(key for key in rest if any(each.key == key for each in entries)):
        days = menu.personal.moves_within / DAY
        reasons.append(f"{'keys' if len(kept) > 1 else 'key'} {', '.join(kept)} changed within {days:g} days")
    if wanted > menu.personal.changes:
        reasons.append(f"no more than {menu.personal.changes} keys may change")
    return "; ".join(reasons) or "what is familiar is as good"
