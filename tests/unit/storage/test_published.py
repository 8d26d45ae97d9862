"""A playbook is compiled once a process, whoever asked first."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from contact.storage.databases.sqlite import SQLite
from contact.storage.playbooks import published
from contact.storage.playbooks.published import Playbooks
from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Playbook
from tests.contracts import situations
from tests.migrated import copy_migrated


async def test_who_cannot_wait_for_a_playbook_does_not_stop_its_compiling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a process in which everybody waits only so long would compile it again and again and never have it."""
    database = SQLite(copy_migrated(tmp_path / "contact.db"))
    await Playbooks(database).publish(situations.playbook(), base=None, author="a", why="begin")
    begun, go, times = threading.Event(), threading.Event(), []

    def slow(texts: Mapping[str, str]) -> Playbook:
        times.append(texts)
        begun.set()
        assert go.wait(30)
        return compile_playbook(texts)

    monkeypatch.setattr(published, "compile_playbook", slow)
    playbooks = Playbooks(database)
    hurried = asyncio.create_task(playbooks.current())
    await asyncio.to_thread(begun.wait, 30)
    hurried.cancel()
    await asyncio.gather(hurried, return_exceptions=True)
    go.set()
    assert (await playbooks.current()).version == situations.playbook().version and len(times) == 1
    database.close()
