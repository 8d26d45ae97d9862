"""One request id from the edge to the job and to the gateway: header, log lines, row, header again; traces share it."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web

from contact import telemetry, tracing
from contact.channels.sms import SmsGateway
from contact.flow.jobs.run_job import run_job
from contact.flow.working.dispatch import dispatch_due
from tests.integration.http_client import serving
from tests.integration.http_story import DAY, MORNING, PLAYBOOK, open_the_shop
from tests.servers import free_port

ID = "order-2030-03-05-a"
SMS = (
    PLAYBOOK["channels.yaml"]
    .replace("outbound_call:", "sms:")
    .replace("delivery: agents", "delivery: gateway")
)
SCRIPT = (
    '        script: {en: ["Good day {name}, may I tell you about the 20 GB pack?"], zh-CN: ["{name}您好"]}\n'
)
TEXT = '        text: {en: "Good day", zh-CN: "您好"}\n'
BY_SMS = {
    path: text.replace("outbound_call", "sms").replace(SCRIPT, TEXT)
    for path, text in {**PLAYBOOK, "channels.yaml": SMS}.items()
}


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged."""
    stream = io.StringIO()
    telemetry.start_logging(stream)
    yield stream
    structlog.reset_defaults()


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[str, list[str]]]:
    """A gateway that takes every message, and the request ids it got."""
    got: list[str] = []

    async def take(request: web.Request) -> web.Response:
        got.append(request.headers.get("X-Request-Id", ""))
        return web.json_response({"reference": "r"}, status=202)

    app = web.Application()
    app.router.add_post("/sms", take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield f"http://127.0.0.1:{port}/sms", got
    await runner.cleanup()


async def test_the_id_goes_from_the_edge_to_the_job_and_to_the_gateway(
    tmp_path: Path, lines: io.StringIO, gateway: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """A planned day's messages reach the gateway under the id of the request that asked for the plan."""
    url, got = gateway
    monkeypatch.setattr("tests.integration.http_story.PLAYBOOK", BY_SMS)
    async with serving(tmp_path / "home") as server:
        await open_the_shop(server)
        asked = await server.post("/v1/plans", {"day": DAY}, headers={"X-Request-Id": ID})
        assert (asked.status, asked.headers["X-Request-Id"]) == (202, ID)
        job = await server.house.ports.jobs.get(asked.json["job"])
        assert job.request == ID
        await run_job(server.house.ports, job.id)
        await server.post("/v1/clock", {"to": MORNING})
        sms = SmsGateway(url, "http://127.0.0.1/receipts")
        ports = replace(server.house.ports, gateways={"sms": sms})

        assert await dispatch_due(ports, "sms") > 0
        await sms.close()
    assert set(got) == {ID}
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    about = {line["event"] for line in said if line.get("request") == ID}
    assert {"request", "ended", "handed over"} <= about
    assert telemetry.request_id() == ""


@pytest.mark.parametrize(
    "given", ["8613812345678", "138-1234-5678", "short", "x" * 65, "a b c d e f g h", "客户客户客户客户", ""]
)
async def test_an_id_that_could_be_anything_is_replaced(tmp_path: Path, given: str) -> None:
    """Ids are short, plain and no phone number; whatever else comes gets one of ours, in every answer."""
    async with serving(tmp_path / "home") as server:
        with suppress(ValueError):
            answer = await server.get("/livez", role=None, headers={"X-Request-Id": given})
            assert answer.headers["X-Request-Id"] not in (given, "")
            assert telemetry.is_request_id(answer.headers["X-Request-Id"])


async def test_spans_of_one_request_share_a_trace_in_every_process(tmp_path: Path) -> None:
    """A collector gets the request's and the job's span under one trace, without names, numbers or queries."""
    bodies: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response()

    app = web.Application(client_max_size=1 << 24)
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    import asyncio

    end = tracing.start(f"http://127.0.0.1:{port}", "test")
    try:
        async with serving(tmp_path / "home") as server:
            await server.get("/v1/customers/C-13812345678", headers={"X-Request-Id": ID})
            with tracing.span("job test", ID, job="J1"):
                pass
    finally:
        await asyncio.to_thread(end)
        await runner.cleanup()
    spans = _spans(b"".join(bodies))
    assert {span["name"] for span in spans} >= {"GET /v1/customers/{customer}", "job test"}
    assert {span["trace"] for span in spans} == {tracing.trace_id(ID)}
    assert b"13812345678" not in b"".join(bodies)


def _spans(raw: bytes) -> list[dict[str, Any]]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    told = ExportTraceServiceRequest.FromString(raw)
    return [
        {"name": span.name, "trace": int.from_bytes(span.trace_id, "big")}
        for resource in told.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def test_without_a_collector_nothing_of_opentelemetry_is_used() -> None:
    """The default makes no span; an address that is none is told by its setting."""
    tracing.start(None, "api")()
    with tracing.span("x", ID) as told:
        told(status=200)
    with pytest.raises(ValueError, match="CONTACT_OTLP_URL"):
        tracing.start("collector:4318", "api")
