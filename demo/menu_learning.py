"""The voice menu in the loop: learn from a year's calls why people ring, and play the later ones against both menus."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.stage import Stage

PAST = "0.9"
"""Of the calls, oldest first, that the replay learns from; what it plays it plays on one core while a day is planned."""


@dataclass(slots=True)
class MenuLearnt:
    """What was learnt of calls and what the replay found, as the ``contact`` command answered it."""

    learnt: dict[str, Any] = field(default_factory=dict)
    replay: dict[str, Any] = field(default_factory=dict)


async def learn_menu(stage: Stage, say: Callable[[str], None]) -> MenuLearnt:
    """Learn from the calls on file."""
    answer = json.loads(await stage.contact("ivr", "learn", "--here", "--json"))
    learnt = MenuLearnt(learnt=answer["menus"][0])
    say(f"voice menu: {learnt.learnt['verdict']}")
    return learnt


async def replay_menu(stage: Stage, learnt: MenuLearnt) -> None:
    """Play the latest tenth of the past calls against the menus and the planted truth; the others are learnt from."""
    learnt.replay = json.loads(
        await stage.contact("ivr", "replay", "--share", PAST, "--truth", str(stage.chances), "--json")
    )


def menu_words(learnt: MenuLearnt, rang: Mapping[str, int]) -> list[str]:
    """What the summary says of the voice menu: the replay beside the planted truth, and the calls that were made."""
    return [*_replay_words(learnt.replay), _calls_words(rang)]


def _replay_words(replay: Mapping[str, Any]) -> list[str]:
    menus = {each["name"]: each for each in replay["menus"]}
    personal, over = menus["personal"], replay["over_truth"]
    told, against = personal["stability"], personal["against_static"]
    took = {name: f"{each['seconds']['value']:.1f}" for name, each in menus.items()}
    less = [f"{100 - 100 * against[end]:.1f}" for end in ("value", "high", "low")]
    more = [f"{100 * over[end] - 100:.1f}" for end in ("value", "low", "high")]
    return [
        f"voice menu, {replay['held_out']} later calls of {replay['callers']} callers, seconds to the goal: static "
        f"{took['static']}, personal as declared {took['declared']}, as learnt {took['personal']}, "
        f"knowing the planted truth {took['truth']}",
        f"  that is {less[0]} % less than static ({less[1]} to {less[2]}), {more[0]} % more than the planted truth "
        f"({more[1]} to {more[2]}); loss of the chances: learnt {replay['learnt_loss']:.2f}, declared "
        f"{replay['declared_loss']:.2f}, planted {replay['true_loss']:.2f}",
        f"  familiar layout: at most {told['most_changed']} keys of a level changed, {told['over_limit']} levels and "
        f"{told['moved_too_often']} keys beyond the menu's limits",
    ]


def _calls_words(rang: Mapping[str, int]) -> str:
    arms = []
    for arm in ("personal", "static"):
        reached, calls = rang.get(f"reached {arm}", 0), rang.get(f"calls {arm}", 0)
        if reached:
            seconds, keys = (
                rang.get(f"tenths of seconds {arm}", 0) / 10 / reached,
                rang.get(f"keys {arm}", 0) / reached,
            )
            arms.append(
                f"{arm} {reached} of {calls} reached, {seconds:.1f} s and {keys:.1f} keys to the goal"
            )
    return f"voice menu, calls made: {rang.get('calls', 0)}; " + "; ".join(arms)
