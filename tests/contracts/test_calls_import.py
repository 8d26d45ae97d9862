"""Logs of foreign menus and enquiries of the hotline are taken in: as calls, once, without their faulty rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from contact.domain.answers import ImportAnswer
from contact.storage.imports.calls import _Fault, _require_spelt, callers_of
from contact.storage.open import Stores
from ivr.call import Journey
from ivr.journeys_sessions import Stay
from strategies.instants import Instant, parse_instant
from strategies.problems import ProblemsFound
from tests.unit.ivr.small_menu import small_menu

SINCE, UNTIL = parse_instant("2026-03-01T00:00:00Z"), parse_instant("2026-03-09T00:00:00Z")
PEOPLE = """id,number,unit
C1,+8613800000001,north
C2,+8613800000002,south
C3,+8613800000003,south
C4,+8613800000003,south
"""
LOG = """session,msisdn,when,place,dtmf,result
7,13800000001,2026-03-02T09:00:00+08:00,main,1,
7,13800000001,2026-03-02T09:00:06.5+08:00,bills,2,
7,13800000001,2026-03-02T09:00:10+08:00,amount,,served
,13800000002,2026-03-02T09:00:00+08:00,main,T,
,13800000002,2026-03-02T09:00:08+08:00,main,0,
,13800000002,2026-03-02T09:00:11+08:00,operator,,passed
8,13999999999,2026-03-02T10:00:00+08:00,main,,gone
9,13800000003,2026-03-02T11:00:00+08:00,main,,gone
"""
MAPPING = """kind: calls
mode: upsert
max_faulty: 60
columns:
  call: session
  number: {from: msisdn, type: phone, region: CN}
  at: when
  node: place
  key: {from: dtmf, empty: ["", T]}
  outcome: {from: result, codes: {served: reached, passed: agent, gone: abandoned}}
  menu: {value: main}
  arm: {value: static}
"""


async def taken(
    stores: Stores, folder: Path, log: str, mapping: str = MAPPING, people: str = PEOPLE
) -> ImportAnswer:
    """The log taken in, after the people."""
    known, calls = folder / "people.csv", folder / "calls.csv"
    known.write_text(people, encoding="utf-8")
    calls.write_text(log, encoding="utf-8")
    columns = "kind: customers\nmode: snapshot\ncolumns: {id: id, number: number, unit: unit}\n"
    await stores.imports.take("customers", str(known), columns, mapping_path="p.yaml", playbook=None)
    return await stores.imports.take("calls", str(calls), mapping, mapping_path="m.yaml", playbook=None)


async def found(stores: Stores) -> list[Journey]:
    """Every call on file of those days."""
    return list(await stores.calls.between(SINCE, UNTIL))


async def test_rows_of_keys_become_calls_of_the_customers_whose_numbers_they_name(
    stores: Stores, tmp_path: Path
) -> None:
    """Named or not, with the caller's unit; a number of nobody, or of two, is a stranger's; codes and silence are read."""
    answer = await taken(stores, tmp_path, LOG)
    assert (answer.rows, answer.accepted, answer.set_aside) == (8, 8, 0)
    first, second, third, fourth = sorted(
        await found(stores), key=lambda call: (call.at, call.customer or "")
    )
    assert (first.id, first.customer, first.unit, first.outcome, first.arm) == (
        "log-7",
        "C1",
        "north",
        "reached",
        "static",
    )
    assert [(step.node, step.key, step.seconds) for step in first.steps] == [
        ("main", "1", 6.5), ("bills", "2", 3.5), ("amount", None, 0.0),
    ]  # fmt: skip
    assert (second.customer, second.outcome, [step.key for step in second.steps]) == (
        "C2",
        "agent",
        [None, "0", None],
    )
    assert (third.customer, fourth.customer, fourth.source) == (None, None, "log")


async def test_other_columns_are_what_was_known_when_the_call_began(stores: Stores, tmp_path: Path) -> None:
    """Fields of a call are those of its first row that has any, typed by the mapping; a file can be read and not kept."""
    log = "session,when,place,fault,left,day\n7,2026-03-02T09:00:00Z,main,Y,3,2026-03-01\n7,2026-03-02T09:00:05Z,bills,,,\n"
    mapping = """kind: calls
mode: upsert
columns:
  call: session
  at: when
  node: place
  outage: {from: fault, type: boolean, codes: {"Y": true}, empty: [""]}
  contract_left: {from: left, type: number}
  bill_day: {from: day, type: date}
"""
    await taken(stores, tmp_path, log, mapping)
    [call] = await found(stores)
    assert call.facts == {"outage": True, "contract_left": 3, "bill_day": "2026-03-01"}
    (tmp_path / "more.csv").write_text(log.replace("7,", "8,"), encoding="utf-8")
    [other] = await stores.imports.read_calls(
        str(tmp_path / "more.csv"), mapping, mapping_path="m.yaml", playbook=None
    )
    assert (other.id, other.facts) == ("log-8", call.facts)
    assert await found(stores) == [call]


async def test_the_same_log_again_changes_nothing(stores: Stores, tmp_path: Path) -> None:
    """Neither a call nor what callers are known by."""
    await taken(stores, tmp_path, LOG)
    before, known = await found(stores), await stores.calls.known("C1", "main")
    await taken(stores, tmp_path, LOG)
    assert await found(stores) == before
    assert await stores.calls.known("C1", "main") == known


async def test_a_log_is_the_same_when_its_callers_become_customers(stores: Stores, tmp_path: Path) -> None:
    """A call without a name of its own is not kept once more because its number belongs to somebody by now."""
    await taken(stores, tmp_path, LOG.replace("13800000002", "13800000009"))
    before = [call.id for call in await found(stores)]
    people = PEOPLE + "C9,+8613800000009,south\n"
    await taken(stores, tmp_path, LOG.replace("13800000002", "13800000009"), people=people)
    assert [call.id for call in await found(stores)] == before


async def test_a_faulty_row_takes_its_call_with_it(stores: Stores, tmp_path: Path) -> None:
    """A path with a hole is no path; other calls are taken, and all rows are told with their reasons."""
    log = LOG.replace("2026-03-02T09:00:06.5+08:00", "yesterday").replace("8,13999999999", ",")
    answer = await taken(stores, tmp_path, log)
    assert (answer.accepted, answer.set_aside) == (4, 4)
    assert sorted(call.customer or "" for call in await found(stores)) == ["", "C2"]
    assert answer.set_aside_file is not None
    text = Path(answer.set_aside_file).read_text(encoding="utf-8")
    assert text.count("has another row with a fault") == 2 and "nobody knows which rows are one call" in text


def test_a_misspelt_node_is_set_aside() -> None:
    """It is told what was meant; a node like none of the menu's stays, as one of an older menu."""
    menus = {"main": small_menu()}
    for node, meant in (("mian", "main"), ("old_tariffs", None), ("ask:bill", None)):
        row = {"node": node}
        stays = [Stay(2, Instant(0), node, menu="main")]
        if meant is None:
            _require_spelt(row, stays, menus)
        else:
            with pytest.raises(_Fault, match=f"did you mean '{meant}'"):
                _require_spelt(row, stays, menus)
            _require_spelt(row, [replace(stays[0], version="v0")], menus)


async def test_a_row_may_hold_a_whole_call(stores: Stores, tmp_path: Path) -> None:
    """Nodes, keys and seconds side by side; lists of different lengths are a fault."""
    log = (
        "id,who,at,nodes,keys,secs\n"
        "1,C1,2026-03-02T09:00:00Z,main;bills;amount,1;2;-,6;3.5;20\n"
        "2,C1,2026-03-02T10:00:00Z,main;bills,1,6;1\n"
    )
    columns = "{call: id, customer: who, at: at, nodes: nodes, keys: keys, stays: secs}"
    answer = await taken(
        stores, tmp_path, log, f"kind: calls\nmode: upsert\nmax_faulty: 60\ncolumns: {columns}\n"
    )
    (call,) = await found(stores)
    assert answer.set_aside == 1
    assert [(step.node, step.key, step.seconds) for step in call.steps] == [
        ("main", "1", 6.0), ("bills", "2", 3.5), ("amount", None, 20.0),
    ]  # fmt: skip


async def test_enquiries_of_the_hotline_are_journeys_too(stores: Stores, tmp_path: Path) -> None:
    """One step, whose node is the topic."""
    log = "who,at,about\nC1,2026-03-02T09:00:00Z,roaming\nC9,2026-03-02T09:00:00Z,roaming\n"
    mapping = "kind: calls\nmode: upsert\nmax_faulty: 60\ncolumns: {customer: who, at: at, topic: about}\n"
    answer = await taken(stores, tmp_path, log, mapping)
    (asked,) = await found(stores)
    assert (asked.source, asked.goal, asked.customer, asked.unit) == ("hotline", "roaming", "C1", "north")
    assert (answer.accepted, answer.set_aside) == (1, 1)


async def test_one_call_may_ask_about_several_things(stores: Stores, tmp_path: Path) -> None:
    """Each topic that an agent noted of one call is an enquiry; the same topic of the same call once more is none."""
    log = "call,at,about\n7,2026-03-02T09:00:00Z,roaming\n7,2026-03-02T09:00:00Z,bill\n7,2026-03-02T09:00:00Z,bill\n"
    mapping = "kind: calls\nmode: upsert\ncolumns: {call: call, at: at, topic: about}\n"
    await taken(stores, tmp_path, log, mapping)
    assert sorted(each.goal or "" for each in await found(stores)) == ["bill", "roaming"]


async def test_a_mapping_must_say_where_the_nodes_are(stores: Stores, tmp_path: Path) -> None:
    """Neither node nor nodes nor topic is no log of calls; nothing is taken."""
    with pytest.raises(ProblemsFound) as problems:
        await taken(stores, tmp_path, LOG, "kind: calls\nmode: upsert\ncolumns: {call: session, at: when}\n")
    assert "calls need node or nodes or topic" in str(problems.value.problems[0])
    assert not await stores.calls.between(Instant(0), UNTIL)


def test_of_a_large_base_only_those_are_read_whom_the_log_names() -> None:
    """Customers by id or number with their units; of a number that two have, and of everybody else, nothing."""
    many = [f"C{number}" for number in range(9)]
    customers = pa.table({"customer": many, "unit": ["north"] * 9, "number_hash": [*"abcdefgh", None]})
    lines = pa.table({"customer": ["C7", "C8"], "number_hash": ["x", "a"]})
    callers = callers_of(customers, lines, {"C5", "C99"}, {"a", "b", "x", "nobody"})
    assert callers.by_number == {"b": "C1", "x": "C7"}
    assert callers.units == dict.fromkeys(("C1", "C5", "C7"), "north")
