"""Records and files whose time is over are deleted, a page a transaction; what still counts for a rule stays."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from contact.clock import real_now
from contact.domain.acts import Act
from contact.ports.privacy import Periods
from contact.storage.audits.audit import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from contact.storage.generations.files import Generations
from contact.storage.generations.switching import KEPT_GENERATIONS
from contact.storage.ledger.history import events_since
from strategies.instants import DAY, Instant, to_datetime

PAGE = 500
_ROWS = {
    "contacts": "delete_contacts",
    "notes": "clear_notes",
    "decisions": "delete_decisions",
    "events": "delete_events",
    "calls": "delete_calls",
    "jobs": "delete_jobs",
    "generations": "delete_generations",
}
"""Kind → the statement that deletes a page of ids; ``old_KIND`` finds them, ``count_old_KIND`` counts them."""
_OF_CONTACTS = ("delete_moves", "delete_inbox", "delete_corrections", "delete_first_owners", "delete_tasks")
_ALONG = {"contacts": ("would_have", "showings"), "events": ("changes",)}
"""Kind → what goes by the same period and is not counted apart."""
ASTRAY = 30 * DAY
"""How long reports stay on contacts that nobody has: whoever is told of them can still look."""
_FOLDERS = {"set_aside": "set-aside", "uploads": "uploads", "simulations": "simulations"}
_REAL = frozenset({"jobs"})
"""Kinds whose instants are of real time, as those of files are."""


class Retention:
    """Keeps RetentionPort on either database."""

    def __init__(self, database: Database, generations: Generations, home: Path) -> None:
        self.database, self.generations, self.home = database, generations, home

    async def due(self, periods: Periods) -> Mapping[str, int]:
        """How many records of each kind are older than they may be."""

        def work(tx: Transaction) -> dict[str, int]:
            asked = [(kind, before) for kind, before in _by_kind(periods) if kind in _ROWS]
            found = {kind: _count(tx, kind, before, periods) for kind, before in asked}
            found["contacts"] = _count(tx, "contacts", _contacts_before(periods), periods)
            row = tx.row("count_old_views", day=_day(periods.before["card_views"]))
            return {**found, "card_views": int(row["count"]) if row else 0}

        counted = await self.database.read(work)
        files = await asyncio.to_thread(self._old_files, periods)
        return {**counted, **{kind: len(paths) for kind, paths in files.items()}}

    async def run(self, periods: Periods, act: Act) -> Mapping[str, int]:
        """Delete them; how many of each kind. What was done is audited last, with the counts."""
        done = {"contacts": await self._delete("contacts", _contacts_before(periods), periods)}
        for kind, before in _by_kind(periods):
            if kind in _ROWS and kind != "contacts":
                done[kind] = await self._delete(kind, before, periods)
        for kind, others in _ALONG.items():
            before = _contacts_before(periods) if kind == "contacts" else periods.before[kind]
            for other in others:
                await self._delete_along(other, before)
        now = await self.database.read(lambda tx: tx.now())
        await self._delete_along("astray", Instant(now - ASTRAY))
        done["card_views"] = await self.database.write(
            lambda tx: _views(tx, _day(periods.before["card_views"]))
        )
        files = await asyncio.to_thread(self._old_files, periods)
        await asyncio.to_thread(_remove, [path for paths in files.values() for path in paths])
        done |= {kind: len(paths) for kind, paths in files.items()}
        if done["generations"]:
            await self._sweep_generations()
        await self.database.write(lambda tx: _record(tx, periods, done, act))
        return done

    async def last_run(self) -> Instant | None:
        """When it was last done, by the store's clock."""
        found = await self.database.read(lambda tx: tx.rows("read_retained"))
        return next((Instant(int(row["value"])) for row in found if row["name"] == "retention.last"), None)

    async def _delete(self, kind: str, before: Instant, periods: Periods) -> int:
        return await self._in_pages(
            lambda tx: _old(tx, kind, before, periods), lambda tx, ids: _gone(tx, kind, ids, before)
        )

    async def _delete_along(self, other: str, before: Instant) -> None:
        await self._in_pages(
            lambda tx: [row["id"] for row in tx.rows(f"old_{other}", before_us=before, limit=PAGE)],
            lambda tx, ids: tx.run(f"delete_{other}", ids=ids),
        )

    async def _in_pages(
        self, old: Callable[[Transaction], list[Any]], delete: Callable[[Transaction, list[Any]], object]
    ) -> int:
        """A page is looked for in a reading, so that the one writer waits for no search; how many went."""
        done = 0
        while ids := await self.database.read(old):
            await self.database.write(lambda tx, ids=ids: delete(tx, ids))  # type: ignore[misc]
            done += len(ids)
        return done

    async def _sweep_generations(self) -> None:
        manifests = await self.database.read(
            lambda tx: [row["manifest"] for row in tx.rows("recent_generations", limit=KEPT_GENERATIONS)]
        )
        used = {name for manifest in manifests for name in json.loads(manifest).values()}
        await asyncio.to_thread(self.generations.remove_unused, used)

    def _old_files(self, periods: Periods) -> dict[str, list[Path]]:
        """Files and folders below the home that nobody has touched since, by kind; on real time, as files are."""
        return {
            kind: list(_untouched(self.home / folder, periods.files_before[kind]))
            for kind, folder in _FOLDERS.items()
        }


def _by_kind(periods: Periods) -> Iterator[tuple[str, Instant]]:
    for kind, before in periods.before.items():
        yield kind, periods.files_before[kind] if kind in _REAL else before


def _contacts_before(periods: Periods) -> Instant:
    """What a rule still looks at is kept as long as it does."""
    return min(periods.before["contacts"], periods.look_back)


def _count(tx: Transaction, kind: str, before: Instant, periods: Periods) -> int:
    row = tx.row(f"count_old_{kind}", before_us=before, **_more(tx, kind, periods))
    return int(row["count"]) if row else 0


def _old(tx: Transaction, kind: str, before: Instant, periods: Periods) -> list[Any]:
    found = tx.rows(f"old_{kind}", before_us=before, limit=PAGE, **_more(tx, kind, periods))
    return [row["id"] for row in found]


def _more(tx: Transaction, kind: str, periods: Periods) -> dict[str, Any]:
    """What the statements of some kinds ask beside the period; an event that a rule still looks at stays like a contact."""
    if kind == "generations":
        return {"soon_us": tx.now() - DAY}
    if kind == "events":
        return {"watched": sorted(periods.watched), "looked_at_us": events_since(periods.watched, tx.now())}
    return {}


def _gone(tx: Transaction, kind: str, ids: list[Any], before: Instant) -> None:
    """Contacts go with their moves, and it is noted from when on the ledger's minutes still add up. With a caller's last
    call goes what is known of the caller; with an event what it set for a unit, unless that still holds."""
    if kind == "contacts":
        tx.run("point", name="retention.contacts", value=str(before))
        for statement in _OF_CONTACTS:
            tx.run(statement, contacts=ids)
    if kind == "calls":
        tx.run("delete_callers", ids=ids, before_us=before)
    if kind == "events":
        tx.run("delete_unit_changes", ids=ids, before_us=before)
    tx.run(_ROWS[kind], ids=ids)


def _views(tx: Transaction, day: str) -> int:
    tx.run("drop_old_answers", now_us=tx.now())
    tx.run("forget_exports", now_us=real_now())
    tx.run("delete_allowances", day=day)
    return tx.run("delete_views", day=day)


def _record(tx: Transaction, periods: Periods, done: Mapping[str, int], act: Act) -> None:
    details: dict[str, str | int] = {kind: count for kind, count in done.items() if count}
    if done["contacts"]:
        details["moves_before"] = int(_contacts_before(periods))
    tx.run("point", name="retention.last", value=str(tx.now()))
    record_in(tx, replace(act, details=details))


def _day(at: Instant) -> str:
    return to_datetime(at).date().isoformat()


def _untouched(folder: Path, before: Instant) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.lstat().st_mtime * 1_000_000 < before)


def _remove(paths: list[Path]) -> None:
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
