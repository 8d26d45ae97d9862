"""The one transaction in which a playbook takes force: pointer, record, draft and the sweep that follows."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from contact.domain.acts import Act
from contact.faults import Conflict
from contact.ports import PlaybookVersion, Publishing
from contact.storage.databases import rows
from contact.storage.databases.chaining import record_in
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.playbooks.jobs import queue_in
from strategies.declared.playbook import Playbook
from strategies.instants import Instant

SWEEP = "sweep_unlawful"
"""Kind of the job that cancels what a new playbook made unlawful."""
_BROKEN = "this release no longer understands it: check the draft and schedule again"


def in_force(tx: Transaction) -> str | None:
    """The version in force, held until the commit."""
    row = tx.row("hold_pointer", name="playbook")
    return row["value"] if row else None


def keep_texts(tx: Transaction, playbook: Playbook) -> None:
    """The texts of a version stay for good."""
    texts = json.dumps(dict(playbook.texts), ensure_ascii=False)
    tx.run("insert_playbook", version=playbook.version, texts=texts)


def hold_draft(tx: Transaction, draft: str | None, version: str, approved_by: tuple[str, ...]) -> None:
    """Raises Conflict unless the draft is still what is published, with the approvals it is published by."""
    if draft is None:
        return
    row = tx.row("hold_draft", id=draft)
    if row is None or row["state"] not in ("open", "scheduled") or row["hash"] != version:
        raise Conflict(f"{draft} was changed or closed meanwhile: read it again")
    approved = {each["person"] for each in tx.rows("draft_approvals", draft=draft)}
    if not approved.issuperset(approved_by):
        raise Conflict(f"an approval of {draft} was taken back by an edit: ask for it again")


def take_force(
    tx: Transaction, version: str, publishing: Publishing, *, request: str = ""
) -> PlaybookVersion:
    """Pointer, record, draft, and a sweep where something is queued; the version's texts are kept already.

    ``request`` is the id of what asked for it; none where its time had come.
    """
    sweep = None
    if publishing.base is not None and tx.row("some_reserved") is not None:
        sweep = queue_in(tx, SWEEP, {"version": version}, request)
    published = tx.now()
    _audit(tx, version, publishing)
    tx.run(
        "insert_publication", version=version, published_us=published, sweep_job=sweep,
        swept=None if sweep else 0, **recorded(publishing),
    )  # fmt: skip
    tx.run("point", name="playbook", value=version)
    if publishing.draft is not None:
        tx.run(
            "end_schedules_of_draft",
            draft=publishing.draft,
            reason="published before its time",
            at_us=published,
        )
        tx.run("move_draft", id=publishing.draft, state="published", failed="")
    return PlaybookVersion(
        version, publishing.base, published, publishing.author, publishing.why, "in_force", publishing.approved_by,
        publishing.draft, publishing.predicted, swept=None if sweep else 0, sweep_job=sweep,
        words=publishing.words,
    )  # fmt: skip


def _audit(tx: Transaction, version: str, publishing: Publishing) -> None:
    """A version that was in force before is put back, any other is new."""
    act = "playbook.rolled_back" if tx.row("last_publication", version=version) else "playbook.published"
    details = {"base": publishing.base or "", "approved_by": ", ".join(publishing.approved_by)}
    if publishing.draft is not None:
        details["draft"] = publishing.draft
    record_in(tx, Act(publishing.author, "", act, version, details, publishing.why))


def recorded(publishing: Publishing) -> dict[str, str | None]:
    """Its columns."""
    return {
        "base": publishing.base,
        "author": publishing.author,
        "why": publishing.why,
        "approved_by": json.dumps(list(publishing.approved_by), ensure_ascii=False),
        "draft": publishing.draft,
        "predicted": None if publishing.predicted is None else rows.json_text(publishing.predicted),
        "words": json.dumps(list(publishing.words), ensure_ascii=False),
    }


def start_due(tx: Transaction, broken: Collection[str] = ()) -> list[PlaybookVersion]:
    """Put in force what is due, in order; one whose base was replaced meanwhile, or that is among the versions this
    release no longer compiles, fails and says so."""
    now = tx.now()
    started = []
    for row in tx.rows("due_schedules", now_us=now):
        held = in_force(tx)
        reason = _BROKEN if row["version"] in broken else _obstacle(tx, row, held)
        if reason:
            tx.run("end_schedule", seq=row["seq"], state="failed", reason=reason, at_us=now)
            tx.run("move_draft", id=row["draft"], state="open", failed=reason)
            continue
        tx.run("end_schedule", seq=row["seq"], state="started", reason="", at_us=now)
        started.append(take_force(tx, row["version"], _publishing(row)))
    return started


def _obstacle(tx: Transaction, row: Row, held: str | None) -> str:
    """Why a scheduled version cannot take force; empty where it can."""
    if held != row["base"]:
        return f"version {str(held)[:12]} was published meanwhile: merge it in and schedule again"
    draft = tx.row("hold_draft", id=row["draft"])
    if draft is None or draft["state"] != "scheduled" or draft["hash"] != row["version"]:
        return "its draft was changed or closed"
    return ""


def _publishing(row: Row) -> Publishing:
    return Publishing(
        row["base"], row["author"], row["why"], tuple(json.loads(row["approved_by"])), row["draft"], _predicted(row),
        tuple(json.loads(row["words"])),
    )  # fmt: skip


def _predicted(row: Row) -> Mapping[str, object] | None:
    return json.loads(row["predicted"]) if row["predicted"] else None


def publication(row: Row, state: str, until: Instant | None) -> PlaybookVersion:
    """A publishing as stored."""
    return PlaybookVersion(
        row["version"], row["base"], Instant(row["published_us"]), row["author"], row["why"], state,
        tuple(json.loads(row["approved_by"])), row["draft"], _predicted(row), until, row["swept"], row["sweep_job"],
        tuple(json.loads(row["words"])),
    )  # fmt: skip


def scheduled(row: Row) -> PlaybookVersion:
    """A schedule as stored."""
    state = "scheduled" if row["state"] == "waiting" else "failed"
    return PlaybookVersion(
        row["version"], row["base"], Instant(row["at_us"]), row["author"], row["why"], state,
        tuple(json.loads(row["approved_by"])), row["draft"], _predicted(row),
        words=tuple(json.loads(row["words"])), reason=row["reason"],
    )  # fmt: skip
