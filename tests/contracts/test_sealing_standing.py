"""A store that an earlier release filled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from contact.storage.databases.transaction import Transaction
from contact.storage.open import Stores, open_stores
from strategies.profile import CustomerId
from tests.contracts.conftest import settings

WRITE_OPEN = """
INSERT INTO identity (customer_id, customer_hash, bucket, account_id, name, number, number_hash)
VALUES ('C1', 1, 1, 'C1', 'Person 1', '+8613800000001', 'h1')
"""
WRITE_LINE = """
INSERT INTO line_identity (line_id, customer_id, number, number_hash) VALUES ('L1', 'C1', '+8613900000001', 'h2')
"""


async def test_names_and_numbers_of_an_earlier_release_are_sealed_at_the_first_start(
    stores: Stores, tmp_path: Path, database_url: str
) -> None:
    """What lay readable in the tables lies sealed once the store was opened, and reads as before."""

    def as_before(tx: Transaction) -> None:
        tx.connection.execute("DELETE FROM pointer WHERE name = 'sealed'")
        tx.connection.execute(WRITE_OPEN)
        tx.connection.execute(WRITE_LINE)

    await stores.database.write(as_before)
    opened = open_stores(settings(tmp_path, database_url))
    found = await opened.database.read(
        lambda tx: tx.rows("open_identities", after="", limit=9) + tx.rows("open_lines", after="", limit=9)
    )
    assert len(found) == 2 and "Person" not in repr(found) and "+86" not in repr(found)
    identity = await opened.customers.identity(CustomerId("C1"))
    assert (identity.name, identity.number) == ("Person 1", "+8613800000001")
    assert await opened.customers.number(CustomerId("C1"), "L1") == "+8613900000001"
    await opened.close()


async def test_a_store_is_not_opened_with_another_secret(
    stores: Stores, tmp_path: Path, database_url: str
) -> None:
    """Under another one no opt-out would be known by its number: it is refused, and a home without any makes none."""
    again = open_stores(settings(tmp_path, database_url))
    await again.close()
    elsewhere = replace(settings(tmp_path, database_url), home=tmp_path / "another home")
    with pytest.raises(ValueError, match="secret"):
        open_stores(elsewhere)
