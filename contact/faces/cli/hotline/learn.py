"""``contact ivr learn``: why people call, learnt from their journeys."""

from __future__ import annotations

from typing import Annotated

import typer

from contact.domain.menu_learning_answers import MenuLearntAnswer, MenusLearntAnswer
from contact.faces.cli.learning.training import followed
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.joined import playbook_of
from contact.faces.cli.terminal.options import AsJson, Here
from contact.ports import Job, Ports


def add_to(app: typer.Typer) -> None:
    """Its command."""
    app.command()(learn)


def learn(
    menu: Annotated[str | None, typer.Option(help="Only this menu; all if left out.")] = None,
    here: Here = False,
    as_json: AsJson = False,
) -> None:
    """Learn from the last year's journeys why people call, and order menus by that.

    Shares and times of the menu are where it begins; calls move them. What is learnt of the older calls is tried on the
    latest fifth, and is in force only if it foretells those no worse than what is in force.

    ```sh
    contact ivr learn
    contact ivr learn --menu main --json
    ```
    """

    async def queue(ports: Ports) -> Job:
        from contact.flow.calls.learn_menus import queue_learn_menus

        await playbook_of(ports)
        return await queue_learn_menus(ports, menu)

    answer = followed(queue, "learning menus", MenusLearntAnswer, quiet=as_json, here=here)
    if as_json:
        printing.as_json(answer)
        return
    if not answer.menus:
        typer.echo("the playbook has no voice menus: put one into ivr/")
    for each in answer.menus:
        _tell(each)


def _tell(found: MenuLearntAnswer) -> None:
    typer.echo(f"{found.menu}: {found.verdict}")
    typer.echo(f"{found.calls} calls with a goal, {found.held_back} of them held back")
    if found.loss is None:
        return
    typer.echo(
        f"logarithmic loss: learnt {found.loss:.4f}, in force {found.in_force_loss:.4f}, "
        f"declared {found.declared_loss:.4f}"
    )
    typer.echo(f"an own call counts half after {found.half_life_days:g} days")
    printing.table(
        ("when", "goal", "declared", "learnt"),
        [(each.when, each.goal, f"× {each.declared:g}", f"× {each.learnt:g}") for each in found.weights],
    )
