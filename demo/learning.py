"""Models and tariffs in the loop: train, score, match, list who is about to leave; later, learn from what came back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.estimates import Estimates
from demo.menu_learning import MenuLearnt, learn_menu
from demo.stage import Stage

ABOUT_TO_LEAVE = 0.5
"""The risk from which customers stand on the warning list; the strategies of ``config/`` keep them from 0.3 on."""
_FIRST = "the first one: strategies need a model in force"


@dataclass(slots=True)
class Learnt:
    """What was learnt and found, as the ``contact`` command answered it."""

    trained: list[dict[str, Any]] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)
    """Models put in force though they were no better than logistic regression, because there was none."""
    scored: dict[str, Any] = field(default_factory=dict)
    matched: dict[str, Any] = field(default_factory=dict)
    warnings: Path | None = None
    warned: str = ""
    came_back: dict[str, Any] = field(default_factory=dict)
    estimates: Estimates | None = None


async def learn_first(stage: Stage, say: Callable[[str], None]) -> tuple[Learnt, MenuLearnt]:
    """Train every model, score everybody, match every line and learn from the calls: about as much on either core."""
    learnt, trained = Learnt(), asyncio.Event()

    async def one_core() -> MenuLearnt:
        await _train(stage, learnt, say, "churn")
        await trained.wait()
        learnt.scored = json.loads(await stage.contact("score", "--here", "--json"))
        say(f"{learnt.scored['customers']} customers scored")
        return await learn_menu(stage, say)

    async def other_core() -> None:
        await _train(stage, learnt, say, "propensity", "reach")
        trained.set()
        found = learnt.matched = json.loads(await stage.contact("match-tariffs", "--here", "--json"))
        say(f"{found['lines']} lines under {found['plans']} plans, {found['rated']} bills")

    menu, _ = await asyncio.gather(one_core(), other_core())
    learnt.trained.sort(key=lambda each: str(each["id"]))
    return learnt, menu


async def _train(stage: Stage, learnt: Learnt, say: Callable[[str], None], *models: str) -> None:
    """By one command; a model no better than logistic regression is put in force by hand where there is none."""
    told = json.loads(await stage.contact("train", *models, "--here", "--json"))
    for trained in told if len(models) > 1 else [told]:
        say(f"{trained['id']}: {trained['verdict']}")
        if not trained["promoted"]:
            await stage.contact("models", "promote", trained["id"], "--why", _FIRST)
            learnt.by_hand.append(trained["id"])
        learnt.trained.append(trained)


async def warn(stage: Stage, learnt: Learnt) -> None:
    """Write the list of customers about to leave, with reasons, as a workbook."""
    learnt.warnings = stage.home / "warnings.xlsx"
    said = await stage.contact(
        "list", "warnings", "--above", str(ABOUT_TO_LEAVE), "--xlsx", str(learnt.warnings)
    )
    learnt.warned = said.strip().splitlines()[-1]


async def learn_back(stage: Stage, learnt: Learnt, say: Callable[[str], None]) -> None:
    """Take the labels that came back from the days lived through, control groups included, and train again."""
    learnt.came_back = json.loads(await stage.contact("learn", "--here", "--json"))
    known = learnt.came_back
    say(f"{known['outcomes']} outcomes, {known['control']} of control groups, {known['accepted']} accepted")
    for each in known["trained"]:
        say(f"{each['id']}: {each['verdict']}")
