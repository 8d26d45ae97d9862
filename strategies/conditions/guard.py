"""What stands before the parser: length, depth and characters of a condition, judged on its own tokens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from strategies.conditions.functions import BY_NAME
from strategies.problems import Hint, Problem, Where
from strategies.texts.meant import suggestion

MAX_CHARACTERS = 4_000
MAX_DEPTH = 32

Locate = Callable[[int], Where]

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<comment>--|/\*|\#)
    |(?P<double>==)
    |(?P<foreign>&&|\|\||=>|=<|!(?!=))
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
    |(?P<arithmetic>[-+*/%])
    |(?P<dot>\.)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_KEYWORDS = frozenset(
    ["", "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "CASE", "WHEN", "THEN", "ELSE", "END", "SELECT"]
)
"""Words that may stand before a parenthesis without calling anything."""
_HALF_WIDTH = (*"(),><=", *"''''", *";.!+-*/", ">=", "<=", "<>")
_FULL_WIDTH = dict(zip("（），＞＜＝‘’“”；。！＋－×÷≥≤≠", _HALF_WIDTH, strict=True))
_FOREIGN = {"&&": "AND", "||": "OR", "=>": ">=", "=<": "<=", "!": "NOT"}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ANSWERS = {
    "comment": (
        "condition.comment", "a condition has no comments", Hint("put the comment behind # on a line of the file"),
    ),
    "double": ("condition.syntax", "'==' compares nothing here", Hint("write =")),
    "openstring": (
        "condition.syntax", "a text begins here and does not end",
        Hint("close it with a single quote; write a quote in it twice"),
    ),
    "cast": ("condition.not_available", "a cast is not available in conditions", Hint("declare a field for it")),
    "semicolon": ("condition.syntax", "';' ends nothing here", Hint("a condition is one expression")),
    "dot": ("condition.syntax", "'.' joins nothing here", Hint("fields have one name")),
}  # fmt: skip
"""Kind of token → code, message and hint, where the token itself adds nothing."""


def guard(text: str, locate: Locate) -> list[Problem]:
    """Everything that keeps a text from the parser, each thing at its place; empty if the parser may see it."""
    if len(text) > MAX_CHARACTERS:
        message = f"the condition has {len(text):,} characters"
        hint = Hint("at most %(count)s; declare a field for a part of it", count=f"{MAX_CHARACTERS:,}")
        return [Problem("condition.too_long", message, locate(0), hint)]
    if not text.strip():
        return [
            Problem("condition.syntax", "the condition is empty", locate(0), Hint("write true for everybody"))
        ]
    problems: list[Problem] = []
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup or "other", match.group()
        found = _judge(kind, token)
        if found:
            problems.append(Problem(found[0], found[1], locate(match.start()), found[2]))
            if kind in ("comment", "openstring"):
                break
    return problems or _nesting(text, locate)


@dataclass(slots=True)
class _Opened:
    """A parenthesis or CASE that waits for its end; ``name`` is the function before the parenthesis."""

    start: int
    case: bool
    name: str = ""
    named_at: int = 0
    commas: int = 0
    empty: bool = True


def _nesting(text: str, locate: Locate) -> list[Problem]:
    """That parentheses and CASE end in pairs and not too deeply (a run of NOT or of signs nests too), and what is called."""
    opened: list[_Opened] = []
    run, last, last_at = 0, "", 0
    for match in _TOKEN.finditer(text):
        kind, token, at = match.lastgroup or "other", match.group(), match.start()
        if kind == "space":
            continue
        word = token.upper() if kind == "word" else ""
        if opened and token != ")":
            opened[-1].empty = False
        if token == "(":
            opened.append(_Opened(at, False, last if last.upper() not in _KEYWORDS else "", last_at))
        elif word == "CASE":
            opened.append(_Opened(at, True))
        elif token == ")" or word == "END":
            if not opened or opened[-1].case != (word == "END"):
                return [_unpaired(token, opened, at, locate)]
            found = _called(opened.pop(), locate)
            if found:
                return [found]
        elif token == "," and opened:
            opened[-1].commas += 1
        run = run + 1 if word == "NOT" or kind == "arithmetic" else 0
        if len(opened) + run > MAX_DEPTH:
            message = f"more than {MAX_DEPTH} levels inside one another"
            return [Problem("condition.depth", message, locate(at), Hint("declare a field for a part of it"))]
        last, last_at = (token, at) if kind == "word" else ("", at)
    if not opened:
        return []
    what, hint = (
        ("CASE", Hint("end it with END")) if opened[-1].case else ("parenthesis", Hint("add the closing one"))
    )
    return [Problem("condition.syntax", f"this {what} is not closed", locate(opened[-1].start), hint)]


def _unpaired(token: str, opened: list[_Opened], at: int, locate: Locate) -> Problem:
    """An end whose beginning is missing, or is of the other kind."""
    if not opened:
        what = "parenthesis" if token == ")" else "END"
        return Problem(
            "condition.syntax", f"this {what} closes nothing", locate(at), Hint("remove it, or open one")
        )
    what, hint = (
        ("CASE", Hint("end it with END")) if opened[-1].case else ("parenthesis", Hint("add the closing one"))
    )
    return Problem("condition.syntax", f"this {what} is not closed", locate(opened[-1].start), hint)


def _called(opened: _Opened, locate: Locate) -> Problem | None:
    """A function that conditions do not know, or with too few or too many arguments."""
    name = opened.name
    if not name:
        return None
    signature = BY_NAME.get(name.lower())
    if signature is None:
        hint = suggestion(name.lower(), BY_NAME) or Hint(
            "the functions are %(names)s", names=", ".join(sorted(BY_NAME))
        )
        message = f"the function {name} is not available in conditions"
        return Problem("condition.not_available", message, locate(opened.named_at), hint)
    count = 0 if opened.empty else opened.commas + 1
    if signature.count[0] <= count <= signature.count[1]:
        return None
    message = f"{name} does not take {count} argument{'' if count == 1 else 's'}"
    return Problem(
        "condition.syntax",
        message,
        locate(opened.named_at),
        Hint("as %(example)s", example=signature.example),
    )


def _judge(kind: str, token: str) -> tuple[str, str, Hint] | None:
    """Code, message and hint of a token that conditions do not know."""
    if kind in _ANSWERS:
        return _ANSWERS[kind]
    if kind == "foreign":
        return (
            "condition.syntax",
            f"'{token}' has no meaning in conditions",
            Hint("write %(word)s", word=_FOREIGN[token]),
        )
    if kind == "prefixed" and not token.upper().startswith("DATE'"):
        word = token.partition("'")[0]
        hint = Hint("write the text in plain single quotes")
        return "condition.syntax", f"{word} before a text has no meaning here", hint
    if kind == "badnumber":
        return "condition.number", f"'{token}' is not a plain number", _number_hint(token)
    if kind == "string" and _CONTROL.search(token):
        hint = Hint("write it on one line, without control characters")
        return "condition.character", "a text holds an invisible character", hint
    if kind == "parameter":
        return "condition.parameter", f"'{token}' is a parameter", Hint("write the value itself")
    if kind == "quoted":
        hint = Hint("texts stand in single quotes, names in none")
        return "condition.quoted_name", f"{token} has no meaning in conditions", hint
    if kind == "other":
        plain = _FULL_WIDTH.get(token)
        hint = Hint("texts stand in single quotes; names have a–z, 0–9 and _")
        hint = Hint("write %(mark)s (half width)", mark=plain) if plain else hint
        return "condition.character", f"'{token}' has no meaning in conditions", hint
    return None


def _number_hint(token: str) -> Hint:
    """How a doubtful number is written instead."""
    plain = token.replace("_", "")
    return (
        Hint("write %(number)s", number=plain)
        if plain.isdigit() and "_" in token
        else Hint("digits with at most one decimal point")
    )
