"""Turns a row of the route table into an aiohttp handler: authenticate, permit, decode, run once, encode."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import msgspec
from aiohttp import web

from contact.domain.answers import JobAnswer
from contact.faces.http.bodies.bodies import Body
from contact.faces.http.edge import uploads
from contact.faces.http.edge.callers import NOBODY, KeyRing, remember_caller, require_role, scope_for
from contact.faces.http.edge.decoding import checked_ids, decode_form, decode_json, decode_query
from contact.faces.http.edge.kannel_query import texts_of
from contact.faces.http.edge.once import Encoded, Ran, answer_once, key_of, payload_hash
from contact.faces.http.edge.problems import MEDIA_TYPE, at_body
from contact.faces.http.edge.reading import (
    BODIES,
    MOST_BODIES,
    check_size,
    read_body,
    require_form,
    require_json,
)
from contact.faces.http.edge.row import Call, House, Once, Route
from contact.faces.http.edge.shapes import CancelledAnswer
from contact.faults import StoreUnavailable
from contact.flow.present import job_answer
from contact.ports import WHOLE, Job

LARGE_BYTES = 1 << 16
"""A larger body is decoded beside the loop: a playbook of sixteen megabytes of brackets would keep everybody waiting."""
AioHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ENCODER = msgspec.json.Encoder()
_FOR_PAGES = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
}
"""A page of ours has a button; everything else on it stays forbidden."""


def serve(route: Route, house: House, keys: KeyRing) -> AioHandler:
    """The handler of one row; nothing reaches the row's own function unchecked."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if not route.open:
            caller = await keys.authenticate(request, storeless=route.storeless, patient=route.patient)
            remember_caller(request, caller)
            require_role(route, caller)
            scope = await scope_for(route, house.ports, caller)
        else:
            caller, scope = NOBODY, WHOLE
        ids = checked_ids(request.match_info)
        query = decode_query(texts_of(request, route.query), route.query)
        if route.form:
            status, encoded = await _with_form(route, request, Call(house, caller, ids, query, scope=scope))
        else:
            body, raw = await _body(route, request)
            call = Call(house, caller, ids, query, body, scope)
            place = nullcontext() if route.own_place else house.admission.place(urgent=route.urgent)
            async with place:
                status, encoded = await _perhaps_once(route, request, call, raw)
        media = route.media if status < 400 or status in route.refuses_in_media else MEDIA_TYPE
        headers = {"Content-Type": media, **(_FOR_PAGES if media.startswith("text/html") else {})}
        return web.Response(status=status, body=encoded, headers=headers)

    return answer


async def _body(route: Route, request: web.Request) -> tuple[Any, bytes]:
    if route.body is None:
        return None, await _nothing(route, request)
    check_size(request, route.limit_bytes)
    (require_form if route.urlencoded else require_json)(request)
    raw = await read_body(request, route.limit_bytes)
    decode = decode_form if route.urlencoded else decode_json
    if len(raw) > LARGE_BYTES:
        return await asyncio.to_thread(decode, raw, route.body), raw
    return decode(raw, route.body), raw


async def _nothing(route: Route, request: web.Request) -> bytes:
    """The body of a route that takes none: what somebody meant by another is not passed over in silence."""
    if route.open or not request.can_read_body:
        return b""
    raw = await read_body(request, route.limit_bytes)
    if raw.strip() not in (b"", b"{}"):
        raise at_body("unknown_field", "this address takes none; send it empty")
    return b""


async def _with_form(route: Route, request: web.Request, call: Call) -> Encoded:
    key = key_of(request)
    check_size(request, route.limit_bytes)
    folder = call.house.settings.home / uploads.UPLOADS
    assert route.body is not None and issubclass(route.body, Body)  # the table's tests see to it
    with request.app[BODIES].of(request, MOST_BODIES):
        upload = await uploads.receive(request, folder, route.limit_bytes, route.body)
    handed_over = False
    try:
        filled = replace(call, body=upload.form)

        async def run() -> Ran:
            nonlocal handed_over
            ran = await _run(route, filled)
            handed_over = True
            return ran

        payload = payload_hash(request, upload.digest)
        return await answer_once(
            call.ports.idempotency, call.caller, key, payload, run, _recalling(route, filled), _making(route)
        )
    finally:
        if not handed_over:
            upload.discard()


async def _perhaps_once(route: Route, request: web.Request, call: Call, raw: bytes) -> Encoded:
    reserving = route.once is Once.IF_RESERVING and call.body.reserve
    if route.once is not Once.ALWAYS and not reserving:
        ran = await _run(route, call)
        return ran.status, ran.body
    key, payload = key_of(request), payload_hash(request, raw)
    if not call.caller.proved:
        raise StoreUnavailable("what was answered before is kept in the store, which may not be asked")
    return await answer_once(
        call.ports.idempotency, call.caller, key, payload,
        lambda: _run(route, call), _recalling(route, call), _making(route),
    )  # fmt: skip


async def _run(route: Route, call: Call) -> Ran:
    reply = await route.handle(call)
    body = reply.answer if isinstance(reply.answer, bytes) else _ENCODER.encode(reply.answer)
    kept = body
    if route.recall is not None and reply.status < 400:
        kept = _ENCODER.encode(route.recall.keep(reply.answer))
    return Ran(reply.status or route.status, body, kept)


def _making(route: Route) -> Callable[[Any], tuple[int, bytes] | None]:
    """The answer that the effect's own result makes, to be committed with it; None where it takes more than that."""

    def made(result: object) -> tuple[int, bytes] | None:
        if route.answer is JobAnswer and isinstance(result, Job):
            return route.status, _ENCODER.encode(job_answer(result))
        if route.answer is CancelledAnswer and isinstance(result, int):
            return route.status, _ENCODER.encode(CancelledAnswer(cancelled=result))
        return None

    return made


def _recalling(route: Route, call: Call) -> Callable[[int, bytes], Awaitable[bytes]]:
    async def recall(status: int, kept: bytes) -> bytes:
        if route.recall is None or status >= 400:
            return kept
        return _ENCODER.encode(await route.recall.again(call, kept))

    return recall
