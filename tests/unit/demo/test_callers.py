"""Callers of the voice menu find what they came for by what is said, wherever it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from demo.callers import Callers
from demo.calling import Service
from demo.menu import read_menu
from demo.party import Step
from demo.truth import Truth
from ivr.call import NOTHING_KNOWN
from ivr.dialogue import State, Turn, begin, offered, press
from ivr.ordering import arranged
from ivr.personal import offered as offered_to
from strategies.compiling.compile import compile_playbook
from strategies.declared.menu import Menu
from strategies.instants import Instant

CONFIG = Path(__file__).parents[3] / "config"
FACTS = {"contract_left": 3, "complaint_open": True}
QUIET = {"data_exhausted": False, "suspended": False, "roaming_now": False, "searched": None}


@pytest.fixture(scope="module")
def menu() -> Menu:
    """The menu of the demonstration."""
    texts = {str(each.relative_to(CONFIG)): each.read_text("utf-8") for each in CONFIG.rglob("*.yaml")}
    return compile_playbook(texts).menus["main"]


class Telephone:
    """Answers a call as the service would, with one order of keys and nothing to offer."""

    def __init__(self, menu: Menu, likeliest: str | None) -> None:
        chances = {goal: 0.9 if goal == likeliest else 0.1 / len(menu.goals) for goal in menu.goals}
        offers = offered_to(menu, FACTS, Instant(0))
        found = arranged(menu, chances, "zh-CN", offers, NOTHING_KNOWN, Instant(0))
        self.menu, self.arranged = menu, found if likeliest else replace(found, ask=None)
        self.states: list[State] = []

    async def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """One step of the call."""
        if path.endswith("/end"):
            return 200, {}
        if path.endswith("/keys"):
            state, turn = press(self.menu, self.states[-1], body["key"], body["seconds"])
        else:
            state, turn = begin(self.menu, self.arranged, "zh-CN")
        if any(effect.kind == "offer_wanted" for effect in turn.effects):
            state, turn = offered(self.menu, state, None)
        self.states.append(state)
        return 200, _answer(turn)

    async def moment(self) -> None:
        """Nobody asks what time it is."""


def _answer(turn: Turn) -> dict[str, Any]:
    said = [{"text": each.text, "seconds": each.seconds, "key": each.key} for each in turn.say]
    return {
        "state": "", "node": turn.node, "say": said, "keys": list(turn.keys), "ends": turn.ends, "arm": "personal",
        "shown": None,
    }  # fmt: skip


@pytest.mark.parametrize("likeliest", [None, "broadband", "bill"])
async def test_every_goal_is_found_whatever_is_lifted_or_asked(
    menu: Menu, likeliest: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the words alone; whoever wants an offer where there is none goes to an agent instead of trying for ever."""
    monkeypatch.setattr("demo.callers.PATIENCE", 0.0)
    for number, goal in enumerate(menu.goals):
        telephone = Telephone(menu, likeliest)
        who = {"id": f"{number}", "customer": "C1", "number": "", "language": "zh-CN"}
        coming = {**who, "step": 0, "goal": goal, "facts": QUIET}
        service = cast(Service, telephone)
        plan = {"calls": [coming], "news": []}
        callers = Callers(service, service, Truth(1, {}), read_menu(), plan)
        doings = await callers.ring(Step(0, "2026-03-02", 9))
        assert doings.faults == [] and doings.counts["calls personal"] == 1
        if goal == "advice":
            assert telephone.states[-1].passed_on and len(telephone.states) < 6
        else:
            assert doings.counts.get("reached personal") == 1, goal
