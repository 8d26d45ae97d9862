"""A joined service on real stores, with an SMS gateway on a free port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest_asyncio
from aiohttp import web

from contact.settings import Settings
from contact.wiring import House, join
from tests.integration.flow.stage import Gateway


@pytest_asyncio.fixture
async def gateway() -> AsyncIterator[tuple[Gateway, str]]:
    """The gateway and its URL."""
    played = Gateway()
    application = web.Application()
    application.router.add_post("/", played.take)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield played, f"http://127.0.0.1:{port}/"
    await runner.cleanup()


@pytest_asyncio.fixture
async def house(tmp_path: Path, gateway: tuple[Gateway, str], database_url: str) -> AsyncIterator[House]:
    """The service on either database, its clock movable, its SMS going to the gateway."""
    settings = Settings.from_environment({"CONTACT_HOME": str(tmp_path / "home")})
    joined = await join(replace(settings, demo=True, sms_url=gateway[1], database_url=database_url))
    yield joined
    await joined.close()
