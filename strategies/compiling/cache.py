"""What compiling remembers from one set of texts to the next: what did not change is not parsed or compiled again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from strategies.declared.playbook import Condition, Field
from strategies.problems import Problem, Where
from strategies.texts.source import Node, parse_yaml

_Setting = tuple[int, str, str]
"""Minor units in a major one, zone, the declared fields as text."""


@dataclass(slots=True)
class Cache:
    """Parsed files and compiled conditions of the last sets of texts; one thread at a time."""

    kept: int = 4
    """How many sets of texts something must stay unused to be forgotten."""
    _turn: int = 0
    _files: dict[tuple[str, str], tuple[int, Node | None, tuple[Problem, ...]]] = field(default_factory=dict)
    _conditions: dict[tuple[_Setting, str], tuple[int, Condition]] = field(default_factory=dict)
    _setting: _Setting = (0, "", "")

    def begin(self) -> None:
        """A new set of texts begins: what the last sets did not use is forgotten."""
        self._turn += 1
        oldest = self._turn - self.kept
        self._files = {key: known for key, known in self._files.items() if known[0] >= oldest}
        self._conditions = {key: known for key, known in self._conditions.items() if known[0] >= oldest}

    def parsed(self, text: str, path: str, problems: list[Problem]) -> Node | None:
        """As ``parse_yaml``."""
        known = self._files.get((path, text))
        if known is None:
            own: list[Problem] = []
            node = parse_yaml(text, path, own)
        else:
            _, node, found = known
            own = list(found)
        self._files[path, text] = (self._turn, node, tuple(own))
        problems += own
        return node

    def over(self, fields: Mapping[str, Field], minor_per_major: int, zone: str) -> None:
        """The conditions asked for from now on read these fields."""
        declared = ",".join(f"{name} {each.type}" for name, each in fields.items())
        self._setting = (minor_per_major, zone, declared)

    def condition(self, text: str, place: Where, compiled: Callable[[], Condition]) -> Condition:
        """The condition of a text, at its place; what ``compiled`` raises is not remembered."""
        key = (self._setting, text)
        known = self._conditions.get(key)
        condition = compiled() if known is None else known[1]
        self._conditions[key] = (self._turn, condition)
        return condition if condition.place == place else replace(condition, place=place)
