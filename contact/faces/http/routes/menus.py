"""The order of keys of one caller, for telephone systems with a dialogue of their own."""

from __future__ import annotations

from functools import partial

from contact.faces.http.bodies.menus import MenuBody
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.routes.calls import count_caller
from contact.faces.http.routes.decisions import require_not_both
from contact.flow.calls.menu_for import menu_answer


async def post_menu(call: Call) -> Reply:
    """The keys of every level, whether to ask outright, and which arm the caller is in."""
    body: MenuBody = call.body
    require_not_both(body.customer, body.number)
    await count_caller(call, body.customer, body.number)
    return Reply(
        await menu_answer(
            call.ports,
            partial(call.house.admission.place, urgent=False),
            customer=body.customer,
            number=body.number,
            menu_id=body.menu,
            language=body.language,
        )
    )
