"""What a process has read of contacts and consents is on file for the next: used, brought up to date, never blindly."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa

from contact.storage.base.base import Base
from contact.storage.base.kept import CONSENTS, CONTACTS, KeptFiles
from contact.storage.databases.transaction import Transaction
from strategies.instants import DAY
from tests.integration.storage.operator import CUSTOMERS, Desk
from tests.integration.storage.test_base import base_of, put_consent


def put_contact(tx: Transaction, number: int, customer: str) -> None:
    at = tx.now() - DAY
    row = {
        "id": f"c{number}", "customer_id": customer, "account_id": customer, "household_id": None, "device_id": None,
        "number_hash": None, "line_id": None, "strategy": "s", "offer": "o", "family": "f", "channel": "sms",
        "direction": "outgoing", "category": "marketing", "promotional": 1, "state": "delivered", "at_us": at,
        "created_us": at, "delivered_us": at, "connected_us": None, "shown_us": None, "accepted_us": None,
        "rejected_us": None, "result": None,
    }  # fmt: skip
    tx.many("write_past_contact", [row])


async def told(desk: Desk, base: Base) -> tuple[list[str], list[tuple[str, bool]]]:
    """Whose contacts and whose consents there are."""
    view = await base.view([], desk.playbook, people=True, max_age=0)
    assert view.people is not None
    contacts, consents = view.people.contacts, view.people.consents
    given = zip(view.customers(consents.owner.tolist()), consents.given.tolist(), strict=True)
    return view.customers(contacts.owner.tolist()), list(given)


async def some(desk: Desk, *customers: str, first: int = 0) -> None:
    def work(tx: Transaction) -> None:
        for place, customer in enumerate(customers):
            put_contact(tx, first + place, customer)
            put_consent(tx, customer)

    await desk.stores.database.write(work)


def changed(files: KeptFiles, **state: object) -> None:
    """The files as they are, but every consent turned round, and the state changed."""
    contacts, consents = files.read("contacts", CONTACTS), files.read("consents", CONSENTS)
    assert contacts is not None and consents is not None
    given = pa.array([not each for each in consents[0]["given"].to_pylist()])
    turned = consents[0].set_column(consents[0].schema.get_field_index("given"), "given", given)
    files.write("contacts", contacts[0], contacts[1] | state)
    files.write("consents", turned, consents[1] | state)


async def test_the_next_process_reads_the_files_and_then_what_is_new(filled: Desk) -> None:
    """It takes what stands there (here turned round, so that it shows) and adds what came since, each once."""
    await some(filled, "C1", "C2")
    first = base_of(filled)
    assert await told(filled, first) == (["C1", "C2"], [("C1", False), ("C2", False)])
    changed(first.kept)
    await some(filled, "C3", first=2)
    contacts, consents = await told(filled, base_of(filled))
    assert contacts == ["C1", "C2", "C3"]
    reread = (
        filled.stores.database.dialect == "postgresql"
    )  # there the last minutes are read again, whatever was kept
    assert consents == [("C1", not reread), ("C2", not reread), ("C3", False)]


async def test_files_that_are_broken_or_of_another_store_are_left_aside(filled: Desk) -> None:
    """Another last contact, a reading in the future, a torn file, none at all: everything is read from SQL."""
    await some(filled, "C1", "C2")
    first = base_of(filled)
    truth = await told(filled, first)
    files, now = first.kept, (await filled.stores.clock.now()).at
    for state in (
        {"marks": ["c7", None, "1", "1", "1"]},
        {"at": now + DAY},
        {"since": now},
        {"rewritten": [1, 1]},
    ):
        changed(files, **state)
        assert await told(filled, base_of(filled)) == truth, state
    for name in ("contacts.arrow", "consents.arrow"):
        path = Path(files.folder / name)
        path.write_bytes(path.read_bytes()[:200])
        assert await told(filled, base_of(filled)) == truth
        path.unlink()
        assert await told(filled, base_of(filled)) == truth


async def test_another_generation_finds_the_owners_of_what_was_read_before(filled: Desk) -> None:
    """Customers are numbered anew by every import; their contacts and consents stay theirs, without reading all again."""
    await some(filled, "C2", "C3")
    base = base_of(filled)
    before = await told(filled, base)
    await filled.deliver("customers", CUSTOMERS + "C0,,,,,,,,,,\nB9,,,,,,,,,,\n")
    assert await told(filled, base) == before == await told(filled, base_of(filled))


async def test_what_merges_have_rewritten_is_read_again(filled: Desk) -> None:
    """Rows that were read and are another customer's now: by the process that holds them, and by the next."""
    await some(filled, "C1", "C2")
    base = base_of(filled)
    await told(filled, base)

    def merge(tx: Transaction) -> None:
        tx.connection.execute("UPDATE contact SET customer_id = 'C3' WHERE customer_id = 'C1'")
        tx.connection.execute("UPDATE consent SET customer_id = 'C3' WHERE customer_id = 'C1'")
        tx.connection.execute("INSERT INTO merged_customer VALUES ('C1', 'C3', 1, 'test', 'test')")

    await filled.stores.database.write(merge)
    expected = (["C3", "C2"], [("C3", False), ("C2", False)])
    assert await told(filled, base) == expected == await told(filled, base_of(filled))


async def test_files_hold_no_numbers_and_no_names(filled: Desk) -> None:
    """Keys, hashes and what rules read; nothing else of a contact is kept."""
    await some(filled, "C1")
    base = base_of(filled)
    await told(filled, base)
    kept = base.kept.read("contacts", CONTACTS)
    assert kept is not None
    assert set(CONTACTS.names).isdisjoint({"number", "name", "note", "reference", "line_id"})
    assert json.dumps(kept[0].to_pylist(), default=str).count("C1") == 2  # customer and account
