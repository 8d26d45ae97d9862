"""For strategists and analysts: customers counted, clustered, listed and kept as segments, over today's base."""

from __future__ import annotations

from pathlib import Path

from contact.faces.http.bodies.bodies import LanguageQuery
from contact.faces.http.bodies.selection import ClustersBody, ListForm, SegmentBody, SelectionBody
from contact.faces.http.edge.callers import author_of, writer_of
from contact.faces.http.edge.row import Call, Reply
from contact.flow.selecting import lists
from contact.flow.selecting.cluster import cluster
from contact.flow.selecting.segments import save_segment, segments
from contact.flow.selecting.select import selected
from contact.flow.selecting.spread import fields, spread
from strategies.instants import to_instant


async def post_selection(call: Call) -> Reply:
    """How many customers a condition finds, and how many are left after state, do-not-disturb, frequency, hours where an
    instant is asked for, control groups and further conditions; a few of those left by id."""
    body: SelectionBody = call.body
    found = await selected(
        call.ports,
        body.condition,
        channel=body.channel,
        category=body.category,
        strategy=body.strategy,
        without=body.without,
        at=None if body.at is None else to_instant(body.at),
    )
    return Reply(found.answer)


async def get_fields(call: Call) -> Reply:
    """Every field that conditions may read, with its type and where it comes from."""
    query: LanguageQuery = call.query
    return Reply(await fields(call.ports, query.language))


async def get_spread(call: Call) -> Reply:
    """How a field is spread over everybody: quantiles, or the most frequent words."""
    query: LanguageQuery = call.query
    return Reply(await spread(call.ports, call.path["field"], query.language))


async def get_segments(call: Call) -> Reply:
    """The saved segments of the playbook in force, each with its size now."""
    query: LanguageQuery = call.query
    return Reply(await segments(call.ports, query.language))


async def post_segment(call: Call) -> Reply:
    """Keep a selection as a file of a draft; in force once the draft is published."""
    body: SegmentBody = call.body
    author = await writer_of(call.ports, call.caller)
    draft = call.path["draft"]
    return Reply(
        await save_segment(
            call.ports, draft, body.segment, body.when, body.title or {}, author, replace=body.replace
        )
    )


async def post_clusters(call: Call) -> Reply:
    """Groups of customers who are alike in some fields, each with its portrait and a condition that finds it."""
    body: ClustersBody = call.body
    return Reply(await cluster(call.ports, body.fields, body.k, body.when))


async def get_lists(call: Call) -> Reply:
    """The imported lists of customers."""
    return Reply(await lists.lists(call.ports))


async def post_list(call: Call) -> Reply:
    """Take a list in, in place of the one of that name; rows whose customer is not on file are set aside."""
    form: ListForm = call.body
    answer = await lists.import_list(
        call.ports,
        form.name,
        form.file,
        id_column=form.id_column,
        sheet=form.sheet or None,
        author=author_of(call.caller),
    )
    Path(form.file).unlink(missing_ok=True)  # all of it is taken in
    return Reply(answer)


async def post_remove_list(call: Call) -> Reply:
    """Forget a list; conditions that ask for it find nobody."""
    await lists.remove_list(call.ports, call.path["list"])
    return Reply(await lists.lists(call.ports))
