"""Drafts: a full set of texts on the version it was made from, checked, merged, approved, then published."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping

from contact.domain.workbench_answers import (
    ApprovalAnswer,
    CheckAnswer,
    ConflictAnswer,
    DraftAnswer,
    FileAnswer,
    MergeAnswer,
)
from contact.faults import Conflict, NotFound
from contact.flow.present import moment_or_none
from contact.flow.publishing.check_base import check_with_base
from contact.flow.publishing.check_texts import check_texts
from contact.flow.publishing.publish import approvals_needed, publish_row
from contact.flow.publishing.tell_changes import diff, version_in_force
from contact.ports import DraftRow, PlaybookVersion, Ports
from contact.telemetry import log
from strategies.compiling.compile import version_of
from strategies.compiling.files import stays_below
from strategies.instants import Instant, to_datetime
from strategies.problems import Hint, Problem, ProblemsFound, Where
from strategies.texts.merging import Merged, merge_texts

LONGEST_TEXT = 2_000_000
MOST_FILES = 5_000
IN_FORCE = "in force"

__all__ = [
    "approve", "check_draft", "create_draft", "diff", "discard_draft", "draft_file", "file_answer", "get_draft",
    "list_drafts", "merge_draft", "publish_draft", "save_file",
]  # fmt: skip

_NEW_PATH = re.compile(r"[\w-][\w.-]{0,99}(/[\w-][\w.-]{0,99}){0,8}")
_log = log("drafts")


async def create_draft(
    ports: Ports, author: str, title: str = "", texts: Mapping[str, str] | None = None, base: str | None = IN_FORCE
) -> DraftAnswer:  # fmt: skip
    """A draft of these texts, by default of those in force, on the version in force or another ``base``."""
    live = await version_in_force(ports)
    made_from = live if base == IN_FORCE else base
    full = texts if texts is not None else await ports.playbooks.texts(made_from) if made_from else {}
    for path, text in full.items():
        _require_writable(path, text)
    _require_room(len(full))
    version = await asyncio.to_thread(version_of, full)
    row = await ports.drafts.create(full, base=made_from, version=version, author=author, title=title)
    _log.info("draft begun", id=row.id)
    return await _answer(ports, row)


async def get_draft(ports: Ports, draft: str) -> DraftAnswer:
    """One draft as it stands, held against its base and what is in force. Raises NotFound."""
    return await _answer(ports, await ports.drafts.get(draft))


async def list_drafts(ports: Ports, *, closed: bool = False) -> list[DraftAnswer]:
    """Newest change first; ``closed``: published and discarded ones too."""
    return [await _answer(ports, row) for row in await ports.drafts.list(closed=closed)]


async def draft_file(ports: Ports, draft: str, path: str) -> tuple[str, str]:
    """One text as it was typed, and its hash, which says what was seen when it is saved. Raises NotFound."""
    return await ports.drafts.file(draft, path)


async def file_answer(ports: Ports, draft: str, path: str) -> FileAnswer:
    """The same as an answer."""
    text, hash = await ports.drafts.file(draft, path)
    return FileAnswer(path, text, hash)


async def save_file(
    ports: Ports, draft: str, path: str, text: str | None, seen_hash: str | None, author: str
) -> DraftAnswer:
    """Write one file as typed, or remove it (None); ``seen_hash`` None says that it was not there.

    Every edit removes all approvals and a schedule. Raises NotFound, ProblemsFound for a name or size that cannot be
    kept, Conflict where somebody else wrote it meanwhile.
    """
    if text is not None:
        _require_writable(path, text)
        if seen_hash is None:
            _require_name(path)
            _require_room(len((await ports.drafts.get(draft)).files) + 1)
    row = await ports.drafts.save(draft, path, text, seen=seen_hash, author=author)
    return await _answer(ports, row)


async def check_draft(
    ports: Ports, draft: str, only: str | None = None, typed: Mapping[str, str | None] | None = None,
    *, base: bool = False,
) -> CheckAnswer:  # fmt: skip
    """Check a draft as it stands, with files as they are being typed laid over it (None: removed).

    ``only`` leaves out what is said of other files, ``base`` asks today's customers too. Nothing is stored. Raises NotFound.
    """
    texts = dict(await ports.drafts.texts(draft))
    for path, text in (typed or {}).items():
        if text is None:
            texts.pop(path, None)
        else:
            texts[path] = text
    if base:
        return await check_with_base(ports, texts, only)
    return await asyncio.to_thread(check_texts, texts, only)


async def merge_draft(
    ports: Ports, draft: str, author: str, resolved: Mapping[str, str | None] | None = None
) -> MergeAnswer:
    """Take what was published meanwhile into the draft, file by file and line by line.

    Where both changed the same lines nothing is done and the conflicts are answered with both sides; ``resolved`` gives
    such a file's whole text (None: removed). Raises NotFound, Conflict where the draft is changed at the same time.
    """
    row = await ports.drafts.get(draft)
    live = await version_in_force(ports)
    if live == row.base or live is None:
        return MergeAnswer(await _answer(ports, row), [])
    merged = await _merged(ports, row, live)
    decided = resolved or {}
    open_conflicts = [each for each in merged.conflicts if each.path not in decided]
    if open_conflicts:
        conflicts = [
            ConflictAnswer(each.path, each.line, list(each.base), list(each.own), list(each.other))
            for each in open_conflicts
        ]
        return MergeAnswer(await _answer(ports, row), conflicts)
    texts = dict(merged.texts)
    for path, text in decided.items():
        texts.pop(path, None)
        if text is not None:
            _require_writable(path, text)
            texts[path] = text
    _require_room(len(texts))
    after = await ports.drafts.rebase(draft, texts, base=live, seen=row.hash, author=author)
    _log.info("draft merged", id=draft, version=live[:12])
    return MergeAnswer(await _answer(ports, after), [])


async def _merged(ports: Ports, row: DraftRow, live: str) -> Merged:
    base = await ports.playbooks.texts(row.base) if row.base is not None else {}
    own, other = await ports.drafts.texts(row.id), await ports.playbooks.texts(live)
    return await asyncio.to_thread(merge_texts, base, own, other)


async def approve(ports: Ports, draft: str, person: str, seen_hash: str | None = None) -> DraftAnswer:
    """Note that a person who wrote none of it approves the draft as it stands, or as seen.

    Raises NotFound, Conflict where it is not as seen, Forbidden for whoever wrote a part of it.
    """
    seen = seen_hash if seen_hash is not None else (await ports.drafts.get(draft)).hash
    row = await ports.drafts.approve(draft, person, seen=seen)
    _log.info("draft approved", id=draft, version=seen[:12])
    return await _answer(ports, row)


async def publish_draft(
    ports: Ports, draft: str, author: str, why: str, at: Instant | None = None
) -> PlaybookVersion:
    """Put a draft in force, now or at an instant, in place of exactly its base; a draft that is scheduled gets a new time.

    Raises NotFound, ProblemsFound, Forbidden where approvals are missing, Conflict where another version is in force
    than the one it was made from.
    """
    row = await ports.drafts.get(draft)
    if row.state not in ("open", "scheduled"):
        raise Conflict(f"{draft} is {row.state}: begin another draft")
    live = await version_in_force(ports)
    if live != row.base:
        raise Conflict(
            f"version {str(live)[:12]} was published since {draft} was begun: merge it in, check, then publish"
        )
    return await publish_row(ports, row, await ports.drafts.texts(draft), author, why, at)


async def discard_draft(ports: Ports, draft: str, author: str) -> DraftAnswer:
    """Close a draft for good; a schedule ends with it. Raises NotFound, Conflict."""
    row = await ports.drafts.discard(draft, author)
    _log.info("draft discarded", id=draft)
    return await _answer(ports, row)


def _require_writable(path: str, text: str) -> None:
    """Raises ProblemsFound for a name that is no path below a folder, or a text too long to be a file of a playbook."""
    if not stays_below(path):
        raise _wrong_name()
    if len(text) > LONGEST_TEXT:
        message = f"the file has more than {LONGEST_TEXT:,} characters"
        raise ProblemsFound([Problem("yaml.too_long", message, Where(path), Hint("split it"))])


def _require_name(path: str) -> None:
    """Raises ProblemsFound for a new file whose name gives trouble on one system or another."""
    if not _NEW_PATH.fullmatch(path):
        raise _wrong_name()


def _wrong_name() -> ProblemsFound:
    hint = Hint("letters, digits, . _ - in each part, parts joined by /")
    return ProblemsFound([Problem("value.name", "a file cannot have this name", Where("request"), hint)])


def _require_room(files: int) -> None:
    if files > MOST_FILES:
        problem = Problem("value.range", f"a playbook has at most {MOST_FILES:,} files", Where("request"))
        raise ProblemsFound([problem])


async def _answer(ports: Ports, row: DraftRow) -> DraftAnswer:
    live = await version_in_force(ports)
    base_files = await _hashes(ports, row.base)
    changed = _differing(base_files, row.files)
    conflicts: list[str] = []
    if live != row.base and row.state in ("open", "scheduled"):
        live_files = await _hashes(ports, live)
        theirs = set(_differing(base_files, live_files))
        conflicts = [
            path for path in changed if path in theirs and live_files.get(path) != row.files.get(path)
        ]
    return DraftAnswer(
        draft=row.id,
        title=row.title,
        author=row.author,
        base=row.base,
        live=live,
        hash=row.hash,
        created=to_datetime(row.created),
        updated=to_datetime(row.updated),
        files=sorted(row.files),
        changed=changed,
        conflicts=conflicts,
        approvals=[ApprovalAnswer(each.person, to_datetime(each.at)) for each in row.approvals],
        approvals_needed=await approvals_needed(ports, live),
        state=row.state,
        publish_at=moment_or_none(row.publish_at),
        authors=list(row.authors),
        failed=row.failed,
    )


async def _hashes(ports: Ports, version: str | None) -> Mapping[str, str]:
    if version is None:
        return {}
    try:
        return await ports.playbooks.file_hashes(version)
    except NotFound:
        return {}


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    return sorted(path for path in {*old, *new} if old.get(path) != new.get(path))
