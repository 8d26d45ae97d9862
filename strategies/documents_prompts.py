"""Readers of what a voice menu says: a prompt in every language, as text, SSML or the name of a recording."""

from __future__ import annotations

import re
from collections.abc import Collection

from strategies.documents import Reading
from strategies.documents_texts import spoken_text
from strategies.documents_values import check_language
from strategies.menu import Prompt, Prompts
from strategies.source import Node
from strategies.speaking import spoken_seconds

PROMPT_KEYS = ("text", "ssml", "file", "seconds")
LONGEST = 600.0
"""Seconds of one prompt at most."""
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_{}-]*(/[A-Za-z0-9][A-Za-z0-9_{}-]*)*")


def read_prompts(reading: Reading, node: Node, what: str, also: Collection[str] = ()) -> Prompts:
    """What is said, by language; ``also`` are words that its placeholders may use beside the fields."""
    if node.mapping is None:
        reading.wrong(node, what, "a prompt by language", "as {en: …}")
        return {}
    found: dict[str, Prompt] = {}
    for language, value in node.mapping.items():
        check_language(reading, language, node.keys[language])
        prompt = _prompt(reading, value, f"{what} in {language}", also)
        if prompt is not None:
            found[language] = prompt
    missing = [each for each in reading.languages if each not in node.mapping]
    if missing and not reading.lenient:
        message = f"{what} is not said in {', '.join(missing)}"
        hint = "whoever calls hears their own language: write it in each language of the operator"
        reading.problem("menu.language", message, node.where, hint)
    return found


def _prompt(reading: Reading, node: Node, what: str, also: Collection[str]) -> Prompt | None:
    """One language: a text, or a mapping with the text and how else it is spoken."""
    if node.mapping is None:
        text = spoken_text(reading, node, what, also)
        return None if text is None else Prompt(text, _seconds(text, also))
    section = reading.section(node, what, PROMPT_KEYS)
    if section is None:
        return None
    written = section.need("text", "what is said, for logs, simulators and where no recording plays")
    text = spoken_text(reading, written, what, also) if written else None
    seconds = section.number("seconds", 0.1, LONGEST)
    file, ssml = section.text("file"), section.text("ssml")
    if file is not None and not _FILE.fullmatch(file):
        message = f"'{file}' cannot be a recording"
        hint = "its name as the telephone system knows it, without ending, as menu/welcome"
        reading.problem("value.name", message, section.where("file"), hint)
    fragment = section.get("ssml")
    if ssml is not None and fragment is not None:
        spoken_text(reading, fragment, f"'ssml' of {what}", also)
    return None if text is None else Prompt(text, seconds or _seconds(text, also), ssml, file)


def _seconds(text: str, also: Collection[str]) -> float:
    """How long a text takes; what ``also`` fills is a single figure."""
    for word in also:
        text = text.replace(f"{{{word}}}", " 1 ")
    return spoken_seconds(text)
