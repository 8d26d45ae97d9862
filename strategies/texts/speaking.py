"""How long a text takes to be spoken, where nobody has measured the recording."""

from __future__ import annotations

import re

CHARACTERS_A_SECOND = 4.0
"""Of Chinese, Japanese and Korean script: 240 a minute, unhurried announcement speed."""
WORDS_A_SECOND = 2.5
"""Of other scripts: 150 a minute. A figure is a word."""
PAUSE = 0.25
"""Seconds at a mark that ends a clause."""
FILLED = 1.5
"""Seconds of what fills a placeholder."""

_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
_SYLLABIC = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_WORD = re.compile(r"\d|[^\W\d_]+(?:['’][^\W\d_]+)*")
_CLAUSE = re.compile(r"[.,;:!?](?=\s|$)|[，。；：！？、]")


def spoken_seconds(text: str) -> float:
    """Seconds that a text takes to be spoken, to a tenth; an estimate that a measured length replaces."""
    filled, rest = len(_PLACEHOLDER.findall(text)), _PLACEHOLDER.sub(" ", text)
    characters, rest = len(_SYLLABIC.findall(rest)), _SYLLABIC.sub(" ", rest)
    seconds = characters / CHARACTERS_A_SECOND + len(_WORD.findall(rest)) / WORDS_A_SECOND
    return round(seconds + filled * FILLED + len(_CLAUSE.findall(text)) * PAUSE, 1)
