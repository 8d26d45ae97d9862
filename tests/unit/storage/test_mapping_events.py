"""Mappings of files of events: what they may say, and each mistake at its place."""

from __future__ import annotations

from decimal import Decimal

import pytest

from contact.storage.imports.mapping import read_mapping
from strategies.problems import ProblemsFound

TOP = "kind: usage\nmode: upsert\n"
AT = "events: {at: day}\n"
LINE = "columns: {line: user}\n"
CALLS = "counters: {calls: {count: true}}\n"
GOOD = f"{TOP}{AT}{LINE}"


def counting(entry: str) -> str:
    """A mapping with one counter."""
    return f"{GOOD}counters:\n  talk: {entry}\n"


def test_a_file_of_events_is_read_with_all_it_says() -> None:
    """Each key arrives where importing looks for it; what is stored is the month and the counters."""
    text = f"""{TOP}
events: {{at: {{from: began, type: instant, zone: Asia/Shanghai, format: "%Y%m%d %H%M"}}}}
columns: {{line: user, id: call}}
counters:
  talk: {{sum: seconds, round_up: 60, divide_by: 60, only: {{network: [own, partner], kind: voice}}}}
  calls: {{count: true}}
"""
    mapping = read_mapping(text, "m.yaml")
    assert [(column.name, column.source, column.type) for column in mapping.columns] == [
        ("line", "user", "id"),
        ("id", "call", "id"),
        ("month", "began", "event_month"),
        ("talk", "seconds", "quantity"),
        ("only network", "network", "text"),
        ("only kind", "kind", "text"),
    ]
    talk, calls = mapping.counters
    assert (talk.sum, talk.divide_by, calls.sum, calls.only) == ("talk", 60, None, ())
    assert talk.only == (
        ("only network", frozenset({"own", "partner"})),
        ("only kind", frozenset({"voice"})),
    )
    assert mapping.columns[3].step == Decimal(60) and mapping.key == ("id",)
    assert {name: type_ for name, (type_, _) in mapping.stored().items()} == {
        "line": "id",
        "month": "month",
        "talk": "number",
        "calls": "number",
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"{TOP}{LINE}{CALLS}", "m.yaml:4:11: key.missing: 'counters' without 'events'; a file of events needs both"),
        (f"{TOP}{AT}{LINE}", "m.yaml:3:9: key.missing: 'events' without 'counters'; a file of events needs both"),
        (GOOD.replace("usage", "bills") + CALLS, "m.yaml:1:1: key.conflict: bills are not made of events"),
        (GOOD.replace("upsert", "snapshot") + CALLS, "m.yaml:2:7: key.conflict: a file of events never replaces all"),
        (f"{TOP}events: {{when: day}}\n{LINE}{CALLS}", "m.yaml:3:10: key.unknown: events has no key 'when'"),
        (f"{TOP}events: {{}}\n{LINE}{CALLS}", "m.yaml:3:9: key.missing: events do not say 'at'"),
        (f"{TOP}events: day\n{LINE}{CALLS}", "m.yaml:3:9: value.type: events must be a mapping"),
        (
            f"{TOP}events: {{at: {{from: d, type: month}}}}\n{LINE}{CALLS}",
            "m.yaml:3:30: value.choice: column 'at' cannot be of type 'month'",
        ),
        (
            f"{TOP}events: {{at: {{from: d, type: instant}}}}\n{LINE}{CALLS}",
            "m.yaml:3:14: key.missing: an instant needs its 'zone'",
        ),
        (f"{TOP}events: {{at: {{hash_of: line}}}}\n{LINE}{CALLS}", "m.yaml:3:14: key.conflict: when an event was"),
        (f"{TOP}{AT}columns: {{id: call}}\n{CALLS}", "key.missing: events of usage need the column 'line'"),
        (
            f"{TOP}{AT}columns: {{line: user, month: m}}\n{CALLS}",
            "m.yaml:4:23: key.unknown: events of usage have no column 'month'",
        ),
        (f"{GOOD}counters: {{}}\n", "value.type: counters must be a mapping of our names"),
        (f"{GOOD}counters:\n  Calls: {{count: true}}\n", "m.yaml:6:3: value.name: 'Calls' cannot name a column"),
        (f"{GOOD}counters:\n  month: {{count: true}}\n", "value.name: 'month' has a meaning of its own"),
        (counting("{total: seconds}"), "m.yaml:6:10: key.unknown: counter 'talk' has no key 'total'"),
        (counting("seconds"), "m.yaml:6:9: value.type: counter 'talk' must be a mapping of keys to values"),
        (counting("{round_up: 60}"), "m.yaml:6:3: key.conflict: counter 'talk' needs exactly one of sum, count"),
        (counting("{sum: s, count: true}"), "counter 'talk' needs exactly one of sum, count"),
        (counting("{count: false}"), "m.yaml:6:17: value.type: only true can be said here"),
        (counting("{count: true, round_up: 1}"), "m.yaml:6:33: key.conflict: 'round_up' means nothing without 'sum'"),
        (counting("{sum: s, round_up: 0}"), "m.yaml:6:28: value.range: a number above 0"),
        (counting("{sum: s, divide_by: -1}"), "value.range: a number above 0"),
        (counting("{sum: s, divide_by: 0.0000001}"), "value.range: a number above 0 with at most six decimals"),
        (counting("{sum: s, round_up: a minute}"), "m.yaml:6:28: value.type: a number is needed here"),
        (counting("{sum: s, only: own}"), "m.yaml:6:24: value.type: only must be a mapping of their columns to words"),
        (counting("{sum: s, only: {network: []}}"), "m.yaml:6:34: value.empty: no word is listed"),
        (counting("{sum: s, only: {network: [1]}}"), "m.yaml:6:35: value.type: text is needed here"),
    ],
)  # fmt: skip
def test_a_faulty_declaration_is_told_at_its_place(text: str, told: str) -> None:
    """Each mistake gives one problem that says what to write instead."""
    with pytest.raises(ProblemsFound) as caught:
        read_mapping(text, "m.yaml")
    assert told in "\n".join(map(str, caught.value.problems))
    assert len(caught.value.problems) == 1, caught.value.problems
