"""Names and sizes: one idea a file, one word an idea, nothing that says nothing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PRODUCT = ("contact", "strategies", "scoring", "ivr", "demo", "bench")
# A migration is history: it is never touched again, and as long as the schema it makes.
FILES = sorted(
    path for folder in PRODUCT for path in (ROOT / folder).rglob("*.py") if "versions" not in path.parts
)
EMPTY_WORDS = re.compile(r"(^|_)(utils?|helpers?|common|manager|service|handler|misc|stuff)(_|$)")
EMPTY_SUFFIX = re.compile(
    r"(Utils?|Helpers?|.Base|Manager|Handler)$"
)  # the base of customers is a word of ours
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Of code; what a function promises may take the room it needs."""
    said = (ast.get_docstring(function) or "").count("\n")
    return (function.end_lineno or 0) - function.lineno - said


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_a_file_says_what_it_is_and_stays_readable(path: Path) -> None:
    """Every file opens with a docstring, has no empty word for a name and fits into one head."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert not EMPTY_WORDS.search(path.stem), "names explain"
    assert not text.strip() or ast.get_docstring(tree), "a file begins with one sentence of promise"
    assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            assert not EMPTY_SUFFIX.search(node.name), f"{node.name}: names explain"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert _lines(node) < LONGEST_FUNCTION, f"{node.name} is too long"


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_nothing_is_left_for_later(path: Path) -> None:
    """No marks of unfinished work and no faults that are swallowed without a word."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b|NotImplementedError", text)
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.ExceptHandler)
            and isinstance(node.type, ast.Name)
            and node.type.id in ("Exception", "BaseException")
        ):
            assert not all(isinstance(each, ast.Pass | ast.Continue) for each in node.body), (
                f"line {node.lineno}"
            )


def test_every_test_says_what_it_shows() -> None:
    """Each test has a sentence of its own."""
    silent = [
        f"{_name(path)}:{node.lineno} {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        if not ast.get_docstring(node)
    ]
    assert silent == []
