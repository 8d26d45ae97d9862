"""A file that tells nothing new of a person leaves their row as it is: a nightly file must not keep opt-outs waiting."""

from __future__ import annotations

from contact.storage.databases.transaction import Transaction
from contact.storage.keys.sealing import PREFIX
from tests.integration.storage.operator import CUSTOMERS, LINES, Desk

TABLES = {"identity": "customer_id", "line_identity": "line_id"}


async def rows_of(desk: Desk, table: str) -> dict[str, dict[str, object]]:
    """By id, as they lie in the database."""

    def work(tx: Transaction) -> dict[str, dict[str, object]]:
        found = tx.connection.execute(f"SELECT * FROM {table}").fetchall()
        return {row[TABLES[table]]: dict(row) for row in found}

    return await desk.stores.database.read(work)


async def watch(desk: Desk, table: str) -> None:
    """From now on every row of it that is rewritten leaves a line in ``rewritten``."""

    def work(tx: Transaction) -> None:
        tx.connection.execute("CREATE TABLE rewritten (id TEXT)")
        said = f"INSERT INTO rewritten (id) VALUES (NEW.{TABLES[table]})"
        if tx.dialect == "sqlite":
            tx.connection.execute(f"CREATE TRIGGER seen AFTER UPDATE ON {table} BEGIN {said}; END")
            return
        body = f"BEGIN {said}; RETURN NULL; END"
        tx.connection.execute(f"CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $${body}$$")
        tx.connection.execute(
            f"CREATE TRIGGER seen AFTER UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION see()"
        )

    await desk.stores.database.write(work)


async def rewritten(desk: Desk) -> list[str]:
    """Whose rows were, in order."""
    rows = await desk.stores.database.read(
        lambda tx: tx.connection.execute("SELECT id FROM rewritten ORDER BY id").fetchall()
    )
    return [row["id"] for row in rows]


async def test_only_who_changed_is_written_again(filled: Desk) -> None:
    """Of the same file nobody; of a new name, a new zone or a number that is gone whoever has it."""
    await watch(filled, "identity")
    before = await rows_of(filled, "identity")
    await filled.deliver("customers", CUSTOMERS)
    assert await rewritten(filled) == [] and await rows_of(filled, "identity") == before
    await filled.deliver("customers", CUSTOMERS.replace("李雷", "韩梅梅"))
    assert await rewritten(filled) == ["C3"]
    after = await rows_of(filled, "identity")
    assert after["C1"] == before["C1"]
    assert (await filled.stores.customers.identity((await filled.profile("C3")).customer)).name == "韩梅梅"
    await filled.deliver("customers", CUSTOMERS.replace("Asia/Urumqi", "Asia/Shanghai"))
    assert await rewritten(filled) == ["C3", "C3"]
    await filled.deliver("customers", CUSTOMERS.replace("13800000001", ""))
    assert await rewritten(filled) == ["C1", "C3", "C3", "C3"]
    assert (await rows_of(filled, "identity"))["C1"]["number"] is None


async def test_only_lines_that_changed_are_written_again(filled: Desk) -> None:
    """By the same file none."""
    await watch(filled, "line_identity")
    before = await rows_of(filled, "line_identity")
    assert before and all(str(row["number"]).startswith(PREFIX) for row in before.values() if row["number"])
    await filled.deliver("lines", LINES)
    assert await rewritten(filled) == [] and await rows_of(filled, "line_identity") == before


async def test_what_was_lost_or_damaged_meanwhile_is_told_again(filled: Desk) -> None:
    """A row that somebody else changed is the file's again, also where its sealed text opens no more."""
    before = await rows_of(filled, "identity")

    def work(tx: Transaction) -> None:
        tx.connection.execute(
            "UPDATE identity SET number = NULL, number_hash = NULL WHERE customer_id = 'C1'"
        )
        tx.connection.execute("UPDATE identity SET name = 'sealed:AAAA' WHERE customer_id = 'C2'")

    await filled.stores.database.write(work)
    await filled.deliver("customers", CUSTOMERS)
    after = await rows_of(filled, "identity")
    assert after["C1"]["number_hash"] == before["C1"]["number_hash"]
    assert await filled.stores.customers.find_by_number("+8613800000001") == ["C1"]
    assert (await filled.stores.customers.identity((await filled.profile("C2")).customer)).name == "NA"
