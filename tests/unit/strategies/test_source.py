"""The YAML reader: a tree that knows its places, and nothing that readers disagree about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategies.problems import ProblemsFound, Where
from strategies.texts.source import Node, overlay, read_yaml


def plain(text: str) -> Any:
    return read_yaml(text, "a.yaml").plain()


def codes(text: str) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        read_yaml(text, "a.yaml")
    return [f"{problem.where.line}:{problem.where.column} {problem.code}" for problem in found.value.problems]


def child(node: Node, *path: str | int) -> Node:
    for step in path:
        node = node.value[step]  # type: ignore[index]
    return node


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("22:00", "22:00"), ("1:30:00", "1:30:00"), ("2026-01-01", "2026-01-01"), ("5", 5), ("-5", -5), ("0", 0),
        ("1.50", 1.5), ("1e3", 1000.0), ("true", True), ("false", False), ("null", None), ('"no"', "no"), ("'007'", "007"),
        ("P7D", "P7D"), ("data.offer", "data.offer"), ("1.2.3", "1.2.3"), ("nobody", "nobody"), ("é中😀", "é中😀"),
        ("10%", "10%"), ('""', ""), ("=", "="), ("n", "n"),
    ],
)  # fmt: skip
def test_an_unquoted_scalar_has_one_meaning(text: str, value: Any) -> None:
    """Times, dates and durations are text; numbers are JSON's; only true, false and null are words of the language."""
    found = plain(f"key: {text}")["key"]
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize("text", ["no", "Yes", "ON", "off", "True", "FALSE", "~", "Null"])
def test_a_word_that_could_be_a_truth_value_must_be_quoted(text: str) -> None:
    """YAML 1.1 and 1.2 read these differently."""
    assert codes(f"key: {text}") == ["1:6 yaml.word"]


@pytest.mark.parametrize(
    "text",
    [
        "007",
        "0x1F",
        "0o17",
        "0b1",
        "1_000",
        "+5",
        ".5",
        "5.",
        ".inf",
        "-.INF",
        ".nan",
        "+8613800000001",
        "9" * 31,
        "1e999",
    ],
)
def test_a_number_that_readers_disagree_about_is_refused(text: str) -> None:
    """Octal, hexadecimal, underscores, signs, bare points, infinities and what is too long for an exact value."""
    assert codes(f"key: {text}") == ["1:6 yaml.number"]


def test_every_node_knows_its_line_and_column() -> None:
    """Keys, scalars and entries of lists, counted from 1."""
    root = read_yaml("a: 1\nb:\n  - x: [2, {y: z}]\n", "a.yaml")
    assert root.keys["b"] == Where("a.yaml", 2, 1)
    assert child(root, "b", 0, "x", 1, "y").where == Where("a.yaml", 3, 16)


def test_numbers_keep_their_text() -> None:
    """Amounts and percentages can be read without a float."""
    node = child(read_yaml("a: 0.10", "a.yaml"), "a")
    assert node.text == "0.10" and node.value == Decimal("0.10")


@pytest.mark.parametrize(
    ("text", "offset", "place"),
    [
        ("a: bcd ef", 4, (1, 8)),
        ('a: "bcd ef"', 4, (1, 9)),
        ("a: |\n  bc\n  d ef\n", 5, (3, 5)),
        ("a:\n  |\n   bc\n     d ef\n", 5, (4, 6)),
        ("a: bc\n  d ef", 5, (2, 5)),
        ("a: 'bc\n\n  d'", 0, (1, 5)),
    ],
)
def test_a_place_inside_a_scalar_is_known(text: str, offset: int, place: tuple[int, int]) -> None:
    """Plain, quoted and ``|`` scalars tell where each of their characters stands."""
    node = child(read_yaml(text, "a.yaml"), "a")
    assert node.at(offset) == Where("a.yaml", *place)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["1:1 yaml.empty"]),
        ("---\n", ["1:1 yaml.empty"]),
        ("a: 1\n---\nb: 2\n", ["2:1 yaml.documents"]),
        ("%YAML 1.1\n---\na: 1\n", ["1:1 yaml.tag"]),
        ("a: &x 1\nb: *x\n", ["1:4 yaml.anchor", "2:4 yaml.anchor"]),
        ("a: !!str 1\nb: !x {c: 1}\n", ["1:4 yaml.tag", "2:4 yaml.tag"]),
        ("a: 1\n'a': 2\n", ["2:1 yaml.duplicate_key"]),
        (
            "1: a\ntrue: b\n? [c]\n: d\n'': e\n",
            ["1:1 yaml.key", "2:1 yaml.key", "3:3 yaml.key", "5:1 yaml.key"],
        ),
        ("a:\tb\n", ["1:3 yaml.tab"]),
        ("a: b\rc: d", ["1:5 yaml.character"]),
        ("a: b\u2028c", ["1:5 yaml.character"]),
        ("a: \ud800", ["1:4 yaml.character"]),
        ("a: [1, 2\nb: 3\n", ["2:2 yaml.syntax"]),
        ('a: "x\\0"', ["1:4 yaml.character"]),
        ("a: b\u200bc", ["1:5 yaml.character"]),
        ("a: \u202eb", ["1:4 yaml.character"]),
        ('a: "\\u2066"', ["1:4 yaml.character"]),
        ("a: [\n" * 3_000, ["17:1 yaml.depth"]),
        ("a: &a [x, x]\nb: [*a, *a]", ["1:4 yaml.anchor", "2:5 yaml.anchor", "2:9 yaml.anchor"]),
        ("a: {<<: {b: 1}}", ["1:5 yaml.anchor"]),
        ("\t\b", ["1:1 yaml.tab", "1:2 yaml.character"]),
        ("a: {b: 1, b: }", ["1:11 yaml.duplicate_key", "1:14 yaml.no_value"]),
        ("x" * 1_000_001, ["0:0 yaml.too_long"]),
        ("[" * 33 + "]" * 33, ["1:33 yaml.depth"]),
        ("[" * 900_000, ["1:33 yaml.depth"]),
    ],
)
def test_what_is_refused_is_named_at_its_place(text: str, expected: list[str]) -> None:
    """All problems of a text are told at once."""
    assert codes(text) == expected


def test_windows_line_ends_and_a_mark_at_the_start_change_nothing() -> None:
    """A file saved by a Windows editor reads like any other."""
    assert plain("\ufeffa: 1\r\nb: |\r\n  x\r\n  y\r\n") == {"a": 1, "b": "x\ny\n"}


def test_the_depth_allowed_is_thirty_two() -> None:
    """Thirty-two levels are read."""
    assert plain("[" * 32 + "]" * 32) is not None


def test_a_mapping_can_be_laid_over_another() -> None:
    """Keys of the upper one replace those of the lower one and keep their own places."""
    under, over = read_yaml("{a: 1, b: 2}", "under"), read_yaml("{b: 3}", "over")
    both = overlay(under, over)
    assert both.plain() == {"a": 1, "b": 3}
    assert (both.keys["a"].path, both.keys["b"].path) == ("under", "over")
    assert overlay(under, None) is under


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(alphabet="ab:-[]{},&*!|>'\"%@`#?~0_.1 \n\t\\", max_size=60) | st.text(max_size=40))
def test_any_text_is_either_a_tree_or_a_list_of_problems(text: str) -> None:
    """No input makes the reader fail in another way."""
    try:
        read_yaml(text, "a.yaml").plain()
    except ProblemsFound as found:
        assert found.problems
