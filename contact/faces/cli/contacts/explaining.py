"""``contact explain``: why a customer is or is not contacted, now, at another instant, or in a past decision."""

from __future__ import annotations

from typing import Annotated

import typer

from contact.domain.answers import ExplanationAnswer
from contact.domain.menu_learning_answers import MenuExplanationAnswer
from contact.faces.cli.contacts import telling, telling_menus
from contact.faces.cli.contacts.work import unknown_strategy
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.instants import typed_instant_or_none
from contact.faces.cli.terminal.joined import (
    customer_calling,
    known_customer,
    playbook_of,
    with_standing_ports,
)
from contact.faces.cli.terminal.options import AsJson
from contact.ports import Ports
from strategies.declared.playbook import Playbook


def add_to(app: typer.Typer) -> None:
    """Its command."""
    app.command()(explain)


def explain(
    customer: Annotated[
        str | None, typer.Argument(help="The customer's id, as the customers file spells it.")
    ] = None,
    strategy: Annotated[str | None, typer.Option(help="Only this strategy.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only this channel.")] = None,
    at: Annotated[
        str | None, typer.Option(help="At another instant, past or coming: 2026-03-05T10:00+08:00.")
    ] = None,
    decision: Annotated[
        str | None, typer.Option(help="A past decision, taken again under its own playbook.")
    ] = None,
    ivr: Annotated[
        str | None,
        typer.Option(
            metavar="CALLER",
            help="Why this caller, an id or a number like +8613800000001, hears their voice menu in this order.",
        ),
    ] = None,
    menu: Annotated[
        str | None, typer.Option(help="With --ivr: which menu; the usual one if left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say why this customer is or is not contacted: each candidate, each gate, each value compared, and when it clears.

    With --ivr: why a caller hears their voice menu in this order, what they likely want, and what it costs them.

    ```sh
    contact explain C000001
    contact explain C000001 --strategy data-upgrade --channel sms
    contact explain C000001 --at 2026-03-05T10:00+08:00
    contact explain --ivr C000001
    contact explain --ivr +8613800000001
    ```
    """
    if ivr is not None:
        _explain_menu(
            ivr, menu, at, as_json, alone=customer is None and strategy is channel is decision is None
        )
        return
    if customer is None:
        raise Complaint("say whom: `contact explain CUSTOMER`, or `contact explain --ivr CALLER`")
    _explain_contact(customer, strategy, channel, at, decision, as_json)


def _explain_contact(
    customer: str,
    strategy: str | None,
    channel: str | None,
    at: str | None,
    decision: str | None,
    as_json: bool,
) -> None:
    """Why a customer is or is not contacted."""
    if at is not None and decision is not None:
        raise Complaint("a decision has its own instant: leave --at or --decision out")
    instant = typed_instant_or_none(at)

    async def work(ports: Ports) -> ExplanationAnswer:
        from contact.flow.deciding.explain import explain as explained
        from contact.flow.deciding.explain import explain_decision

        playbook = await playbook_of(ports)
        if decision is not None:
            return await explain_decision(ports, decision, customer, strategy, channel)
        await known_customer(ports, customer)
        _require_known(playbook, strategy, channel)
        return await explained(ports, customer, strategy, channel, instant)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling.explanation(answer)
    if answer.replay is not None and answer.replay.state == "different":
        raise typer.Exit(1)


def _explain_menu(caller: str, menu: str | None, at: str | None, as_json: bool, *, alone: bool) -> None:
    """Why a caller hears this order."""
    if not alone:
        raise Complaint("--ivr explains a voice menu: only --menu, --at and --json go with it")
    instant = typed_instant_or_none(at)

    async def work(ports: Ports) -> MenuExplanationAnswer:
        from contact.flow.calls.explain_menu import explain_menu

        await playbook_of(ports)
        customer = await customer_calling(ports, caller)
        return await explain_menu(ports, customer, menu, instant)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        telling_menus.explanation(answer)


def _require_known(playbook: Playbook, strategy: str | None, channel: str | None) -> None:
    if strategy is not None and playbook.strategy(strategy) is None:
        raise unknown_strategy(strategy, [each.id for each in playbook.strategies])
    if channel is not None and channel not in playbook.channels:
        raise Complaint(
            f"there is no channel {channel}: choose one of {', '.join(sorted(playbook.channels))}"
        )
