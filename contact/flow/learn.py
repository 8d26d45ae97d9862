"""Labels flow back from outcomes, control groups included; every model that learns of them is trained anew."""

from __future__ import annotations

from typing import Any

from contact.domain.model_answers import LearnAnswer, TrainAnswer
from contact.flow.outcome_labels import labelled_outcomes
from contact.flow.progress import Progress, say
from contact.flow.train import train
from contact.ports import Ports
from strategies.model import OutcomeLabel
from strategies.problems import ProblemsFound


async def learn(ports: Ports, progress: Progress | None = None, author: str = "") -> LearnAnswer:
    """How many outcomes are known by now, and what each model with a label by outcomes became of them.

    A model that cannot be trained yet does not keep the others from it: it is answered with its problems. Raises
    ProblemsFound where none could be trained.
    """
    playbook = await ports.playbooks.current()
    await say(progress, 0, None, "reading outcomes")
    known = await labelled_outcomes(ports, playbook, OutcomeLabel("accepted"))
    trained: list[TrainAnswer] = []
    problems: list[Any] = []
    for model in playbook.models.values():
        if not isinstance(model.label, OutcomeLabel):
            continue
        try:
            trained.append(await train(ports, model.id, progress, author))
        except ProblemsFound as found:
            problems += found.problems
    if problems and not trained:
        raise ProblemsFound(problems)
    return LearnAnswer(
        outcomes=len(known),
        control=sum(each.held_back for each in known),
        accepted=sum(each.label for each in known),
        trained=trained,
        problems=[problem.as_json() for problem in problems],
    )
