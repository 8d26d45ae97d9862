"""Learn from journeys why people call: weights of a menu's goals, in force only if later calls bear them out."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence

import msgspec

from contact.domain.menu_learning_answers import MenuLearntAnswer, MenusLearntAnswer, WeightAnswer
from contact.flow.calls.newest_calls import newest_calls
from contact.flow.gather import unknown
from contact.flow.progress import Progress, say
from contact.ports import Job, Ports
from ivr.call import Journey
from ivr.fitting import Learnt, declared, example_of, fit, learnt_of, says_why
from ivr.intent import loss_of
from ivr.replaying import split_by_time, with_known
from strategies.declared.menu import Menu
from strategies.instants import DAY, Instant
from strategies.problems import ProblemsFound

KIND = "learn_menus"
YEAR = 365 * DAY
MOST_CALLS = 200_000
"""The newest of the year; weights are learnt from half as many, and callers' earlier calls are among the rest."""
LEARNT_SHARE = 0.8
"""Of the calls, oldest first, that candidates learn from; they are tried on the rest."""
FEWEST = 20
"""Calls held back, or newer than what is in force, below which nothing is compared on them."""
SHOWN = 10


async def queue_learn_menus(ports: Ports, menu: str | None = None) -> Job:
    """Learning of one menu, or of all. Raises ProblemsFound for an unknown menu."""
    known = (await ports.playbooks.current()).menus
    if menu is not None and menu not in known:
        raise ProblemsFound([unknown("menu", menu, known)])
    return await ports.jobs.create(KIND, {"menu": menu})


async def learn_menus(
    ports: Ports, progress: Progress | None = None, menu: str | None = None
) -> MenusLearntAnswer:
    """What the last year's calls, the newest of very many, say of each menu, and whether that is in force from now on."""
    menus = (await ports.playbooks.current()).menus
    answers = []
    for at, name in enumerate(sorted(menus) if menu is None else [menu]):
        await say(progress, at, len(menus), f"learning {name}")
        answers.append(await _learn(ports, menus[name]))
    return MenusLearntAnswer(menus=answers)


async def _learn(ports: Ports, menu: Menu) -> MenuLearntAnswer:
    now = (await ports.clock.now()).at
    journeys, _ = await newest_calls(ports, Instant(now - YEAR), Instant(now + 1), MOST_CALLS, menu=menu.id)
    in_force = learnt_of(await ports.calls.learnt(menu.id))
    answer, learnt = await asyncio.to_thread(judged, menu, journeys, in_force)
    if learnt is not None:
        await ports.calls.keep_learnt(menu.id, learnt.as_json())
    return answer


def judged(
    menu: Menu, journeys: Sequence[Journey], in_force: Learnt | None
) -> tuple[MenuLearntAnswer, Learnt | None]:
    """What became of learning from these calls, and what is to be in force; None where all stays as it is.

    Candidate and weights in force (those declared, where nothing was learnt yet) are tried on the last fifth of the
    calls: on those that neither has seen, where there are enough.
    """
    past, latest = split_by_time([each for each in journeys if says_why(menu, each)], LEARNT_SHARE)
    examples = [example_of(call, known) for call, known in with_known([*past, *latest])]
    before, held_back = examples[: len(past)], examples[len(past) :]
    if len(held_back) < FEWEST:
        verdict = f"too few calls: {len(held_back)} could be held back, {FEWEST} are needed"
        return MenuLearntAnswer(
            menu=menu.id, calls=len(examples), held_back=len(held_back), promoted=False, verdict=verdict
        ), None
    plain = declared(menu)
    unseen = [each for each in held_back if in_force is None or each.at > in_force.until]
    tried = unseen if len(unseen) >= FEWEST else held_back
    candidate = fit(menu, before)
    ours, theirs = loss_of(menu, candidate, tried), loss_of(menu, in_force or plain, tried)
    usual = loss_of(menu, plain, tried)
    promoted = ours <= theirs
    learnt = None
    if promoted:
        whole = fit(menu, examples, candidate.half_life)
        learnt = msgspec.structs.replace(whole, loss=ours, declared_loss=usual)
    return MenuLearntAnswer(
        menu=menu.id,
        calls=len(examples),
        held_back=len(tried),
        promoted=promoted,
        verdict=_verdict(promoted, ours, theirs, first=in_force is None),
        loss=round(ours, 4),
        in_force_loss=round(theirs, 4),
        declared_loss=round(usual, 4),
        half_life_days=round(((learnt or candidate).half_life or menu.personal.half_life) / DAY, 1),
        weights=_changed_most(plain, learnt or candidate),
    ), learnt


def _verdict(promoted: bool, ours: float, theirs: float, *, first: bool) -> str:
    rival = "what is declared" if first else "what is in force"
    if promoted:
        return f"in force: calls held back are foretold no worse than by {rival} ({ours:.3f} against {theirs:.3f})"
    return (
        f"not in force: calls held back are foretold worse than by {rival} ({ours:.3f} against {theirs:.3f})"
    )


def _changed_most(plain: Learnt, learnt: Learnt) -> tuple[WeightAnswer, ...]:
    changes = [
        (
            abs(weight - before),
            WeightAnswer(when=text, goal=goal, declared=_times(before), learnt=_times(weight)),
        )
        for text, weights in learnt.circumstances.items()
        for goal, weight in weights.items()
        for before in (_declared(plain.circumstances, text, goal),)
    ]
    return tuple(each for _, each in sorted(changes, key=lambda one: -one[0])[:SHOWN])


def _declared(circumstances: Mapping[str, Mapping[str, float]], text: str, goal: str) -> float:
    return circumstances.get(text, {}).get(goal, 0.0)


def _times(weight: float) -> float:
    return round(math.exp(weight), 2)
