"""What stands before the parser: length, depth and characters of a condition, judged on its own tokens."""

from __future__ import annotations

import re
from collections.abc import Callable

from strategies.problems import Problem, Where

MAX_CHARACTERS = 4_000
MAX_DEPTH = 32

Locate = Callable[[int], Where]

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>--|/\*|\#)
    |(?P<double>==)
    |(?P<prefixed>[A-Za-z_]\w*'(?:[^']|'')*'?)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<number>(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
    |(?P<badnumber>[\d.]*\d[\w.]*)
    |(?P<string>'(?:[^']|'')*')
    |(?P<openstring>')
    |(?P<cast>::)
    |(?P<parameter>[?:$@][\w]*|%s)
    |(?P<quoted>"[^"]*"?|`[^`]*`?|[\[\]])
    |(?P<semicolon>;)
    |(?P<sign><>|!=|<=|>=|[=<>(),])
    |(?P<arithmetic>\|\||[-+*/%])
    |(?P<dot>\.)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_HALF_WIDTH = (*"(),><=", *"''''", *";.!+-*/", ">=", "<=", "<>")
_FULL_WIDTH = dict(zip("（），＞＜＝‘’“”；。！＋－×÷≥≤≠", _HALF_WIDTH, strict=True))
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NESTING_WORDS = frozenset({"NOT"})


def guard(text: str, locate: Locate) -> list[Problem]:
    """Everything that keeps a text from the parser, each thing at its place; empty if the parser may see it."""
    if len(text) > MAX_CHARACTERS:
        message = f"the condition has {len(text):,} characters"
        return [
            Problem(
                "condition.too_long",
                message,
                locate(0),
                f"at most {MAX_CHARACTERS:,}; declare a field for a part of it",
            )
        ]
    if not text.strip():
        return [Problem("condition.syntax", "the condition is empty", locate(0), "write true for everybody")]
    problems: list[Problem] = []
    opened: list[int] = []
    depth = run = 0
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup or "other", match.group()
        if kind == "space":
            continue
        found = _judge(kind, token)
        if found:
            problems.append(Problem(found[0], found[1], locate(match.start()), found[2]))
            if kind in ("comment", "openstring"):
                break
        depth += (token == "(") - (token == ")")
        opened = [*opened, match.start()] if token == "(" else opened[:-1] if token == ")" else opened
        if depth < 0:
            problems.append(
                Problem(
                    "condition.syntax",
                    "this parenthesis closes nothing",
                    locate(match.start()),
                    "remove it, or open one",
                )
            )
            break
        run = run + 1 if token.upper() in _NESTING_WORDS or kind == "arithmetic" else 0
        if depth + run > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels inside one another"
            problems.append(
                Problem("condition.depth", message, locate(match.start()), "declare a field for a part of it")
            )
            break
    if depth > 0 and not problems:
        problems.append(
            Problem(
                "condition.syntax",
                "this parenthesis is not closed",
                locate(opened[-1]),
                "add the closing one",
            )
        )
    return problems


def _judge(kind: str, token: str) -> tuple[str, str, str] | None:
    """Code, message and hint of a token that conditions do not know."""
    if kind == "comment":
        return (
            "condition.comment",
            "a condition has no comments",
            "put the comment behind # on a line of the file",
        )
    if kind == "double":
        return "condition.syntax", "'==' compares nothing here", "write ="
    if kind == "prefixed" and not token.upper().startswith("DATE'"):
        word = token.partition("'")[0]
        return (
            "condition.syntax",
            f"{word} before a text has no meaning here",
            "write the text in plain single quotes",
        )
    if kind == "badnumber":
        return "condition.number", f"'{token}' is not a plain number", _number_hint(token)
    if kind == "openstring":
        return (
            "condition.syntax",
            "a text begins here and does not end",
            "close it with a single quote; write a quote in it twice",
        )
    if kind == "string" and _CONTROL.search(token):
        return (
            "condition.character",
            "a text holds an invisible character",
            "write it on one line, without control characters",
        )
    if kind == "parameter":
        return "condition.parameter", f"'{token}' is a parameter", "write the value itself"
    if kind == "quoted":
        return (
            "condition.quoted_name",
            f"{token} has no meaning in conditions",
            "texts stand in single quotes, names in none",
        )
    if kind == "cast":
        return "condition.not_available", "a cast is not available in conditions", "declare a field for it"
    if kind == "semicolon":
        return "condition.syntax", "';' ends nothing here", "a condition is one expression"
    if kind == "dot":
        return "condition.syntax", "'.' joins nothing here", "fields have one name"
    if kind == "other":
        plain = _FULL_WIDTH.get(token)
        hint = (
            f"write {plain} (half width)"
            if plain
            else "texts stand in single quotes; names have a–z, 0–9 and _"
        )
        return "condition.character", f"'{token}' has no meaning in conditions", hint
    return None


def _number_hint(token: str) -> str:
    """How a doubtful number is written instead."""
    plain = token.replace("_", "")
    return f"write {plain}" if plain.isdigit() and "_" in token else "digits with at most one decimal point"
