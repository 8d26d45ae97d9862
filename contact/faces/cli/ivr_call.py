"""``contact ivr call``: a voice menu as a caller hears it, with the keyboard as keypad."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Annotated

import typer

from contact.domain.call_answers import CallAnswer
from contact.faces.cli import printing
from contact.faces.cli.complaints import Complaint
from contact.faces.cli.ivr_said import turn_lines
from contact.faces.cli.joined import any_customer, playbook_of, with_ports
from contact.faces.cli.options import AsJson
from contact.ports import Ports

WAIT, HANG_UP = "-", "x"
"""What is typed for a silence until the time-out, and to hang up."""
KEYPAD = "0123456789*#"


def add_to(app: typer.Typer) -> None:
    """Its commands."""
    app.command("call")(call)


def call(
    caller: Annotated[
        str | None,
        typer.Option(help="A customer's id, or a number like +8613800000001; nobody known if left out."),
    ] = None,
    menu: Annotated[str | None, typer.Option(help="Which menu, if there are several.")] = None,
    language: Annotated[str | None, typer.Option(help="Like zh-CN; the caller's own if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Call a voice menu: what is said is printed, a key is typed and Enter.

    `-` is silence until the time-out, `x` hangs up, as does the end of the input; so a script can be piped in.

    ```sh
    contact ivr call --caller C000001
    printf '1\\n*\\n0\\n' | contact ivr call --caller C000001 --language en
    ```
    """

    async def work(ports: Ports) -> None:
        from contact.flow.answer_call import BeginCall, begin_call, end_call, press_key

        await playbook_of(ports)
        by_number = caller is not None and caller.startswith("+")
        if caller is not None and not by_number:
            await _known(ports, caller)
        asked = BeginCall(
            customer=None if by_number else caller,
            number=caller if by_number else None,
            menu=menu,
            language=language,
        )
        answer = await begin_call(ports, asked)
        keys = _keys()
        while True:
            _tell(answer, as_json)
            if answer.ends:
                break
            began = time.monotonic()
            key = next(keys, HANG_UP)
            seconds = round(time.monotonic() - began, 1)
            if key == HANG_UP:
                _tell(await end_call(ports, answer.state, seconds), as_json)
                break
            answer = await press_key(ports, answer.state, None if key == WAIT else key, seconds)
        await ports.calls.flush()

    with_ports(work)


async def _known(ports: Ports, customer: str) -> None:
    from contact.faces.cli.joined import known_customer

    await any_customer(ports)
    await known_customer(ports, customer)


def _tell(answer: CallAnswer, as_json: bool) -> None:
    if as_json:
        printing.as_json(answer)
        return
    for line in turn_lines(answer):
        print(line)
    sys.stdout.flush()


def _keys() -> Iterator[str]:
    """One key a line; what is no key is said to be none and asked for again."""
    for line in sys.stdin:
        typed = line.strip()
        if len(typed) == 1 and typed in KEYPAD + WAIT + HANG_UP:
            yield typed
        elif typed:
            raise Complaint(
                f"{typed!r} is no key: one of {KEYPAD} a line, {WAIT} for silence, {HANG_UP} to hang up"
            )
