"""Published playbooks: text in SQL, compiled once a process, followed by polling the version each second."""

from __future__ import annotations

import asyncio
import json
import time

from contact.faults import Conflict, NotFound
from contact.ports import PlaybookVersion
from contact.storage.database import Database
from contact.storage.transaction import Row, Transaction
from strategies.compiling import compile_playbook
from strategies.instants import Instant
from strategies.playbook import Playbook
from strategies.profile import Subject

POLL_SECONDS = 1.0


class Playbooks:
    """Keeps PlaybookPort on either database."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._compiled: dict[str, Playbook] = {}
        self._current: str | None = None
        self._asked = -POLL_SECONDS
        self._compiling = asyncio.Lock()

    async def current(self) -> Playbook:
        """The playbook in force, at most a second old. Raises NotFound where none was published."""
        if time.monotonic() - self._asked >= POLL_SECONDS or self._current is None:
            row = await self.database.read(lambda tx: tx.row("current_version"))
            self._asked = time.monotonic()
            self._current = row["version"] if row else None
        if self._current is None:
            raise NotFound("no playbook is published yet: run `contact publish config/`")
        return await self.version(self._current)

    async def version(self, version: str) -> Playbook:
        """Any playbook that was ever published. Raises NotFound."""
        known = self._compiled.get(version)
        if known is not None:
            return known
        async with self._compiling:
            if version not in self._compiled:
                row = await self.database.read(lambda tx: tx.row("read_playbook", version=version))
                if row is None:
                    raise NotFound(f"there is no playbook {version[:12]}")
                self._compiled[version] = await asyncio.to_thread(compile_playbook, json.loads(row["texts"]))
        return self._compiled[version]

    async def publish(
        self, playbook: Playbook, *, base: str | None, author: str, why: str
    ) -> PlaybookVersion:
        """Compare-and-set on the base version; the one in force already changes nothing. Raises Conflict."""

        def work(tx: Transaction) -> PlaybookVersion:
            row = tx.row("hold_pointer", name="playbook")
            in_force = row["value"] if row else None
            if in_force != base:
                raise Conflict(
                    f"version {str(in_force)[:12]} is in force, not {str(base)[:12]}: take its changes in first"
                )
            if in_force == playbook.version:
                known = tx.row("last_publication", version=playbook.version)
                assert known is not None
                return _version(known)
            published = PlaybookVersion(playbook.version, base, tx.now(), author, why)
            texts = json.dumps(dict(playbook.texts), ensure_ascii=False)
            tx.run("insert_playbook", version=playbook.version, texts=texts)
            tx.run(
                "insert_publication", version=published.version, base=base, published_us=published.published,
                author=author, why=why,
            )  # fmt: skip
            tx.run("point", name="playbook", value=playbook.version)
            return published

        # held even where no pointer stands yet, so that two first publishes queue up
        published = await self.database.write(work, (Subject("pointer", "playbook"),))
        self._compiled[playbook.version] = playbook
        self._current, self._asked = playbook.version, time.monotonic()
        return published

    async def versions(self) -> list[PlaybookVersion]:
        """Every publishing, newest first; a version put back has a row for each time."""
        found = await self.database.read(lambda tx: tx.rows("list_publications"))
        return [_version(row) for row in found]


def _version(row: Row) -> PlaybookVersion:
    return PlaybookVersion(
        row["version"], row["base"], Instant(row["published_us"]), row["author"], row["why"]
    )
