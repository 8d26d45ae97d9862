"""Texts for customers and agents: by language, with placeholders that only declared fields fill."""

from __future__ import annotations

import re
from collections.abc import Collection

from strategies.declared.fields import PLACEHOLDERS, with_built_in
from strategies.documents.reading import Reading
from strategies.documents.values import check_language
from strategies.problems import NO_HINT, Hint
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""``{name}`` in a text."""
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")


def message_texts(reading: Reading, node: Node, what: str) -> dict[str, tuple[str, ...]]:
    """One text by language."""
    return _texts(reading, node, what, steps=False)


def step_texts(reading: Reading, node: Node, what: str) -> dict[str, tuple[str, ...]]:
    """A list of texts by language."""
    return _texts(reading, node, what, steps=True)


def _texts(reading: Reading, node: Node, what: str, *, steps: bool) -> dict[str, tuple[str, ...]]:
    if node.mapping is None:
        reading.wrong(
            node, what, "a list of texts by language" if steps else "a text by language", Hint("as {en: …}")
        )
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for language, value in node.mapping.items():
        check_language(reading, language, node.keys[language])
        if steps and value.sequence is None:
            reading.wrong(
                value,
                what,
                "a list of texts",
                Hint("write [%(text)s]", text=value.text) if value.text else NO_HINT,
            )
            continue
        parts = value.sequence if steps and value.sequence is not None else (value,)
        found[language] = tuple(
            text for part in parts if (text := spoken_text(reading, part, what)) is not None
        )
        if not found[language] and not value.broken and (steps and not parts):
            reading.problem(
                "value.empty",
                f"{what} has no text in {language}",
                value.where,
                Hint("write one, or leave the language out"),
            )
    return found


def spoken_text(reading: Reading, node: Node, what: str, also: Collection[str] = ()) -> str | None:
    """One text with its placeholders checked: fields, what every text may use, and ``also``."""
    if not isinstance(node.value, str):
        reading.wrong(node, what, "text", Hint('write "%(text)s"', text=node.text) if node.text else NO_HINT)
        return None
    if not node.value.strip():
        reading.problem(
            "value.empty", f"{what} is empty", node.where, Hint("write it, or leave the language out")
        )
        return None
    known = {*with_built_in(reading.fields), *PLACEHOLDERS, *also}
    for match in _BRACES.finditer(node.value):
        name = match.group(1)
        if name is None:
            hint = Hint("a placeholder is a name in braces, as {name}")
            reading.problem(
                "placeholder.brace",
                f"'{match.group()}' opens or closes no placeholder",
                node.at(match.start()),
                hint,
            )
        elif name not in known and name not in reading.doubtful and "field" not in reading.unread:
            message = f"nothing fills {{{name}}}"
            reading.problem("placeholder.unknown", message, node.at(match.start()), suggestion(name, known))
    return node.value
