"""``contact ivr call``: a voice menu as a caller hears it, with the keyboard as keypad."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contact.domain.call_answers import CallAnswer
from contact.faces.cli.hotline.said import turn_lines
from contact.faces.cli.terminal import printing
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.cli.terminal.joined import known_customer, playbook_of, with_standing_ports
from contact.faces.cli.terminal.options import AsJson
from contact.ports import Ports
from strategies.declared.menu import KEYPAD

if TYPE_CHECKING:
    from contact.faces.cli.hotline.line import Line
    from contact.flow.calls.answer_call import BeginCall

WAIT, HANG_UP = "-", "x"
"""What is typed for a silence until the time-out, and to hang up."""


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command("call")(call)


def call(
    caller: Annotated[
        str | None,
        typer.Option(help="A customer's id, or a number like +8613800000001; left out: nobody known."),
    ] = None,
    menu: Annotated[str | None, typer.Option(help="Which menu, if there are several.")] = None,
    language: Annotated[str | None, typer.Option(help="Like zh-CN; left out: the caller's own.")] = None,
    for_real: Annotated[
        bool,
        typer.Option(
            "--for-real", help="Keep the journey, reserve offers, withdraw consent: a call like any."
        ),
    ] = False,
    service: Annotated[
        str | None, typer.Option(help="Call a running service, like http://127.0.0.1:8080; needs --key.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="File with a key of role ivr, for --service.")] = None,
    as_json: AsJson = False,
) -> None:
    """Call a voice menu: what is said is printed; type a key and Enter.

    `-` is silence until the time-out, `x` hangs up, as does the end of the input, so that a script can be piped in.
    Without --for-real nothing comes of the call.

    ```sh
    contact ivr call --caller C000001
    printf '1\\n1\\n' | contact ivr call --caller C000001 --language en
    ```
    """
    from contact.flow.calls.answer_call import BeginCall

    by_number = caller is not None and caller.startswith("+")
    customer, number = (None, caller) if by_number else (caller, None)
    asked = BeginCall(customer, number, None, menu, language, rehearsed=not for_real)
    if service is not None:
        _at_service(service, key, asked, as_json)
        return
    if key is not None:
        raise Complaint("--key goes with --service: in this process no key is asked for")

    async def work(ports: Ports) -> None:
        from contact.faces.cli.hotline.line import OwnLine

        await playbook_of(ports)
        if asked.customer is not None:
            await known_customer(ports, asked.customer)
        await _talk(OwnLine(ports), asked, as_json)

    with_standing_ports(work)


def _at_service(address: str, key: Path | None, asked: BeginCall, as_json: bool) -> None:
    import asyncio

    from contact.faces.cli.hotline.line import ServiceLine

    if key is None:
        raise Complaint("--service needs --key FILE: `contact key create ivr` prints a key")
    if not address.startswith(("http://", "https://")):
        raise Complaint(f"--service must begin with http:// or https://, not {address!r}")
    try:
        secret = key.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Complaint(f"{key} cannot be read: {error.strerror}") from None
    asyncio.run(_talk(ServiceLine(address, secret), asked, as_json))


async def _talk(line: Line, asked: BeginCall, as_json: bool) -> None:
    """Until the call ends or nothing more is typed."""
    answer, stayed = await line.begin(asked), 0.0
    _tell(answer, as_json)
    try:
        for typed, seconds in _typed():
            if typed == HANG_UP:
                stayed = seconds
                break
            answer = await line.press(answer, None if typed == WAIT else typed, seconds)
            _tell(answer, as_json)
            if answer.ends:
                break
    finally:
        ended = await line.end(answer, stayed)
    if not answer.ends:
        _tell(ended, as_json)


def _tell(answer: CallAnswer, as_json: bool) -> None:
    if as_json:
        printing.as_json(answer)
    else:
        for line in turn_lines(answer):
            print(line)
    sys.stdout.flush()


def _typed() -> Iterator[tuple[str, float]]:
    """One key a line, with the seconds it took; of what is no key it is said what one is, and the call waits on."""
    began = time.monotonic()
    for line in sys.stdin:
        typed, seconds = line.strip(), round(time.monotonic() - began, 1)
        if not typed:
            continue
        if len(typed) != 1 or typed not in KEYPAD + WAIT + HANG_UP:
            expected = f"one of {KEYPAD}, {WAIT} for silence, {HANG_UP} to hang up"
            print(f"{typed!r} is no key: type {expected}", file=sys.stderr, flush=True)
            continue
        yield typed, seconds
        began = time.monotonic()
