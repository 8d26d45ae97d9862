"""Drafts in SQL: a row for each file, written where it still is what the writer saw."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256

from contact.domain.acts import Act
from contact.faults import Conflict, Forbidden, NotFound
from contact.ports.drafts import Approval, DraftRow
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from strategies.compiling.compile import version_of
from strategies.instants import Instant
from strategies.profile import Subject

LIVING = ("open", "scheduled")
CLOSED = ("published", "discarded")
_NUMBERING = Subject("pointer", "draft")


class Drafts:
    """Keeps DraftPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def create(
        self, texts: Mapping[str, str], *, base: str | None, version: str, author: str, title: str
    ) -> DraftRow:
        """The next draft, open."""

        def work(tx: Transaction) -> DraftRow:
            last = tx.row("last_draft")
            number = (last["number"] if last else 0) + 1
            id = f"draft-{number}"
            tx.run(
                "insert_draft", id=id, number=number, title=title, author=author, base=base, hash=version,
                at_us=tx.now(),
            )  # fmt: skip
            tx.many("put_draft_file", [_file(id, path, text) for path, text in texts.items()])
            tx.run("put_draft_author", draft=id, person=author)
            return _read(tx, id)

        return await self.database.write(work, (_NUMBERING,))

    async def get(self, draft: str) -> DraftRow:
        """One draft. Raises NotFound."""
        return await self.database.read(lambda tx: _read(tx, draft))

    async def list(self, *, closed: bool = False, limit: int = 100) -> list[DraftRow]:
        """Newest change first; ``closed``: published and discarded ones too."""
        states = [*LIVING, *CLOSED] if closed else [*LIVING]
        return await self.database.read(
            lambda tx: [_draft(tx, row) for row in tx.rows("list_drafts", states=states, limit=limit)]
        )

    async def texts(self, draft: str) -> Mapping[str, str]:
        """All of it, path → text. Raises NotFound."""

        def work(tx: Transaction) -> Mapping[str, str]:
            _found(tx.row("read_draft", id=draft), draft)
            return _texts(tx, draft)

        return await self.database.read(work)

    async def file(self, draft: str, path: str) -> tuple[str, str]:
        """One text and its hash. Raises NotFound."""

        def work(tx: Transaction) -> tuple[str, str]:
            _found(tx.row("read_draft", id=draft), draft)
            row = tx.row("draft_text", draft=draft, path=path)
            if row is None:
                raise NotFound(f"{draft} has no file of this name")
            return json.loads(row["text"]), row["hash"]

        return await self.database.read(work)

    async def save(
        self, draft: str, path: str, text: str | None, *, seen: str | None, author: str
    ) -> DraftRow:
        """Write or remove one file where it is as seen. Raises NotFound, Conflict."""

        def work(tx: Transaction) -> DraftRow:
            row = _living(tx, draft)
            known = tx.row("draft_text", draft=draft, path=path)
            if (known["hash"] if known else None) != seen:
                raise Conflict(f"somebody else wrote {path} meanwhile: read it again")
            if text is None:
                tx.run("remove_draft_file", draft=draft, path=path)
            elif seen == text_hash(text):
                return _draft(tx, row)
            else:
                tx.run("put_draft_file", **_file(draft, path, text))
            return _edited(tx, row, row["base"], author)

        return await self._write(draft, work)

    async def rebase(
        self, draft: str, texts: Mapping[str, str], *, base: str | None, seen: str, author: str
    ) -> DraftRow:
        """Another base and other texts at once. Raises NotFound, Conflict."""

        def work(tx: Transaction) -> DraftRow:
            row = _living(tx, draft)
            if row["hash"] != seen:
                raise Conflict(f"somebody changed {draft} meanwhile: read it again")
            tx.run("clear_draft_files", draft=draft)
            tx.many("put_draft_file", [_file(draft, path, text) for path, text in texts.items()])
            return _edited(tx, row, base, author)

        return await self._write(draft, work)

    async def approve(self, draft: str, person: str, *, seen: str) -> DraftRow:
        """Note an approval of what was seen. Raises NotFound, Conflict; Forbidden for whoever wrote a part of it."""

        def work(tx: Transaction) -> DraftRow:
            row = _living(tx, draft)
            if row["hash"] != seen:
                raise Conflict(f"somebody changed {draft} meanwhile: read it again before you approve it")
            if any(each["person"] == person for each in tx.rows("draft_authors", draft=draft)):
                raise Forbidden(f"{person} wrote a part of {draft}: another person approves it")
            tx.run("put_draft_approval", draft=draft, person=person, hash=seen, at_us=tx.now())
            record_in(tx, Act(person, "", "draft.approved", draft, {"hash": seen}))
            return _read(tx, draft)

        return await self._write(draft, work)

    async def discard(self, draft: str, author: str) -> DraftRow:
        """Close it; what was scheduled does not happen. Raises NotFound, Conflict."""

        def work(tx: Transaction) -> DraftRow:
            _living(tx, draft)
            tx.run("end_schedules_of_draft", draft=draft, reason="the draft was discarded", at_us=tx.now())
            tx.run("move_draft", id=draft, state="discarded", failed="")
            record_in(tx, Act(author, "", "draft.discarded", draft))
            return _read(tx, draft)

        return await self._write(draft, work)

    async def _write(self, draft: str, work: Callable[[Transaction], DraftRow]) -> DraftRow:
        return await self.database.write(work, (subject_of(draft),))


def subject_of(draft: str) -> Subject:
    """What is locked while a draft changes."""
    return Subject("draft", draft)


def text_hash(text: str) -> str:
    """Of one file's text, in hex."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _file(draft: str, path: str, text: str) -> dict[str, str]:
    return {"draft": draft, "path": path, "text": json.dumps(text), "hash": text_hash(text)}


def _texts(tx: Transaction, draft: str) -> dict[str, str]:
    return {row["path"]: json.loads(row["text"]) for row in tx.rows("draft_texts", draft=draft)}


def _found(row: Row | None, draft: str) -> Row:
    if row is None:
        raise NotFound(f"there is no {draft}")
    return row


def _living(tx: Transaction, draft: str) -> Row:
    """The draft, held, if it may still change. Raises NotFound, Conflict."""
    row = _found(tx.row("hold_draft", id=draft), draft)
    if row["state"] not in LIVING:
        raise Conflict(f"{draft} is {row['state']}: begin another draft")
    return row


def _edited(tx: Transaction, row: Row, base: str | None, author: str) -> DraftRow:
    """After an edit: a new hash, one more author perhaps, no approval and no schedule."""
    draft = row["id"]
    tx.run("remove_draft_approvals", draft=draft)
    tx.run("end_schedules_of_draft", draft=draft, reason="the draft was changed", at_us=tx.now())
    tx.run("put_draft_author", draft=draft, person=author)
    version = version_of(_texts(tx, draft))
    tx.run("touch_draft", id=draft, hash=version, base=base, state="open", at_us=tx.now())
    return _read(tx, draft)


def _read(tx: Transaction, draft: str) -> DraftRow:
    return _draft(tx, _found(tx.row("read_draft", id=draft), draft))


def _draft(tx: Transaction, row: Row) -> DraftRow:
    id = row["id"]
    scheduled = tx.row("schedule_of_draft", draft=id)
    return DraftRow(
        id=id,
        title=row["title"],
        author=row["author"],
        base=row["base"],
        hash=row["hash"],
        state=row["state"],
        created=Instant(row["created_us"]),
        updated=Instant(row["updated_us"]),
        files={each["path"]: each["hash"] for each in tx.rows("draft_files", draft=id)},
        authors=tuple(each["person"] for each in tx.rows("draft_authors", draft=id)),
        approvals=tuple(
            Approval(each["person"], Instant(each["at_us"])) for each in tx.rows("draft_approvals", draft=id)
        ),
        publish_at=Instant(scheduled["at_us"]) if scheduled else None,
        failed=row["failed"],
    )
