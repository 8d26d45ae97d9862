"""Named, captioned SQL: one file per noun in ``sql/``, read once, rendered for the driver at hand.

A statement begins with ``-- name: x`` and a caption in comments. Parameters are written ``:name``; a list is
``(:name...)``. What stands in ``/*pg … */`` is there for PostgreSQL only, in ``/*lite … */`` for SQLite only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from operator import itemgetter
from typing import Any, Literal

Dialect = Literal["sqlite", "postgresql"]
MOST_TEXTS = 2000
"""Kept as they go to a driver: a statement with lists has one for each number of values."""

_NAME = re.compile(r"^-- name: (\w+)$", re.M)
_ONLY = re.compile(r"/\*(pg|lite) (.*?)\*/", re.S)
_LIST = re.compile(r":(\w+)\.\.\.")
_INSERT = re.compile(
    r"INSERT INTO (?P<table>\w+) \((?P<columns>[^()]+)\)\s+VALUES \((?P<values>[^()]+)\)$", re.S
)
_PARAMETER = re.compile(r"(?<![:\w]):(\w+)")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement for one dialect; ``lists`` names the parameters that take a sequence."""

    name: str
    text: str
    dialect: Dialect
    lists: tuple[str, ...]

    def bind(self, parameters: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """Text and parameters for the driver, with every list spread out. An empty list matches nothing."""
        bound, counts = dict(parameters), list[int]()
        for name in self.lists:
            values: Sequence[Any] = bound.pop(name)
            bound |= {f"{name}_{index}": value for index, value in enumerate(values)}
            counts.append(len(values))
        return _text_for(self.text, self.dialect, self.lists, tuple(counts)), bound

    def put(self) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
        """An INSERT of plain values for many rows: what the driver runs, COPY where there is one, and what orders a row.

        Values in order are bound without a look at their names.
        """
        return _put(self.text, self.dialect)


@cache
def _put(text: str, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], tuple[Any, ...]]]:
    found = _INSERT.match(text)
    places = [each.strip() for each in found["values"].split(",")] if found else []
    if found is None or len(places) < 2 or not all(_PARAMETER.fullmatch(each) for each in places):
        raise ValueError(f"no INSERT of nothing but parameters: {text[:60]}")
    columns = " ".join(found["columns"].split())
    in_order = itemgetter(*(each[1:] for each in places))
    if dialect == "postgresql":
        return f"COPY {found['table']} ({columns}) FROM STDIN", in_order
    marks = ", ".join("?" * len(places))
    return f"INSERT INTO {found['table']} ({columns}) VALUES ({marks})", in_order


@lru_cache(MOST_TEXTS)
def _text_for(text: str, dialect: Dialect, lists: tuple[str, ...], counts: tuple[int, ...]) -> str:
    """For lists of so many values each."""
    for name, count in zip(lists, counts, strict=True):
        spread = ", ".join(f":{name}_{index}" for index in range(count))
        text = text.replace(f":{name}...", spread or "NULL")
    return _placeholders(text) if dialect == "postgresql" else text


def _placeholders(text: str) -> str:
    return _PARAMETER.sub(r"%(\1)s", text.replace("%", "%%"))


@cache
def statements(dialect: Dialect) -> Mapping[str, Statement]:
    """Every statement of ``sql/`` by name. Raises ``ValueError`` where two share a name."""
    found: dict[str, Statement] = {}
    for file in sorted(
        resources.files("contact.storage").joinpath("sql").iterdir(), key=lambda each: each.name
    ):
        if not file.name.endswith(".sql"):
            continue
        parts = _NAME.split(file.read_text(encoding="utf-8"))
        for name, body in zip(parts[1::2], parts[2::2], strict=True):
            if name in found:
                raise ValueError(f"{file.name}: statement {name!r} is there twice")
            text = _without_captions(_ONLY.sub(lambda only: _chosen(only, dialect), body))
            found[name] = Statement(name, text, dialect, tuple(dict.fromkeys(_LIST.findall(text))))
    return found


def _chosen(only: re.Match[str], dialect: Dialect) -> str:
    wanted = "pg" if dialect == "postgresql" else "lite"
    return only.group(2) if only.group(1) == wanted else ""


def _without_captions(body: str) -> str:
    lines = (line for line in body.splitlines() if not line.lstrip().startswith("--"))
    return "\n".join(lines).strip().rstrip(";")
