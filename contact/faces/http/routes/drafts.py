"""For strategists: drafts from the first word to publishing, and the same check as everywhere."""

from __future__ import annotations

import asyncio

from contact.faces.http.bodies.drafts import (
    ApprovalBody,
    CheckBody,
    DraftBody,
    DraftCheckBody,
    DraftPublishBody,
    DraftsQuery,
    FileBody,
    FileQuery,
    MergeBody,
)
from contact.faces.http.edge.callers import author_of, person_of, writer_of
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import DraftsAnswer
from contact.flow.publishing import drafts
from contact.flow.publishing.check_base import check_with_base
from contact.flow.publishing.check_texts import check_texts
from contact.flow.publishing.versions import version_answer
from strategies.instants import to_instant


async def post_check(call: Call) -> Reply:
    """Problems, warnings and examples of a full set of texts; nothing is stored."""
    body: CheckBody = call.body
    if body.base:
        return Reply(await check_with_base(call.ports, body.texts, body.only))
    return Reply(await asyncio.to_thread(check_texts, body.texts, body.only))


async def get_drafts(call: Call) -> Reply:
    """Drafts, changed last first."""
    query: DraftsQuery = call.query
    return Reply(DraftsAnswer(items=await drafts.list_drafts(call.ports, closed=query.closed)))


async def post_draft(call: Call) -> Reply:
    """A draft on the version in force."""
    body: DraftBody = call.body
    author = await writer_of(call.ports, call.caller)
    return Reply(await drafts.create_draft(call.ports, author, body.title, body.texts))


async def get_draft(call: Call) -> Reply:
    """One draft, held against its base and what is in force."""
    return Reply(await drafts.get_draft(call.ports, call.path["draft"]))


async def get_file(call: Call) -> Reply:
    """One text as it was typed."""
    query: FileQuery = call.query
    return Reply(await drafts.file_answer(call.ports, call.path["draft"], query.path))


async def post_file(call: Call) -> Reply:
    """Write or remove one file; every edit removes all approvals and a schedule."""
    body: FileBody = call.body
    author = await writer_of(call.ports, call.caller)
    saved = await drafts.save_file(call.ports, call.path["draft"], body.path, body.text, body.seen, author)
    return Reply(saved)


async def post_draft_check(call: Call) -> Reply:
    """Check a draft with what is being typed; nothing is stored."""
    body: DraftCheckBody = call.body
    return Reply(
        await drafts.check_draft(call.ports, call.path["draft"], body.only, body.typed, base=body.base)
    )


async def post_merge(call: Call) -> Reply:
    """Take in what was published meanwhile, or say where both sides changed the same lines."""
    body: MergeBody = call.body
    author = await writer_of(call.ports, call.caller)
    return Reply(await drafts.merge_draft(call.ports, call.path["draft"], author, body.resolved))


async def post_approval(call: Call) -> Reply:
    """The key's person approves the draft as they saw it."""
    body: ApprovalBody = call.body
    person = person_of(call.caller)
    return Reply(await drafts.approve(call.ports, call.path["draft"], person, body.seen))


async def post_publish(call: Call) -> Reply:
    """Put a draft in force, now or at an instant."""
    body: DraftPublishBody = call.body
    at = None if body.at is None else to_instant(body.at)
    author = author_of(call.caller)
    published = await drafts.publish_draft(call.ports, call.path["draft"], author, body.why, at)
    if published.sweep_job is not None:
        await call.house.ring(published.sweep_job)
    return Reply(version_answer(published))


async def post_discard(call: Call) -> Reply:
    """Close a draft; a schedule ends with it."""
    return Reply(await drafts.discard_draft(call.ports, call.path["draft"], author_of(call.caller)))
