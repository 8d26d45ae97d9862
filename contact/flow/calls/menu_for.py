"""The menu of one caller: what is known of them and of their calls, laid into an order; else everybody's menu."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass

import msgspec

from contact.clock import real_now
from contact.domain.menu_answers import CallerMenuAnswer, MenuKeyAnswer, MenuLevelAnswer
from contact.faults import NotFound, StoreUnavailable
from contact.flow.gather import unknown
from contact.ports import Ports
from contact.ports.callers import CallerAsked, CallerSeen
from ivr.intent import Likely, fields_read, likely
from ivr.personal import PersonalMenu, personal_menu, static_menu
from strategies.declared.calendar import local_day, start_of_day
from strategies.declared.menu import Menu
from strategies.declared.playbook import Playbook
from strategies.instants import MINUTE, Instant
from strategies.judging import asking
from strategies.problems import ProblemsFound
from strategies.profile import CustomerId, FieldValue

USUAL = "main"
KEPT_FOR = 10 * MINUTE
"""How old a kept answer becomes: earlier calls weigh a ten-thousandth less by then."""


@dataclass(frozen=True, slots=True)
class CallerNow:
    """What a menu is made of for one caller at one moment."""

    seen: CallerSeen
    customer: CustomerId
    facts: Mapping[str, FieldValue]
    segment: str | None
    language: str
    unit: str | None
    until: Instant | None
    """When time alone changes the facts."""

    def likely(self, menu: Menu) -> Likely:
        """What they most likely want."""
        seen = self.seen
        return likely(menu, seen.learnt, self.facts, self.segment, seen.known, seen.at)


@dataclass(frozen=True, slots=True)
class CallerMenu:
    """What one caller hears, and what it was made of."""

    personal: PersonalMenu
    playbook: Playbook
    at: Instant
    customer: CustomerId | None = None
    """None: nobody we know, or nobody we could look up; they hear everybody's menu."""
    facts: Mapping[str, FieldValue] | None = None
    """The fields that the menu's conditions read; None where they could not be read."""
    segment: str | None = None
    unit: str | None = None
    without: str = ""
    """What was missing: ``store``, or nothing."""
    until: Instant | None = None
    """When time alone changes the facts."""

    @property
    def menu(self) -> Menu:
        return self.personal.menu


async def menu_for(
    ports: Ports, customer: str | None, menu_id: str | None = None, language: str | None = None
) -> CallerMenu:
    """The menu of a caller now; everybody's for a caller not known (None), and where the store does not answer in time.

    ``menu_id`` None: ``main``, else the first; ``language`` None, or one that the operator does not speak: the customer's,
    else the operator's first. Raises NotFound for a customer who is not there and where no menu is published, ProblemsFound
    for an unknown menu.
    """
    playbook = await ports.playbooks.at_hand()
    menu = menu_of(playbook, menu_id)
    if customer is None:
        return static_for(playbook, menu, language)
    try:
        seen = await ports.callers.look(CallerAsked(menu.id, customer))
        return await _of_caller(ports, playbook, menu, seen, language)
    except StoreUnavailable:
        return static_for(playbook, menu, language, without="store")


async def caller_now(ports: Ports, playbook: Playbook, menu: Menu, customer: str) -> CallerNow:
    """What is known of a caller, for whoever asks what they want and not in which order they hear it.

    Raises NotFound for a customer who is not there, StoreUnavailable.
    """
    seen = await ports.callers.look(CallerAsked(menu.id, customer))
    return await _now_of(ports, playbook, CustomerId(customer), seen, None)


async def menu_answer(
    ports: Ports,
    place: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    *,
    customer: str | None = None,
    number: str | None = None,
    menu_id: str | None = None,
    language: str | None = None,
) -> bytes:
    """A ``CallerMenuAnswer`` as JSON. A number that nobody has, or several, and neither of both: everybody's menu.

    An answer is kept and given again as long as nothing it was made of has changed: the playbook, the generation, what
    events have set for the customer and for their units, lists, calls and what was learnt of them. What has to be worked out
    is worked out within a ``place``: a milliseconds' work, of which not all may be done at once. Raises as ``menu_for``.
    """
    playbook = await ports.playbooks.at_hand()
    menu = menu_of(playbook, menu_id)
    try:
        seen = await ports.callers.look(CallerAsked(menu.id, customer, number))
        key = (seen.customer or "", menu.id, language or "", playbook.version)
        kept = ports.callers.kept(key, seen)
        if kept is not None:
            return kept
        async with place():
            found = await _of_caller(ports, playbook, menu, seen, language)
            made = _ENCODER.encode(_answered(found))
    except StoreUnavailable:
        return _ENCODER.encode(_answered(static_for(playbook, menu, language, without="store")))
    ports.callers.keep(key, seen, _keeps_until(found), made)
    return made


async def _of_caller(
    ports: Ports, playbook: Playbook, menu: Menu, seen: CallerSeen, language: str | None
) -> CallerMenu:
    if seen.customer is None:
        return static_for(playbook, menu, language)
    now = await _now_of(ports, playbook, seen.customer, seen, language)
    read = {name: now.facts.get(name) for name in fields_read(menu)}
    personal = personal_menu(
        menu, seen.learnt, read, now.segment, seen.known, now.customer, now.language, seen.at
    )
    return CallerMenu(
        personal, playbook, seen.at, now.customer, read, now.segment, now.unit, until=now.until
    )  # fmt: skip


async def _now_of(
    ports: Ports, playbook: Playbook, customer: CustomerId, seen: CallerSeen, language: str | None
) -> CallerNow:
    profile, until = await ports.callers.facts(customer, playbook)
    facts = asking.facts_of(playbook, profile)
    spoken = language_of(playbook, language, profile.language)
    return CallerNow(seen, customer, facts, segment_of(playbook, facts, seen.at), spoken, profile.unit, until)


def static_for(playbook: Playbook, menu: Menu, language: str | None, *, without: str = "") -> CallerMenu:
    """Everybody's menu, which needs nothing but a compiled playbook."""
    personal = static_menu(menu, language_of(playbook, language, None))
    return CallerMenu(personal, playbook, real_now(), without=without)


def menu_of(playbook: Playbook, menu_id: str | None) -> Menu:
    """The menu of this id, or the usual one. Raises NotFound where there is none, ProblemsFound for an unknown id."""
    if not playbook.menus:
        raise NotFound("no voice menu is published: put one into ivr/")
    if menu_id is None:
        return playbook.menus[usual_menu(playbook.menus)]
    if menu_id not in playbook.menus:
        raise ProblemsFound([unknown("menu", menu_id, playbook.menus)])
    return playbook.menus[menu_id]


def usual_menu(menus: Mapping[str, Menu]) -> str:
    """The menu that is meant where none is named: ``main``, else the first by name; empty where there is none."""
    return USUAL if USUAL in menus else min(menus, default="")


def language_of(playbook: Playbook, wanted: str | None, own: str | None) -> str:
    """The language wished for, else the customer's own, else the operator's first."""
    spoken = playbook.operator.languages
    return next((each for each in (wanted, own) if each in spoken and each is not None), spoken[0])


def segment_of(playbook: Playbook, facts: Mapping[str, FieldValue], now: Instant) -> str | None:
    """The first saved segment, in order of ids, that the customer belongs to."""
    for name in sorted(playbook.segments):
        if playbook.segments[name].when.decide(facts, now) is True:
            return name
    return None


def _keeps_until(found: CallerMenu) -> Instant:
    """Conditions that read the clock turn at a midnight of the operator's zone, what events have set at its end."""
    zone = found.playbook.operator.zone
    midnight = start_of_day(zone, local_day(zone, found.at) + 1)
    ends = [Instant(found.at + KEPT_FOR), midnight]
    return min(ends if found.until is None else [*ends, found.until])


_ENCODER = msgspec.json.Encoder()


def _answered(found: CallerMenu) -> CallerMenuAnswer:
    personal, menu = found.personal, found.menu
    ask, language = personal.arranged.ask, personal.language
    says = {
        (node.id, item.to): item.say[language].text for node in menu.nodes.values() for item in node.items
    }
    by_target = {to: text for (_, to), text in says.items()}
    return CallerMenuAnswer(
        menu=menu.id,
        playbook=found.playbook.version,
        language=language,
        arm=personal.arm,
        ask=ask,
        question=None if ask is None or ask not in menu.ask else menu.ask[ask][language].text,
        first=menu.top,
        levels=[
            MenuLevelAnswer(
                node=node,
                keys=[
                    MenuKeyAnswer(
                        key=each.key,
                        to=each.to,
                        say=says.get((node, each.to), by_target[each.to]),
                        lifted=each.lifted,
                    )
                    for each in entries
                ],
            )
            for node, entries in personal.arranged.levels.items()
        ],
        without=found.without,
    )
