"""Stores on either database for the contract suites."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from contact.settings import Settings
from contact.storage.open import Stores, open_stores


def settings(home: Path, database_url: str) -> Settings:
    return Settings(
        home=home, database_url=database_url, redis_url=None, host="127.0.0.1", port=0, sms_url=None,
        demo=True, lease_seconds=60.0,
    )  # fmt: skip


@pytest_asyncio.fixture
async def stores(tmp_path: Path, database_url: str) -> AsyncIterator[Stores]:
    opened = open_stores(settings(tmp_path, database_url))
    yield opened
    await opened.close()
