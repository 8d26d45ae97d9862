"""Labels flow back from outcomes, control groups included; every model that learns of them is trained anew."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from contact.domain.model_answers import LearnAnswer, TrainAnswer
from contact.flow.apart import Apart
from contact.flow.learning.outcome_labels import labelled_outcomes
from contact.flow.learning.train import train
from contact.flow.progress import Progress, say
from contact.ports import Ports
from strategies.declared.model import OutcomeLabel
from strategies.problems import Problem, ProblemsFound

MOST_AT_ONCE = 2
"""Trainings side by side, each on one core with its own rows in memory; one after the other where there is one core."""
_T = TypeVar("_T")


async def learn(ports: Ports, progress: Progress | None = None, author: str = "") -> LearnAnswer:
    """How many outcomes are known by now, and what each model with a label by outcomes became of them.

    A model that cannot be trained yet does not keep the others from it: it is answered with its problems. Raises
    ProblemsFound where none could be trained.
    """
    playbook = await ports.playbooks.current()
    await say(progress, 0, None, "reading outcomes")
    known = await labelled_outcomes(ports, playbook, OutcomeLabel("accepted"))
    models = [model.id for model in playbook.models.values() if isinstance(model.label, OutcomeLabel)]
    ended = await _train_all(ports, models, progress, author)
    trained = [each for each in ended if isinstance(each, TrainAnswer)]
    problems = [problem for each in ended if not isinstance(each, TrainAnswer) for problem in each]
    if problems and not trained:
        raise ProblemsFound(problems)
    return LearnAnswer(
        outcomes=len(known),
        control=sum(each.held_back for each in known),
        accepted=sum(each.label for each in known),
        trained=trained,
        problems=[problem.as_json() for problem in problems],
    )


async def _train_all(
    ports: Ports, models: Sequence[str], progress: Progress | None, author: str
) -> list[TrainAnswer | tuple[Problem, ...]]:
    """What became of each model, in their order, whichever ends first."""
    at_once = min(MOST_AT_ONCE, os.cpu_count() or 1, len(models))
    together, places = _Together(progress, len(models)), asyncio.Semaphore(at_once)

    async def one(number: int, model: str) -> TrainAnswer | tuple[Problem, ...]:
        async with places:
            try:
                said = together.of(number)
                if at_once < 2:
                    return await train(ports, model, said, author)
                async with await Apart.start() as process:
                    return await train(ports, model, said, author, apart=process)
            except ProblemsFound as found:
                return found.problems

    return await _all_or_none([one(number, model) for number, model in enumerate(models)])


async def _all_or_none(works: Sequence[Coroutine[Any, Any, _T]]) -> list[_T]:
    """What all of them answer; where one fails the others are ended, and so where we are cancelled."""
    running = [asyncio.ensure_future(work) for work in works]
    try:
        return list(await asyncio.gather(*running))
    finally:
        for each in running:
            each.cancel()
        await asyncio.gather(*running, return_exceptions=True)


class _Together:
    """How far several trainings are, as one."""

    def __init__(self, progress: Progress | None, count: int) -> None:
        self._progress = progress
        self._steps = [(0, 0)] * count

    def of(self, number: int) -> Progress:
        """What the training of this number says of itself goes here."""

        async def said(done: int, total: int | None, message: str) -> None:
            self._steps[number] = (done, total or 0)
            total_known = sum(steps for _, steps in self._steps)
            await say(self._progress, sum(done for done, _ in self._steps), total_known or None, message)

        return said
