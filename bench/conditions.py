"""Conditions beside what others offer: fifty audiences for one customer, and fifty rules with unknowns for a million.

    python -m bench.conditions [--rows 1000000]

One customer: ZEN (zen-engine) and Google's CEL (cel-expr-python) evaluate all fifty as one expression, which is their
fastest form. Everybody: polars and DuckDB on one thread, each answering the same fifty questions, half of them *is true* and
half *is not false*. Every peer must find the same answers. Nothing else may run beside it; the ratios are of one run.

Tried without gain: other sizes of chunk, between 16 and 128 Ki rows.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from time import process_time
from types import ModuleType
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import duckdb
import numpy as np

from bench.fifty_strategies import FIELDS, WORDS, Asked, Audience, audiences, customers, text_of
from strategies.conditions.columns import Column, Columns
from strategies.conditions.columns_masks import masks
from strategies.conditions.language import compile_condition
from strategies.conditions.sql import sql
from strategies.conditions.together import deciding_together
from strategies.declared.playbook import Condition, Field
from strategies.instants import Instant
from strategies.problems import Where

NOW = Instant(0)
PEOPLE = 300
TIMES = 7
AT_MOST_OF_ZEN = 1 / 3
MANY_GOAL = 0.1
MISSING: list[str] = []
DECLARED = {name: Field(name, kind, f"customers.{name}") for name, kind in FIELDS.items()}


def peer(module: str, package: str) -> bool:
    """Whether a peer is installed; says so loudly where it is not."""
    if importlib.util.find_spec(module) is not None:
        return True
    MISSING.append(package)
    print(
        f"!!! {package} IS NOT INSTALLED: pip install --group bench. Its figures are missing from this run."
    )
    return False


def best(run: Callable[[], object]) -> float:
    """Seconds of processor time of the fastest of several runs."""
    fastest = float("inf")
    for _ in range(TIMES):
        started = process_time()
        run()
        fastest = min(fastest, process_time() - started)
    return fastest


def minor(asked: Asked) -> object:
    return asked.value * 100 if FIELDS[asked.field] == "money" else asked.value  # type: ignore[operator]


def spelled(audience: Audience, part: Callable[[Asked], str], every: str, some: str) -> str:
    """The audience in another language: ``every`` and ``some`` are its AND and OR."""
    parts = [part(each) for each in audience.every]
    if audience.some:
        parts.append("(" + some.join(part(each) for each in audience.some) + ")")
    return every.join(parts)


def listed(asked: Asked) -> str:
    return "[" + ", ".join(f"'{each}'" for each in asked.value) + "]"  # type: ignore[attr-defined]


def zen_part(asked: Asked) -> str:
    if asked.sign == "is":
        return asked.field if asked.value else f"not {asked.field}"
    return (
        f"{asked.field} in {listed(asked)}"
        if asked.sign == "in"
        else f"{asked.field} {asked.sign} {minor(asked)}"
    )


def cel_part(asked: Asked) -> str:
    if asked.sign == "is":
        return asked.field if asked.value else f"!{asked.field}"
    if asked.sign == "in":
        return f"{asked.field} in {listed(asked)}"
    bound = minor(asked) if FIELDS[asked.field] == "money" else float(asked.value)  # type: ignore[arg-type]
    return f"{asked.field} {asked.sign} {bound}"


def one_customer() -> None:
    """Fifty audiences of one customer of whom everything is known."""
    people = customers(PEOPLE)
    conditions = [compile_condition(text_of(each), DECLARED, Where("bench")) for each in audiences()]
    together = deciding_together([each.tree for each in conditions if each.tree is not None])
    expected = [list(together(facts, NOW)) for facts in people]  # type: ignore[arg-type]
    assert expected[0] == [each.decide(people[0], NOW) for each in conditions]  # type: ignore[arg-type]
    ours = best(lambda: [together(facts, NOW) for facts in people]) / PEOPLE  # type: ignore[arg-type]
    print(f"one customer, {len(conditions)} audiences ({sum(map(sum, expected)) / PEOPLE:.1f} of them true)")
    print(f"  one compiled function   {ours * 1e6:8.2f} µs")
    if peer("zen", "zen-engine"):
        import zen

        whole = zen.compile_expression(
            "[" + ", ".join(spelled(each, zen_part, " and ", " or ") for each in audiences()) + "]"
        )
        assert [whole.evaluate(facts) for facts in people] == expected
        theirs = best(lambda: [whole.evaluate(facts) for facts in people]) / PEOPLE
        verdict = "goal met" if ours <= theirs * AT_MOST_OF_ZEN else "GOAL MISSED"
        print(
            f"  ZEN, one expression     {theirs * 1e6:8.2f} µs   ours is 1/{theirs / ours:.1f} of it; goal 1/3 ({verdict})"
        )
    if peer("cel_expr_python", "cel-expr-python"):
        from cel_expr_python import cel

        types = {
            "number": cel.Type.DOUBLE,
            "money": cel.Type.INT,
            "text": cel.Type.STRING,
            "boolean": cel.Type.BOOL,
        }
        environment = cel.NewEnv(variables={name: types[kind] for name, kind in FIELDS.items()})
        expression = environment.compile(
            "[" + ", ".join(spelled(each, cel_part, " && ", " || ") for each in audiences()) + "]"
        )
        assert [each.plain_value() for each in expression.eval(data=people[0]).value()] == expected[0]
        theirs = best(lambda: [expression.eval(data=facts) for facts in people]) / PEOPLE
        print(f"  Google's CEL            {theirs * 1e6:8.2f} µs   ours is 1/{theirs / ours:.1f} of it")


def many_columns(rows: int) -> Columns:
    """A million customers; a tenth of every field is unknown."""
    chance = np.random.default_rng(7)
    highest = {name: max(float(each[name]) for each in customers(200)) for name, kind in FIELDS.items()
               if kind in ("number", "money")}  # fmt: skip
    found = {}
    for name, kind in FIELDS.items():
        known = chance.random(rows) >= 0.1
        if kind == "boolean":
            values: Any = chance.random(rows) < 0.4
        elif kind == "text":
            values = chance.integers(0, len(WORDS[name]), rows).astype(np.int32)
        else:
            values = (chance.random(rows) * highest[name]).astype(np.int64 if kind == "money" else np.float64)
        found[name] = Column(values, known, WORDS.get(name, ()))
    return Columns(rows, found)


def everybody(rows: int) -> None:
    """Fifty rules with unknowns over all rows."""
    columns = many_columns(rows)
    conditions = [compile_condition(text_of(each), DECLARED, Where("bench")) for each in audiences()]
    wanted = [(condition, place % 2 == 1) for place, condition in enumerate(conditions)]
    expected = [int(mask.sum()) for mask in masks(wanted, columns, NOW)]
    ours = best(lambda: masks(wanted, columns, NOW))
    verdict = "goal met" if ours <= MANY_GOAL else f"GOAL MISSED: {MANY_GOAL} s"
    print(f"{rows:,} customers, {len(wanted)} rules, a tenth of every field unknown, one core")
    print(f"  columns                 {ours:8.3f} s    ({verdict})")
    table = arrow_table(columns)
    if peer("polars", "polars"):
        import polars

        frame = polars.from_arrow(table)
        assert isinstance(frame, polars.DataFrame)
        asked = [polars_of(each, polars).fill_null(unknown).alias(str(place))
                 for place, (each, (_, unknown)) in enumerate(zip(audiences(), wanted, strict=True))]  # fmt: skip
        assert [frame.select(asked)[str(place)].sum() for place in range(len(asked))] == expected
        theirs = best(lambda: frame.select(asked))
        print(f"  polars                  {theirs:8.3f} s    ours takes {ours / theirs:.2f} of it")
    connection = duckdb.connect(config={"threads": 1})
    connection.register("facts", table)
    connection.execute("CREATE TABLE held AS SELECT * FROM facts")
    counted = ", ".join(f"count(*) FILTER ({duck_of(condition, unknown)})" for condition, unknown in wanted)
    assert list(connection.execute(f"SELECT {counted} FROM held").fetchone() or ()) == expected
    theirs = best(lambda: connection.execute(f"SELECT {counted} FROM held").fetchone())
    print(f"  DuckDB (counting only)  {theirs:8.3f} s    ours takes {ours / theirs:.2f} of it")


def duck_of(condition: Condition, unknown: bool) -> str:
    assert condition.tree is not None
    return f"WHERE {sql(condition.tree, NOW)} IS {'NOT FALSE' if unknown else 'TRUE'}"


def polars_of(audience: Audience, polars: ModuleType) -> Any:
    def part(asked: Asked) -> Any:
        column = polars.col(asked.field)
        if asked.sign == "is":
            return column if asked.value else ~column
        if asked.sign == "in":
            return column.is_in(list(asked.value))  # type: ignore[call-overload]
        return column >= minor(asked) if asked.sign == ">=" else column < minor(asked)

    parts = [part(each) for each in audience.every]
    if audience.some:
        parts.append(part(audience.some[0]) | part(audience.some[1]))
    whole = parts[0]
    for each in parts[1:]:
        whole = whole & each
    return whole


def arrow_table(columns: Columns) -> Any:
    """The same columns for the peers; texts dictionary-encoded as ours are."""
    import pyarrow as pa

    arrays = {}
    for name, column in columns.by_field.items():
        assert column.known is not None
        if column.words:
            codes = pa.array(column.values, mask=~column.known)
            arrays[name] = pa.DictionaryArray.from_arrays(codes, pa.array(column.words))
        else:
            arrays[name] = pa.array(column.values, mask=~column.known)
    return pa.table(arrays)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    print(
        f"{platform.processor() or platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}"
    )
    one_customer()
    everybody(rows)
    if MISSING:
        print(f"!!! NOT COMPARED WITH: {', '.join(MISSING)}", file=sys.stderr)


if __name__ == "__main__":
    main()
