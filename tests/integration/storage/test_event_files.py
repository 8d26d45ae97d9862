"""Files of single events go in as a month's counters, and never twice."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from contact.domain.answers import ImportAnswer
from contact.storage.generations.switching import current_generation
from strategies.declared.tariff import Counter
from strategies.problems import ProblemsFound, Where
from tests.integration.storage.operator import Desk

CALLS = """kind: usage
mode: upsert
max_faulty: 70
events: {at: day}
columns: {line: user, id: call}
counters:
  minutes: {sum: seconds, round_up: 60, divide_by: 60}
  own_minutes: {sum: seconds, round_up: 60, divide_by: 60, only: {network: own}}
  calls: {count: true}
"""
MARCH = """call,user,day,seconds,network
1,L1,2026-03-01,61,own
2,L1,2026-03-31,59,other
3,L2,2026-03-05,0,own
"""
APRIL = "4,L1,2026-04-01,10.5,other\n"


async def deliver(
    desk: Desk, content: str, mapping: str = CALLS, name: str = "calls.csv", *, confirm_shrink: bool = False
) -> ImportAnswer:
    """Import a file of events, packed where its name says so."""
    path = desk.folder / name
    path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    return await desk.stores.imports.take(
        "usage", str(path), mapping, mapping_path="calls.yaml", playbook=desk.playbook, confirm_shrink=confirm_shrink
    )  # fmt: skip


async def usage(desk: Desk, *names: str, months: int = 2) -> dict[tuple[str, int], list[float]]:
    """(line, month) on file → these counters."""
    counters = [Counter(name, "voice", "home", "", f"usage.{name}", Where("")) for name in names]
    found = await desk.stores.learning.usage(counters, months=months)
    return {
        (line, month % 12 + 1): found.quantities[row, column].tolist()
        for row, line in enumerate(found.lines)
        for column, month in enumerate(found.months)
        if found.there[row, column]
    }


async def test_events_are_a_months_counters(filled: Desk) -> None:
    """Each call is rounded up by itself; a counter without any of its events in a month is 0."""
    answer = await deliver(filled, MARCH + APRIL)
    assert (answer.rows, answer.accepted, answer.set_aside) == (4, 4, 0)
    assert await usage(filled, "minutes", "own_minutes", "calls") == {
        ("L1", 3): [3, 2, 2],
        ("L2", 3): [0, 0, 1],
        ("L1", 4): [1, 0, 1],
    }


async def test_other_counters_stay_and_are_unknown_in_new_months(filled: Desk) -> None:
    """A file of calls says nothing about data: what is on file stays, what is not is NULL."""
    await deliver(filled, MARCH + APRIL)
    facts = (await filled.profile("C1")).facts
    assert facts["data_last"] == 3.0  # March; April has calls only
    both = await usage(filled, "data_gb", "calls")  # so that April is not delivered yet
    assert both == {("L1", 2): [2.0, 0], ("L2", 2): [4.0, 0], ("L1", 3): [3.0, 2], ("L2", 3): [0.0, 1]}


async def test_the_same_file_twice_changes_nothing_and_a_corrected_one_takes_back(filled: Desk) -> None:
    """The months a file covers are its own; others stay."""
    await deliver(filled, MARCH + APRIL)
    once, data = await usage(filled, "minutes", "calls"), await usage(filled, "data_gb")
    await deliver(filled, MARCH + APRIL)
    assert await usage(filled, "minutes", "calls") == once
    await deliver(filled, "call,user,day,seconds,network\n4,L2,2026-04-02,1,own\n")
    assert await usage(filled, "minutes", "calls") == {
        ("L1", 3): [3, 2],
        ("L2", 3): [0, 1],
        ("L2", 4): [1, 1],
    }
    assert await usage(filled, "data_gb") == data


async def test_a_late_event_does_not_take_a_month_away(filled: Desk) -> None:
    """A file with few lines of a month that has many is refused, and what is on file stays, unless that is meant."""
    await deliver(filled, MARCH)
    once = await usage(filled, "minutes", "calls")
    late = "9,L1,2026-03-31,5,own\n"
    with pytest.raises(ProblemsFound) as caught:
        await deliver(filled, "call,user,day,seconds,network\n" + APRIL + late)
    (problem,) = caught.value.problems
    assert (problem.code, problem.message) == (
        "import.shrink", "events of 2026-03 are of 1 lines where 2 are on file",
    )  # fmt: skip
    assert await usage(filled, "minutes", "calls") == once
    await deliver(filled, "call,user,day,seconds,network\n" + APRIL + late, confirm_shrink=True)
    assert await usage(filled, "calls") == {("L1", 3): [1], ("L1", 4): [1]}


async def test_wrong_events_are_set_aside_with_their_reasons(filled: Desk) -> None:
    """An unknown line, an impossible day, a negative quantity and an id that is there twice, row by row."""
    faulty = "5,L9,2026-03-01,1,own\n6,L1,2026-02-30,1,own\n7,L1,2026-03-01,-1,own\n3,L1,2026-03-01,1,own\n"
    answer = await deliver(filled, MARCH + APRIL + faulty)
    assert (answer.rows, answer.accepted, answer.set_aside) == (8, 3, 5)
    assert answer.set_aside_file is not None
    lines = Path(answer.set_aside_file).read_text(encoding="utf-8").splitlines()
    told = [(row["line"], row["column"], row["reason"], row["call"]) for row in csv.DictReader(lines)]
    assert told == [
        ("4", "call", "call is there more than once", "3"),
        ("6", "user", "user belongs to no imported customer", "5"),
        ("7", "day", "day is not a day of the calendar in the declared format", "6"),
        ("8", "seconds", "seconds is negative", "7"),
        ("9", "call", "call is there more than once", "3"),
    ]
    assert await usage(filled, "calls") == {("L1", 3): [2], ("L1", 4): [1]}


async def test_too_many_wrong_events_refuse_the_file(filled: Desk) -> None:
    """And then nothing of it is taken."""
    with pytest.raises(ProblemsFound, match="rows are faulty"):
        await deliver(filled, MARCH + "5,L9,2026-03-01,1,own\n", CALLS.replace("70\nevents", "10\nevents"))
    with pytest.raises(ProblemsFound, match="a column the usage file does not have"):
        await usage(filled, "calls")


async def test_a_packed_file_is_read_as_it_is(filled: Desk) -> None:
    """Events come in large files; one that is damaged is refused, not half read."""
    await deliver(filled, MARCH, name="calls.csv.gz")
    assert await usage(filled, "calls", months=1) == {("L1", 3): [2], ("L2", 3): [1]}
    whole = (filled.folder / "calls.csv.gz").read_bytes()
    for damaged in (whole[:-12], b"call,user\n", whole[:20] + b"\0\0\0\0" + whole[24:]):
        (filled.folder / "damaged.csv.gz").write_bytes(damaged)
        with pytest.raises(ProblemsFound) as caught:
            await filled.stores.imports.take(
                "usage", str(filled.folder / "damaged.csv.gz"), CALLS, mapping_path="c.yaml", playbook=None
            )
        assert [problem.code for problem in caught.value.problems] == ["import.format"]


async def test_a_column_the_file_does_not_have_is_told_at_its_counter(filled: Desk) -> None:
    """Of sums and of conditions on events alike."""
    with pytest.raises(ProblemsFound) as caught:
        await deliver(filled, "call,user,day\n1,L1,2026-03-01\n")
    told = [(problem.code, problem.where.line) for problem in caught.value.problems]
    assert told == [("import.column", 7), ("import.column", 8), ("import.column", 8)]


async def test_a_counter_keeps_the_type_its_column_has(filled: Desk) -> None:
    """A column that was imported as another type is not silently replaced."""
    await filled.deliver(
        "usage", "line,month,gb\nL1,2026-03,x\n", changes={"data_gb: {from: gb, type: number}": "calls: gb"}
    )
    with pytest.raises(ProblemsFound, match="'calls' is number here and text"):
        await deliver(filled, MARCH)


async def test_lines_known_by_the_hash_of_their_number_are_found_by_it(filled: Desk) -> None:
    """Call records name numbers; the number itself is kept nowhere."""
    hashed = {"{id: id,": "{id: {hash_of: number},"}
    await filled.deliver(
        "lines", "id,customer,number,gb\n,C1,13800000001,1\n", changes=hashed, confirm_shrink=True
    )
    by_number = CALLS.replace(
        "line: user, id: call", "line: {hash_of: number}, number: {from: user, type: phone, region: CN}"
    )
    await deliver(filled, "user,day,seconds,network\n13800000001,2026-03-01,61,own\n", by_number)
    assert list((await usage(filled, "minutes", months=1)).values()) == [[2]]
    generation = await filled.stores.database.read(current_generation)
    kept = filled.stores.learning.generations.whole(generation.files["usage"]).column_names
    assert set(kept) == {"line", "month", "customer", "bucket", "data_gb", "minutes", "own_minutes", "calls"}


async def test_events_need_lines(desk: Desk) -> None:
    """Whose line it was must be known first."""
    with pytest.raises(ProblemsFound, match="no customers were imported yet"):
        await deliver(desk, MARCH)
