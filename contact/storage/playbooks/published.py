"""Published playbooks: text in SQL, compiled once a process, followed by polling the version each second."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from contact.domain.acts import Act
from contact.faults import Conflict, NotFound, StoreUnavailable
from contact.ports import PlaybookVersion, Publishing
from contact.ports.claims import unclaimed
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Transaction
from contact.storage.playbooks import publishing
from contact.storage.playbooks.drafts import subject_of, text_hash
from contact.telemetry import log, request_id
from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Playbook
from strategies.instants import SECOND, Instant
from strategies.problems import ProblemsFound
from strategies.profile import Subject

POLL_SECONDS = 1.0
PATIENCE_SECONDS = 0.5
"""How long somebody who has a playbook at hand waits to hear whether it is still in force."""
AHEAD = 60 * SECOND
"""What takes force within so long is compiled already."""
KEPT_PLAYBOOKS = 24

_POINTER = Subject("pointer", "playbook")
_log = log("playbooks")


class Playbooks:
    """Keeps PlaybookPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._compiled: OrderedDict[str, Playbook] = OrderedDict()
        self._hashes: dict[str, Mapping[str, str]] = {}
        self._current: str | None = None
        self._asked = -POLL_SECONDS
        self._away_until = 0.0
        """Until when the store, which did not answer, is not asked again by whoever cannot wait."""
        self._published = 0
        """How often this process published, so that a look begun before does not bring back what was in force then."""
        self._turn = asyncio.Lock()
        """One is compiled at a time."""
        self._compiling: dict[str, asyncio.Task[Playbook]] = {}
        """It goes on when who asked went away: whoever waits only so long would never have it, and each begin anew."""
        self._ahead: asyncio.Task[bool] | None = None

    async def current(self) -> Playbook:
        """The playbook in force, at most a second old. Raises NotFound where none was published."""
        version = await self.in_force()
        if version is None:
            raise NotFound("no playbook is published yet: run `contact publish config/`")
        return await self.version(version)

    async def at_hand(self) -> Playbook:
        """The one in force; where the store does not say so in time, the one last seen in force here.

        Raises NotFound where none was published, StoreUnavailable where none was seen yet.
        """
        held = None if self._current is None else self._compiled.get(self._current)
        if held is None:
            return await self.current()
        if self._fresh or time.monotonic() < self._away_until:
            return held
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await self.current()
        except (StoreUnavailable, TimeoutError):
            self._away_until = time.monotonic() + POLL_SECONDS
            return held

    async def in_force(self) -> str | None:
        """The version in force, also where this release no longer compiles it; None where none was published."""
        if not self._fresh or self._current is None:
            await self._look()
        return self._current

    @property
    def _fresh(self) -> bool:
        """Whether the store was asked a moment ago."""
        return time.monotonic() - self._asked < POLL_SECONDS

    async def _look(self) -> None:
        """Which version is in force; what is due takes force now, what is soon due is compiled."""
        before = self._published
        version, due, soon = await self.database.look_up(_polled)
        if due:
            broken = {each for each in due if not await self._compiles(each)}
            start = partial(publishing.start_due, broken=broken)
            with unclaimed():  # it takes force whoever looks first
                begun = await self.database.write(start, (_POINTER,))
            for started in begun:
                _log.info("took force as scheduled", version=started.version[:12])
            version, _, _ = await self.database.look_up(_polled)
        if self._published == before:
            self._asked, self._current = time.monotonic(), version
        if soon is not None and soon not in self._compiled and (self._ahead is None or self._ahead.done()):
            self._ahead = asyncio.create_task(self._compiles(soon))

    async def _compiles(self, version: str) -> bool:
        """Whether this release understands it; if so it is kept compiled."""
        try:
            await self.version(version)
        except ProblemsFound:
            return False
        return True

    async def version(self, version: str) -> Playbook:
        """Any playbook that was ever published. Raises NotFound."""
        known = self._compiled.get(version)
        if known is not None:
            self._compiled.move_to_end(version)
            return known
        task = self._compiling.get(version)
        if task is None:
            task = self._compiling[version] = asyncio.create_task(self._compile(version))
            task.add_done_callback(partial(self._compile_ended, version))
        return await asyncio.shield(task)

    async def _compile(self, version: str) -> Playbook:
        async with self._turn:
            playbook = await asyncio.to_thread(compile_playbook, await self.texts(version))
            self._keep(playbook)
            return playbook

    def _compile_ended(self, version: str, task: asyncio.Task[Playbook]) -> None:
        del self._compiling[version]
        if not task.cancelled():
            task.exception()  # told to whoever waits, if anybody still does

    async def texts(self, version: str) -> Mapping[str, str]:
        """Its files, path → text, also where this release no longer compiles them. Raises NotFound."""
        known = self._compiled.get(version)
        if known is not None:
            return known.texts
        row = await self.database.read(lambda tx: tx.row("read_playbook", version=version))
        if row is None:
            raise NotFound(f"there is no playbook {version[:12]}")
        texts: Mapping[str, str] = json.loads(row["texts"])
        return texts

    def _keep(self, playbook: Playbook) -> None:
        self._compiled[playbook.version] = playbook
        self._compiled.move_to_end(playbook.version)
        while len(self._compiled) > KEPT_PLAYBOOKS:
            oldest = next(version for version in self._compiled if version != self._current)
            del self._compiled[oldest]

    async def file_hashes(self, version: str) -> Mapping[str, str]:
        """Path → hash of its text, as drafts have them. Raises NotFound."""
        known = self._hashes.get(version)
        if known is None:
            known = self._hashes[version] = {
                path: text_hash(text) for path, text in (await self.texts(version)).items()
            }
            while len(self._hashes) > KEPT_PLAYBOOKS:
                del self._hashes[next(iter(self._hashes))]
        return known

    async def publish(
        self, playbook: Playbook, *, base: str | None, author: str, why: str, approved_by: Sequence[str] = (),
        draft: str | None = None, predicted: Mapping[str, Any] | None = None, words: Sequence[str] = (),
    ) -> PlaybookVersion:  # fmt: skip
        """Compare-and-set on the base version and the draft; the one in force already changes nothing. Raises Conflict."""
        noted = Publishing(base, author, why, tuple(approved_by), draft, predicted, tuple(words))
        request = request_id()

        def work(tx: Transaction) -> PlaybookVersion:
            held = publishing.in_force(tx)
            _hold_base(held, base)
            publishing.hold_draft(tx, draft, playbook.version, noted.approved_by)
            if held == playbook.version:
                known = tx.row("last_publication", version=playbook.version)
                assert known is not None
                return publishing.publication(known, "in_force", None)
            publishing.keep_texts(tx, playbook)
            return publishing.take_force(tx, playbook.version, noted, request=request)

        # held even where no pointer stands yet, so that two first publishes queue up
        published = await self.database.write(work, _subjects(draft))
        self._published += 1
        self._current, self._asked = playbook.version, time.monotonic()
        self._keep(playbook)
        return published

    async def schedule(self, playbook: Playbook, at: Instant, noted: Publishing) -> PlaybookVersion:
        """Put it in force at the instant, in place of an earlier schedule of its draft. Raises Conflict."""

        def work(tx: Transaction) -> PlaybookVersion:
            if at <= tx.now():
                raise Conflict("that instant is over: publish at once, or name a later one")
            _hold_base(publishing.in_force(tx), noted.base)
            publishing.hold_draft(tx, noted.draft, playbook.version, noted.approved_by)
            publishing.keep_texts(tx, playbook)
            tx.run("end_schedules_of_draft", draft=noted.draft, reason="scheduled anew", at_us=tx.now())
            tx.run(
                "insert_schedule", version=playbook.version, at_us=at, created_us=tx.now(),
                **publishing.recorded(noted),
            )  # fmt: skip
            tx.run("move_draft", id=noted.draft, state="scheduled", failed="")
            details: dict[str, str | int] = {"draft": noted.draft or "", "at": int(at)}
            record_in(tx, Act(noted.author, "", "playbook.scheduled", playbook.version, details, noted.why))
            return PlaybookVersion(
                playbook.version, noted.base, at, noted.author, noted.why, "scheduled", noted.approved_by, noted.draft,
                noted.predicted, words=noted.words,
            )  # fmt: skip

        return await self.database.write(work, _subjects(noted.draft))

    async def versions(self) -> list[PlaybookVersion]:
        """Every publishing, newest first; a version put back has a row for each time."""
        found = await self.database.read(lambda tx: tx.rows("list_publications"))
        ends = [None, *(Instant(row["published_us"]) for row in found)]
        return [
            publishing.publication(row, "past" if end is not None else "in_force", end)
            for row, end in zip(found, ends, strict=False)
        ]

    async def scheduled(self) -> list[PlaybookVersion]:
        """What shall take force, and what should have and failed; latest first."""
        found = await self.database.read(lambda tx: tx.rows("list_schedules"))
        return [publishing.scheduled(row) for row in found]

    async def record_swept(self, version: str, count: int) -> None:
        """How many queued tasks the sweep after its last publishing cancelled."""
        await self.database.write(lambda tx: tx.run("record_swept", version=version, count=count))

    async def actual(self, since: Instant, until: Instant | None) -> Mapping[str, Any]:
        """Contacts handed over and refusals by rule of a stretch of time."""

        def work(tx: Transaction) -> Mapping[str, Any]:
            channels = [row["channel"] for row in tx.rows("channels_with_contacts")]
            span = {"since_us": since, "until_us": until if until is not None else tx.now()}
            handed = tx.rows("contacts_handed_over", channels=channels, **span)
            cancelled = tx.rows("contacts_cancelled", channels=channels, **span)
            refusals = Counter(
                {row["rule"]: int(row["refused"]) for row in tx.rows("refusals_of_plans", **span)}
            )
            for row in cancelled:
                for rule in row["why"].rpartition(": ")[2].split(", "):
                    refusals[rule] += row["contacts"]
            by_channel = {row["channel"]: row["contacts"] for row in handed}
            return {
                "contacts": sum(by_channel.values()),
                "by_channel": by_channel,
                "cancelled": sum(row["contacts"] for row in cancelled),
                "refusals": dict(refusals.most_common()),
            }

        return await self.database.read(work)


def _polled(tx: Transaction) -> tuple[str | None, list[str], str | None]:
    """The version in force, scheduled ones that are due, and one that soon will be."""
    row = tx.row("current_version")
    assert row is not None
    if row["next_us"] is None:
        return row["version"], [], None
    now = tx.now()
    soon = tx.row("next_scheduled", until_us=now + AHEAD)
    due = tx.rows("see_due_schedules", now_us=now) if row["next_us"] <= now else []
    return row["version"], [each["version"] for each in due], soon["version"] if soon else None


def _hold_base(held: str | None, base: str | None) -> None:
    if held != base:
        raise Conflict(
            f"version {str(held)[:12]} is in force, not {str(base)[:12]}: take its changes in first"
        )


def _subjects(draft: str | None) -> tuple[Subject, ...]:
    return (_POINTER,) if draft is None else (subject_of(draft), _POINTER)
