"""How documents are read: every key is asked for by name, what is wrong is collected, and reading goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from strategies.declared.playbook import Condition, Field, Segment
from strategies.documents.dated import in_force
from strategies.documents.values import by_language, duration, money, number, percent, whole_hint, zone
from strategies.instants import Instant
from strategies.problems import NO_HINT, Hint, Problem, Where
from strategies.texts import quantities
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

ASSUMED = ("strategy", "offer", "family", "unit", "event")
"""Kinds of names that a case may use as they stand, where it declares none of that kind."""
Value = TypeVar("Value")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_AS_KEYS = Hint("as key: value, one to a line")


class ConditionReader(Protocol):
    """The condition at a node, with a comparison joined to it by AND; None where it has problems, which are noted."""

    def __call__(self, node: Node, also: str = "") -> Condition | None: ...


@dataclass(slots=True)
class Reading:
    """What all readers of one playbook share: its problems, and what has been declared so far."""

    problems: list[Problem] = field(default_factory=list)
    lenient: bool = False
    """True for the small documents inside a case, where titles and texts may be left out."""
    languages: tuple[str, ...] = ()
    zone: str = "UTC"
    minor_per_major: int = 100
    currency: str = ""
    week_start: int = 1
    categories: Mapping[str, bool] = field(default_factory=dict)
    results: Mapping[str, str] = field(default_factory=dict)
    """The operator's own dispositions, each with the standard result it means."""
    holidays: frozenset[int] = frozenset()
    """The operator's holidays, as ``date.toordinal()``."""
    zone_sources: tuple[Node, ...] = ()
    """The fields in which a customer's zone is looked up, as the operator names them."""
    fields: Mapping[str, Field] = field(default_factory=dict)
    channels: Collection[str] = ()
    units: Collection[str] = ()
    events: Collection[str] = ()
    counters: Mapping[str, bool] = field(default_factory=dict)
    """Declared counters, and whether nothing is wrong with their declaration."""
    counter_services: Mapping[str, str] = field(default_factory=dict)
    """The service of each counter whose declaration is sound."""
    tariff_kinds: dict[str, str] = field(default_factory=dict)
    """Declared tariffs: id → kind."""
    declared_offers: set[str] = field(default_factory=set)
    declared_families: set[str] = field(default_factory=set)
    declared_strategies: dict[str, Where] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    """What could not be read (``category``, ``field``, …): references to it are not judged."""
    doubtful: set[str] = field(default_factory=set)
    """Fields whose declaration has problems: conditions over them are not judged."""
    segments: Mapping[str, Segment] = field(default_factory=dict)
    declared_segments: set[str] = field(default_factory=set)
    """Names of segments, those with problems too: references to them are not judged again."""
    may_be_dated: bool = False
    """Whether numbers, amounts and percentages may say from which day on they are what."""
    read_for: Instant | None = None
    """The instant whose values are wanted; None: the last ones."""
    turns: set[Instant] = field(default_factory=set)
    """When dated values change."""
    not_yet: int = 0
    """How many dated values begin only after the instant the reading is for."""

    def problem(self, code: str, message: str, where: Where, hint: Hint = NO_HINT) -> None:
        self.problems.append(Problem(code, message, where, hint))

    def section(self, node: Node, what: str, allowed: Collection[str]) -> Section | None:
        """The mapping at ``node`` with its keys checked; None, with a problem, where it is none."""
        if node.mapping is None:
            wide = Hint("a colon is ':' and a space, not '：'") if "：" in node.text else _AS_KEYS
            self.wrong(node, what, "a mapping of keys and values", wide)
            return None
        hints = {key: suggestion(key, allowed) for key in node.mapping if key not in allowed}
        for key, hint in hints.items():
            foreign = next((each for each in key if not each.isascii()), "")
            if foreign and "name" in hint.values:
                hint = Hint(
                    "did you mean '%(name)s'? its '%(letter)s' is no Latin letter",
                    name=hint.values["name"],
                    letter=foreign,
                )
            self.problem("key.unknown", f"{what} has no key '{key}'", node.keys[key], hint)
        return Section(self, node, node.mapping, what, frozenset(hints.values()))

    def wrong(self, node: Node, what: str, expected: str, hint: Hint = NO_HINT) -> None:
        """Says that a value is of the wrong kind, unless that node is broken already."""
        if not node.broken:
            self.problem("value.type", f"{what} must be {expected}", node.where, hint)

    def name(self, node: Node, what: str, reserved: Collection[str] = ()) -> str | None:
        """An identifier: letters, digits, ``-`` and ``_``, at most 64."""
        if not isinstance(node.value, str):
            self.wrong(
                node,
                what,
                "a name",
                Hint('write "%(text)s"', text=node.text) if node.text and not node.quoted else NO_HINT,
            )
            return None
        if not NAME.fullmatch(node.value):
            hint = Hint("up to 64 letters, digits, '-' and '_', beginning with a letter or digit")
            self.problem("value.name", f"'{node.value}' cannot be {what}", node.where, hint)
            return None
        if node.value in reserved:
            self.problem(
                "value.reserved",
                f"'{node.value}' cannot be {what}",
                node.where,
                Hint("the word has its own meaning here"),
            )
            return None
        return node.value

    def reference(self, node: Node, what: str, known: Collection[str]) -> str | None:
        """A name that must be declared."""
        if not isinstance(node.value, str):
            self.wrong(node, what, "a name")
            return None
        if node.value not in known and what in self.unread:
            return None
        if self.lenient and not known and what in ASSUMED:
            return node.value
        if node.value not in known:
            self.unknown(node.where, what, node.value, known)
            return None
        return node.value

    def unknown(self, where: Where, what: str, name: str, known: Collection[str]) -> None:
        """A name that nobody declared."""
        self.problem("reference.unknown", f"there is no {what} '{name}'", where, suggestion(name, known))


@dataclass(slots=True)
class Section:
    """One mapping of a document; each method reads one key and answers None (or the default) where it is not right."""

    reading: Reading
    node: Node
    entries: Mapping[str, Node]
    what: str
    hints: Collection[str] = ()
    """What unknown keys were taken for: a key that was only misspelt is not also missing."""

    def get(self, key: str) -> Node | None:
        return self.entries.get(key)

    def need(self, key: str, hint: Hint = NO_HINT, *, always: bool = True) -> Node | None:
        """The value of a key that must be there (``always=False``: may be missing inside a case)."""
        node = self.entries.get(key)
        misspelt = f"did you mean '{key}'?" in self.hints
        if node is None and not misspelt and (always or not self.reading.lenient):
            self.reading.problem("key.missing", f"{self.what} needs '{key}'", self.node.where, hint)
        return node

    def where(self, key: str) -> Where:
        return self.node.keys.get(key, self.node.where)

    def name(self, key: str, what: str, reserved: Collection[str] = ()) -> str | None:
        node = self.need(key)
        return self.reading.name(node, what, reserved) if node else None

    def text(self, key: str) -> str | None:
        node = self.get(key)
        if node is None:
            return None
        if not isinstance(node.value, str):
            quoted = (
                Hint('write "%(text)s"', text=node.text) if node.text and node.value is not None else NO_HINT
            )
            self.reading.wrong(node, f"'{key}'", "text", quoted or Hint("leave it out"))
            return None
        return node.value

    def choice(self, key: str, words: Collection[str], default: str) -> str:
        """One of a closed list of words."""
        node = self.get(key)
        if node is None:
            return default
        if not isinstance(node.value, str):
            self.reading.wrong(node, f"'{key}'", "one word", suggestion("", words))
        elif node.value in words:
            return node.value
        else:
            message = f"'{key}' cannot be '{node.value}'"
            self.reading.problem("value.choice", message, node.where, suggestion(node.value, words))
        return default

    def flag(self, key: str, default: bool = False) -> bool:
        node = self.get(key)
        if node is None:
            return default
        if isinstance(node.value, bool):
            return node.value
        self.reading.wrong(node, f"'{key}'", "true or false")
        return default

    def whole(self, key: str, low: int, high: int, default: int) -> int:
        """A whole number between two bounds, both included."""
        node = self.get(key)
        if node is None:
            return default
        if isinstance(node.value, bool) or not isinstance(node.value, int):
            hint = whole_hint(node) or Hint("from %(least)s to %(most)s", least=f"{low:,}", most=f"{high:,}")
            self.reading.wrong(node, f"'{key}'", "a whole number", hint)
        elif not low <= node.value <= high:
            self.reading.problem(
                "value.range",
                f"'{key}' is {node.value}",
                node.where,
                Hint("from %(least)s to %(most)s", least=f"{low:,}", most=f"{high:,}"),
            )
        else:
            return node.value
        return default

    def number(self, key: str, low: float, high: float) -> float | None:
        """A number between two bounds, both included."""
        return self.valued(key, lambda node: number(self.reading, node, f"'{key}'", low, high))

    def percent(self, key: str) -> int:
        """A percentage in hundredths, read from its text."""
        return self.valued(key, lambda node: percent(self.reading, node, f"'{key}'")) or 0

    def money(self, key: str) -> int | None:
        """An amount of major units, not negative, in minor units."""
        return self.valued(key, lambda node: money(self.reading, node, f"'{key}'"))

    def valued(self, key: str, read: Callable[[Node], Value | None], *, lists: bool = False) -> Value | None:
        """What a key says, at the reading's instant where the value may be dated and is."""
        if self.reading.may_be_dated:
            return in_force(self, key, read, lists=lists)
        node = self.get(key)
        return read(node) if node else None

    def duration(self, key: str, default: int, *, zero: bool = False) -> int:
        """An ISO duration in microseconds."""
        node = self.get(key)
        if node is None:
            return default
        found = duration(self.reading, node, f"'{key}'", zero=zero)
        return default if found is None else found

    def minute(self, key: str, *, end: bool = False) -> int | None:
        """A time of day in minutes after midnight."""
        node = self.need(key)
        if node is None or node.broken:
            return None
        found = quantities.minute_of_day(node.value, end=end) if isinstance(node.value, str) else None
        if found is None:
            hint = Hint("two digits, a colon, two digits: 09:00")
            self.reading.problem("value.time", f"'{key}' cannot be {node.text or 'that'}", node.where, hint)
        return found

    def zone(self, key: str, default: str, words: Collection[str] = ()) -> str:
        """An IANA zone, or one of the ``words``."""
        node = self.get(key)
        if node is None:
            return default
        found = zone(self.reading, node, words)
        return found or default

    def items(self, key: str) -> tuple[Node, ...]:
        """The entries of a list; a missing key is an empty list."""
        node = self.get(key)
        if node is None:
            return ()
        if node.sequence is None:
            hint = Hint("write '- ' before each entry") if node.mapping is not None else NO_HINT
            self.reading.wrong(
                node, f"'{key}'", "a list", Hint("write [%(text)s]", text=node.text) if node.text else hint
            )
            return ()
        return node.sequence

    def names(self, key: str, what: str, known: Collection[str]) -> frozenset[str] | None:
        """A list of declared names; None where the key is missing."""
        if key not in self.entries:
            return None
        found = [self.reading.reference(node, what, known) for node in self.items(key)]
        return frozenset(each for each in found if each is not None)

    def languages(self, key: str, *, needed: bool = False) -> dict[str, str]:
        """A text by language."""
        node = (
            self.need(key, Hint("one text by language, as {en: …}"), always=False)
            if needed
            else self.get(key)
        )
        return by_language(self.reading, node, f"'{key}'") if node else {}

    def mapping(self, key: str) -> Iterator[tuple[str, Where, Node]]:
        """Keys, their places and values of a mapping whose keys are free."""
        node = self.get(key)
        if node is None:
            return
        if node.mapping is None:
            self.reading.wrong(node, f"'{key}'", "a mapping of keys and values", _AS_KEYS)
            return
        for name, value in node.mapping.items():
            yield name, node.keys[name], value
