"""A desk on either database, with the files of a small operator delivered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.integration.storage.operator import CUSTOMERS, LINES, USAGE, Desk, stores


@pytest_asyncio.fixture
async def desk(tmp_path: Path, database_url: str) -> AsyncIterator[Desk]:
    """An empty store."""
    opened = stores(tmp_path / "home", database_url)
    yield Desk(opened, tmp_path)
    await opened.close()


@pytest_asyncio.fixture
async def filled(desk: Desk) -> Desk:
    """A store with customers, lines and usage."""
    await desk.deliver("customers", CUSTOMERS)
    await desk.deliver("lines", LINES)
    await desk.deliver("usage", USAGE)
    return desk
