"""For strategists: what is published, and publishing on top of it."""

from __future__ import annotations

from contact.faces.http.bodies import PlaybookBody
from contact.faces.http.callers import author_of
from contact.faces.http.row import Call, Reply
from contact.faces.http.shapes import PlaybookAnswer, VersionAnswer, VersionsAnswer
from contact.flow.publish import publish
from contact.ports import PlaybookVersion
from strategies.instants import to_datetime


async def get_playbooks(call: Call) -> Reply:
    """Every published version."""
    versions = await call.ports.playbooks.versions()
    return Reply(VersionsAnswer(items=[_version(each) for each in versions]))


async def get_playbook(call: Call) -> Reply:
    """One version's files."""
    playbook = await call.ports.playbooks.version(call.path["version"])
    return Reply(PlaybookAnswer(version=playbook.version, texts=dict(playbook.texts)))


async def post_playbook(call: Call) -> Reply:
    """Check, run the examples and publish; a problem anywhere publishes nothing."""
    body: PlaybookBody = call.body
    author = author_of(call.caller)
    return Reply(_version(await publish(call.ports, body.texts, body.base, author, body.why)))


def _version(version: PlaybookVersion) -> VersionAnswer:
    return VersionAnswer(
        version=version.version,
        base=version.base,
        published=to_datetime(version.published),
        author=version.author,
        why=version.why,
    )
