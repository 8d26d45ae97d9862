"""Readers of what a voice menu says: a prompt in every language, as text, SSML or the name of a recording."""

from __future__ import annotations

import re
from collections.abc import Collection

from strategies.declared.menu import Prompt, Prompts
from strategies.documents.reading import Reading
from strategies.documents.texts import spoken_text
from strategies.documents.values import check_language
from strategies.problems import Hint
from strategies.texts.source import Node
from strategies.texts.speaking import spoken_seconds

PROMPT_KEYS = ("text", "ssml", "file", "seconds")
NOT_IN_CALLS = ("name", "offer")
"""What other texts may say: a voice menu calls nobody by name, and an offer comes with texts of its own."""
LONGEST = 600.0
"""Seconds of one prompt at most."""
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_{}-]*(/[A-Za-z0-9][A-Za-z0-9_{}-]*)*")


def read_prompts(
    reading: Reading, node: Node, what: str, also: Collection[str] = (), *, figures: bool = False
) -> Prompts:
    """What is said, by language; its placeholders are the operator's name, ``also`` and, with ``figures``, fields.

    A sentence of which a field is unknown is not said: that must never be the name of a key, or a question.
    """
    if node.mapping is None:
        reading.wrong(node, what, "a prompt by language", Hint("as {en: …}"))
        return {}
    found: dict[str, Prompt] = {}
    for language, value in node.mapping.items():
        check_language(reading, language, node.keys[language])
        prompt = _prompt(reading, value, f"{what} in {language}", also, figures)
        if prompt is not None:
            found[language] = prompt
    missing = [each for each in reading.languages if each not in node.mapping]
    if missing and not reading.lenient:
        message = f"{what} is not said in {', '.join(missing)}"
        hint = Hint("whoever calls hears their own language: write it in each language of the operator")
        reading.problem("menu.language", message, node.where, hint)
    return found


def _prompt(reading: Reading, node: Node, what: str, also: Collection[str], figures: bool) -> Prompt | None:
    """One language: a text, or a mapping with the text and how else it is spoken."""
    if node.mapping is None:
        text = _text(reading, node, what, also, figures)
        return None if text is None else Prompt(text, _seconds(text, also))
    section = reading.section(node, what, PROMPT_KEYS)
    if section is None:
        return None
    written = section.need("text", Hint("what is said, for logs, simulators and where no recording plays"))
    text = _text(reading, written, what, also, figures) if written else None
    seconds = section.number("seconds", 0.1, LONGEST)
    file, ssml = section.text("file"), section.text("ssml")
    if file is not None and not _FILE.fullmatch(file):
        message = f"'{file}' cannot be a recording"
        hint = Hint("its name as the telephone system knows it, without ending, as menu/welcome")
        reading.problem("value.name", message, section.where("file"), hint)
    fragment = section.get("ssml")
    if ssml is not None and fragment is not None:
        _text(reading, fragment, f"'ssml' of {what}", also, figures)
    return None if text is None else Prompt(text, seconds or _seconds(text, also), ssml, file)


def _text(reading: Reading, node: Node, what: str, also: Collection[str], figures: bool) -> str | None:
    """A text that leaves no caller without it."""
    text = spoken_text(reading, node, what, also)
    for match in _PLACEHOLDER.finditer(text or ""):
        name = match[1]
        if name in NOT_IN_CALLS and name not in also:
            message = f"a call does not say {{{name}}}"
            reading.problem("placeholder.unknown", message, node.at(match.start()), Hint("leave it out"))
        elif name in reading.fields and name not in also and not figures:
            message = f"{what} would not be said to whoever's {{{name}}} is unknown"
            hint = Hint("let the prompt of the node say it")
            reading.problem("placeholder.unknown", message, node.at(match.start()), hint)
    return text


def _seconds(text: str, also: Collection[str]) -> float:
    """How long a text takes; what ``also`` fills is a single figure."""
    for word in also:
        text = text.replace(f"{{{word}}}", " 1 ")
    return spoken_seconds(text)
