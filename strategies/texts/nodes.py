"""The tree of a text: every value knows where it stands and how it was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from strategies.problems import Where
from strategies.texts.scalars import Plain


@dataclass(frozen=True, slots=True)
class Node:
    """One value of a text: a scalar, a tuple of nodes, or a mapping of text to nodes.

    ``text`` is a scalar as it was written, so that amounts and percentages need no float;
    ``quoted`` says that it cannot be a number, truth value or null.
    """

    value: Plain | tuple[Node, ...] | dict[str, Node]
    where: Where
    text: str = ""
    quoted: bool = False
    style: str = ""
    """``'``, ``"``, ``|``, ``>`` or empty for plain; ``{`` and ``[`` for mappings and sequences."""
    keys: Mapping[str, Where] = field(default_factory=dict)
    """Of a mapping: where each key stands."""
    broken: bool = False
    """Its problem has been reported already; who reads the tree passes over it in silence."""
    lines: tuple[tuple[int, Where], ...] = ()
    """Of a scalar: for each of its lines the offset at which it begins in ``text``, and where that stands."""

    @property
    def mapping(self) -> dict[str, Node] | None:
        return self.value if isinstance(self.value, dict) else None

    @property
    def sequence(self) -> tuple[Node, ...] | None:
        return self.value if isinstance(self.value, tuple) else None

    def at(self, offset: int) -> Where:
        """The place of the character at ``offset`` of a scalar's text, as exactly as its style allows."""
        begin, where = next(
            (each for each in reversed(self.lines) if each[0] <= offset), (offset, self.where)
        )
        return Where(where.path, where.line, where.column + offset - begin)

    def plain(self) -> Any:
        """The value as ordinary Python: dict, list, str, bool, int, float, None."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, tuple):
            return [node.plain() for node in self.value]
        return float(self.value) if isinstance(self.value, Decimal) else self.value


def overlay(under: Node, over: Node | None) -> Node:
    """The mapping ``under`` with the keys of ``over`` put in place of its own."""
    if over is None or under.mapping is None or over.mapping is None:
        return under if over is None else over
    return Node({**under.mapping, **over.mapping}, over.where, style="{", keys={**under.keys, **over.keys})
