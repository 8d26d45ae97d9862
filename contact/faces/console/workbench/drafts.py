"""What is done with a draft: begun, extended, merged, approved, published, discarded; and rolling back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.once import once
from contact.faces.console.workbench import page as workbench
from contact.faces.console.workbench.checks import as_json
from contact.faces.console.workbench.texts import author_of, draft_id, instant_of, writer_of
from contact.faces.console.workbench.view import LIVE
from contact.faults import Conflict, Forbidden
from contact.flow.publishing import drafts
from contact.flow.publishing.roll_back import roll_back_playbook
from contact.flow.publishing.tell_changes import in_force
from contact.flow.starter.first_strategy import add_first_strategy

LONGEST_REASON = 500
NEW_TEXT = "# {path}\n"


async def begin(turn: Turn) -> web.StreamResponse:
    """A draft on the live version; the page's script does it with the first change."""
    draft = await drafts.create_draft(turn.ports, await writer_of(turn))
    if turn.visit.request.content_type == "application/json":
        return as_json({"draft": draft.draft})
    return workbench.to(draft.draft, said="begun")


async def new_file(turn: Turn) -> web.StreamResponse:
    """An almost empty file under a new path."""
    path = turn.visit.text("path", 120)
    draft = await _draft_to_write(turn)
    if path not in await turn.ports.drafts.texts(draft):
        await drafts.save_file(
            turn.ports, draft, path, NEW_TEXT.format(path=path), None, await writer_of(turn)
        )
    return workbench.to(draft, file=path)


async def first_strategy(turn: Turn) -> web.StreamResponse:
    """A strategy that works, in this draft or one begun for it, and whatever it needs around it where nothing is there."""
    into = None if draft_id(turn) == LIVE else draft_id(turn)
    author = await writer_of(turn)
    draft, path = await add_first_strategy(turn.ports, into, author, turn.visit.words.gettext)
    return workbench.to(draft, file=path, tab="problems", check="1", said="first")


async def remove_file(turn: Turn) -> web.StreamResponse:
    """The file is gone from the draft. Raises NotFound."""
    path, draft = turn.visit.text("file", 120), await _draft_to_write(turn)
    _, seen = await drafts.draft_file(turn.ports, draft, path)
    await drafts.save_file(turn.ports, draft, path, None, seen, await writer_of(turn))
    return workbench.to(draft, tab="changes")


async def merge(turn: Turn) -> web.StreamResponse:
    """The draft stands on the live version from now on; where both changed the same lines the person is asked first."""
    draft = draft_id(turn)
    keep = {
        name.removeprefix("keep "): side for name, side in turn.visit.form.items() if name.startswith("keep ")
    }
    sides = {
        "draft": await turn.ports.drafts.texts(draft),
        "live": (await in_force(turn.ports))[1],
    }
    resolved = {path: sides[side].get(path) for path, side in keep.items() if side in sides}
    merged = await drafts.merge_draft(turn.ports, draft, await writer_of(turn), resolved)
    if merged.conflicts:
        return await workbench.page(turn, "changes", status=409, clashes=merged.conflicts)
    return workbench.to(draft, tab="changes", said="merged")


async def approve(turn: Turn) -> web.StreamResponse:
    """Another person has read the draft as it stands; an edit takes this away again."""
    person, seen = turn.visit.person, turn.visit.text("approve", 64)
    if person is None:
        return workbench.to(draft_id(turn), tab="changes", said="nobody")

    async def act() -> str:
        await drafts.approve(turn.ports, draft_id(turn), person, seen)
        return "approved"

    return await _done(turn, act, draft_id(turn))


async def publish(turn: Turn) -> web.StreamResponse:
    """In force at once or at the time given, with a reason. Raises ProblemsFound where something is wrong."""
    why, draft = turn.visit.text("why", LONGEST_REASON), draft_id(turn)
    if not why:
        return await workbench.page(turn, "changes", said="why", status=422)
    asked = turn.visit.text("at", 32)
    at = instant_of(turn.look.formats, asked)
    if asked and at is None:
        return workbench.to(draft, tab="changes", said="time")

    async def act() -> str:
        await drafts.publish_draft(turn.ports, draft, author_of(turn), why, at)
        return "scheduled" if at is not None else "published"

    return await _done(
        turn, act, draft if at is not None else LIVE, draft, tab="history", forbidden="unapproved"
    )


async def discard(turn: Turn) -> web.StreamResponse:
    """The draft is closed without having been live."""
    if draft_id(turn) == LIVE:
        return workbench.to(LIVE)

    async def act() -> str:
        await drafts.discard_draft(turn.ports, draft_id(turn), author_of(turn))
        return "discarded"

    return await _done(turn, act, LIVE, draft_id(turn))


async def roll_back(turn: Turn) -> web.StreamResponse:
    """An earlier version is live again, with a reason and without a second approval."""
    why, version = turn.visit.text("why", LONGEST_REASON), turn.visit.text("version", 64)
    if not why:
        return workbench.to(LIVE, tab="history", said="why")

    async def act() -> str:
        await roll_back_playbook(turn.ports, version, author_of(turn), why)
        return "rolled_back"

    return await _done(turn, act, LIVE, tab="history", forbidden="lowered")


async def _draft_to_write(turn: Turn) -> str:
    draft = draft_id(turn)
    if draft != LIVE:
        return draft
    return (await drafts.create_draft(turn.ports, await writer_of(turn))).draft


async def _done(
    turn: Turn, act: Callable[[], Awaitable[str]], then: str, refused: str | None = None, tab: str = "changes",
    forbidden: str = "forbidden",
) -> web.Response:  # fmt: skip
    """The form is acted on once; where somebody was first, the draft is shown again with that said."""
    try:
        said = await once(turn, act)
    except Conflict:
        return workbench.to(refused or then, tab="changes", said="conflict")
    except Forbidden:
        return workbench.to(refused or then, tab="changes", said=forbidden)
    return workbench.to(then, tab=tab, said=said)
