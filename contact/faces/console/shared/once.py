"""A form that is sent twice has one effect, whether a person, the script or the network sent it again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from hashlib import sha256

from contact.faces.console.shared.guard import Turn
from contact.faults import Conflict, Fault
from contact.ports.claims import held
from strategies.problems import ProblemsFound

_KEY = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_NOT_PAYLOAD = frozenset({"form_token", "idempotency_key"})
_TRIES, _PAUSE_SECONDS = 30, 0.1


async def once(turn: Turn, act: Callable[[], Awaitable[str]]) -> str:
    """Run the act, or answer what it said when this form came before; the word is kept, no page is.

    Raises Conflict where the form has no key of its own or its first sending is still running.
    """
    key, port = turn.visit.text("idempotency_key", 128), turn.ports.idempotency
    if not _KEY.fullmatch(key):
        raise Conflict("the form has no idempotency key")
    scope = (
        f"console {turn.visit.person or (turn.visit.key and turn.visit.key.role)} {turn.visit.request.path}"
    )
    payload = _payload_hash(turn)
    for _ in range(_TRIES):
        begun = await port.begin(scope, key, payload)
        if begun.state != "in_progress":
            break
        await asyncio.sleep(_PAUSE_SECONDS)
    if begun.state == "stored":
        return begun.body.decode()
    if begun.state == "effected":
        raise Conflict("this form was carried out, its answer was lost; look at the page again")
    if begun.state != "fresh" or begun.claim is None:
        raise Conflict("the same form is being worked on, or was sent with another content")
    try:
        with held(begun.claim):
            said = await act()
    except (Fault, ProblemsFound):
        await port.abandon(scope, key)
        raise
    await port.finish(scope, key, 200, said.encode())
    return said


def _payload_hash(turn: Turn) -> str:
    fields = sorted((name, value) for name, value in turn.visit.form.items() if name not in _NOT_PAYLOAD)
    return sha256(repr(fields).encode()).hexdigest()
