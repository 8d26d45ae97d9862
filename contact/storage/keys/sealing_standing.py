"""Opening the store: its secret must be the one it was made with, and what an earlier release left readable is sealed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from contact.storage.databases.database import Database
from contact.storage.databases.transaction import Row, Transaction
from contact.storage.keys.numbers import has_secret
from contact.storage.keys.sealing import NAME, NUMBER, Sealer, is_sealed, of_customer, of_line

PAGE = 2_000
_TABLES = (("open_identities", "seal_identity", of_customer), ("open_lines", "seal_line", of_line))


def require_no_lost_secret(database: Database, home: Path) -> None:
    """Raises ValueError where the store was made with a secret and the home has none, before a new one takes its place."""
    known = database.read_here(lambda tx: tx.row("read_pointer", name="secret"))
    # asked in this order: the first start makes the secret, then notes it
    if known is not None and not has_secret(home):
        raise ValueError(
            f"CONTACT_HOME holds no {home / 'secret'}, and this database was made with one: put your copy there; "
            "without it no name opens and no opt-out is known by its number"
        )


def require_secret(database: Database, fingerprint: str) -> None:
    """Raises ValueError where the store was made with another secret.

    Under that one no withdrawal would bind its number any more, and no name or number would open.
    """
    known = database.read_here(lambda tx: tx.row("read_pointer", name="secret"))
    if known is None:
        database.write_here(lambda tx: tx.run("mark_secret", fingerprint=fingerprint))
        known = database.read_here(lambda tx: tx.row("read_pointer", name="secret"))
    if known is None or known["value"] != fingerprint:
        raise ValueError(
            "CONTACT_HOME/secret is not the one this database was made with: put that one there, for by another "
            "one no opt-out would be known by its number"
        )


def seal_standing(database: Database, sealer: Sealer) -> int:
    """Seal what lies open, a page a transaction, and note that nothing does; how many records were sealed.

    Whoever is interrupted goes on where readable texts are left; two who open at once seal in turn.
    """
    if database.read_here(lambda tx: tx.row("is_all_sealed")) is not None:
        return 0
    sealed = 0
    for read, write, record in _TABLES:
        after = ""
        while True:
            count, last = database.write_here(_page(sealer, read, write, record, after))
            sealed += count
            if last is None:
                break
            after = last
    database.write_here(lambda tx: tx.run("point", name="sealed", value="1"))
    return sealed


def _page(
    sealer: Sealer, read: str, write: str, record: Callable[[str], str], after: str
) -> Callable[[Transaction], tuple[int, str | None]]:
    def work(tx: Transaction) -> tuple[int, str | None]:
        page = tx.rows(read, after=after, limit=PAGE)
        found = [row for row in (_sealed(sealer, each, record(each["id"])) for each in page) if row]
        tx.many(write, found)
        return len(found), page[-1]["id"] if len(page) == PAGE else None

    return work


def _sealed(sealer: Sealer, row: Row, record: str) -> Row | None:
    """The row with what lay open sealed, None where nothing did."""
    texts = [row["name"], row["number"]]
    lying_open = [None if text is None or is_sealed(text) else text for text in texts]
    if not any(lying_open):
        return None
    sealed = [new or old for new, old in zip(sealer.seal(record, lying_open), texts, strict=True)]
    return {"id": row["id"], "name": sealed[NAME], "number": sealed[NUMBER]}
