"""Reader of ``ivr/*.yaml``: a voice menu with its goals, nodes, limits, and how far it may differ between callers."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from strategies.declared.fields import with_built_in
from strategies.declared.menu import (
    Goal,
    Likelier,
    Menu,
    MenuExample,
    MenuLimits,
    MenuNode,
    Personal,
    Prompts,
)
from strategies.documents.case_values import field_value
from strategies.documents.menu_calls import read_dialled, read_failed
from strategies.documents.menu_nodes import Declared, read_key, read_node
from strategies.documents.prompts import read_prompts
from strategies.documents.reading import ConditionReader, Reading, Section
from strategies.documents.values import check_language
from strategies.instants import parse_instant
from strategies.problems import Hint, Where
from strategies.profile import FieldValue
from strategies.texts.source import Node

KEYS = (
    "title", "owner", "root", "goals", "nodes", "limits", "personal", "keys", "press", "wrong", "silent", "thanks",
    "dialled", "failed", "examples",
)  # fmt: skip
GOAL_KEYS = ("title", "share", "ask", "likelier")
LIKELIER_KEYS = ("when", "times")
LIMIT_KEYS = ("items", "seconds", "depth", "tries", "wait", "key_seconds")
PERSONAL_KEYS = ("changes", "remembered", "moves", "lifts", "ask_from", "half_life", "static", "salt")
MOVE_KEYS = ("times", "within")
KEY_KEYS = ("back", "repeat")
EXAMPLE_KEYS = ("name", "customer", "calls", "at", "language", "expect")
CALL_KEYS = ("goal", "at", "heard")
EXPECT_KEYS = ("ask", "first", "order")
MOST_SHARE, MOST_TIMES = 10_000, 1_000


def read_menu(reading: Reading, node: Node, conditions: ConditionReader) -> Menu | None:
    """One menu, named after its file; None where it has no nodes or its file no name that could be one."""
    path = node.where.path
    name = path.rpartition("/")[2].removesuffix(".yaml")
    if reading.name(Node(name, Where(path), name), "a menu") is None:
        return None
    section = reading.section(node, f"menu '{name}'", KEYS)
    if section is None:
        return None
    section.text("owner")
    title = section.languages("title", needed=True)
    goals, asks = _goals(reading, section, conditions)
    nodes = _nodes(reading, section, conditions, _named(section, "goals"))
    limits, personal, salt = _limits(reading, section), *_personal(reading, section)
    back, repeat = _steering(reading, section)
    root = section.need("root", Hint("the node where every call begins"))
    first = reading.reference(root, "node", _named(section, "nodes")) if root else None
    menu = Menu(
        id=name, title=title, root=first or "", goals=goals, nodes=nodes, limits=limits, personal=personal,
        back=back, repeat=repeat, static_salt=salt, place=section.where("root"), ask=asks,
        wrong=_said(reading, section, "wrong"), silent=_said(reading, section, "silent"),
        press=_press(reading, section), thanks=_said(reading, section, "thanks") if section.get("thanks") else {},
        dialled=read_dialled(reading, section), failed=read_failed(reading, section),
    )  # fmt: skip
    examples = tuple(
        each for one in section.items("examples") if (each := _example(reading, one, section)) is not None
    )
    return replace(menu, examples=examples) if first and nodes else None


def _said(reading: Reading, section: Section, key: str, also: Collection[str] = ()) -> Prompts:
    """Words that every level of the menu shares."""
    node = section.need(key, Hint("what is said then, by language"))
    return read_prompts(reading, node, f"'{key}'", also) if node else {}


def _press(reading: Reading, section: Section) -> Prompts:
    """What is said after each item: however it is spoken, it says the key."""
    found, node = _said(reading, section, "press", also=("key",)), section.get("press")
    places = (node.mapping or {}) if node else {}
    for language, prompt in found.items():
        ways = {"text": prompt.text, "ssml": prompt.ssml, "file": prompt.file}
        silent = [way for way, words in ways.items() if words is not None and "{key}" not in words]
        if silent:
            message = f"'{silent[0]}' of 'press' in {language} does not say which key"
            hint = Hint("write {key} where the key is said, as press {key}.")
            reading.problem("menu.press", message, places[language].where, hint)
    return found


def _named(section: Section, key: str) -> Collection[str]:
    """The names that a mapping of the menu declares, those with problems too."""
    node = section.get(key)
    return (node.mapping or {}).keys() if node else ()


def _goals(
    reading: Reading, section: Section, conditions: ConditionReader
) -> tuple[dict[str, Goal], dict[str, Prompts]]:
    """What callers come for, and the questions that ask for it outright."""
    section.need("goals", Hint("what callers come for, each by its name"))
    goals: dict[str, Goal] = {}
    asks: dict[str, Prompts] = {}
    for name, where, node in section.mapping("goals"):
        entry = reading.section(node, f"goal '{name}'", GOAL_KEYS)
        if entry is None or reading.name(Node(name, where, name), "a goal") is None:
            continue
        entry.need("share", Hint("how many of 100 calls are about it, as 24"))
        share = entry.number("share", 0.001, MOST_SHARE)
        title = entry.languages("title", needed=True)
        goals[name] = Goal(name, title, share or 1.0, _likelier(reading, entry, conditions), where)
        ask = entry.get("ask")
        if ask is not None:
            asks[name] = read_prompts(reading, ask, f"'ask' of goal '{name}'")
    return goals, asks


def _likelier(reading: Reading, section: Section, conditions: ConditionReader) -> tuple[Likelier, ...]:
    found: list[Likelier] = []
    for node in section.items("likelier"):
        entry = reading.section(node, "a circumstance", LIKELIER_KEYS)
        if entry is None:
            continue
        when = entry.need("when", Hint("a condition, as bill_issued"))
        condition = conditions(when) if when else None
        entry.need("times", Hint("how many times as likely the goal then is, as 5"))
        times = entry.number("times", 0.01, MOST_TIMES)
        if condition is not None and times is not None:
            found.append(Likelier(condition, times))
    return tuple(found)


def _nodes(
    reading: Reading, section: Section, conditions: ConditionReader, goals: Collection[str]
) -> dict[str, MenuNode]:
    """The places of the menu, by name."""
    section.need("nodes", Hint("the places of the menu, each by its name"))
    declared = Declared(_named(section, "nodes"), goals)
    found: dict[str, MenuNode] = {}
    for name, where, node in section.mapping("nodes"):
        if reading.name(Node(name, where, name), "a node") is None:
            continue
        read = read_node(reading, name, where, node, conditions, declared)
        if read is not None:
            found[name] = read
    return found


def _limits(reading: Reading, section: Section) -> MenuLimits:
    """What a caller can be asked to bear."""
    usual, node = MenuLimits(), section.get("limits")
    entry = reading.section(node, "'limits'", LIMIT_KEYS) if node else None
    if entry is None:
        return usual
    return MenuLimits(
        items=entry.whole("items", 1, 12, usual.items),
        seconds=entry.number("seconds", 5, 600) or usual.seconds,
        depth=entry.whole("depth", 1, 20, usual.depth),
        tries=entry.whole("tries", 1, 10, usual.tries),
        wait=entry.duration("wait", usual.wait),
        key_seconds=entry.number("key_seconds", 0.1, 30) or usual.key_seconds,
    )


def _personal(reading: Reading, section: Section) -> tuple[Personal, str]:
    """How far a caller's menu may differ from everybody's, and the salt of those who keep it."""
    usual, node = Personal(), section.get("personal")
    entry = reading.section(node, "'personal'", PERSONAL_KEYS) if node else None
    if entry is None:
        return usual, "ivr"
    moves = entry.get("moves")
    inner = reading.section(moves, "'moves'", MOVE_KEYS) if moves else None
    if inner is not None:
        inner.need("times", Hint("how often one key may change its meaning, as 1"))
        inner.need("within", Hint("as P30D"))
    ask_from, static = entry.number("ask_from", 0, 2), entry.number("static", 0, 100)
    found = Personal(
        changes=entry.whole("changes", 0, 12, usual.changes),
        remembered=entry.duration("remembered", usual.remembered),
        moves=inner.whole("times", 0, 100, usual.moves) if inner else usual.moves,
        moves_within=inner.duration("within", usual.moves_within) if inner else usual.moves_within,
        lifts=entry.whole("lifts", 0, 9, usual.lifts),
        ask_from=usual.ask_from if ask_from is None else ask_from,
        half_life=entry.duration("half_life", usual.half_life),
        static_percent=usual.static_percent if static is None else static,
    )
    return found, entry.text("salt") or "ivr"


def _steering(reading: Reading, section: Section) -> tuple[str, str]:
    """The keys that lead back and say the prompt again."""
    node = section.get("keys")
    entry = reading.section(node, "'keys'", KEY_KEYS) if node else None
    if entry is None:
        return "*", "#"
    back, repeat = read_key(reading, entry, "back") or "*", read_key(reading, entry, "repeat") or "#"
    if back == repeat:
        message = f"'{back}' leads back and repeats"
        reading.problem("menu.duplicate_key", message, entry.where("repeat"), Hint("choose two keys"))
    return back, repeat


def _example(reading: Reading, node: Node, menu: Section) -> MenuExample | None:
    """One caller and what they must hear; names in it are checked, its values are when it is run."""
    section = reading.section(node, "an example", EXAMPLE_KEYS)
    if section is None:
        return None
    section.need("name", Hint("what it shows, in a sentence"))
    section.need("expect", Hint("as {first: bills}"))
    section.need("at", Hint("the moment of the call, as 2026-03-02T10:00+08:00"))
    calls = [each for each in map(partial(_call, reading, menu), section.items("calls")) if each]
    name, at, language = section.text("name"), _at(reading, section), section.text("language")
    if language is not None:
        check_language(reading, language, section.where("language"))
    if name is None or at is None:
        return None
    expect = _expect(reading, section, menu)
    return MenuExample(
        name, _customer(reading, section), tuple(calls), at, expect, section.where("name"), language
    )


def _customer(reading: Reading, section: Section) -> dict[str, FieldValue]:
    """What is known of the caller; money in minor units, as fields carry it."""
    declared = with_built_in(reading.fields)
    found: dict[str, FieldValue] = {}
    for name, where, node in section.mapping("customer"):
        field = reading.reference(Node(name, where, name), "field", declared)
        if field is not None:
            found[field] = field_value(reading, declared[field], node, reading.minor_per_major)
    return found


def _at(reading: Reading, section: Section) -> str | None:
    """An instant as it was written."""
    node = section.get("at")
    if node is None:
        return None
    try:
        parse_instant(node.text)
    except ValueError:
        if not node.broken:
            message = f"'at' cannot be {node.text or 'that'}"
            reading.problem("value.instant", message, node.where, Hint("as 2026-03-02T10:00+08:00"))
        return None
    return node.text


def _call(reading: Reading, menu: Section, node: Node) -> Mapping[str, Any] | None:
    """An earlier call of the caller."""
    entry = reading.section(node, "an earlier call", CALL_KEYS)
    if entry is None or _at(reading, entry) is None or entry.need("at", Hint("when it was")) is None:
        return None
    goal = entry.get("goal")
    if goal is not None:
        reading.reference(goal, "goal", _named(menu, "goals"))
    _levels(reading, entry, "heard", menu)
    return {key: value.plain() for key, value in entry.entries.items()}


def _expect(reading: Reading, section: Section, menu: Section) -> Mapping[str, Any]:
    """What the caller must hear."""
    node = section.get("expect")
    entry = reading.section(node, "'expect'", EXPECT_KEYS) if node else None
    if entry is None:
        return {}
    ask, first = entry.get("ask"), entry.get("first")
    if ask is not None and ask.value is not None:
        reading.reference(ask, "goal", _named(menu, "goals"))
    if first is not None:
        reading.reference(first, "node", _named(menu, "nodes"))
    _levels(reading, entry, "order", menu)
    return {key: value.plain() for key, value in entry.entries.items()}


def _levels(reading: Reading, section: Section, key: str, menu: Section) -> None:
    """That each level and each target named is a node of the menu."""
    nodes = _named(menu, "nodes")
    for level, where, listed in section.mapping(key):
        reading.reference(Node(level, where, level), "node", nodes)
        if listed.sequence is None:
            reading.wrong(listed, f"the order of '{level}'", "a list of nodes")
        for each in listed.sequence or ():
            reading.reference(each, "node", nodes)
