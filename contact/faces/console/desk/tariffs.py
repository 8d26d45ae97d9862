"""Bills before and after: every line of a customer under every tariff, as a page and as a pane of the desk."""

from __future__ import annotations

from aiohttp import web

from contact.domain.tariff_answers import TariffsAnswer
from contact.faces.console.desk.customer import count_look
from contact.faces.console.desk.tariff_view import bill_view, tariffs_view
from contact.faces.console.shared.bundle import read_bundle
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.pages import answer, html, page_view, render
from contact.faults import Fault
from strategies.problems import ProblemsFound
from strategies.profile import CustomerId

ROLES = frozenset(
    {"supervisor", "account_manager", "agent", "admin", "analyst", "strategist", "data_scientist"}
)


async def show_tariffs(turn: Turn) -> web.StreamResponse:
    """The whole comparison of one customer, line by line. Raises NotFound."""
    found = await _compared(turn)
    return answer(turn.visit, turn.look, "tariffs.html", tariffs_view(turn.look, found))


async def show_bill(turn: Turn) -> web.StreamResponse:
    """The pane of the desk: the best tariff of the task's line, or why there is none; a fault is said in its place."""
    line = turn.visit.request.query.get("line", "")
    try:
        view = bill_view(turn.look, await _compared(turn), line)
        status = 200
    except (Fault, ProblemsFound) as fault:
        view = {"line": None, "customer": _customer(turn)}
        status = fault.status if isinstance(fault, Fault) else 422
    frame = page_view(turn.visit, turn.look, read_bundle())
    return html(render("bill.html", turn.visit.words, {**frame, **view}), "", status=status)


async def _compared(turn: Turn) -> TariffsAnswer:
    from contact.flow.tariffs.show_tariffs import tariffs_of

    identity = await turn.ports.customers.identity(CustomerId(_customer(turn)))
    await count_look(turn, identity.customer)
    return await tariffs_of(turn.ports, identity.customer, turn.visit.language)


def _customer(turn: Turn) -> str:
    return turn.visit.request.match_info["customer"]
