"""The hints that stand in a source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def templates_in(source: Path) -> Iterator[str]:
    """The template of each. Raises AssertionError for one that is not written out, and could have no translation."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Hint":
            template = node.args[0]
            assert isinstance(template, ast.Constant), f"{source}:{node.lineno} makes its template"
            yield str(template.value)
