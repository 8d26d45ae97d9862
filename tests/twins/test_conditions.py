"""A condition has one meaning: deciding, explaining, columns and DuckDB agree on every row, edges included."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pytest

from strategies.conditions.columns_masks import masks
from strategies.conditions.language import compile_condition
from strategies.conditions.sql import COLUMN_TYPES, sql
from strategies.conditions.together import deciding_together
from strategies.declared.conditions_tree import leaves
from strategies.problems import Where
from tests.twins.condition_worlds import FIELDS, NOW, TYPES, ZONE, Grower, columns, rows

PLACE = Where("condition", 1, 1)
ROWS = rows()
COLUMNS = columns(ROWS)
IN_ONE_QUERY = 50


@pytest.fixture(scope="module")
def oracle() -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB with the rows as table ``facts``."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("PRAGMA disable_optimizer")
    declared = ", ".join(f'"{name}" {COLUMN_TYPES[kind]}' for name, kind in TYPES.items())
    connection.execute(f"CREATE TABLE facts (row_number INTEGER, {declared})")
    marks = ", ".join("?" * (len(TYPES) + 1))
    connection.executemany(
        f"INSERT INTO facts VALUES ({marks})",
        [[place, *(list(each) if isinstance(each, tuple) else each for each in row.values())]
         for place, row in enumerate(ROWS)],
    )  # fmt: skip
    yield connection
    connection.close()


def asked(oracle: duckdb.DuckDBPyConnection, expressions: list[str]) -> list[tuple[bool | None, ...]]:
    """DuckDB's answers: for each expression one a row."""
    selected = ", ".join(expressions)
    found = oracle.execute(f"SELECT {selected} FROM facts ORDER BY row_number").fetchall()
    return list(zip(*found, strict=True))


@pytest.mark.parametrize("seed", range(8))
def test_four_readings_of_one_condition_agree(oracle: duckdb.DuckDBPyConnection, seed: int) -> None:
    """8 × 1,300 conditions over 120 rows: alone, together, traced, by columns, DuckDB on SQL made from the tree."""
    grower = Grower(seed)
    for _ in range(1_300 // IN_ONE_QUERY):
        conditions = [
            compile_condition(grower.condition(), FIELDS, PLACE, zone=ZONE) for _ in range(IN_ONE_QUERY)
        ]
        expected = asked(oracle, [sql(each.tree, NOW) for each in conditions if each.tree is not None])
        found = masks([(each, unknown) for each in conditions for unknown in (False, True)], COLUMNS, NOW)
        true, not_false = found[::2], found[1::2]
        together = deciding_together([each.tree for each in conditions if each.tree is not None])
        assert [together(facts, NOW) for facts in ROWS] == list(zip(*expected, strict=True))
        for condition, answers, is_true, is_not_false in zip(
            conditions, expected, true, not_false, strict=True
        ):
            decided = tuple(condition.decide(facts, NOW) for facts in ROWS)
            assert decided == answers, condition.text
            assert is_true.tolist() == [each is True for each in answers], condition.text
            assert is_not_false.tolist() == [each is not False for each in answers], condition.text
            assert condition.tree is not None
            told = sum(1 for _ in leaves(condition.tree))
            for facts, answer in zip(ROWS[::7], answers[::7], strict=True):
                truth, compared = condition.explain(facts, NOW)
                assert truth is answer and len(compared) == told, (condition.text, facts)


def test_the_syntax_is_sqls_own(oracle: duckdb.DuckDBPyConnection) -> None:
    """Where no amount has to be scaled, DuckDB reads the author's own text as we do: same precedence, same answer."""
    grower = Grower(99, plain=True)
    grown = [grower.condition() for _ in range(900)]
    texts = [text for text in grown if "arpu" not in text and "bill" not in text]
    for start in range(0, len(texts), IN_ONE_QUERY):
        some = texts[start : start + IN_ONE_QUERY]
        for text, answers in zip(some, asked(oracle, [f"({text})" for text in some]), strict=True):
            condition = compile_condition(text, FIELDS, PLACE)
            assert tuple(condition.decide(facts, NOW) for facts in ROWS) == answers, text


def test_columns_are_read_in_chunks_that_meet_without_a_seam() -> None:
    """A hundred and fifty thousand rows, read in several chunks, answer as their first 120 do, over and over."""
    times = 150_000 // len(ROWS)
    many = columns(ROWS * times)
    grower = Grower(7)
    conditions = [compile_condition(grower.condition(), FIELDS, PLACE, zone=ZONE) for _ in range(30)]
    wanted = [(each, unknown) for each in conditions for unknown in (False, True)]
    for few, long in zip(masks(wanted, COLUMNS, NOW), masks(wanted, many, NOW), strict=True):
        assert np.array_equal(np.tile(few, times), long)
