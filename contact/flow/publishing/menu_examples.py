"""Examples of voice menus: a caller as written, their menu as declared, and what of it comes out otherwise.

What journeys taught is not asked: an example holds for the texts alone, and so it stays true after the next learning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from ivr.call import Heard, Known
from ivr.intent import likely, offered
from ivr.ordering import Arranged, arranged
from ivr.remembering import KEPT_GOALS
from strategies.cases.comparing import Mismatch
from strategies.cases.run import Difference, ExampleResult
from strategies.declared.menu import DIGITS, Menu, MenuExample
from strategies.declared.playbook import Playbook
from strategies.instants import parse_instant
from strategies.profile import FieldValue


def run_menu_examples(playbook: Playbook, paths: Mapping[str, object] | None = None) -> list[ExampleResult]:
    """Every example of the menus (of these files only), as it came out."""
    return [
        _result(playbook, menu, number, example)
        for menu in playbook.menus.values()
        if paths is None or menu.place.path in paths
        for number, example in enumerate(menu.examples, 1)
    ]


def _result(playbook: Playbook, menu: Menu, number: int, example: MenuExample) -> ExampleResult:
    name = f"{menu.id}-{number}"
    found = heard_by(playbook, menu, example)
    wrong = tuple(_mismatches(menu, example.expect, found))
    if not wrong:
        return ExampleResult(name, example.name, example.place)
    at = parse_instant(example.at)
    difference = Difference(f"{name} {example.name}", example.place, wrong, (), 1, at)
    return ExampleResult(name, example.name, example.place, (difference,))


def heard_by(playbook: Playbook, menu: Menu, example: MenuExample) -> Arranged:
    """The menu of an example's caller, as if they were not among those who keep everybody's."""
    now = parse_instant(example.at)
    facts: dict[str, FieldValue] = dict.fromkeys(playbook.fields)
    facts |= cast(Mapping[str, FieldValue], example.customer)
    known = _known(menu, example.calls)
    language = example.language or playbook.operator.languages[0]
    probability = likely(menu, None, facts, None, known, now).probability
    return arranged(menu, probability, language, offered(menu, facts, now), known, now)


def _known(menu: Menu, calls: Sequence[Mapping[str, Any]]) -> Known:
    """What the earlier calls left behind."""
    newest = sorted(calls, key=lambda call: parse_instant(call["at"]), reverse=True)
    goals = tuple((call["goal"], parse_instant(call["at"])) for call in newest if call.get("goal"))
    heard: dict[str, Heard] = {}
    for call in newest:
        for level, targets in (call.get("heard") or {}).items():
            heard.setdefault(level, Heard(_keys(menu, level, targets), parse_instant(call["at"])))
    return Known(goals[:KEPT_GOALS], heard)


def _keys(menu: Menu, level: str, targets: Sequence[str]) -> dict[str, str]:
    """Key → target of a level: required keys as they are required, digits in order for the others."""
    required = {item.to: item.key for item in menu.nodes[level].items if item.key is not None}
    free = iter([digit for digit in DIGITS if digit not in required.values()])
    listed = {key: to for to, key in required.items()}
    return listed | {next(free): to for to in targets if to not in required}


def _mismatches(menu: Menu, expect: Mapping[str, Any], found: Arranged) -> Iterator[Mismatch]:
    """Everything that is expected and came out otherwise."""
    if "ask" in expect and expect["ask"] != found.ask:
        yield Mismatch("ask", expect["ask"], found.ask)
    if "first" in expect:
        first = _order(menu, menu.top, found)[:1]
        if first != [expect["first"]]:
            yield Mismatch("first", expect["first"], first[0] if first else None)
    for level, wanted in (expect.get("order") or {}).items():
        got = _order(menu, level, found)
        if got[: len(wanted)] != wanted:
            yield Mismatch(f"order of {level}", wanted, got)


def _order(menu: Menu, level: str, found: Arranged) -> list[str]:
    """Targets of a level in order of their digits, without those whose key is required."""
    required = {item.to for item in menu.nodes[level].items if item.key is not None}
    entries = sorted(found.levels.get(level, ()), key=lambda entry: entry.key)
    return [entry.to for entry in entries if entry.lifted or entry.to not in required]
