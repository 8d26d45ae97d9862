"""Commands that learn and score: ``train``, ``learn``, ``score``."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
import typer

from contact.domain.model_answers import LearnAnswer, ScoredAnswer, ScoresAnswer, TrainAnswer
from contact.faces.cli.learning import telling_models
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint, of_job
from contact.faces.cli.terminal.joined import (
    any_customer,
    known_customer,
    playbook_of,
    with_standing_house,
    with_standing_ports,
)
from contact.faces.cli.terminal.options import AsJson, Here
from contact.ports import Job, Ports
from strategies.declared.playbook import Operator, Playbook

if TYPE_CHECKING:
    from contact.wiring import House

_T = TypeVar("_T", bound=msgspec.Struct)


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(train)
    app.command()(learn)
    app.command()(score)


def train(
    models: Annotated[
        list[str] | None, typer.Argument(help="Models of the playbook's models/ folder.", metavar="MODEL…")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every declared model, one after the other.")
    ] = False,
    here: Here = False,
    as_json: AsJson = False,
) -> None:
    """Train models and put each in force if it is better than the one in force and than logistic regression.

    Prints the verdict first, then who was compared, how it holds over time, where it is weak and what leaked. A model
    that is not better is kept as a candidate: `contact models` lists it, `contact models promote` puts it in force.

    ```sh
    contact train churn
    contact train propensity reach
    contact train --all --json
    ```
    """
    if everything is bool(models):
        raise Complaint(
            "say which model: `contact train MODEL`, or `contact train --all` for every declared one"
        )
    names = models or sorted(_some_model(with_standing_ports(playbook_of)).models)
    several = everything or len(names) > 1
    answers, lines = [], []
    for name in names:
        try:
            answers.append(_trained(name, quiet=as_json, here=here))
        except Complaint as complaint:
            if not several:
                raise
            lines += [f"{name}: {line}" for line in complaint.lines]
            continue
        if not as_json:
            telling_models.training(answers[-1])
    if as_json:
        typer.echo(msgspec.json.encode(answers if several else answers[0]).decode())
    if lines:
        raise Complaint(*lines)


def _trained(model: str, *, quiet: bool, here: bool) -> TrainAnswer:
    async def queue(ports: Ports) -> Job:
        from contact.flow.jobs.queue_job import queue_train

        declared = (await playbook_of(ports)).models
        if model not in declared:
            raise unknown_model(model, sorted(declared))
        await any_customer(ports)
        return await queue_train(ports, model, getpass.getuser())

    return followed(queue, "training", TrainAnswer, quiet=quiet, here=here)


def learn(here: Here = False, as_json: AsJson = False) -> None:
    """Take the labels that came back, outcomes of contacts and of control groups, and train the models that learn of them.

    ```sh
    contact learn
    contact learn --json
    ```
    """

    async def queue(ports: Ports) -> Job:
        from contact.flow.jobs.queue_job import queue_learn

        await playbook_of(ports)
        await any_customer(ports)
        return await queue_learn(ports, getpass.getuser())

    answer = followed(queue, "learning", LearnAnswer, quiet=as_json, here=here)
    if as_json:
        printing.as_json(answer)
    else:
        telling_models.learning(answer)


def score(
    customer: Annotated[
        str | None,
        typer.Option(help="Only say what the models in force say of this customer; nothing is stored."),
    ] = None,
    here: Here = False,
    as_json: AsJson = False,
) -> None:
    """Score every customer with the models in force: churn risk and its reasons, propensities, best hours.

    The scores become columns of the next generation, which `fields.yaml` names by `source: scores.churn_risk`.

    ```sh
    contact score
    contact score --customer C000001
    ```
    """
    if customer is None:
        _score_all(here, as_json)
        return

    async def work(ports: Ports) -> tuple[ScoresAnswer, Operator]:
        from contact.flow.learning.score import scores_of

        operator = _some_model(await playbook_of(ports)).operator
        await known_customer(ports, customer)
        return await scores_of(ports, customer), operator

    answer, operator = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling_models.scores(answer, operator)


def _score_all(here: bool, as_json: bool) -> None:
    async def queue(ports: Ports) -> Job:
        from contact.flow.jobs.queue_job import queue_score

        _some_model(await playbook_of(ports))
        await any_customer(ports)
        return await queue_score(ports)

    answer = followed(queue, "scoring", ScoredAnswer, quiet=as_json, here=here)
    if as_json:
        printing.as_json(answer)
    else:
        telling_models.scored(answer)


def _some_model(playbook: Playbook) -> Playbook:
    if not playbook.models:
        raise Complaint(
            "the playbook declares no model: write models/NAME.yaml (docs/models.md) and publish it"
        )
    return playbook


def followed(
    queue: Callable[[Ports], Awaitable[Job]], what: str, answer: type[_T], *, quiet: bool, here: bool
) -> _T:
    """The answer of a job that ``queue`` wrote down, followed to its end. Raises Complaint where it failed."""

    async def work(house: House) -> Job:
        from contact.faces.cli.terminal.following import follow

        return await follow(house, await queue(house.ports), quiet=quiet, here=here)

    job = with_standing_house(work)
    if job.state == "failed":
        raise of_job(what, job.problems)
    return msgspec.convert(job.result or {}, answer)


def unknown_model(model: str, known: list[str]) -> Complaint:
    """Names the models there are."""
    return Complaint(
        f"there is no model {model} in the playbook: choose one of {', '.join(known) or 'none, models/ is empty'}"
    )
