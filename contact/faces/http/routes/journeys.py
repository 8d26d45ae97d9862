"""Journeys through voice menus: measured for those who look after menus, reported by those who run other ones."""

from __future__ import annotations

from contact.faces.http.bodies.journeys import JourneyBody, JourneysBody, JourneysQuery
from contact.faces.http.edge.row import Call, Reply
from contact.flow.calls.journeys import JourneysQuestion, journeys
from contact.flow.calls.report_journeys import Reported, report_journeys
from ivr.call import Step
from strategies.instants import to_instant


async def get_journeys(call: Call) -> Reply:
    """Reach, keys and seconds to the goal, abandonment, repeats and exits to agents with their intervals; paths and
    transitions; the personal menu against the static one, and a time against the one before."""
    query: JourneysQuery = call.query
    asked = JourneysQuestion(
        menu=query.menu,
        since=None if query.since is None else to_instant(query.since),
        until=None if query.until is None else to_instant(query.until),
        unit=query.unit,
        segment=query.segment,
        version=query.version,
        source=query.source,
        split=None if query.split is None else to_instant(query.split),
    )
    return Reply(await journeys(call.ports, asked, query.language))


async def post_journeys(call: Call) -> Reply:
    """Keep calls of other menus and enquiries of the hotline; durable once answered, a repeat changes nothing."""
    body: JourneysBody = call.body
    return Reply(await report_journeys(call.ports, [_reported(each) for each in body.journeys]))


def _reported(each: JourneyBody) -> Reported:
    steps = (
        Step(number, step.node, step.key, step.seconds) for number, step in enumerate(each.steps, start=1)
    )
    return Reported(
        id=each.id,
        at=to_instant(each.at),
        customer=each.customer,
        number=each.number,
        menu=each.menu,
        steps=tuple(steps),
        topic=each.topic,
        seconds=each.seconds,
        outcome=each.outcome,
        goal=each.goal,
        version=each.version,
        arm=each.arm,
        segment=each.segment,
        language=each.language,
    )
