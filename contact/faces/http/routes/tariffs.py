"""For whoever compares tariffs: one customer's lines under each of them, and everybody's as a job."""

from __future__ import annotations

from contact.faces.http.bodies.bodies import TariffsQuery
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.routes.jobs import rung
from contact.faces.http.routes.privacy import count_look_first
from contact.flow.jobs.queue_job import queue_match_tariffs
from contact.flow.tariffs.show_tariffs import tariffs_of


async def post_match(call: Call) -> Reply:
    """A job that advises every line."""
    return await rung(call, await queue_match_tariffs(call.ports))


async def get_tariffs(call: Call) -> Reply:
    """The last months' bills of each line under every tariff with its best add-ons, and what is advised."""
    query: TariffsQuery = call.query
    await count_look_first(call, call.path["customer"])
    return Reply(await tariffs_of(call.ports, call.path["customer"], query.language, query.months))
