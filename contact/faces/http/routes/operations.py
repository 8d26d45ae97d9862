"""For those who run the service: is it ready, how does the work stand, what is the API."""

from __future__ import annotations

from contact.faces.http.edge.problems import RequestProblem
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import HealthAnswer
from contact.faces.http.edge.standing import tell_standing
from contact.faults import Fault, NotFound
from contact.telemetry import exposition


async def get_ready(call: Call) -> Reply:
    """The store can be reached; which playbook is in force, null before the first, which comes over this API too."""
    version: str | None = None
    try:
        await call.ports.clock.now()
        version = (await call.ports.playbooks.current()).version
    except NotFound:
        pass
    except Fault:
        detail = "The database cannot be reached; look at CONTACT_DATABASE_URL and the log."
        raise RequestProblem("not_ready", detail, headers={"Retry-After": "1"}) from None
    return Reply(HealthAnswer(status="ready", playbook=version))


async def get_metrics(call: Call) -> Reply:
    """Numbers of this process, and of the store as all processes left it, in Prometheus' text format."""
    await tell_standing(call.ports)
    return Reply(exposition())


async def get_openapi(call: Call) -> Reply:
    """This API as OpenAPI 3.1, generated from the route table."""
    return Reply(call.house.openapi)
