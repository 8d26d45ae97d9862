"""The hints that stand in a source, also those that no broken file brings about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

_PLACES = {"problem": 3, "Problem": 3, "wrong": 3, "need": 1}
"""Who is told a hint, and as which of its arguments."""


def hints_in(source: Path) -> Iterator[str]:
    """Each with ``{}`` where something is named; what a function answers is not followed."""
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            place = _PLACES.get(_name(node.func))
            if place is not None:
                told = [each.value for each in node.keywords if each.arg == "hint"]
                for each in (*node.args[place : place + 1], *told):
                    yield from _texts(each)
        elif isinstance(node, ast.Assign) and "hint" in map(_name, node.targets):
            yield from _texts(node.value)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)) if text:
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in parts)
        case ast.BoolOp(values=either):
            for each in either:
                yield from _texts(each)
        case ast.IfExp(body=one, orelse=other):
            yield from _texts(one)
            yield from _texts(other)
