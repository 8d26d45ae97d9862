"""For those who run the service: does it live, is it ready."""

from __future__ import annotations

from contact.faces.http.problems import RequestProblem
from contact.faces.http.row import Call, Reply
from contact.faces.http.shapes import HealthAnswer
from contact.faults import Fault, NotFound
from contact.telemetry import exposition


async def get_live(_call: Call) -> Reply:
    """The process answers."""
    return Reply(HealthAnswer(status="live"))


async def get_ready(call: Call) -> Reply:
    """The store can be reached and a playbook is published."""
    try:
        await call.ports.clock.now()
        playbook = await call.ports.playbooks.current()
    except NotFound:
        raise RequestProblem(
            "not_ready", "No playbook is published; run `contact publish config/`."
        ) from None
    except Fault:
        raise RequestProblem(
            "not_ready", "The database cannot be reached.", headers={"Retry-After": "1"}
        ) from None
    return Reply(HealthAnswer(status="ready", playbook=playbook.version))


async def get_metrics(_call: Call) -> Reply:
    """Numbers of this process in Prometheus' text format."""
    return Reply(exposition())


async def get_openapi(call: Call) -> Reply:
    """This API as OpenAPI 3.1, generated from the route table."""
    return Reply(call.house.openapi)
