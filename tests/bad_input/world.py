"""A small operator in business, and the hash of all it has stored: what refused input must leave as it was."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
from typer.testing import CliRunner

from contact.faces.cli.main import app
from contact.faces.cli.terminal.complaints import Complaint
from contact.faces.http.edge.tidying import tidy
from contact.faces.http.edge.uploads import UPLOADS
from contact.flow.jobs.run_job import run_job
from strategies.problems import ProblemsFound
from tests.integration.http_client import Server, serving
from tests.integration.http_story import open_the_shop

Said = tuple[str, int, int]
"""A problem's code and place: line and column from 1, 0 where it has none."""
_RECEIPTS = frozenset({"job", "idempotency"})
"""That a file was handed in is on record, whatever became of it."""
_PLACED = re.compile(
    r"(?:(?P<path>\S+?)(?::(?P<line>\d+)(?::(?P<column>\d+))?)?: )?(?P<code>[a-z_]+\.[a-z_]+): "
)


@dataclass
class World:
    """A served operator in a folder of its own."""

    server: Server
    home: Path

    def state(self, *, but: frozenset[str] = frozenset()) -> str:
        """A hash over the rows of every table except the store's clock and ``but``, and over the files under home."""
        whole = sha256()
        with closing(sqlite3.connect(f"file:{self.home / 'contact.db'}?mode=ro", uri=True)) as database:
            names = [
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for name in sorted(set(names) - but - {"clock"}):
                rows = sorted(repr(row) for row in database.execute(f'SELECT * FROM "{name}"'))
                whole.update("\n".join([name, *rows]).encode())
        for path in sorted(self.home.rglob("*")):
            if path.is_file() and not path.name.startswith("contact.db"):
                whole.update(str(path.relative_to(self.home)).encode() + b"\0" + path.read_bytes())
        return whole.hexdigest()

    async def deliver(self, kind: str, name: str, content: bytes, mapping: str, **form: str) -> list[Said]:
        """Hand a file in over HTTP and do its job: what was wrong with it, nothing where it was taken."""
        fields = aiohttp.FormData()
        for field, value in {"kind": kind, "mapping": mapping, **form}.items():
            fields.add_field(field, value)
        fields.add_field("file", content, filename=name)
        answer = await self.server.post("/v1/imports", fields())
        assert answer.status == 202, answer.raw
        await run_job(self.server.house.ports, answer.json["job"])
        ended = (await self.server.get(f"/v1/imports/{answer.json['job']}")).json
        await tidy(self.home / UPLOADS, self.server.house.ports.jobs)
        assert ended["state"] == ("failed" if ended["problems"] else "done"), ended
        return [said(problem) for problem in ended["problems"]]

    async def command(self, *words: object) -> list[Said]:
        """Run a command on this home: the problems it complains of, nothing where it went well."""
        environment = {"CONTACT_HOME": str(self.home), "CONTACT_DEMO": "1"}
        done = await asyncio.to_thread(
            CliRunner().invoke, app, [str(word) for word in words], env=environment
        )
        match done.exception:
            case None:
                return []
            case ProblemsFound() as found:
                return [said(problem.as_json()) for problem in found.problems]
            case Complaint() as complaint:
                return [_read(line) for line in complaint.lines]
            case other:
                raise other

    @asynccontextmanager
    async def unchanged(self, *, receipts: bool = False) -> AsyncIterator[None]:
        """Raises where the state differs afterwards; ``receipts``: a job and its answer may have been noted."""
        but = _RECEIPTS if receipts else frozenset[str]()
        before = self.state(but=but)
        yield
        assert self.state(but=but) == before


@asynccontextmanager
async def in_business(home: Path) -> AsyncIterator[World]:
    """An operator with a published playbook, customers, lines and staff, served on a free port."""
    async with serving(home) as server:
        await open_the_shop(server)
        await tidy(home / UPLOADS, server.house.ports.jobs)
        yield World(server, home)


def said(problem: Mapping[str, Any]) -> Said:
    """Code and place of a problem as ``contact check --json`` prints it."""
    return problem["code"], problem.get("line") or 0, problem.get("column") or 0


def _read(line: str) -> Said:
    match = _PLACED.match(line)
    assert match is not None, line
    return match["code"], int(match["line"] or 0), int(match["column"] or 0)


def named(cases: Sequence[tuple[Any, ...]]) -> list[str]:
    """Ids of parametrised cases: their first entry."""
    return [str(case[0]) for case in cases]
