"""Texts of a draft or of the live version: found, read and stored byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from zoneinfo import ZoneInfo

from contact.domain.workbench_answers import DraftAnswer
from contact.faces.console.shared.formats import Formats
from contact.faces.console.shared.guard import Turn
from contact.faces.console.workbench.view import LIVE, Bench, starting_path
from contact.flow.publishing import drafts
from contact.flow.publishing.publish import require_person
from contact.flow.publishing.tell_changes import in_force, version_in_force
from strategies.instants import Instant, to_instant

ROLES = frozenset({"strategist", "admin", "analyst"})
EDIT_ROLES = frozenset({"strategist", "admin"})


def author_of(turn: Turn) -> str:
    """Who is written down for what this session changes: its person, else its role and key, as over HTTP."""
    key = turn.visit.key
    return turn.visit.person or (f"{key.role} {key.id}" if key is not None else "")


async def writer_of(turn: Turn) -> str:
    """The same for a part of a draft. Raises Forbidden where the key has no person and another person must approve."""
    await require_person(turn.ports, turn.visit.person)
    return author_of(turn)


def may_edit(turn: Turn) -> bool:
    """Whether this person's role writes; the others read."""
    return turn.visit.key is not None and turn.visit.key.role in EDIT_ROLES


def draft_id(turn: Turn) -> str:
    """The draft of the address, or ``live``."""
    return turn.visit.request.match_info.get("draft", LIVE)


async def texts_of(turn: Turn) -> Mapping[str, str]:
    """Every text of the draft of the address, or of the live version; none where nothing was published."""
    draft = draft_id(turn)
    if draft != LIVE:
        return await turn.ports.drafts.texts(draft)
    return (await in_force(turn.ports))[1]


async def bench_of(turn: Turn, texts: Mapping[str, str], *, path: str = "", tab: str = "problems") -> Bench:
    """Where the person stands. Raises NotFound for an unknown draft."""
    id = draft_id(turn)
    draft: DraftAnswer | None = None
    removed: list[str] = []
    if id != LIVE:
        draft = await drafts.get_draft(turn.ports, id)
        removed = sorted(set(draft.changed) - set(texts))
    files = sorted(texts)
    closed = draft is not None and draft.state not in ("open", "scheduled")
    return Bench(
        draft=draft,
        live=draft.live if draft is not None else await live_version(turn),
        files=files,
        path=path if path in texts else starting_path(files, draft.changed if draft is not None else ()),
        tab=tab,
        may_edit=may_edit(turn) and not closed,
        author=author_of(turn),
        removed=removed,
    )


async def live_version(turn: Turn) -> str | None:
    """The version in force; None where nothing was published."""
    return await version_in_force(turn.ports)


def hash_of(text: str) -> str:
    """Of one file's text, in hex, as drafts keep it."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def line_ends(text: str) -> str:
    """``crlf`` where every line ends so, else ``lf``: what a plain form, which sends CRLF always, is put back into."""
    return "crlf" if "\r\n" in text and text.count("\n") == text.count("\r\n") else "lf"


def as_typed(text: str, lines: str) -> str:
    """A plain form's text with the line ends the file had."""
    plain = text.replace("\r\n", "\n")
    return plain.replace("\n", "\r\n") if lines == "crlf" else plain


def instant_of(formats: Formats, text: str) -> Instant | None:
    """A time of the operator's clock, ``2026-03-02T10:00``; None where none, or none that can be read, was given."""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        return None
    return to_instant(local if local.tzinfo else local.replace(tzinfo=ZoneInfo(formats.zone)))
