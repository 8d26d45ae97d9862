"""``contact models``: what was trained, what is in force, and how to change that."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from contact.domain.model_answers import ModelAnswer, ModelsAnswer
from contact.faces.cli.learning import telling_models
from contact.faces.cli.learning.training import unknown_model
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import playbook_of, with_standing_ports
from contact.faces.cli.terminal.options import AsJson, Why
from contact.faults import Conflict, NotFound
from contact.ports import Ports

ModelId = Annotated[
    str, typer.Argument(metavar="ID", help="A trained model, churn-3, as `contact models` lists it.")
]


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    group = typer.Typer(
        invoke_without_command=True,
        help="""Trained models: list them, look at a report, promote one, roll back.

```sh
contact models
contact models show churn-3
contact models promote churn-3 --why "the fall is the new price list"
contact models roll-back churn --why "alarms doubled"
```
""",
    )
    group.callback()(choose)
    group.command("list")(list_)
    group.command()(show)
    group.command()(promote)
    group.command("roll-back")(roll_back)
    app.add_typer(group, name="models")


def choose(context: typer.Context, as_json: AsJson = False) -> None:
    """Lists them where no other word follows."""
    if context.invoked_subcommand is None:
        list_(as_json)


def list_(as_json: AsJson = False) -> None:
    """List every trained model, newest first, and the declared ones that nobody trained yet.

    ```sh
    contact models list
    contact models list --json
    ```
    """

    async def work(ports: Ports) -> ModelsAnswer:
        from contact.flow.learning.models import list_models

        await playbook_of(ports)
        return await list_models(ports, "en")

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling_models.models(answer)


def show(id: ModelId, as_json: AsJson = False) -> None:
    """Show a trained model and its whole report.

    ```sh
    contact models show churn-3
    contact models show churn-3 --json > churn-3.json
    ```
    """

    async def work(ports: Ports) -> ModelAnswer:
        from contact.flow.learning.models import show_model

        await playbook_of(ports)
        try:
            return await show_model(ports, id, "en")
        except NotFound:
            raise unknown_id(id) from None

    _tell(with_standing_ports(work), as_json)


def promote(id: ModelId, why: Why, as_json: AsJson = False) -> None:
    """Put a trained model in force, whatever its verdict was; the reason is kept with it.

    ```sh
    contact models promote churn-3 --why "the fall is the new price list, seen in every segment"
    contact models promote churn-2 --why "churn-3 was trained on a broken file"
    ```
    """
    _reason(why)

    async def work(ports: Ports) -> ModelAnswer:
        from contact.flow.learning.models import promote as put_in_force

        await playbook_of(ports)
        try:
            return await put_in_force(ports, id, getpass.getuser(), why)
        except NotFound:
            raise unknown_id(id) from None
        except Conflict:
            raise Complaint(f"{id} is in force already: `contact models` lists the others") from None

    _tell(with_standing_ports(work), as_json)


def roll_back(
    model: Annotated[str, typer.Argument(help="A model of the playbook: churn.")],
    why: Why,
    as_json: AsJson = False,
) -> None:
    """Put the model in force again that was before; its scores come with the next `contact score`.

    ```sh
    contact models roll-back churn --why "alarms doubled overnight"
    contact models roll-back propensity --why "trained on a broken file" --json
    ```
    """
    _reason(why)

    async def work(ports: Ports) -> ModelAnswer:
        from contact.flow.learning.models import roll_back as back

        declared = (await playbook_of(ports)).models
        if model not in declared:
            raise unknown_model(model, sorted(declared))
        try:
            return await back(ports, model, getpass.getuser(), why)
        except NotFound:
            raise Complaint(f"no model {model} is in force: run `contact train {model}`") from None
        except Conflict:
            raise Complaint(
                f"nothing was in force before the present {model}: there is nothing to go back to"
            ) from None

    _tell(with_standing_ports(work), as_json)


def _reason(why: str) -> None:
    if not why.strip():
        raise Complaint("say why, for the record: --why REASON")


def _tell(answer: ModelAnswer, as_json: bool) -> None:
    if as_json:
        printing.as_json(answer)
    else:
        telling_models.model(answer)


def unknown_id(id: str) -> Complaint:
    """Says where the ids are."""
    return Complaint(f"there is no trained model {id}: `contact models` lists them")
