"""The conditions of documents, each over the fields that have been declared."""

from __future__ import annotations

import re
from collections.abc import Callable

from strategies.compiling.cache import Cache
from strategies.conditions.language import compile_condition
from strategies.declared.playbook import Condition
from strategies.documents.reading import Reading
from strategies.problems import Hint, ProblemsFound, Where
from strategies.texts.source import Node


class Conditions:
    """Reads conditions where they stand; their problems are noted in the reading."""

    def __init__(self, reading: Reading, cache: Cache) -> None:
        self.reading, self.cache = reading, cache
        cache.over(reading.fields, reading.minor_per_major, reading.zone)

    def __call__(self, node: Node, also: str = "") -> Condition | None:
        """The condition at a node, ``also`` joined to it by AND; None where it has problems, which are noted."""
        if node.style == ">":
            self.reading.problem(
                "condition.folded", "a folded text loses its lines", node.where, Hint("write | instead of >")
            )
            return None
        if isinstance(node.value, bool):
            text = "TRUE" if node.value else "FALSE"
        elif isinstance(node.value, str):
            text = node.text
        else:
            self.reading.wrong(
                node, "a condition", "a comparison", Hint("as arpu >= 100, or true for everybody")
            )
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

        def locate(offset: int) -> Where:
            return node.at(min(max(offset - before, 0), len(node.text)))

        return self.cache.condition(text, node.where, self._compiler(text, node, locate))

    def _compiler(self, text: str, node: Node, locate: Callable[[int], Where]) -> Callable[[], Condition]:
        return lambda: compile_condition(
            text,
            self.reading.fields,
            node.where,
            minor_per_major=self.reading.minor_per_major,
            zone=self.reading.zone,
            locate=locate,
        )
