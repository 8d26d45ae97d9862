"""A store that cannot be used says what is wrong with it and what to do, to whoever reads and to whoever writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.faults import StoreDamaged, StoreUnavailable
from contact.storage.databases.database import Database
from contact.storage.databases.sqlite import SQLite
from contact.storage.databases.transaction import Transaction
from tests.migrated import copy_migrated

WHERE_PAGES_BEGIN = {"header": 0, "pages": 4096}


def spoil(path: Path, what: str) -> None:
    """Nothing of the file is what SQLite wrote; of ``pages`` the first, which says what the file is, stands."""
    kept = path.read_bytes()[: WHERE_PAGES_BEGIN[what]]
    path.write_bytes(kept + b"\xa5" * (path.stat().st_size - len(kept)))


def point(tx: Transaction) -> int:
    return tx.run("point", name="test", value="1")


async def refused(database: Database) -> list[str]:
    """What whoever writes is told, in a transaction of their own and in one shared with others, and whoever reads."""
    said = []
    for work in (database.write(point), database.write_together(lambda tx, items: [point(tx)], None)):
        with pytest.raises(StoreDamaged) as told:
            await work
        said.append(str(told.value))
    with pytest.raises(StoreDamaged) as told:
        database.write_here(point)
    with pytest.raises(StoreDamaged) as read:
        await database.read(lambda tx: tx.rows("read_pointer", name="test"))
    return [*said, str(told.value), str(read.value)]


@pytest.mark.parametrize("what", WHERE_PAGES_BEGIN)
async def test_a_damaged_file_says_the_same_to_who_writes_and_who_reads(tmp_path: Path, what: str) -> None:
    """Nobody is told of an unforeseen error: all hear which file is damaged, and of the way back."""
    path = copy_migrated(tmp_path / "contact.db")
    spoil(path, what)
    database = SQLite(path)
    try:
        (said,) = set(await refused(database))
    finally:
        database.close()
    assert said.startswith(f"{path} is damaged") and "contact restore FOLDER --into" in said


async def test_a_file_that_takes_no_more_is_named_with_the_reason(tmp_path: Path) -> None:
    """A full disk is no riddle: the file and SQLite's own words; what was read before is read still."""
    path = copy_migrated(tmp_path / "contact.db")
    database = SQLite(path)
    try:
        await database.write(point)

        def much(tx: Transaction) -> None:
            tx.connection.execute("PRAGMA max_page_count=1")
            for number in range(2_000):
                tx.run("point", name=f"test {number}", value="x" * 500)

        with pytest.raises(StoreUnavailable, match=f"{path} cannot be used: database or disk is full"):
            await database.write(much)
        assert await database.read(lambda tx: tx.row("read_pointer", name="test")) is not None
        await database.write(point)
    finally:
        database.close()
