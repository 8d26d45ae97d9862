"""A caller's menu at a moment: what they likely want, and the order of keys that serves it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.call import Arm, Known
from ivr.fitting import Learnt
from ivr.intent import Likely, likely
from ivr.intent import offered as offered
from ivr.ordering import Arranged, arranged, static, timed
from strategies.declared.menu import Menu
from strategies.hashing import SLOTS, hash64, slot
from strategies.instants import Instant
from strategies.profile import FieldValue


@dataclass(frozen=True, slots=True)
class PersonalMenu:
    """What one caller hears."""

    menu: Menu
    language: str
    arranged: Arranged
    likely: Likely
    arm: Arm
    """``unknown`` for callers not known: they hear everybody's menu and belong to no arm of the comparison."""


def personal_menu(
    menu: Menu,
    learnt: Learnt | None,
    facts: Mapping[str, FieldValue],
    segment: str | None,
    known: Known,
    customer: str | None,
    language: str,
    now: Instant,
) -> PersonalMenu:
    """The menu of a caller: their own, or everybody's for the share that is held back and for callers not known."""
    found = likely(menu, learnt, facts, segment, known, now)
    offers = offered(menu, facts, now)
    arm = arm_of(menu, customer)
    if arm == "personal":
        order = arranged(menu, found.probability, language, offers, known, now)
    else:
        order = timed(menu, found.probability, language, offers)
    return PersonalMenu(menu, language, order, found, arm)


def static_menu(menu: Menu, language: str) -> PersonalMenu:
    """Everybody's menu, made of the menu alone: nothing is known of the caller."""
    order = static(menu, offered(menu, {}, Instant(0)))
    return PersonalMenu(menu, language, order, Likely({}), "unknown")


def arm_of(menu: Menu, customer: str | None) -> Arm:
    """Which menu a caller hears, drawn by their slot and so always the same."""
    if customer is None:
        return "unknown"
    drawn = slot(hash64(customer), menu.static_salt)
    return "static" if drawn < menu.personal.static_percent * SLOTS / 100 else "personal"
