"""The parts of a mapping's text, read strictly; what is wrong is collected, never guessed at."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from strategies.problems import NO_HINT, Hint, Problem, Where
from strategies.texts.source import Node


def suggestion(wrong: str, known: Iterable[str]) -> Hint:
    """``did you mean 'x'?`` for the nearest known word, else the list of them."""
    words = list(known)
    close = difflib.get_close_matches(wrong, words, 1, 0.6)
    return (
        Hint("did you mean '%(name)s'?", name=close[0])
        if close
        else Hint("known: %(names)s", names=", ".join(words))
    )


def column_meant(wanted: str, header: Sequence[str]) -> Hint:
    """What to do where a column is not found: it may differ in its case, in spaces, or in what nobody sees."""
    for name in header:
        if _letters(name) == _letters(wanted):
            return Hint(
                "the file writes it %(name)s: mend the first row, or write it so in the mapping",
                name=repr(name),
            )
    hint = suggestion(wanted, header)
    return hint if hint.startswith("did you mean") else Hint("check the first row and the delimiter")


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, name)).casefold()


class NodeReader:
    """Reads nodes and keeps the problems it meets."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.problems: list[Problem] = []

    def problem(self, code: str, message: str, where: Where, hint: Hint = NO_HINT) -> None:
        self.problems.append(Problem(code, message, where, hint))

    def keys(self, node: Node, known: tuple[str, ...], what: str) -> dict[str, Node]:
        """The entries of a mapping node whose keys are known."""
        if node.mapping is None:
            self.problem("value.type", f"{what} must be a mapping of keys to values", node.where)
            return {}
        for key in node.mapping:
            if key not in known:
                hint = (
                    Hint("did you mean 'empty'?")
                    if key in ("null", "nulls", "na")
                    else suggestion(key, known)
                )
                self.problem(
                    "key.unknown", f"{what} has no key '{key}'", node.keys.get(key, node.where), hint
                )
        return {key: entry for key, entry in node.mapping.items() if key in known}

    def text(self, node: Node | None) -> str | None:
        if node is None:
            return None
        if not isinstance(node.value, str) or not node.value:
            self.problem(
                "value.type", "text is needed here", node.where, Hint("write a word, in quotes where needed")
            )
            return None
        return node.value

    def flag(self, node: Node | None) -> bool:
        if node is not None and not isinstance(node.value, bool):
            self.problem("value.type", "true or false is needed here", node.where)
            return False
        return node is not None and bool(node.value)

    def chosen(self, node: Node | None, code: str, what: str, known: Iterable[str]) -> str | None:
        text = self.text(node)
        if text is not None and node is not None and text not in known:
            close = difflib.get_close_matches(text, known, 1, 0.6)
            self.problem(
                code,
                f"there is no {what} '{text}'",
                node.where,
                Hint("did you mean '%(name)s'?", name=close[0]) if close else NO_HINT,
            )
            return None
        return text
