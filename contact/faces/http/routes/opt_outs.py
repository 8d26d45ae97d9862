"""Opt-outs by number, by customer and by a link that needs no key; each binds before its answer."""

from __future__ import annotations

from contact.domain.acts import Act
from contact.faces.http.bodies.bodies import OptOutBody, OptOutLinkQuery
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.problems import RequestProblem
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import CancelledAnswer, OptOutLinkAnswer
from contact.faces.http.routes.privacy import count_look
from contact.flow.hearing.opt_out import LINK, OptOut, opt_out
from strategies.profile import CustomerId

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>退订 · Unsubscribe</title></head>
<body><main>{words}</main></body></html>
"""
ASKING = """<h1>退订</h1><p>点击按钮后，我们不再向您推送营销信息。</p>
<h1 lang="en">Unsubscribe</h1><p lang="en">Press the button, and we send you no more advertising.</p>
<form method="post"><button type="submit">退订 · <span lang="en">Unsubscribe</span></button></form>"""
DONE = """<h1>已退订</h1><p>即刻生效。</p>
<h1 lang="en">You are unsubscribed</h1><p lang="en">This holds from now on.</p>"""


async def post_opt_out(call: Call) -> Reply:
    """A customer, or whoever has a number, wants no more of it; a number nobody has yet is kept as well."""
    body: OptOutBody = call.body
    told = OptOut(body.customer, body.number, body.channel, body.category, body.source, body.evidence)
    by = Act(author_of(call.caller), call.caller.role, "consent.recorded", body.customer or "", {"given": 0})
    return Reply(CancelledAnswer(cancelled=await opt_out(call.ports, told, by=by)))


async def get_link(call: Call) -> Reply:
    """An address for this customer's messages and pages: opening it asks, its button withdraws; it never runs out."""
    query: OptOutLinkQuery = call.query
    customer = (await call.ports.customers.identity(CustomerId(call.path["customer"]))).customer
    await count_look(call)
    signature = call.ports.links.sign(LINK, customer, query.channel)
    return Reply(
        OptOutLinkAnswer(url=f"{call.house.settings.own_url}/opt-out/{customer}/{query.channel}/{signature}")
    )


async def get_page(call: Call) -> Reply:
    """A page with one button: what only follows links, as scanners of mail do, withdraws nothing."""
    _require_ours(call)
    return Reply(PAGE.format(words=ASKING).encode())


async def post_page(call: Call) -> Reply:
    """The button, and what mail programs send by themselves for List-Unsubscribe (RFC 8058)."""
    _require_ours(call)
    customer, channel = call.path["customer"], call.path["channel"]
    by = Act(f"link of {customer}", "anyone", "consent.recorded", customer, {"given": 0})
    await opt_out(call.ports, OptOut(customer=customer, channel=channel, source="link"), by=by)
    return Reply(PAGE.format(words=DONE).encode())


def _require_ours(call: Call) -> None:
    path = call.path
    if not call.ports.links.is_ours(path["signature"], LINK, path["customer"], path["channel"]):
        raise RequestProblem("not_found", "There is no such address; open the link as it was sent to you.")
