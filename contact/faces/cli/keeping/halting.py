"""The kill switch: ``contact halt``, ``contact resume`` and ``contact halts``."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.joined import with_standing_ports
from contact.faces.cli.terminal.options import ROLE, AsJson, Why
from contact.ports import Ports

if TYPE_CHECKING:
    from contact.domain.ledger_answers import HaltsAnswer

Channel = Annotated[str | None, typer.Option(help="Only this channel.")]
Strategy = Annotated[str | None, typer.Option(help="Only this strategy.")]


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command()(halt)
    app.command()(resume)
    app.command()(halts)


def halt(why: Why, channel: Channel = None, strategy: Strategy = None) -> None:
    """Stop contact at once: everything, one channel or one strategy. What is reserved waits; nothing is lost.

    ```sh
    contact halt --channel sms --why "the gateway sends twice"
    contact halt --strategy data-upgrade --why "wrong price in the text"
    contact halt --why "we do not know what is going on"
    ```
    """

    async def work(ports: Ports) -> HaltsAnswer:
        from contact.flow.working import halt as flow

        await flow.halt(
            ports, channel=channel, strategy=strategy, author=getpass.getuser(), role=ROLE, why=why
        )
        return await flow.halts(ports)

    _tell(with_standing_ports(work))


def resume(why: Why, channel: Channel = None, strategy: Strategy = None) -> None:
    """Lift a halt, named as it was set; the others stand.

    ```sh
    contact resume --channel sms --why "the gateway is mended"
    ```
    """

    async def work(ports: Ports) -> HaltsAnswer:
        from contact.flow.working import halt as flow

        return await flow.resume(
            ports, channel=channel, strategy=strategy, author=getpass.getuser(), role=ROLE, why=why
        )

    _tell(with_standing_ports(work))


def halts(as_json: AsJson = False) -> None:
    """Say what is halted, since when, by whom and why.

    ```sh
    contact halts
    ```
    """

    async def work(ports: Ports) -> HaltsAnswer:
        from contact.flow.working import halt as flow

        return await flow.halts(ports)

    answer = with_standing_ports(work)
    if as_json:
        printing.as_json(answer)
    else:
        _tell(answer)


def _tell(answer: HaltsAnswer) -> None:
    rows = [
        (
            " ".join(each for each in (halt.kind, halt.key) if each),
            printing.moment(halt.since),
            halt.author,
            halt.why,
        )
        for halt in answer.items
    ]
    printing.table(("halted", "since", "by", "why"), rows, none="nothing is halted")
