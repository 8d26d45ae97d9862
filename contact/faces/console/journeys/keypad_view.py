"""What stands on the keypad's page: what is said, where each key leads, why this order, and the way so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from contact.faces.console.journeys.names import Names, first_menu
from contact.faces.console.shared.pages import Look
from contact.flow.calls.rehearse_call import Rehearsal
from contact.ports import Moment
from ivr.call import Entry
from ivr.dialogue import level_of
from ivr.dialogue_state import ASK, NO, YES, State
from ivr.intent import Factor
from ivr.ordering import expected_seconds, seconds_to, static
from ivr.personal import PersonalMenu, offered
from strategies.declared.menu import Menu
from strategies.instants import to_datetime

KEYS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#")
"""As they stand on a telephone."""
MOST_GOALS = 10


@dataclass(frozen=True)
class Caller:
    """Who was asked for, as entered."""

    sought: str = ""
    menu: str = ""
    language: str = ""


def keypad_view(
    look: Look, heard: Rehearsal | None, caller: Caller, *, wrong: str = "", among: Sequence[str] = (),
    moment: Moment | None = None,
) -> dict[str, Any]:  # fmt: skip
    """What the template needs; ``heard`` is None before a call, ``among`` are the customers who share the number."""
    playbook = look.playbook
    menus = playbook.menus if playbook is not None else {}
    view: dict[str, Any] = {
        "who": caller,
        "wrong": wrong,
        "among": among,
        "menus": [(each.id, Names(look, each).title()) for each in menus.values()],
        "spoken": list(playbook.operator.languages) if playbook is not None else [],
        "heard": heard,
        "pad": [(key, "", False) for key in KEYS],
        "now": to_datetime(moment.at) if moment is not None else None,
        "simulated": moment is not None and moment.simulated,
        "over": True,
    }
    return view if heard is None else {**view, **_calling(look, heard)}


def _calling(look: Look, heard: Rehearsal) -> dict[str, Any]:
    found, state, turn = heard.found, heard.state, heard.answer
    names, menu = Names(look, found.menu), found.menu
    spoken = sum(each.seconds for each in turn.say)
    leads = {} if state.over else _leads(look, names, menu, state)
    live = () if state.over else turn.keys
    return {
        "over": state.over,
        "place": names.place(turn.node),
        "pad": [(key, leads.get(key, "") if key in live else "", key in live) for key in KEYS],
        "seconds": {"key": round(spoken + menu.limits.key_seconds, 1), "silence": round(spoken + turn.wait_seconds, 1)},
        "spent": sum(each.seconds for each in state.steps),
        "steps": [(names.place(each.node), each) for each in state.steps],
        "ended": _ended(look, state),
        "withheld": _withheld(look, menu, heard),
        "arm": found.personal.arm,
        "asked": names.goal(found.personal.arranged.ask) if found.personal.arranged.ask else "",
        "goals": _goals(look, names, found.personal),
        "expected": _expected(look, heard),
        "level": _level(names, menu, state),
        "personal": menu.personal,
    }  # fmt: skip


def _leads(look: Look, names: Names, menu: Menu, state: State) -> dict[str, str]:
    """Key → what it does here, in words."""
    say = look.formats.words.gettext
    leads = {menu.repeat: say("again")}
    if state.trail:
        leads[menu.back] = say("back")
    if state.at.startswith(ASK):
        first = level_of(menu, state, first_menu(menu))
        return {
            **{entry.key: names.place(entry.to) for entry in first},
            **leads,
            YES: say("yes"),
            NO: say("no"),
        }
    node = menu.nodes[state.at]
    if node.kind == "menu":
        leads |= {entry.key: names.place(entry.to) for entry in level_of(menu, state, node.id)}
    if node.kind == "offer" and state.offering:
        leads[node.accept] = say("accept")
    return leads


def _level(names: Names, menu: Menu, state: State) -> list[tuple[Entry, str]]:
    """The keys of this level in the order they are announced; empty anywhere but in a menu."""
    node = menu.nodes.get(state.at)
    if node is None or node.kind != "menu":
        return []
    return [(entry, names.place(entry.to)) for entry in level_of(menu, state, node.id)]


def _goals(look: Look, names: Names, personal: PersonalMenu) -> list[dict[str, Any]]:
    """The likeliest goals: how likely, why, and how far it is to each."""
    chances = sorted(personal.likely.probability.items(), key=lambda each: (-each[1], each[0]))[:MOST_GOALS]
    most = chances[0][1] if chances and chances[0][1] > 0 else 1.0
    rows = []
    for goal, chance in chances:
        way = seconds_to(personal.menu, personal.arranged, goal, personal.language)
        rows.append(
            {
                "title": names.goal(goal), "chance": chance, "share": chance / most,
                "why": [_reason(look, each) for each in personal.likely.factors.get(goal, ())],
                "seconds": way[0] if way is not None else None, "presses": way[1] if way is not None else None,
            }
        )  # fmt: skip
    return rows


def _reason(look: Look, factor: Factor) -> tuple[str, str, str]:
    """A factor as sign and figure, words of ours, and a condition as written."""
    say, number = look.formats.words.gettext, look.formats.number
    if factor.name == "share":
        return look.formats.percent(factor.times), say("of all calls"), ""
    times = f"×{number(factor.times)}"
    known = {
        "own calls": say("own earlier calls"), "again within a day": say("called for it within a day"),
        "again within a week": say("called for it within a week"),
    }  # fmt: skip
    if factor.name in known:
        return times, known[factor.name], ""
    if factor.name.startswith("segment "):
        return times, say("segment"), factor.name.removeprefix("segment ")
    return times, "", factor.name


def _expected(look: Look, heard: Rehearsal) -> dict[str, Any] | None:
    """Expected seconds to the goal of this order and of everybody's; None where nothing is known of the caller."""
    personal = heard.found.personal
    chances = personal.likely.probability
    if not chances:
        return None
    plain = static(personal.menu, offered(personal.menu, heard.found.facts or {}, heard.found.at))
    here = expected_seconds(personal.menu, personal.arranged, chances, personal.language)
    usual = expected_seconds(personal.menu, plain, chances, personal.language)
    decimal = look.formats.decimal
    return {
        "here": decimal(here, 1), "usual": decimal(usual, 1), "saved": (usual - here) / usual if usual else 0.0,
        "bound": decimal(personal.arranged.bound, 1) if personal.arm == "personal" else "",
        "proven": abs(personal.arranged.bound - personal.arranged.seconds) < 0.05,
        "unfamiliar": decimal(personal.arranged.unfamiliar, 1),
        "held": personal.arranged.seconds - personal.arranged.unfamiliar > 0.05,
    }  # fmt: skip


def _ended(look: Look, state: State) -> str:
    """How the call ended, in words; empty while it goes on."""
    if not state.over:
        return ""
    say = look.formats.words.gettext
    if state.passed_on:
        return say("The caller is put through to an agent: queue %(queue)s.") % {"queue": state.queue or "–"}
    return say("The call has ended: %(how)s.") % {"how": look.named("call_ends", state.outcome)}


def _withheld(look: Look, menu: Menu, heard: Rehearsal) -> str:
    """What a real call would do here, beside speaking; empty for nothing."""
    say = look.formats.words.gettext
    node = menu.nodes.get(heard.answer.node)
    if node is not None and node.opt_out is not None:
        scope = node.opt_out
        values = {
            "channel": look.channel(scope.channel),
            "category": look.named("categories", scope.category),
        }
        return say("A real call withdraws consent here: %(channel)s, %(category)s.") % values
    if heard.answer.shown is not None:
        values = {"offer": heard.answer.shown.title, "strategy": look.strategy(heard.answer.shown.strategy)}
        return say("A real call reserves this offer before it is spoken: %(offer)s (%(strategy)s).") % values
    return ""
