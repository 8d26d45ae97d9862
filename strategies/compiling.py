"""All of ``config/`` becomes one immutable playbook, or all of its problems at once."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from strategies.checking import completeness
from strategies.conditions import compile_condition
from strategies.documents import Reading
from strategies.documents_channels import read_channels
from strategies.documents_fields import read_events, read_fields
from strategies.documents_models import read_models
from strategies.documents_operator import read_operator, read_units
from strategies.documents_policies import LAYERS, read_policy
from strategies.documents_rates import read_counters
from strategies.documents_segments import declare_segment, read_segment
from strategies.documents_strategies import declare_strategy, read_strategy
from strategies.documents_tariffs import read_tariffs
from strategies.documents_values import suggestion
from strategies.instants import Instant
from strategies.playbook import (
    Channel,
    Condition,
    ConsentDefault,
    Operator,
    Playbook,
    Rule,
    Segment,
    Strategy,
)
from strategies.problems import Problem, ProblemsFound, Where
from strategies.source import Node, parse_yaml
from strategies.tariff import ALWAYS

__all__ = ["Parts", "compile_condition", "compile_parts", "compile_playbook", "examples_of", "version_of"]

_SINGLE = {
    "operator.yaml": "operator",
    "units.yaml": "units",
    "fields.yaml": "fields",
    "events.yaml": "events",
    "channels.yaml": "channels",
    "counters.yaml": "counters",
}
_FOLDERS = ("policies", "strategies", "tariffs", "models", "segments")


@dataclass(slots=True)
class Parts:
    """The documents of one playbook as parsed nodes: a mapping for each, ``units`` a list of units."""

    operator: Node | None = None
    units: Node | None = None
    fields: Node | None = None
    events: Node | None = None
    channels: Node | None = None
    policies: Sequence[Node] = ()
    strategies: Sequence[Node] = ()
    counters: Node | None = None
    tariffs: Sequence[Node] = ()
    models: Sequence[Node] = ()
    segments: Sequence[Node] = ()
    failed: frozenset[str] = field(default=frozenset())
    """Folders and files that are there but could not be read; nothing is said to be missing because of them."""


def version_of(texts: Mapping[str, str]) -> str:
    """SHA-256 over the sorted (path, bytes): path, NUL, bytes, NUL; in hex."""
    digest = hashlib.sha256()
    for path, content in sorted(
        (path.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass"))
        for path, text in texts.items()
    ):
        digest.update(path + b"\0" + content + b"\0")
    return digest.hexdigest()


def compile_playbook(texts: Mapping[str, str]) -> Playbook:
    """The playbook of a full set of texts (path relative to ``config/`` → text). Raises ``ProblemsFound`` with all."""
    problems: list[Problem] = []
    parts = _parse(texts, problems)
    playbook = _compile(parts, Reading(problems), version_of(texts), texts)
    if playbook is not None and not problems:
        problems += completeness(playbook)
    return _finished(playbook, problems)


def compile_parts(parts: Parts, *, lenient: bool = True, version: str = "") -> Playbook:
    """The playbook of documents that stand inside a case; ``lenient``: titles, texts, goal and audience may be missing.

    Raises ``ProblemsFound`` with all problems, each at its place in the case's file.
    """
    reading = Reading(lenient=lenient)
    return _finished(_compile(parts, reading, version, {}), reading.problems)


def examples_of(texts: Mapping[str, str]) -> list[tuple[str, Node]]:
    """The ``examples:`` of every policy and strategy that has any, with its path, in order of the paths."""
    found: list[tuple[str, Node]] = []
    for path, text in sorted(texts.items()):
        if path.endswith(".yaml") and path.partition("/")[0] in ("policies", "strategies"):
            node = parse_yaml(text, path, [])
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


def _parse(texts: Mapping[str, str], problems: list[Problem]) -> Parts:
    """Every text as a node, in its place among the parts."""
    single: dict[str, Node] = {}
    folders: dict[str, list[Node]] = {folder: [] for folder in _FOLDERS}
    failed: set[str] = set()
    for path, text in sorted(texts.items()):
        folder, _, rest = path.partition("/")
        deep = folder != "policies" and "/" in rest
        if path not in _SINGLE and (folder not in folders or not path.endswith(".yaml") or deep):
            problems.append(Problem("file.unknown", "nothing reads this file", Where(path), _path_hint(path)))
            continue
        node = parse_yaml(text, path, problems)
        if node is None:
            failed.add(path if path in _SINGLE else folder)
        elif path in _SINGLE:
            single[path] = node
        else:
            folders[folder].append(node)
    units, fields, events, channels, counters = (
        _inner(single.get(path), key, problems) for path, key in _SINGLE.items() if key != "operator"
    )
    return Parts(
        single.get("operator.yaml"), units, fields, events, channels,
        folders["policies"], folders["strategies"], counters, folders["tariffs"], folders["models"],
        folders["segments"], frozenset(failed),
    )  # fmt: skip


def _path_hint(path: str) -> str:
    """Where a file should stand."""
    if path.endswith(".yml"):
        return "its name must end in .yaml"
    known = suggestion(path, _SINGLE)
    if known.startswith("did you mean"):
        return known
    folder = path.partition("/")[0]
    close = suggestion(folder, _FOLDERS) if "/" in path and folder not in _FOLDERS else ""
    if close.startswith("did you mean"):
        return close
    return ", ".join([*_SINGLE, "policies/**.yaml", *(f"{each}/*.yaml" for each in _FOLDERS[1:])])


def _inner(node: Node | None, key: str, problems: list[Problem]) -> Node | None:
    """What stands under the one key of a file."""
    if node is None:
        return None
    section = Reading(problems).section(node, f"{key}.yaml", (key,))
    return section.need(key) if section else None


def _compile(parts: Parts, reading: Reading, version: str, texts: Mapping[str, str]) -> Playbook | None:
    """Reads every document; None only where there is no operator to build on."""
    _missing(parts, reading)
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
    conditions = _Conditions(reading)
    reading.segments = _segments(parts, reading, conditions)
    counters = read_counters(reading, parts.counters) if parts.counters else {}
    tariffs = read_tariffs(reading, parts.tariffs, conditions)
    strategies = _strategies(parts, reading, conditions)
    rules, defaults = _policies(parts, reading, conditions)
    models = read_models(reading, parts.models, strategies, events, channels)
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
        texts=dict(texts),
    )
    return found if reading.problems else replace(found, later=_slices(parts, reading, conditions, found))


def _slices(
    parts: Parts, reading: Reading, conditions: _Conditions, last: Playbook
) -> tuple[tuple[Instant, Playbook], ...]:
    """The playbook as it is from each instant on at which a dated value of a strategy or channel begins."""
    found = []
    for begins in (ALWAYS, *sorted(reading.turns)) if reading.turns else ():
        reading.read_for = begins
        channels = _channels(parts, reading)
        found.append(
            (begins, replace(last, channels=channels, strategies=_strategies(parts, reading, conditions)))
        )
    return tuple(found)


def _channels(parts: Parts, reading: Reading) -> dict[str, Channel]:
    """The channels by name."""
    reading.may_be_dated = True
    found = read_channels(reading, parts.channels) if parts.channels else {}
    reading.may_be_dated = False
    return found


def _segments(parts: Parts, reading: Reading, conditions: _Conditions) -> dict[str, Segment]:
    """The segments in order of their names."""
    seen: dict[str, Where] = {}
    found = [
        segment
        for node in parts.segments
        if (segment := read_segment(reading, node, conditions, seen)) is not None
    ]
    return {segment.id: segment for segment in sorted(found, key=lambda segment: segment.id)}


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


def _missing(parts: Parts, reading: Reading) -> None:
    """What every playbook needs and is not there."""
    needed = [("operator.yaml", parts.operator, "who contacts, in which zone and currency")]
    if not reading.lenient:
        needed.append(("fields.yaml", parts.fields, "what is known of customers; `fields: {}` for nothing"))
        needed.append(("channels.yaml", parts.channels, "the ways to a customer, each by its name"))
    for path, node, why in needed:
        if (
            node is None
            and path not in parts.failed
            and not any(each.where.path == path for each in reading.problems)
        ):
            reading.problem("file.missing", f"there is no {path}", Where(path), f"write it: {why}")


def _strategies(parts: Parts, reading: Reading, conditions: _Conditions) -> tuple[Strategy, ...]:
    """The strategies in order of their ids."""
    seen: dict[str, Where] = {}
    everyone = compile_condition("TRUE", {}, Where(""))
    reading.may_be_dated = True
    found = [
        strategy
        for node in parts.strategies
        if (strategy := read_strategy(reading, node, conditions, seen, replace(everyone, place=node.where)))
    ]
    reading.may_be_dated = False
    return tuple(sorted(found, key=lambda strategy: strategy.id))


def _policies(
    parts: Parts, reading: Reading, conditions: _Conditions
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


class _Conditions:
    """Reads the conditions of documents over the fields that have been declared."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def __call__(self, node: Node, also: str = "") -> Condition | None:
        """The condition at a node, ``also`` joined to it by AND; None where it has problems, which are noted."""
        if node.style == ">":
            self.reading.problem(
                "condition.folded", "a folded text loses its lines", node.where, "write | instead of >"
            )
            return None
        if isinstance(node.value, bool):
            text = "TRUE" if node.value else "FALSE"
        elif isinstance(node.value, str):
            text = node.text
        else:
            self.reading.wrong(node, "a condition", "a comparison", "as arpu >= 100, or true for everybody")
            return None
        try:
            own = self.compiled(text, node, 0)
            return self.compiled(f"({text}) AND {also}", node, 1) if also else own
        except ProblemsFound as found:
            words = set(re.findall(r"\w+", text))
            if "field" not in self.reading.unread and not words & self.reading.doubtful:
                self.reading.problems += found.problems
            return None

    def compiled(self, text: str, node: Node, before: int) -> Condition:
        """The condition of a text that begins ``before`` characters ahead of what stands at the node."""
        return compile_condition(
            text,
            self.reading.fields,
            node.where,
            minor_per_major=self.reading.minor_per_major,
            zone=self.reading.zone,
            locate=lambda offset: node.at(min(max(offset - before, 0), len(node.text))),
        )
