"""All of ``config/`` becomes one immutable playbook, or all of its problems at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from strategies.checking.passes import completeness
from strategies.compiling.cache import Cache as Cache
from strategies.compiling.conditions import Conditions
from strategies.compiling.files import Parts as Parts
from strategies.compiling.files import note_missing, parse_files
from strategies.conditions.language import compile_condition
from strategies.declared.menu import Menu
from strategies.declared.playbook import (
    Channel,
    Condition,
    ConsentDefault,
    NotYet,
    Operator,
    Playbook,
    Rule,
    Segment,
    Strategy,
    Values,
)
from strategies.declared.tariff import ALWAYS
from strategies.documents.channels import read_channels
from strategies.documents.fields import read_events, read_fields
from strategies.documents.menus import read_menu
from strategies.documents.models import read_models
from strategies.documents.operator import read_operator, read_units
from strategies.documents.policies import LAYERS, read_policy
from strategies.documents.rates import read_counters
from strategies.documents.reading import Reading
from strategies.documents.segments import declare_segment, read_segment
from strategies.documents.strategies import declare_strategy, read_strategy
from strategies.documents.tariffs import read_tariffs
from strategies.instants import Instant
from strategies.problems import Problem, ProblemsFound, Where
from strategies.texts.source import Node

__all__ = [
    "Cache",
    "Parts",
    "compile_condition",
    "compile_parts",
    "compile_playbook",
    "examples_of",
    "version_of",
]


def version_of(texts: Mapping[str, str]) -> str:
    """SHA-256 over the sorted (path, bytes): path, NUL, bytes, NUL; in hex."""
    digest = hashlib.sha256()
    for path, content in sorted(
        (path.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass"))
        for path, text in texts.items()
    ):
        digest.update(path + b"\0" + content + b"\0")
    return digest.hexdigest()


def compile_playbook(texts: Mapping[str, str], *, cache: Cache | None = None) -> Playbook:
    """The playbook of a full set of texts (path relative to ``config/`` → text). Raises ``ProblemsFound`` with all.

    With a ``cache`` only what changed since the sets of texts before is parsed and compiled again.
    """
    problems: list[Problem] = []
    known = cache or Cache()
    known.begin()
    parts = parse_files(texts, problems, known)
    playbook = _compile(parts, Reading(problems), known, version_of(texts), texts)
    if playbook is not None and not problems:
        problems += completeness(playbook)
    return _finished(playbook, problems)


def compile_parts(parts: Parts, *, lenient: bool = True, version: str = "") -> Playbook:
    """The playbook of documents that stand inside a case; ``lenient``: titles, texts, goal and audience may be missing.

    Raises ``ProblemsFound`` with all problems, each at its place in the case's file.
    """
    reading = Reading(lenient=lenient)
    return _finished(_compile(parts, reading, Cache(), version, {}), reading.problems)


def examples_of(texts: Mapping[str, str], *, cache: Cache | None = None) -> list[tuple[str, Node]]:
    """The ``examples:`` of every policy and strategy that has any, with its path, in order of the paths."""
    found: list[tuple[str, Node]] = []
    known = cache or Cache()
    for path, text in sorted(texts.items()):
        may_have = path.endswith(".yaml") and path.partition("/")[0] in ("policies", "strategies")
        if may_have and "examples" in text:
            node = known.parsed(text, path, [])
            examples = (node.mapping or {}).get("examples") if node else None
            if examples is not None:
                found.append((path, examples))
    return found


def _finished(playbook: Playbook | None, problems: list[Problem]) -> Playbook:
    """The playbook, unless something is wrong."""
    once = list(dict.fromkeys(problems))
    if once or playbook is None:
        raise ProblemsFound(once)
    return playbook


def _compile(
    parts: Parts, reading: Reading, cache: Cache, version: str, texts: Mapping[str, str]
) -> Playbook | None:
    """Reads every document; None only where there is no operator to build on."""
    note_missing(parts, reading)
    operator = read_operator(reading, parts.operator) if parts.operator else None
    reading.unread |= _unread(parts, reading, operator)
    reading.fields = read_fields(reading, parts.fields) if parts.fields else {}
    units = read_units(reading, parts.units) if parts.units else {}
    events = read_events(reading, parts.events) if parts.events else {}
    reading.units, reading.events = units.keys(), events.keys()
    channels = _channels(parts, reading)
    reading.channels = channels.keys()
    for node in parts.strategies:
        declare_strategy(reading, node)
    for node in parts.segments:
        declare_segment(reading, node)
    conditions = Conditions(reading, cache)
    reading.segments = _segments(parts, reading, conditions)
    counters = read_counters(reading, parts.counters) if parts.counters else {}
    tariffs = read_tariffs(reading, parts.tariffs, conditions)
    strategies = _strategies(parts, reading, conditions)
    rules, defaults = _policies(parts, reading, conditions)
    models = read_models(reading, parts.models, strategies, events, channels)
    menus = _menus(parts, reading, conditions)
    if operator is None:
        return None
    found = Playbook(
        version=version,
        operator=operator,
        units=units,
        fields=reading.fields,
        events=events,
        channels=channels,
        strategies=strategies,
        rules=tuple(sorted(rules, key=lambda rule: (LAYERS.index(rule.layer), rule.id))),
        consent_defaults=tuple(defaults),
        counters=counters,
        tariffs=tariffs,
        models=models,
        segments=reading.segments,
        menus=menus,
        texts=dict(texts),
    )
    return found if reading.problems else replace(found, later=_slices(parts, reading, conditions))


def _slices(parts: Parts, reading: Reading, conditions: Conditions) -> tuple[tuple[Instant, Values], ...]:
    """Channels and strategies as they are from each instant on at which a dated value of theirs begins."""
    found: list[tuple[Instant, Values]] = []
    known: dict[tuple[str, str], NotYet] = {}
    for begins in (*sorted(reading.turns, reverse=True), ALWAYS) if reading.turns else ():
        reading.read_for = begins
        strategies = _strategies(parts, reading, conditions)
        here = {(each.strategy, each.offer): each for each in _beginning(strategies, begins)}
        missing = (each for name, each in known.items() if name not in here)
        not_yet = tuple(each for each in missing if not each.offer or (each.strategy, "") in here)
        known |= here
        found.append((begins, Values(_channels(parts, reading), strategies, not_yet)))
    return tuple(reversed(found))


def _beginning(strategies: tuple[Strategy, ...], at: Instant) -> Iterator[NotYet]:
    """Each strategy and each of its offers, as what would not be there before this instant."""
    for strategy in strategies:
        yield NotYet(strategy.id, "", at, strategy.place)
        for offer in strategy.offers:
            yield NotYet(strategy.id, offer.id, at, offer.place)


def _channels(parts: Parts, reading: Reading) -> dict[str, Channel]:
    """The channels by name."""
    reading.may_be_dated = True
    found = read_channels(reading, parts.channels) if parts.channels else {}
    reading.may_be_dated = False
    return found


def _segments(parts: Parts, reading: Reading, conditions: Conditions) -> dict[str, Segment]:
    """The segments in order of their names."""
    seen: dict[str, Where] = {}
    found = [
        segment
        for node in parts.segments
        if (segment := read_segment(reading, node, conditions, seen)) is not None
    ]
    return {segment.id: segment for segment in sorted(found, key=lambda segment: segment.id)}


def _menus(parts: Parts, reading: Reading, conditions: Conditions) -> dict[str, Menu]:
    """The voice menus in order of their names."""
    found = (read_menu(reading, node, conditions) for node in parts.menus)
    return {menu.id: menu for menu in found if menu is not None}


def _unread(parts: Parts, reading: Reading, operator: Operator | None) -> set[str]:
    """What references cannot be judged against, because the document that declares it could not be read."""
    found = {
        "category": operator is None or not operator.categories,
        "field": parts.fields is None and not reading.lenient,
        "unit": "units.yaml" in parts.failed,
        "event": "events.yaml" in parts.failed,
        "channel": "channels.yaml" in parts.failed,
        "counter": "counters.yaml" in parts.failed,
        "add-on": "tariffs" in parts.failed,
        "segment": "segments" in parts.failed,
        **dict.fromkeys(("strategy", "offer", "family"), "strategies" in parts.failed),
    }
    return {what for what, is_unread in found.items() if is_unread}


@cache
def _everyone() -> Condition:
    """The audience of everybody, compiled once."""
    return compile_condition("TRUE", {}, Where(""))


def _strategies(parts: Parts, reading: Reading, conditions: Conditions) -> tuple[Strategy, ...]:
    """The strategies in order of their ids."""
    seen: dict[str, Where] = {}
    everyone = _everyone()
    reading.may_be_dated = True
    found = [
        strategy
        for node in parts.strategies
        if (strategy := read_strategy(reading, node, conditions, seen, replace(everyone, place=node.where)))
    ]
    reading.may_be_dated = False
    return tuple(sorted(found, key=lambda strategy: strategy.id))


def _policies(
    parts: Parts, reading: Reading, conditions: Conditions
) -> tuple[list[Rule], list[ConsentDefault]]:
    """All rules, and what holds without a record of consent."""
    seen: dict[str, Where] = {}
    rules: list[Rule] = []
    defaults: list[ConsentDefault] = []
    for node in parts.policies:
        own_rules, own_defaults = read_policy(reading, node, conditions, seen)
        rules += own_rules
        defaults += own_defaults
    return rules, defaults
