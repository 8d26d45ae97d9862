"""A real application over real SQLite stores on a free port, and clients that hold a key of each role."""

from __future__ import annotations

import json
import socket
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from contact.faces.http.application import build
from contact.faces.http.edge.row import ROLES
from contact.faces.http.edge.wire import Runner
from contact.settings import Settings
from contact.wiring import House, join
from tests.migrated import copy_migrated


@dataclass
class Answer:
    """One response, read to its end."""

    status: int
    headers: Any
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def code(self) -> str:
        return str(self.json["code"])


@dataclass
class Server:
    """The application under test and everything to talk to it."""

    house: House
    port: int
    session: aiohttp.ClientSession
    keys: dict[str, str]
    rung: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def call(
        self, method: str, path: str, body: Any = None, *, role: str | None = "admin", once: str | None = "new",
        headers: dict[str, str] | None = None, **options: Any,
    ) -> Answer:  # fmt: skip
        """One request; a dict is sent as JSON, ``once`` is its Idempotency-Key (``new``: one of its own)."""
        sent = dict(headers or {})
        if role is not None:
            sent.setdefault("Authorization", f"Bearer {self.keys[role]}")
        if once is not None and method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()) if once == "new" else once)
        if isinstance(body, dict | list):
            options["data"], kind = json.dumps(body).encode(), "application/json"
            sent.setdefault("Content-Type", kind)
        elif body is not None:
            options["data"] = body
        async with self.session.request(method, self.url + path, headers=sent, **options) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, role: str | None = "admin", **options: Any) -> Answer:
        return await self.call("GET", path, role=role, **options)

    async def post(self, path: str, body: Any, role: str | None = "admin", **options: Any) -> Answer:
        return await self.call("POST", path, body, role=role, **options)


def on_either(request: pytest.FixtureRequest, name: str) -> dict[str, str]:
    """Settings of ``serving`` for the database that a module's fixture names as its parameter; ``name`` is its own there."""
    if request.param == "sqlite":
        return {}
    server = request.getfixturevalue("postgres_server")
    template = request.getfixturevalue("migrated_postgres")
    return {"CONTACT_DATABASE_URL": server.create(name, template=template)}


@asynccontextmanager
async def serving(home: Path, *, console: bool = False, **environment: str) -> AsyncIterator[Server]:
    """A server in an empty folder, with the demonstration's movable clock; ``console``: its pages too."""
    settings = Settings.from_environment({"CONTACT_HOME": str(home), "CONTACT_DEMO": "1", **environment})
    if "CONTACT_DATABASE_URL" not in environment and not (home / "contact.db").exists():
        copy_migrated(home / "contact.db")
    house = await join(settings)
    rung: list[str] = []

    async def ring(job: str) -> None:
        rung.append(job)

    runner = Runner(build(house.ports, settings, ring=ring, console=console))
    await runner.setup()
    listening = socket.create_server(("127.0.0.1", 0))
    await web.SockSite(runner, listening).start()
    keys = {role: await house.ports.keys.create(role, None) for role in ROLES}
    async with aiohttp.ClientSession() as session:
        yield Server(house, listening.getsockname()[1], session, keys, rung)
    await runner.cleanup()
    await house.close()
