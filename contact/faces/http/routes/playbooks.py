"""For strategists: what is published, what differs, and publishing on top of it."""

from __future__ import annotations

from contact.faces.http.bodies.bodies import PlaybookBody
from contact.faces.http.bodies.drafts import DiffQuery, RollBackBody
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.edge.shapes import PlaybookAnswer, VersionsAnswer
from contact.flow.publishing.publish import publish
from contact.flow.publishing.roll_back import roll_back_playbook
from contact.flow.publishing.tell_changes import diff, texts_of
from contact.flow.publishing.versions import version_answer, versions
from contact.ports import PlaybookVersion


async def get_playbooks(call: Call) -> Reply:
    """Every published version with what was expected of it and what came, and what is scheduled."""
    return Reply(VersionsAnswer(items=await versions(call.ports)))


async def get_playbook(call: Call) -> Reply:
    """The files of one version or its beginning, of a draft, or of what is in force: live."""
    version, texts = await texts_of(call.ports, call.path["version"])
    return Reply(PlaybookAnswer(version=version, texts=dict(texts)))


async def get_diff(call: Call) -> Reply:
    """What differs between two playbooks, in words and in lines."""
    query: DiffQuery = call.query
    return Reply(await diff(call.ports, query.old, query.new))


async def post_playbook(call: Call) -> Reply:
    """Check, run the examples and publish; a problem anywhere publishes nothing."""
    body: PlaybookBody = call.body
    author = author_of(call.caller)
    return await _published(call, await publish(call.ports, body.texts, body.base, author, body.why))


async def post_roll_back(call: Call) -> Reply:
    """An earlier version in force again, without a second approval."""
    body: RollBackBody = call.body
    author = author_of(call.caller)
    return await _published(call, await roll_back_playbook(call.ports, body.version, author, body.why))


async def _published(call: Call, published: PlaybookVersion) -> Reply:
    if published.sweep_job is not None:
        await call.house.ring(published.sweep_job)
    return Reply(version_answer(published))
