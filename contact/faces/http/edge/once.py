"""Idempotency: a retried POST has one effect and one answer."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from aiohttp import web

from contact.faces.http.edge.problems import RequestProblem, at_parameter
from contact.faults import Fault
from contact.ports import IdempotencyPort, Key
from contact.ports.claims import held
from strategies.problems import ProblemsFound

HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[A-Za-z0-9._:-]{1,128}$(?!\n)"
_KEY = re.compile(KEY_PATTERN)

Encoded = tuple[int, bytes]
"""Status and body of an answer."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a request answered, and what of it is kept for a retry."""

    status: int
    body: bytes
    kept: bytes


def key_of(request: web.Request) -> str:
    """The request's Idempotency-Key. Raises RequestProblem where it is missing, doubled or malformed."""
    given = request.headers.getall(HEADER, [])
    if not given:
        message = "is required: a new value for each request, and the same value for a retry"
        raise at_parameter("idempotency_key_missing", HEADER, message)
    if len(given) > 1 or not _KEY.search(given[0]):
        message = "must stand once, 1–128 of A–Z a–z 0–9 . _ : -"
        raise at_parameter("idempotency_key_invalid", HEADER, message)
    return given[0]


def payload_hash(request: web.Request, body: bytes) -> str:
    """Hash of what the request asks for: method, path, query and body."""
    head = f"{request.method} {request.raw_path}\n".encode()
    return sha256(head + body).hexdigest()


async def answer_once(
    port: IdempotencyPort,
    caller: Key,
    key: str,
    payload: str,
    run: Callable[[], Awaitable[Ran]],
    recall: Callable[[int, bytes], Awaitable[bytes]],
    made: Callable[[Any], tuple[int, bytes] | None],
) -> Encoded:
    """Run the request, or recall what it answered before. What it changes says in the same commit that it did.

    So a repeat after a crash finds the answer (where ``made`` makes it of what the write returned) or learns that it was
    carried out; it never has a second effect. What raises before anything was changed may come again; an unforeseen
    error leaves the claim standing, which lapses after a minute unless something was changed.
    """
    begun = await port.begin(caller.id, key, payload)
    if begun.state == "stored":
        return begun.status, await recall(begun.status, begun.body)
    if begun.state == "mismatch":
        detail = f"This `{HEADER}` came before with another request; send a new one with this request."
        raise RequestProblem("idempotency_key_reused", detail)
    if begun.state == "in_progress":
        detail = "The first request with this key is still running; send the same again in a second."
        raise RequestProblem("idempotency_in_progress", detail, headers={"Retry-After": "1"})
    if begun.state == "effected":
        detail = "The first request was carried out, but its process died before it could answer; read what stands."
        raise RequestProblem("idempotency_answer_lost", detail)
    assert begun.claim is not None  # a fresh key has its claim
    begun.claim.answer = made
    try:
        with held(begun.claim):
            ran = await run()
    except (Fault, ProblemsFound, RequestProblem):
        await port.abandon(caller.id, key)
        raise
    if not begun.claim.kept:
        await port.finish(caller.id, key, ran.status, ran.kept)
    return ran.status, ran.body
