"""What an unquoted scalar of YAML means here: text, number, true, false, null, or a problem."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from strategies.problems import Hint

Plain = str | bool | int | Decimal | None
Fault = tuple[str, str, Hint]
"""Code, message and hint."""

_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_NUMBER_LIKE = re.compile(
    r"[-+]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?|[-+]?0[xXoObB][\dA-Fa-f_]+|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)"
)
_LONGEST_SHOWN = 60
_TRUTH_LIKE = frozenset({"yes", "no", "on", "off", "true", "false"})


@lru_cache(maxsize=16_384)
def plain_value(text: str) -> tuple[Plain, Fault | None]:
    """The value of an unquoted scalar, or None and what is wrong with it."""
    if text in ("true", "false"):
        return text == "true", None
    if text == "null":
        return None, None
    if _NUMBER.fullmatch(text):
        return (int(text) if text.lstrip("-").isdigit() else Decimal(text)), None
    if text == "":
        hint = Hint('write it, or leave the key out; "" is the empty text')
        return None, ("yaml.no_value", "a value is missing here", hint)
    if text.lower() in _TRUTH_LIKE:
        meant = "true" if text.lower() in ("yes", "on", "true") else "false"
        message = f"'{text}' could be a word or a truth value"
        return None, (
            "yaml.word",
            message,
            Hint('write %(one)s, or "%(text)s" for the word', one=meant, text=text),
        )
    if text == "~" or text.lower() == "null":
        return None, (
            "yaml.word",
            f"'{text}' could be a word or nothing",
            Hint('write %(one)s, or "%(text)s" for the word', one="null", text=text),
        )
    if _NUMBER_LIKE.fullmatch(text):
        shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
        return None, ("yaml.number", f"'{shown}' is not a plain number", _number_hint(shown))
    return text, None


def _number_hint(text: str) -> Hint:
    """How a doubtful number is written instead."""
    if "_" in text:
        return Hint('write %(one)s, or "%(text)s" for text', one=text.replace("_", ""), text=text)
    if re.fullmatch(r"0\d+", text):
        return Hint('write %(one)s, or "%(text)s" for text', one=text.lstrip("0") or "0", text=text)
    return Hint('write digits with at most one decimal point, or "%(text)s" for text', text=text)
