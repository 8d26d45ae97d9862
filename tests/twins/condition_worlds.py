"""Rows of edge values and conditions grown at random, the same in every run: what the four readings are held against."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import numpy as np

from strategies.conditions.columns import Column, Columns
from strategies.declared.playbook import Field, FieldType
from strategies.instants import parse_instant

ZONE = "America/New_York"
NOW = parse_instant("2026-03-08T03:30:00-04:00")
"""Half an hour after a clock was put forward in the zone."""
TYPES: dict[str, FieldType] = {
    "flag": "boolean", "other_flag": "boolean", "gb": "number", "months": "number", "sure": "number", "arpu": "money",
    "bill": "money", "tier": "text", "city": "text", "birthday": "date", "joined": "date", "seen": "instant",
    "called": "instant", "tags": "list",
}  # fmt: skip
FIELDS = {name: Field(name, kind, f"customers.{name}") for name, kind in TYPES.items()}
INSTANTS = [
    "2026-03-08T06:59:59.999999Z", "2026-03-08T07:00:00Z", "2026-03-08T05:00:00Z", "2026-03-08T04:59:59.999999Z",
    "2025-11-02T04:30:00Z", "2025-11-02T05:30:00Z", "2025-11-03T04:59:59Z", "1970-01-01T00:00:00Z",
    "1944-07-01T12:00:00Z", "2026-07-01T03:59:59Z", "2026-12-31T23:59:59Z",
]  # fmt: skip
VALUES: dict[str, list[Any]] = {
    "boolean": [True, False, None],
    "number": [0, -0.0, 1, 2, -3, 0.1, 0.5, 2.5, -2.5, 0.49999999999999994, 19.999, 1e300, -1e300, 5e-324, 2**53, None,
               None],
    "money": [0, 1, 19950, 20000, 20001, -500, 10**15, None, None],
    "text": ["", "gold", "Gold", "gold ", "it's", "中文", "é", "É", "e", "😀", "\uffff", "z", "g_%d", "a\nb", None, None],
    "date": ["1999-12-31", "2026-01-01", "2026-03-08", "2024-02-29", "9999-12-31", "0001-01-01", None, None],
    "instant": [*(int(parse_instant(each)) for each in INSTANTS), None, None],
    "list": [(), ("vip",), ("vip", "中文"), ("it's", "a", "b"), None],
}  # fmt: skip


def rows(count: int = 120) -> list[dict[str, Any]]:
    """Rows of edge values, the same in every run; the field ``sure`` is known of everybody."""
    chance = random.Random(20260302)
    found = [{name: chance.choice(VALUES[kind]) for name, kind in TYPES.items()} for _ in range(count)]
    return [{**row, "sure": row["sure"] or 0} for row in found]


def columns(facts: list[dict[str, Any]]) -> Columns:
    """The rows as columns, with rubbish where nothing is known."""
    return Columns(
        len(facts), {name: _column(kind, [row[name] for row in facts]) for name, kind in TYPES.items()}
    )


_RUBBISH: dict[str, Any] = {
    "boolean": True,
    "number": float("nan"),
    "money": 2**62,
    "date": 2**30,
    "instant": -(2**62),
}
_DTYPES = {
    "boolean": np.bool_,
    "number": np.float64,
    "money": np.int64,
    "date": np.int32,
    "instant": np.int64,
}


def _column(kind: str, values: list[Any]) -> Column:
    known = None if None not in values else np.array([each is not None for each in values], dtype=np.bool_)
    if kind == "text":
        words = tuple(sorted({each for each in values if each is not None}))
        codes = [-7 if each is None else words.index(each) for each in values]
        return Column(np.array(codes, dtype=np.int32), known, words)
    if kind == "list":
        listed = sorted({word for each in values if each for word in each})
        members = {
            word: np.array([word in (each or ()) for each in values], dtype=np.bool_) for word in listed
        }
        return Column(np.array([len(each or ()) for each in values], dtype=np.int64), known, members=members)
    if kind == "date":
        values = [
            each and date.fromisoformat(each).toordinal() - date(1970, 1, 1).toordinal() for each in values
        ]
    held = [_RUBBISH[kind] if each is None else each for each in values]
    return Column(np.array(held, dtype=_DTYPES[kind]), known)


def quoted(text: str) -> str:
    """The text as conditions write it."""
    return "'" + text.replace("'", "''") + "'"


_PRINTABLE = [each for each in VALUES["text"] if each is not None and "\n" not in each]
_OF_NOBODY = [" ", "a", "gole", "goldd", "Z", "it", "中", "😁"]
"""Words between those of the rows, before them and behind."""
LITERALS: dict[str, list[str]] = {
    "number": [
        "0",
        "1",
        "-3",
        "0.5",
        "19.999",
        "1e300",
        "-0",
        "100",
        "2.5",
        "-1",
        "-2",
        "2",
        "3",
        "4",
        "7",
        "12",
    ],
    "money": [
        "0",
        "0.01",
        "199.5",
        "200",
        "200.01",
        "-5",
        "10000000000000",
        "1",
        "-1",
        "100",
        "150",
        "199",
        "201",
        "400",
    ],
    "text": [quoted(each) for each in (*_PRINTABLE, *_OF_NOBODY)],
    "date": [
        f"DATE '{each}'" for each in (*filter(None, VALUES["date"]), "2026-02-28", "2000-01-01", "1999-12-30")
    ],
    "instant": [f"TIMESTAMP '{each}'" for each in INSTANTS],
    "boolean": ["TRUE", "FALSE"],
}
PATTERNS = ["%", "", "_", "g%", "%d", "%o%", "g_ld%", "_%_", "%_d", "G___", "__", "%'%", "g__%d", "%中%", "%%", "a%b", "%e",
            "_%o%l%", "g\\_%"]  # fmt: skip
ORDERED = ("number", "money", "text", "date", "instant")


class Grower:
    """Conditions grown from one seed; ``plain`` ones are of the syntax that DuckDB reads as we do."""

    def __init__(self, seed: int, *, plain: bool = False) -> None:
        self.chance = random.Random(seed)
        self.plain = plain

    def pick(self, choices: Any) -> Any:
        return self.chance.choice(choices)

    def rarely(self, times: float) -> bool:
        return self.chance.random() < times

    def condition(self, depth: int = 0) -> str:
        """AND, OR and NOT over leaves, with and without parentheses, so that precedence is tried too."""
        roll = self.chance.random()
        if depth >= 3 or roll < 0.45:
            return self.leaf(depth)
        if roll < 0.8:
            joint = self.pick([" AND ", " OR ", "\n  and ", " Or "])
            return joint.join(self.condition(depth + 1) for _ in range(self.pick([2, 2, 3])))
        inner = self.condition(depth + 1)
        return f"NOT {inner}" if roll < 0.9 else f"({inner})"

    def leaf(self, depth: int) -> str:
        """One comparison in one of its spellings."""
        shape = self.pick(
            ["compare", "compare", "turned", "fields", "in", "between", "null", "flag", "like", "list"]
        )
        denied = self.pick(["", "NOT ", "not "])
        if self.plain and shape in ("like", "list"):
            shape = "compare"
        if shape == "flag":
            return str(self.pick([self.value("boolean", depth), f"{self.field('boolean')} = TRUE", "TRUE"]))
        if shape == "like":
            return f"{self.value('text', depth)} {denied}LIKE {quoted(self.pick(PATTERNS))}"
        if shape == "list":
            word = self.pick(["'vip'", "'中文'", "'it''s'", "'nobody'"])
            return str(
                self.pick([f"contains(tags, {word})", f"length(tags) > {self.pick('012')}", "tags IS NULL"])
            )
        kind = self.pick(ORDERED[:4] if self.plain or shape == "in" else ORDERED)
        if shape == "null":
            return (
                f"{self.value(kind, depth) if not self.plain else self.field(kind)} IS {denied.strip()} NULL"
            )
        first = self.value(kind, depth)
        if shape == "in":
            constants = [self.pick(LITERALS[kind]) for _ in range(self.pick([1, 2, 3, 30]))]
            return f"{first} {denied}IN ({', '.join(constants)})"
        second = self.value(kind, depth) if shape == "fields" else self.pick(LITERALS[kind])
        if shape == "between":
            bounds = (second, self.pick(LITERALS[kind]))
            if self.rarely(0.4):
                bounds = (self.value(kind, depth), self.pick([bounds[1], self.value(kind, depth)]))
            return f"{first} {denied}BETWEEN {bounds[0]} AND {bounds[1]}"
        sign = self.pick(["=", "<>", "!=", "<", "<=", ">", ">="])
        return f"{second} {sign} {first}" if shape == "turned" else f"{first} {sign} {second}"

    def field(self, kind: str) -> str:
        return str(self.pick([each for each, own in TYPES.items() if own == kind]))

    def value(self, kind: str, depth: int = 0) -> str:
        """Something of the type that reads a field: the field itself, COALESCE, CASE, a function or arithmetic."""
        if self.plain or depth > 3 or self.rarely(0.6):
            return self.field(kind)
        depth += 1
        roll = self.chance.random()
        if roll < 0.3:
            parts = [self.value(kind, depth), *(self.value(kind, depth) for _ in range(self.pick([0, 0, 1])))]
            return f"COALESCE({', '.join([*parts, self.pick(LITERALS[kind])])})"
        if roll < 0.45:
            branches = "".join(
                f" WHEN {self.condition(depth + 1)} THEN {self.value(kind, depth)}"
                for _ in range(self.pick([1, 2]))
            )
            otherwise = self.pick(["", f" ELSE {self.pick(LITERALS[kind])}"])
            return f"CASE{branches}{otherwise} END"
        if roll < 0.55 and kind in ("number", "money", "date", "instant"):
            name = self.pick(["least", "greatest"])
            return f"{name}({self.value(kind, depth)}, {self.pick([self.pick(LITERALS[kind]), self.field(kind)])})"
        return self.computed(kind, depth)

    def computed(self, kind: str, depth: int) -> str:
        if kind == "number":
            return str(self.number(depth))
        if kind == "money":
            return str(self.pick([
                lambda: f"({self.value('money', depth)} {self.pick('+-')} {self.value('money', depth)})",
                lambda: f"{self.value('money', depth)} * {self.pick(LITERALS['number'])}",
                lambda: f"{self.field('number')} * {self.field('money')}",
                lambda: f"{self.value('money', depth)} / ({self.value('number', depth)})",
                lambda: f"abs({self.value('money', depth)})",
                lambda: f"- {self.field('money')}",
            ])())  # fmt: skip
        if kind == "text":
            return f"lower({self.value('text', depth)})"
        if kind == "boolean":
            return str(self.pick([
                f"starts_with({self.value('text', depth)}, {self.pick(LITERALS['text'])})",
                f"COALESCE({self.leaf(depth)}, {self.pick(LITERALS['boolean'])})",
                f"CASE WHEN {self.field('boolean')} THEN {self.leaf(depth)} ELSE {self.field('boolean')} END",
            ]))  # fmt: skip
        return self.field(kind)

    def number(self, depth: int) -> str:
        def inner() -> str:
            return self.value("number", depth)

        literal = self.pick(LITERALS["number"])
        return str(self.pick([
            lambda: f"({inner()} {self.pick('+-*/%')} {inner()})",
            lambda: f"{inner()} {self.pick('+-*/' if float(literal) else '+-*')} {literal} {self.pick('+-*/%')} {inner()}",
            lambda: f"({literal} {self.pick('+-*/%')} {inner()})",
            lambda: f"({self.field('number')} {self.pick('+-')} {literal}) {self.pick('*/%')} {inner()}",
            lambda: f"- ({inner()})",
            lambda: f"{self.pick(['abs', 'floor', 'ceil', 'round'])}({inner()})",
            lambda: f"round({inner()}, {self.pick('0123')})",
            lambda: f"length({self.value('text', depth)})",
            lambda: f"days_since({self.value(self.pick(['date', 'instant']), depth)})",
            lambda: f"({self.value('money', depth)} / {self.field('money')})",
        ])())  # fmt: skip
