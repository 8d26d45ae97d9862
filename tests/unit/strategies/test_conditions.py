"""What conditions mean and what they refuse; their agreement with DuckDB is tried in tests/twins."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategies.compiling.compile import compile_condition
from strategies.conditions.language import checked_tree
from strategies.conditions.sql import sql
from strategies.conditions.together import deciding_together
from strategies.declared.playbook import ComparedLeaf, Condition, Field
from strategies.instants import Instant
from strategies.problems import ProblemsFound, Where

PLACE = Where("policies/a.yaml", 7, 11)
NOW = Instant(0)
KINDS = {
    "flag": "boolean",
    "months": "number",
    "gb": "number",
    "arpu": "money",
    "tier": "text",
    "joined": "date",
    "tags": "list",
    "seen": "instant",
}
FIELDS = {name: Field(name, kind, f"customers.{name}") for name, kind in KINDS.items()}  # type: ignore[arg-type]


def compiled(text: str) -> Condition:
    return compile_condition(text, FIELDS, PLACE)


def refused(text: str) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        compiled(text)
    return [f"{problem.where.line}:{problem.where.column} {problem.code}" for problem in found.value.problems]


@pytest.mark.parametrize(
    ("text", "facts", "truth"),
    [
        ("months > 3 AND flag", {"months": 5, "flag": True}, True),
        ("months > 3 AND flag", {"months": 5}, None),
        ("months > 3 AND flag", {"months": 1}, False),
        ("months > 3 OR flag", {"months": 5}, True),
        ("NOT flag", {}, None),
        ("NOT (flag OR months = 1)", {"flag": False, "months": 2}, True),
        ("tier IN ('gold', 'silver')", {"tier": "gold"}, True),
        ("tier NOT IN ('gold')", {}, None),
        ("tier = 'Gold'", {"tier": "gold"}, False),
        ("gb BETWEEN 1 AND months", {"gb": 0.5}, False),
        ("gb BETWEEN 1 AND months", {"gb": 2}, None),
        ("joined < DATE '2026-01-01'", {"joined": "2025-12-31"}, True),
        ("joined < date'2026-01-01'", {"joined": "2026-01-01"}, False),
        ("joined IS NULL OR joined >= DATE '2026-01-01'", {}, True),
        ("COALESCE(months, 0) < 4", {}, True),
        ("COALESCE(flag, false)", {}, False),
        ("unit = 'B1'", {"unit": "B1"}, True),
        ("true", {}, True),
        ("3 < months", {"months": 4}, True),
        ("gb >= -1.5", {"gb": -1.5}, True),
    ],
)
def test_a_condition_is_true_false_or_unknown(
    text: str, facts: dict[str, object], truth: bool | None
) -> None:
    """Three-valued logic, with facts that are missing being unknown."""
    condition = compiled(text)
    assert condition.decide(facts, NOW) is truth  # type: ignore[arg-type]
    assert condition.explain(facts, NOW)[0] is truth  # type: ignore[arg-type]


def test_amounts_are_written_in_major_units_and_compared_in_minor_ones() -> None:
    """``arpu >= 199.50`` of a currency with hundredths is 19,950 minor units, exactly."""
    condition = compiled("arpu >= 199.50")
    assert condition.decide({"arpu": 19950}, NOW) is True
    assert condition.decide({"arpu": 19949}, NOW) is False
    yen = compile_condition("arpu >= 200", FIELDS, PLACE, minor_per_major=1)
    assert yen.decide({"arpu": 200}, NOW) is True


def test_the_explanation_tells_every_comparison_with_what_it_saw() -> None:
    """No comparison is passed over, though the first has already decided."""
    truth, seen = compiled("months > 3 AND (flag OR arpu >= 100)").explain({"months": 1, "arpu": 20000}, NOW)
    assert truth is False
    assert seen == (
        ComparedLeaf("months > 3", "months", 1, False),
        ComparedLeaf("flag", "flag", None, None),
        ComparedLeaf("arpu >= 100", "arpu", 20000, True),
    )


def test_a_denied_comparison_is_told_with_its_not() -> None:
    """What stands beside a gate that passed is true, not the inner half of it."""
    truth, seen = compiled("NOT flag AND months NOT IN (1, 2)").explain({"months": 3, "flag": False}, NOW)
    assert truth is True
    assert [(each.text, each.outcome) for each in seen] == [
        ("NOT flag", True),
        ("NOT months IN (1, 2)", True),
    ]


def test_a_condition_knows_its_fields_and_its_place() -> None:
    """The fields read, the author's text on one line, and where it stands."""
    condition = compiled("months > 3\n  AND tier = 'a  b'")
    assert condition.fields == {"months", "tier"}
    assert condition.text == "months > 3 AND tier = 'a  b'"
    assert condition.place == PLACE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("monts > 3", ["7:11 condition.field"]),
        ("gb > 1 AND\nmonts > 3", ["8:1 condition.field"]),
        ("monts > 3 OR arpu = 'x'", ["7:11 condition.field", "7:24 condition.type"]),
        ("MONTHS > 3", ["7:11 condition.field"]),
        ("months > tier", ["7:11 condition.type"]),
        ("flag > true", ["7:11 condition.type"]),
        ("tags = 'x'", ["7:11 condition.type"]),
        ("seen > 5", ["7:11 condition.type"]),
        ("flag IN (true)", ["7:11 condition.type"]),
        ("joined = '2026-01-01'", ["7:20 condition.type"]),
        ("joined = DATE '2026-13-01'", ["7:25 value.date"]),
        ("arpu > 1.234", ["7:18 value.money"]),
        ("months > 1e999", ["7:20 condition.number"]),
        ("months > 200_000", ["7:20 condition.number"]),
        ("months > 1 b", ["7:22 condition.syntax"]),
        ("months > 1 AS b", ["7:22 condition.syntax"]),
        ("a.months > 1", ["7:12 condition.syntax"]),
        ("months = 1 = 2", ["7:11 condition.type"]),
        ("months IN ()", ["7:11 condition.syntax"]),
        ("months IN (1, NULL)", ["7:11 condition.null"]),
        ("months IN (gb)", ["7:22 condition.syntax"]),
        ("months IN (SELECT 1)", ["7:11 condition.syntax"]),
        ("months = NULL", ["7:11 condition.null"]),
        ("NULL", ["7:11 condition.null"]),
        ("months IS TRUE", ["7:11 condition.not_available"]),
        ("months IS DISTINCT FROM 1", ["7:11 condition.not_available"]),
        ("tier LIKE months", ["7:21 condition.syntax"]),
        ("months LIKE '3%'", ["7:11 condition.type"]),
        ("tier LIKE 'a' ESCAPE '!'", ["7:11 condition.not_available"]),
        ("tier ILIKE 'a'", ["7:11 condition.not_available"]),
        ("months + tier > 2", ["7:11 condition.type"]),
        ("joined + 1 > joined", ["7:11 condition.type"]),
        ("arpu + months > 2", ["7:11 condition.type"]),
        ("arpu * arpu > 2", ["7:11 condition.money"]),
        ("months / arpu > 2", ["7:11 condition.money"]),
        ("arpu % 2 > 1", ["7:11 condition.money"]),
        ("arpu / 0 > 1", ["7:11 condition.division"]),
        ("months % -0.0 > 1", ["7:11 condition.division"]),
        ("1 + months / (2 - 1 - 1) > 1", ["7:15 condition.division"]),
        ("arpu > months", ["7:11 condition.type"]),
        ("months + NULL > 2", ["7:11 condition.null"]),
        ("1 + 1 = 2", ["7:11 condition.constant"]),
        ("joined = seen", ["7:11 condition.type"]),
        ("seen > TIMESTAMP '2026-01-31T10:00'", ["7:28 value.instant"]),
        ("months IN (1 + 1)", ["7:22 condition.syntax"]),
        ("CASE WHEN flag THEN 1 ELSE 'x' END = 1", ["7:21 condition.type"]),
        ("CASE WHEN months THEN 1 END = 1", ["7:21 condition.type"]),
        ("CASE WHEN flag THEN NULL END = 1", ["7:11 condition.null"]),
        ("CASE WHEN flag THEN 1", ["7:11 condition.syntax"]),
        ("flag END", ["7:16 condition.syntax"]),
        ("(CASE WHEN flag THEN 1) END = 1", ["7:12 condition.syntax"]),
        ("COALESCE(months) > 1", ["7:11 condition.syntax"]),
        ("COALESCE(tags, tags) = 'x'", ["7:11 condition.type"]),
        ("abs(months, 2) > 1", ["7:11 condition.syntax"]),
        ("months > 1 AND lower() = 'x'", ["7:26 condition.syntax"]),
        ("round(months, 7) > 1", ["7:25 condition.syntax"]),
        ("round(months, gb) > 1", ["7:25 condition.syntax"]),
        ("round(arpu) > 1", ["7:17 condition.type"]),
        ("least(tier, 'a') = 'a'", ["7:11 condition.type"]),
        ("days_since(months) > 1", ["7:11 condition.type"]),
        ("days_since(tags) > 1", ["7:11 condition.type"]),
        ("contains(tier, 'x')", ["7:20 condition.type"]),
        ("contains(tags, tier)", ["7:26 condition.syntax"]),
        ("starts_with(tier, 3)", ["7:29 condition.syntax"]),
        ("ceiling(months) > 1", ["7:11 condition.not_available"]),
        ("months > 1 AND upper(tier) = 'A'", ["7:26 condition.not_available"]),
        ("mod(months, 2) = 1", ["7:11 condition.not_available"]),
        ("months > " + " + ".join(["gb"] * 200), ["7:20 condition.depth"]),
        ("months > " + "-(" * 33 + "gb" + ")" * 33, ["7:84 condition.depth"]),
        ("tier || 'x' = 'y'", ["7:16 condition.syntax"]),
        ("flag && flag", ["7:16 condition.syntax"]),
        ("! flag", ["7:11 condition.syntax"]),
        ("months => 3", ["7:18 condition.syntax"]),
        ("now() > seen", ["7:11 condition.not_available"]),
        ("flag::text = 'x'", ["7:15 condition.not_available"]),
        ("COALESCE(months, 'x') > 1", ["7:11 condition.type"]),
        ("3 BETWEEN 1 AND 4", ["7:11 condition.constant"]),
        ("tier = e'x'", ["7:18 condition.syntax"]),
        ("tier = 'a\u0001'", ["7:18 condition.character"]),
        ("tier = 'open", ["7:18 condition.syntax"]),
        ('tier = "x"', ["7:18 condition.quoted_name"]),
        ("tier = $1", ["7:18 condition.parameter"]),
        ("flag /* why */", ["7:16 condition.comment"]),
        ("flag # why", ["7:16 condition.comment"]),
        ("flag)", ["7:15 condition.syntax"]),
        ("flag; DROP TABLE customers", ["7:15 condition.syntax"]),
        ("CASE WHEN " * 300 + "flag", ["7:331 condition.depth"]),
        ("NOT " * 33 + "flag", ["7:139 condition.depth"]),
        ("SELECT flag", ["7:11 condition.syntax"]),
    ],
)
def test_what_conditions_do_not_know_is_refused_at_its_place(text: str, expected: list[str]) -> None:
    """Each problem stands at its first leaf, counted from the condition's own place."""
    assert refused(text) == expected


def test_long_chains_are_no_depth() -> None:
    """Hundreds of comparisons in one chain are read, decided and explained."""
    condition = compiled(" OR ".join(f"months = {number}" for number in range(250)))
    assert condition.decide({"months": 249}, NOW) is True
    assert len(condition.explain({"months": 3}, NOW)[1]) == 250


def test_what_is_nested_as_deeply_as_allowed_still_decides() -> None:
    """Thirty-one levels of NOT, OR and AND within one another, decided and explained."""
    text = "flag"
    for _ in range(31):
        text = f"NOT (months = 1 OR flag AND {text})"
    condition = compiled(text)
    assert condition.decide({"months": 2, "flag": True}, NOW) is False
    assert condition.explain({"months": 2, "flag": True}, NOW)[0] is False
    assert condition.decide({"months": 2}, NOW) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("-(", ")"),
        ("abs(", ")"),
        ("COALESCE(", ", 1)"),
        ("CASE WHEN flag THEN ", " ELSE 0 END"),
        ("1 + (", ")"),
    ],
)
def test_values_nested_as_deeply_as_allowed_still_decide(before: str, after: str) -> None:
    """Thirty levels of one construct, decided, explained, together and by columns."""
    condition = compiled(before * 30 + "months" + after * 30 + " > -1000")
    for facts in ({"flag": True, "months": 2}, {"flag": False, "months": 2}, {}):
        truth = condition.decide(facts, NOW)  # type: ignore[arg-type]
        assert condition.explain(facts, NOW)[0] is truth  # type: ignore[arg-type]
        assert condition.tree is not None
        assert deciding_together([condition.tree])(facts, NOW) == (truth,)  # type: ignore[arg-type]


def test_a_pattern_takes_no_longer_than_its_text_times_its_length() -> None:
    """Twenty wildcards on a text that nearly matches answer at once, where backtracking would take years."""
    condition = compiled("tier LIKE '" + "%a_" * 20 + "b'")
    assert condition.decide({"tier": "a" * 3_000}, NOW) is False
    assert condition.decide({"tier": "aa" * 20 + "b"}, NOW) is True


def test_a_condition_says_whether_it_reads_the_clock() -> None:
    """Only days_since does, wherever it stands."""
    assert compiled("flag OR COALESCE(days_since(joined), 0) > 3").reads_clock
    assert not compiled("joined > DATE '2026-01-01'").reads_clock


def test_users_text_never_becomes_code() -> None:
    """Constants and field names are bound: the compiled function's code holds none of them."""
    condition = compiled("tier = '__import__' AND months > 12345")
    constants = str(condition.decide.__code__.co_consts)  # type: ignore[attr-defined]
    assert "__import__" not in constants and "12345" not in constants and "tier" not in constants


def test_the_oracles_sql_is_generated_from_the_tree() -> None:
    """Text is quoted anew, money is in minor units, COALESCE keeps its constant."""
    tree = checked_tree("tier = 'it''s' AND COALESCE(arpu, 0) > 1.5", FIELDS, PLACE)
    assert (
        sql(tree)
        == "((\"tier\" = 'it''s') AND (COALESCE(\"arpu\", CAST(0 AS BIGINT)) > CAST(150 AS BIGINT)))"
    )


WORDS = [
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "IS",
    "NULL",
    "TRUE",
    "(",
    ")",
    "=",
    "<",
    ">=",
    "<>",
    ",",
    "1",
    "2.5",
    "'x'",
    "''",
    "DATE",
    "'2026-01-01'",
    "CASE",
    "WHEN",
    "THEN",
    "END",
    "SELECT",
    "FROM",
    "AS",
    "LIKE",
    "ESCAPE",
    "INTERVAL",
    "COALESCE(",
    "CAST(",
    "EXISTS",
    "ANY",
    "-",
    "+",
    "*",
    "/",
    "%",
    "||",
    "x",
    "DISTINCT",
    "COLLATE",
    "OVER",
    "FILTER",
    "ARRAY",
    "STRUCT",
    "lambda",
    "PRIOR",
    "AT",
    "TIME",
    "ZONE",
    "UNNEST(",
    "MATCH",
    "ROW",
    "VALUES",
    "WITH",
    "ALL",
    "SIMILAR",
    "TO",
    "USING",
    ".",
]


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from([*KINDS, *WORDS]), min_size=1, max_size=14).map(" ".join) | st.text(max_size=40)
)
def test_any_text_is_either_a_condition_or_a_list_of_problems(text: str) -> None:
    """Nothing but problems comes out of a text that is no condition, and what is one decides."""
    try:
        condition = compiled(text)
    except ProblemsFound as found:
        assert found.problems
    else:
        assert condition.decide({}, NOW) in (True, False, None)
        assert condition.explain({}, NOW)[0] is condition.decide({}, NOW)
