"""A condition has one meaning: deciding, explaining and DuckDB agree on every row, unknowns and edge values included."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from strategies.conditions import checked_tree, compile_condition
from strategies.conditions_sql import COLUMN_TYPES, sql
from strategies.conditions_tree import leaves
from strategies.instants import Instant
from strategies.playbook import Field
from strategies.problems import Where

PLACE = Where("condition", 1, 1)
NOW = Instant(0)
TYPES: dict[str, Any] = {
    "flag": "boolean", "other_flag": "boolean", "gb": "number", "months": "number", "arpu": "money", "bill": "money",
    "tier": "text", "city": "text", "birthday": "date", "since": "date",
}  # fmt: skip
FIELDS = {name: Field(name, kind, f"customers.{name}") for name, kind in TYPES.items()}
VALUES: dict[str, list[Any]] = {
    "boolean": [True, False, None],
    "number": [0, -0.0, 1, 2, -3, 0.1, 0.5, 19.999, 1e300, -1e300, 5e-324, 2**53, None, None],
    "money": [0, 1, 19950, 20000, 20001, -500, 10**15, None, None],
    "text": ["", "gold", "Gold", "gold ", "it's", "中文", "é", "e", "😀", "\uffff", "z", None, None],
    "date": ["1999-12-31", "2026-01-01", "2026-02-28", "2024-02-29", "9999-12-31", "0001-01-01", None, None],
}


def rows() -> list[dict[str, Any]]:
    """Rows of edge values, the same in every run."""
    chance = random.Random(20260302)
    return [{name: chance.choice(VALUES[kind]) for name, kind in TYPES.items()} for _ in range(120)]


ROWS = rows()


@pytest.fixture(scope="module")
def oracle() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with the rows as table ``facts``."""
    connection = duckdb.connect()
    columns = ", ".join(f'"{name}" {COLUMN_TYPES[kind]}' for name, kind in TYPES.items())
    connection.execute(f"CREATE TABLE facts (row_number INTEGER, {columns})")
    marks = ", ".join("?" * (len(TYPES) + 1))
    connection.executemany(
        f"INSERT INTO facts VALUES ({marks})", [[place, *row.values()] for place, row in enumerate(ROWS)]
    )
    yield connection
    connection.close()


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


LITERALS: dict[str, st.SearchStrategy[str]] = {
    "number": st.sampled_from(["0", "1", "-3", "0.5", "19.999", "1e300", "-0", "100"]),
    "money": st.sampled_from(["0", "0.01", "199.5", "200", "200.01", "-5", "10000000000000"]),
    "text": st.sampled_from([quoted(each) for each in VALUES["text"] if each is not None]),
    "date": st.sampled_from([f"DATE '{each}'" for each in VALUES["date"] if each is not None]),
    "boolean": st.sampled_from(["TRUE", "FALSE"]),
}
ORDERED = ("number", "money", "text", "date")


@st.composite
def operand(draw: st.DrawFn, kind: str) -> str:
    """A field of the type, sometimes within COALESCE."""
    name = draw(st.sampled_from([each for each, own in TYPES.items() if own == kind]))
    return f"COALESCE({name}, {draw(LITERALS[kind])})" if draw(st.integers(0, 5)) == 0 else name


@st.composite
def leaf(draw: st.DrawFn) -> str:
    """One comparison in one of its spellings."""
    shape = draw(st.sampled_from(["compare", "compare", "turned", "fields", "in", "between", "null", "flag"]))
    if shape == "flag":
        return draw(
            st.one_of(
                operand("boolean"),
                st.sampled_from(["TRUE", "false"]),
                operand("boolean").map(lambda each: f"{each} = TRUE"),
            )
        )
    kind = draw(st.sampled_from(ORDERED))
    first = draw(operand(kind))
    if shape == "null":
        return f"{draw(st.sampled_from(list(TYPES)))} IS {draw(st.sampled_from(['', 'NOT ']))}NULL"
    denied = draw(st.sampled_from(["", "NOT ", "not "]))
    if shape == "in":
        return f"{first} {denied}IN ({', '.join(draw(st.lists(LITERALS[kind], min_size=1, max_size=4)))})"
    second = draw(operand(kind) if shape == "fields" else LITERALS[kind])
    if shape == "between":
        return f"{first} {denied}BETWEEN {second} AND {draw(LITERALS[kind])}"
    sign = draw(st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="]))
    return f"{second} {sign} {first}" if shape == "turned" else f"{first} {sign} {second}"


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """AND, OR and NOT, with and without parentheses, so that precedence is tried too."""
    return st.one_of(
        st.tuples(parts, st.sampled_from([" AND ", " OR ", "\n  and ", " Or "]), parts).map("".join),
        parts.map(lambda part: f"NOT {part}"),
        parts.map(lambda part: f"({part})"),
    )


# The failing condition stands in the message, so there is nothing to gain from shrinking whole lists.
QUICKLY = settings(
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
CONDITIONS = st.recursive(leaf(), joined, max_leaves=5)


@settings(QUICKLY, max_examples=110)
@given(texts=st.lists(CONDITIONS, min_size=20, max_size=20))
def test_deciding_explaining_and_duckdb_agree(oracle: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    """2,200 conditions over 120 rows: decide = explain = DuckDB on SQL generated from the checked tree."""
    trees = [checked_tree(text, FIELDS, PLACE) for text in texts]
    selected = ", ".join(sql(tree) for tree in trees)
    expected = oracle.execute(f"SELECT {selected} FROM facts ORDER BY row_number").fetchall()
    for place, (text, tree) in enumerate(zip(texts, trees, strict=True)):
        condition = compile_condition(text, FIELDS, PLACE)
        leaf_count = sum(1 for _ in leaves(tree))
        for facts, row in zip(ROWS, expected, strict=True):
            assert condition.decide(facts, NOW) is row[place], (text, facts)
            truth, compared = condition.explain(facts, NOW)
            assert truth is row[place], (text, facts)
            assert len(compared) == leaf_count


@settings(QUICKLY, max_examples=40)
@given(
    texts=st.lists(
        CONDITIONS.filter(lambda text: "arpu" not in text and "bill" not in text), min_size=10, max_size=10
    )
)
def test_the_syntax_is_sqls_own(oracle: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    """Where no amount has to be scaled, DuckDB reads the author's own text as we do: same precedence, same answer."""
    selected = ", ".join(f"({text})" for text in texts)
    expected = oracle.execute(f"SELECT {selected} FROM facts ORDER BY row_number").fetchall()
    conditions = [compile_condition(text, FIELDS, PLACE) for text in texts]
    for facts, row in zip(ROWS, expected, strict=True):
        assert [condition.decide(facts, NOW) for condition in conditions] == list(row), (texts, facts)
