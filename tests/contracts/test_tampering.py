"""Whoever changes the records afterwards is found out, even knowing how hashes are made; nobody else is accused."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import psycopg
import pytest
from psycopg.rows import dict_row

from contact.domain.acts import ACTS, CHAINS, LEDGER_CHAIN, Act, canonical, genesis, linked
from contact.storage.audits.anchors import Binding, binding, read_anchors
from contact.storage.audits.audit import record_in
from contact.storage.audits.checks import walk
from contact.storage.audits.ledger_digests import Digest, content_of, digest_of
from contact.storage.databases.sqlite import _connect
from contact.storage.databases.transaction import Connection, Transaction
from contact.storage.open import Stores
from strategies.instants import MINUTE, SECOND, Instant

ACTED = sorted(ACTS)
PEOPLE = [f"A{number:04}" for number in range(24)]


async def _lived(stores: Stores) -> None:
    """Three minutes of a store: 24 people act, contacts come and move; then a minute more passes and all is closed."""
    at = (await stores.clock.now()).at
    for minute in range(3):
        await stores.clock.move_to(Instant(at + (minute + 1) * MINUTE))
        for number in range(24):
            act = Act(PEOPLE[number], "admin", ACTED[number], f"k{number}", {"n": minute}, "because")
            await stores.audit.record(act)
        await stores.database.write(lambda tx, minute=minute: _contacts(tx, minute))
    await stores.clock.move_to(Instant(at + 5 * MINUTE + 10 * SECOND))
    while await stores.audit.close_minutes():
        pass
    assert await stores.audit.anchor()


def _contacts(tx: Transaction, minute: int) -> None:
    now = tx.now()
    for number in range(4):
        id = f"contact-{minute}-{number}"
        tx.run(
            "insert_contact", id=id, task_id=None, customer_id=f"C{number}", account_id=f"C{number}",
            household_id=None, device_id=None, number_hash=None, line_id=None, strategy="s1", offer="o1", family="f",
            channel="sms", direction="outgoing", category="marketing", promotional=1, state="sent", planned_us=now,
            valid_until_us=now, created_us=now, attempt_us=now, shown_us=None, receipt_until_us=None, final=1,
            over_cap=0, fence=1, playbook="p", epochs="{}", decision=None, person=None,
        )  # fmt: skip
        for old, new in ((None, "reserved"), ("reserved", "sending"), ("sending", "sent")):
            tx.run("insert_move", contact_id=id, from_state=old, to_state=new, at_us=now, why="as told")


class Tamperer:
    """Somebody who may write the database, knows the code, and may not write the anchors."""

    def __init__(self, tx: Transaction, dice: random.Random) -> None:
        self.tx, self.dice = tx, dice

    def sql(self, text: str, *values: object) -> list[dict[str, Any]]:
        mark = "%s" if self.tx.dialect == "postgresql" else "?"
        cursor = self.tx.connection.execute(text.replace("?", mark), values)
        return list(cursor.fetchall()) if text.startswith("SELECT") else []

    def acts(self, chain: int) -> list[dict[str, Any]]:
        return self.sql("SELECT * FROM audit WHERE chain = ? ORDER BY seq", chain)

    def some_chain(self, least: int = 1) -> int:
        chains = self.sql("SELECT chain FROM audit GROUP BY chain HAVING count(*) >= ? ORDER BY chain", least)
        return int(self.dice.choice(chains)["chain"])

    def rewrite(self, chain: int, entries: list[dict[str, Any]]) -> None:
        """The chain as if these had been its entries: numbered, hashed, and its head fitting."""
        self.sql("DELETE FROM audit WHERE chain = ?", chain)
        hash = genesis(chain)
        for seq, each in enumerate(entries, start=1):
            kept = {**_content(each), "seq": seq, "chain": chain}
            text, previous = canonical(kept), hash
            hash = linked(previous, text)
            self.sql(
                "INSERT INTO audit (chain, seq, at_us, actor, act, about, content, previous, hash) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                chain, seq, kept["at"], kept["actor"], kept["act"], kept["about"], text, previous, hash,
            )  # fmt: skip
        self.sql("UPDATE audit_head SET seq = ?, hash = ? WHERE chain = ?", len(entries), hash, chain)

    def recount(self, dropped: int | None = None) -> None:
        """Every digest again over what now stands, one minute left out, and the head fitting."""
        minutes = [row["minute"] for row in self.sql("SELECT minute FROM ledger_digest ORDER BY seq")]
        self.sql("DELETE FROM ledger_digest")
        hash, seq = genesis(LEDGER_CHAIN), 0
        for minute in minutes:
            if minute == dropped:
                continue
            each, seq, previous = digest_of(self.tx, minute), seq + 1, hash
            hash = linked(previous, content_of(each, seq))
            self.digest(each, seq, previous, hash)
        self.sql("UPDATE audit_head SET seq = ?, hash = ? WHERE chain = ?", seq, hash, LEDGER_CHAIN)

    def digest(self, each: Digest, seq: int, previous: str, hash: str) -> None:
        self.tx.run(
            "insert_digest", seq=seq, minute=each.minute, moves=each.moves, first_move=each.first_move,
            last_move=each.last_move, digest=each.digest, why="closed", previous=previous, hash=hash,
        )  # fmt: skip


def _content(entry: dict[str, Any]) -> dict[str, Any]:
    import json

    return cast("dict[str, Any]", json.loads(entry["content"]))


def _forged(entry: dict[str, Any], **changed: object) -> dict[str, Any]:
    return {**entry, "content": canonical({**_content(entry), **changed})}


def edit_an_act(by: Tamperer) -> None:
    entry = by.dice.choice(by.acts(by.some_chain()))
    name, value = by.dice.choice([("why", "another reason"), ("actor", "A9999"), ("about", "k99"), ("at", 1)])
    text = _forged(entry, **{name: value})["content"]
    by.sql("UPDATE audit SET content = ? WHERE chain = ? AND seq = ?", text, entry["chain"], entry["seq"])


def edit_an_act_and_its_hash(by: Tamperer) -> None:
    entry = by.dice.choice(by.acts(by.some_chain()))
    text = _forged(entry, why="another reason")["content"]
    by.sql(
        "UPDATE audit SET content = ?, hash = ? WHERE chain = ? AND seq = ?",
        text, linked(entry["previous"], text), entry["chain"], entry["seq"],
    )  # fmt: skip


def edit_an_act_and_its_whole_chain(by: Tamperer) -> None:
    chain = by.some_chain()
    entries = by.acts(chain)
    place = by.dice.randrange(len(entries))
    entries[place] = _forged(entries[place], why="another reason")
    by.rewrite(chain, entries)


def edit_what_acts_are_searched_by(by: Tamperer) -> None:
    entry = by.dice.choice(by.acts(by.some_chain()))
    column, value = by.dice.choice([("actor", "A9999"), ("act", "logout2"), ("about", "k99"), ("at_us", 1)])
    by.sql(f"UPDATE audit SET {column} = ? WHERE chain = ? AND seq = ?", value, entry["chain"], entry["seq"])


def delete_an_act(by: Tamperer) -> None:
    entry = by.dice.choice(by.acts(by.some_chain()))
    by.sql("DELETE FROM audit WHERE chain = ? AND seq = ?", entry["chain"], entry["seq"])


def delete_an_act_and_close_the_gap(by: Tamperer) -> None:
    chain = by.some_chain()
    entries = by.acts(chain)
    del entries[by.dice.randrange(len(entries))]
    by.rewrite(chain, entries)


def insert_an_act(by: Tamperer) -> None:
    chain = by.some_chain()
    entries = by.acts(chain)
    entries.insert(by.dice.randrange(len(entries)), _forged(entries[0], why="it was so"))
    by.rewrite(chain, entries)


def append_an_act_without_the_head(by: Tamperer) -> None:
    last = by.acts(by.some_chain())[-1]
    seq = last["seq"] + 1
    text = _forged(last, seq=seq)["content"]
    by.sql(
        "INSERT INTO audit (chain, seq, at_us, actor, act, about, content, previous, hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        last["chain"], seq, last["at_us"], last["actor"], last["act"], last["about"], text, last["hash"],
        linked(last["hash"], text),
    )  # fmt: skip


def add_a_chain(by: Tamperer) -> None:
    by.sql("UPDATE audit SET chain = ? WHERE chain = ?", CHAINS + 1 + by.dice.randrange(9), by.some_chain())


def reorder_two_acts(by: Tamperer) -> None:
    chain = by.some_chain(2)
    entries = by.acts(chain)
    one, other = by.dice.sample(range(len(entries)), 2)
    entries[one], entries[other] = entries[other], entries[one]
    by.rewrite(chain, entries)


def truncate_the_tail(by: Tamperer) -> None:
    chain = by.some_chain()
    last = by.acts(chain)[-1]["seq"]
    by.sql("DELETE FROM audit WHERE chain = ? AND seq > ?", chain, by.dice.randrange(last))


def truncate_the_tail_and_mend_the_head(by: Tamperer) -> None:
    chain = by.some_chain()
    entries = by.acts(chain)
    by.rewrite(chain, entries[: by.dice.randrange(len(entries))])


def swap_two_acts_between_chains(by: Tamperer) -> None:
    one = by.some_chain()
    other = by.dice.choice([chain for chain in range(CHAINS) if chain != one and by.acts(chain)])
    ones, others = by.acts(one), by.acts(other)
    place, there = by.dice.randrange(len(ones)), by.dice.randrange(len(others))
    ones[place], others[there] = others[there], ones[place]
    by.rewrite(one, ones)
    by.rewrite(other, others)


def swap_two_chains(by: Tamperer) -> None:
    one = by.some_chain()
    other = by.dice.choice([chain for chain in range(CHAINS) if chain != one and by.acts(chain)])
    ones, others = by.acts(one), by.acts(other)
    by.rewrite(one, others)
    by.rewrite(other, ones)


def remove_a_head(by: Tamperer) -> None:
    by.sql("DELETE FROM audit_head WHERE chain = ?", by.dice.randrange(CHAINS + 1))


def edit_a_move(by: Tamperer) -> None:
    seq = by.dice.choice(by.sql("SELECT seq FROM contact_move ORDER BY seq"))["seq"]
    column, value = by.dice.choice(
        [("to_state", "released"), ("why", "?"), ("at_us", 60), ("contact_id", "x")]
    )
    by.sql(f"UPDATE contact_move SET {column} = ? WHERE seq = ?", value, seq)


def edit_a_move_and_every_digest(by: Tamperer) -> None:
    seq = by.dice.choice(by.sql("SELECT seq FROM contact_move ORDER BY seq"))["seq"]
    by.sql("UPDATE contact_move SET to_state = 'released' WHERE seq = ?", seq)
    by.recount()


def delete_a_move(by: Tamperer) -> None:
    seq = by.dice.choice(by.sql("SELECT seq FROM contact_move ORDER BY seq"))["seq"]
    by.sql("DELETE FROM contact_move WHERE seq = ?", seq)


def insert_a_move(by: Tamperer) -> None:
    latest = by.sql("SELECT max(at_us) AS at_us FROM contact_move")[0]["at_us"]
    at = by.dice.choice([latest - 3 * MINUTE, latest - 10, latest])
    by.tx.run(
        "insert_move", contact_id="contact-0-0", from_state="sent", to_state="delivered", at_us=at, why="x"
    )


def forget_a_minute(by: Tamperer) -> None:
    minute = by.dice.choice(by.sql("SELECT minute FROM ledger_digest ORDER BY seq"))["minute"]
    by.sql("DELETE FROM contact_move WHERE at_us >= ? AND at_us < ?", minute * MINUTE, (minute + 1) * MINUTE)
    by.recount(dropped=minute)


def give_a_contact_another_customer(by: Tamperer) -> None:
    id = f"contact-{by.dice.randrange(3)}-{by.dice.randrange(4)}"
    column, value = by.dice.choice(
        [("customer_id", "C9"), ("strategy", "s2"), ("channel", "web"), ("offer", "o2")]
    )
    by.sql(f"UPDATE contact SET {column} = ? WHERE id = ?", value, id)


def give_a_contact_another_customer_as_if_merged(by: Tamperer) -> None:
    number = by.dice.randrange(4)
    id = f"contact-{by.dice.randrange(3)}-{number}"
    by.sql("INSERT INTO first_owner (contact_id, customer_id) VALUES (?, ?)", id, f"C{number}")
    by.sql("UPDATE contact SET customer_id = 'C9' WHERE id = ?", id)


def delete_a_contact(by: Tamperer) -> None:
    by.sql("DELETE FROM contact WHERE id = ?", f"contact-{by.dice.randrange(3)}-{by.dice.randrange(4)}")


def edit_a_digest(by: Tamperer) -> None:
    by.sql("UPDATE ledger_digest SET digest = ? WHERE seq = ?", "0" * 64, by.dice.randint(1, 3))


def truncate_the_digests(by: Tamperer) -> None:
    keep = by.dice.randrange(3)
    head = by.sql("SELECT hash FROM ledger_digest WHERE seq = ?", keep)
    by.sql("DELETE FROM ledger_digest WHERE seq > ?", keep)
    hash = head[0]["hash"] if head else genesis(LEDGER_CHAIN)
    by.sql("UPDATE audit_head SET seq = ?, hash = ? WHERE chain = ?", keep, hash, LEDGER_CHAIN)


WAYS: tuple[Callable[[Tamperer], None], ...] = (
    edit_an_act, edit_an_act_and_its_hash, edit_an_act_and_its_whole_chain, edit_what_acts_are_searched_by,
    delete_an_act, delete_an_act_and_close_the_gap, insert_an_act, append_an_act_without_the_head, add_a_chain,
    reorder_two_acts, truncate_the_tail, truncate_the_tail_and_mend_the_head, swap_two_acts_between_chains,
    swap_two_chains, remove_a_head, edit_a_move, edit_a_move_and_every_digest, delete_a_move, insert_a_move,
    forget_a_minute, give_a_contact_another_customer, give_a_contact_another_customer_as_if_merged, delete_a_contact,
    edit_a_digest, truncate_the_digests,
)  # fmt: skip


@contextmanager
def _undone(stores: Stores, url: str) -> Iterator[Callable[[], Transaction]]:
    """Transactions on a connection of the tamperer's own; each is rolled back by the next."""
    if url.startswith("sqlite"):
        native: Any = _connect(Path(url.removeprefix("sqlite:///")))
    else:
        native = psycopg.connect(url, row_factory=dict_row, autocommit=True)

    def begin() -> Transaction:
        native.execute("ROLLBACK") if began else began.append(True)
        native.execute("BEGIN")
        return Transaction(cast(Connection, native), stores.database.dialect)

    began: list[bool] = []
    yield begin
    native.close()


def _found(tx: Transaction, bound: Binding) -> list[str]:
    return walk(tx, bound).found


async def test_a_thousand_tamperings_are_found_and_nobody_is_accused(
    stores: Stores, database_url: str
) -> None:
    """1,000 tamperings of 25 kinds on SQLite, 100 on PostgreSQL, by somebody who can also mend hashes: all found."""
    await _lived(stores)
    path = stores.audit.anchors.path
    assert path is not None
    bound = binding(read_anchors(path)[0])
    dice = random.Random(16)
    rounds = 40 if database_url.startswith("sqlite") else 4
    missed = []
    with _undone(stores, database_url) as begin:
        assert _found(begin(), bound) == []
        for way in WAYS * rounds:
            tx = begin()
            way(Tamperer(tx, dice))
            if not _found(tx, bound):
                missed.append(way.__name__)
        assert _found(begin(), bound) == []
    assert missed == []


async def test_without_anchors_only_those_who_mend_hashes_get_away(stores: Stores, database_url: str) -> None:
    """The test can fail: what only the anchors outside can show is not found without them."""
    if not database_url.startswith("sqlite"):
        pytest.skip("one database says it")
    await _lived(stores)
    with _undone(stores, database_url) as begin:
        tx = begin()
        truncate_the_tail_and_mend_the_head(Tamperer(tx, random.Random(1)))
        assert _found(tx, binding([])) == []
        tx = begin()
        truncate_the_tail(Tamperer(tx, random.Random(1)))
        assert _found(tx, binding([])) != []


async def test_a_store_that_goes_on_is_never_accused(stores: Stores) -> None:
    """Acts, contacts, closings, anchors and deliveries of past contacts in any order leave nothing to find."""
    for _ in range(3):
        await stores.audit.record(Act("A0001", "admin", "login"))
        at = (await stores.clock.now()).at
        await stores.database.write(lambda tx, at=at: _contacts_of(tx, at))
        await stores.audit.close_minutes()
        await stores.audit.anchor()
        await stores.clock.move_to(Instant(at + 90 * SECOND))
        assert (await stores.audit.verify()).found == ()
    await stores.audit.close_minutes()
    early = Instant(at - MINUTE)
    await stores.database.write(
        lambda tx: tx.run("write_past_move", id="past-1", state="sent", at_us=early)
    )  # a delivery of contacts from before our time
    verified = await stores.audit.verify()
    assert verified.untouched and verified.minutes >= 2 and verified.anchors >= 3


def _contacts_of(tx: Transaction, at: int) -> None:
    _contacts(tx, at)


async def test_what_retention_deleted_is_no_tampering(stores: Stores) -> None:
    """Contacts whose time is over may be missing where a run of the retention is on record; those after it may not."""
    await _lived(stores)
    first = await stores.database.read(lambda tx: tx.rows("digests_after", after=0, limit=1)[0]["minute"])
    before = (first + 1) * MINUTE

    def delete(tx: Transaction) -> None:
        kept = tx.rows("moves_of_minute", from_us=0, until_us=before, after=0, limit=100)
        tx.run("point", name="retention.contacts", value=str(before))
        tx.run("delete_moves", contacts=[row["contact_id"] for row in kept])
        tx.run("delete_contacts", ids=[row["contact_id"] for row in kept])

    await stores.database.write(delete)
    assert "contact retention" in (await stores.audit.verify()).found[0]
    await stores.audit.record(
        Act("contact", "system", "retention.run", details={"contacts": 4, "moves_before": before})
    )
    assert (await stores.audit.verify()).untouched
    await stores.database.write(lambda tx: tx.run("delete_moves", contacts=["contact-2-1"]))
    assert not (await stores.audit.verify()).untouched


async def test_customers_who_became_one_are_no_tampering(stores: Stores) -> None:
    """Contacts of two customers who were merged on record, one after the other, are not given away; to a third they are."""
    await _lived(stores)
    await _merge(stores, "C1", "C2")
    await _merge(stores, "C2", "C3")
    assert (await stores.audit.verify()).found == ()
    change = "UPDATE contact SET customer_id = 'C9' WHERE id = 'contact-1-1'"
    await stores.database.write(lambda tx: tx.connection.execute(change) and None)
    assert "contact-1-1" in (await stores.audit.verify()).found[0]


async def _merge(stores: Stores, old: str, new: str) -> None:
    def work(tx: Transaction) -> None:
        tx.run("remember_owner", customer=old)
        tx.run("merge_contacts", old=old, new=new, account=new)
        record_in(tx, Act("A0001", "admin", "customers.merged", new, {"old": old}, "one person"))

    await stores.database.write(work)
