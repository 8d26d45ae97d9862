"""The base: columns of everybody are the facts of each, and judging by them is judging each."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from contact.ports import IncomingEvent
from contact.ports.base import BaseView
from contact.storage.base.base import Base
from contact.storage.base.columns import Members
from contact.storage.databases.transaction import Transaction
from contact.storage.imports.lists import Lists
from strategies.candidate import Candidate
from strategies.conditions.columns import Column
from strategies.declared.fields import with_built_in
from strategies.declared.playbook import Playbook
from strategies.instants import DAY, HOUR, Instant
from strategies.judging.asking import facts_of
from strategies.judging.many import refused_many
from strategies.profile import Consent, CustomerId, FieldValue
from tests.integration.storage.operator import CUSTOMERS, Desk
from tests.integration.storage.test_learning import Operator


def base_of(desk: Desk) -> Base:
    return Base(desk.stores.database, desk.stores.profiles.generations)


def lists_of(desk: Desk, home: Path) -> Lists:
    return Lists(desk.stores.database, desk.stores.profiles.generations, desk.stores.hasher, home)


def fact(column: Column, place: int, type: str) -> FieldValue:
    """What a cell of a column says, as a profile would have it."""
    if column.known is not None and not column.known[place]:
        return None
    value = column.values[place].item()
    if type == "text":
        return column.words[value]
    if type == "list":
        held = tuple(word for word in column.words if column.members[word][place])
        assert len(held) == value
        return held
    return date.fromordinal(value + date(1970, 1, 1).toordinal()).isoformat() if type == "date" else value


async def assert_twins(desk: Desk, base: Base, playbook: Playbook | None = None) -> BaseView:
    """Every field of every customer is what the profile says; the view."""
    playbook = playbook or desk.playbook
    fields = with_built_in(playbook.fields)
    view = await base.view(list(fields), playbook, people=True, max_age=0)
    everybody = await desk.everybody()
    ids = view.customers(range(view.columns.rows))
    assert ids == list(everybody)
    for place, customer in enumerate(ids):
        told = {name: fact(view.columns.by_field[name], place, field.type) for name, field in fields.items()}
        known = facts_of(playbook, everybody[customer])
        assert told == {
            name: tuple(sorted(each)) if isinstance(each, tuple) else each for name, each in known.items()
        }
    return view


async def test_columns_are_the_facts_of_each_whatever_the_aggregate(desk: Desk) -> None:
    """Usage, bills, complaints and products of a made-up operator: every aggregate of every type, also from the files."""
    await Operator(3).deliver(desk)
    aggregates = {
        f"{kind}_{column}_{aggregate}_{months}": replace(
            desk.playbook.fields["arpu"], name=f"{kind}_{column}_{aggregate}_{months}", type=type,
            source=f"{kind}.{column}", aggregate=aggregate, months=months,
        )
        for kind, column, type in (
            ("usage", "data_gb", "number"), ("usage", "data_gb", "money"), ("bills", "total", "number"),
            ("bills", "total", "money"), ("complaints", "opened", "date"), ("products", "product", "list"),
            ("products", "product", "text"), ("complaints", "open", "boolean"),
        )
        for aggregate in ("sum", "mean", "min", "max", "count", "latest", "any")
        for months in ((None, 2) if kind in ("usage", "bills") else (None,))
        if not (type == "date" and aggregate in ("sum", "mean", "any"))
        and (aggregate != "any" or type in ("boolean", "list"))
        and (aggregate != "count" or type == "number")
    }  # fmt: skip
    desk.playbook = replace(
        desk.playbook, fields={**desk.playbook.fields, **aggregates}, version="all aggregates"
    )
    await assert_twins(desk, base_of(desk))
    again = await assert_twins(desk, base_of(desk))  # read from the files that the first one wrote
    assert isinstance(again.columns.by_field["product_names"].members, Members)
    assert again.columns.rows == 25


async def test_what_events_set_lies_over_the_columns_until_it_runs_out(filled: Desk) -> None:
    """Texts, lists, dates and truth values that an event sets are shown at the next reading, for the same customer."""
    base = base_of(filled)
    await assert_twins(filled, base)
    now = (await filled.stores.clock.now()).at
    sets = {
        "roaming_now": True, "tier": "a tier of its own", "tags": ["x", "a"], "birthday": "1999-12-31", "arpu": 77,
        "score": None,
    }  # fmt: skip
    event = IncomingEvent("e1", "roaming_started", CustomerId("C2"), None, Instant(now - HOUR), {})
    await filled.stores.events.accept(event, sets, Instant(now + 50 * DAY))
    late = IncomingEvent("e2", "roaming_started", CustomerId("C1"), None, Instant(now - HOUR), {})
    await filled.stores.events.accept(late, {"tier": "over"}, Instant(now - 1))
    view = await assert_twins(filled, base)
    place = view.customers(range(3)).index("C2")
    assert view.among(["C2", "nobody"]).nonzero()[0].tolist() == [place]
    assert fact(view.columns.by_field["tier"], place, "text") == "a tier of its own"


async def test_a_new_generation_is_seen_at_once(filled: Desk) -> None:
    """However young the base is, an import shows in the next answer."""
    base = base_of(filled)
    await base.view(["arpu"], filled.playbook, people=True)
    await filled.deliver("customers", CUSTOMERS + "C4,,,,,,,,,,\n")
    view = await base.view(["arpu"], filled.playbook, people=True)
    assert view.columns.rows == 4 and view.people is not None and view.people.count == 4


async def test_a_young_base_answers_as_it_stood(filled: Desk) -> None:
    """Within its age the base is not read again, and says when it was."""
    base = base_of(filled)
    first = await base.view(["roaming_now"], filled.playbook, people=False)
    event = IncomingEvent("e1", "roaming_started", CustomerId("C2"), None, first.at, {})
    await filled.stores.events.accept(event, {"roaming_now": True}, None)
    young = await base.view(["roaming_now"], filled.playbook, people=False, max_age=600)
    fresh = await base.view(["roaming_now"], filled.playbook, people=False, max_age=0)
    assert young.at == first.at < fresh.at
    truths = [np.flatnonzero(each.columns.by_field["roaming_now"].values) for each in (young, fresh)]
    assert len(truths[0]) + 1 == len(truths[1])


async def test_lists_are_a_field_of_everybody(filled: Desk, tmp_path: Path) -> None:
    """A list is taken in without its faulty rows, shows in columns and profiles alike, and can be removed."""
    lists, base = lists_of(filled, tmp_path), base_of(filled)
    file = tmp_path / "vip.csv"
    file.write_text("who,why\nC1,a\nC3,b\nC1,again\nnobody,x\n,y\n", encoding="utf-8")
    answer = await lists.take("vip", str(file), id_column="who")
    assert (answer.customers, answer.taken, answer.set_aside) == (2, 3, 2)
    reasons = Path(answer.set_aside_file or "").read_text(encoding="utf-8")
    assert "is no customer on file" in reasons and "is empty" in reasons
    view = await assert_twins(filled, base)
    members = view.columns.by_field["lists"].members["vip"]
    assert [each for each, there in zip(view.customers(range(3)), members, strict=True) if there] == [
        "C3",
        "C1",
    ]
    assert (await filled.profile("C1")).lists == ("vip",) and (await filled.profile("C2")).lists == ()
    await lists.remove("vip")
    assert (await assert_twins(filled, base)).columns.by_field["lists"].words == ()


async def test_a_consent_that_commits_late_is_read_although_later_numbers_were(filled: Desk) -> None:
    """A writer that drew its number first and commits last: the next reading sees what it wrote, once."""
    base, database = base_of(filled), filled.stores.database
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    drawn, go_on = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        put_consent(tx, "C1")
        drawn.set()
        assert go_on.wait(20)

    late = asyncio.create_task(database.write(slow))
    assert await asyncio.to_thread(drawn.wait, 20)
    await database.write(lambda tx: put_consent(tx, "C2"))
    first = await base.view([], filled.playbook, people=True, max_age=0)
    go_on.set()
    await late
    second = await base.view([], filled.playbook, people=True, max_age=0)
    assert first.people is not None and second.people is not None
    told = [second.customers([place])[0] for place in second.people.consents.owner.tolist()]
    assert (len(first.people.consents.owner), told) == (1, ["C1", "C2"])


def put_consent(tx: Transaction, customer: str) -> None:
    tx.run(
        "insert_consent", customer_id=customer, number_hash=None, channel="sms", category="marketing", given=0,
        at_us=tx.now(), source="test", evidence="", until_us=None, idempotency=None, recorded_us=tx.now(),
    )  # fmt: skip


async def test_what_was_said_for_a_number_binds_the_person_it_names(filled: Desk) -> None:
    """A withdrawal that names a person and a number nobody here has is the person's; two such numbers stay two."""
    base, now = base_of(filled), (await filled.stores.clock.now()).at
    for given, number in ((False, "no-one's"), (True, "no-one's either")):
        consent = Consent(given, Instant(now), "sms", "marketing", customer="C1", number_hash=number)
        await filled.stores.ledger.record_consent(consent)
    view = await base.view([], filled.playbook, people=True, max_age=0)
    assert view.people is not None
    candidate = Candidate("sms", "marketing", promotional=True)
    refused = refused_many(filled.playbook, candidate, view.people, view.at, effects=("consent",))
    assert view.customers(np.flatnonzero(refused["consent.opted_out"]).tolist()) == ["C1"]


async def test_a_base_in_use_is_read_again_before_somebody_asks(filled: Desk) -> None:
    """Nothing is read while nobody has asked; afterwards an import is caught up with beforehand."""
    base = base_of(filled)
    await base.refresh()
    first = await base.view(["arpu"], filled.playbook, people=True)
    await base.refresh()
    young = await base.view(["arpu"], filled.playbook, people=True, max_age=1e9)
    await filled.deliver("customers", CUSTOMERS + "C4,,,,,,,,,,\n")
    await base.refresh()
    caught_up = (await filled.stores.clock.now()).at
    fresh = await base.view(["arpu"], filled.playbook, people=True, max_age=1e9)
    assert young.at == first.at < fresh.at <= caught_up
    assert fresh.columns.rows == 4
