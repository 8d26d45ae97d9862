"""The menu of one caller: what is known of them and of their calls, laid into an order; else everybody's menu."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from contact.clock import real_now
from contact.faults import NotFound, StoreUnavailable
from contact.flow.gather import unknown
from contact.ports import Ports
from ivr.fitting import Learnt, learnt_of
from ivr.intent import fields_read
from ivr.personal import PersonalMenu, personal_menu, static_menu
from strategies import asking
from strategies.instants import Instant
from strategies.menu import Menu
from strategies.playbook import Playbook
from strategies.problems import ProblemsFound
from strategies.profile import CustomerId, FieldValue

USUAL = "main"


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

    @property
    def menu(self) -> Menu:
        return self.personal.menu


async def menu_for(
    ports: Ports, customer: str | None, menu_id: str | None = None, language: str | None = None
) -> CallerMenu:
    """The menu of a caller now; everybody's for a caller not known (None), and where the store does not answer.

    ``menu_id`` None: ``main``, else the first; ``language`` None, or one that the operator does not speak: the customer's,
    else the operator's first. Raises NotFound for a customer who is not there and where no menu is published, ProblemsFound
    for an unknown menu.
    """
    playbook = await _playbook(ports)
    menu = menu_of(playbook, menu_id)
    try:
        return await _known_caller(ports, playbook, menu, customer, language)
    except StoreUnavailable:
        return static_for(playbook, menu, language, without="store")


async def _known_caller(
    ports: Ports, playbook: Playbook, menu: Menu, customer: str | None, language: str | None
) -> CallerMenu:
    if customer is None:
        return static_for(playbook, menu, language)
    profile = await ports.profiles.gather(CustomerId(customer), playbook)
    facts = asking.facts_of(playbook, profile)
    now = (await ports.clock.now()).at
    known, learnt = await ports.calls.known(customer, menu.id), await _learnt(ports, menu)
    segment, spoken = segment_of(playbook, facts, now), language_of(playbook, language, profile.language)
    read = {name: facts.get(name) for name in fields_read(menu)}
    personal = personal_menu(menu, learnt, read, segment, known, customer, spoken, now)
    return CallerMenu(personal, playbook, now, profile.customer, read, segment, profile.unit)


def static_for(playbook: Playbook, menu: Menu, language: str | None, *, without: str = "") -> CallerMenu:
    """Everybody's menu, which needs nothing but a compiled playbook."""
    personal = static_menu(menu, language_of(playbook, language, None))
    return CallerMenu(personal, playbook, real_now(), without=without)


def menu_of(playbook: Playbook, menu_id: str | None) -> Menu:
    """The menu of this id, or the usual one. Raises NotFound where there is none, ProblemsFound for an unknown id."""
    if not playbook.menus:
        raise NotFound("no voice menu is published: put one into ivr/")
    if menu_id is None:
        return playbook.menus.get(USUAL) or playbook.menus[min(playbook.menus)]
    if menu_id not in playbook.menus:
        raise ProblemsFound([unknown("menu", menu_id, playbook.menus)])
    return playbook.menus[menu_id]


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


async def _playbook(ports: Ports) -> Playbook:
    try:
        return await ports.playbooks.current()
    except StoreUnavailable:
        latest = ports.playbooks.latest()
        if latest is None:
            raise
        return latest


async def _learnt(ports: Ports, menu: Menu) -> Learnt | None:
    told = await ports.calls.learnt(menu.id)
    return None if told is None else learnt_of(told)
