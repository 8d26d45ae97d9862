"""For those who watch: what strategies brought, how the queues stand, what time it is."""

from __future__ import annotations

from contact.faces.http.bodies.bodies import ClockBody, LanguageQuery
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import ClockAnswer
from contact.faults import Forbidden
from contact.flow.planning.evaluate import evaluate
from contact.flow.planning.overview import overview
from contact.ports import Moment
from strategies.instants import to_datetime, to_instant


async def get_evaluation(call: Call) -> Reply:
    """What a strategy brought, held against its control group."""
    query: LanguageQuery = call.query
    return Reply(await evaluate(call.ports, call.path["strategy"], query.language))


async def get_overview(call: Call) -> Reply:
    """Funnel of the last planned day, queues, refusals by reason, jobs."""
    query: LanguageQuery = call.query
    return Reply(await overview(call.ports, query.language, with_jobs=call.scope.whole))


async def get_clock(call: Call) -> Reply:
    """The store's instant."""
    return Reply(_clock(await call.ports.clock.now()))


async def post_clock(call: Call) -> Reply:
    """Move the store's clock forward; only a demonstration may."""
    body: ClockBody = call.body
    if not call.house.settings.demo:
        raise Forbidden("start the service with --demo to move its clock")
    return Reply(_clock(await call.ports.clock.move_to(to_instant(body.to), author_of(call.caller))))


def _clock(moment: Moment) -> ClockAnswer:
    return ClockAnswer(at=to_datetime(moment.at), simulated=moment.simulated)
