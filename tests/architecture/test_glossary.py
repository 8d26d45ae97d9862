"""One word per idea: the glossary lists each with its Chinese term, and each exists in code or configuration."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENTRY = re.compile(
    r"^\*\*(?P<word>[a-z][a-z -]*)\*\*\s+(?P<chinese>[（(]?[\u4e00-\u9fff][^:：]*?)[:：] (?P<meaning>.+)$"
)
WHERE = ("contact", "strategies", "scoring", "config", "demo")


def _entries() -> dict[str, re.Match[str]]:
    lines = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").splitlines()
    starts = [line for line in lines if line.startswith("**")]
    matches = {line: ENTRY.match(line) for line in starts}
    assert [line for line, match in matches.items() if match is None] == [], (
        "each entry: **word** 中文: meaning"
    )
    return {match["word"]: match for match in matches.values() if match is not None}


def test_every_word_has_a_chinese_term_and_a_meaning() -> None:
    """Whoever reads the code in one language finds the word of the other."""
    entries = _entries()
    assert len(entries) >= 40
    assert all(len(match["meaning"]) > 10 for match in entries.values())


def test_every_word_exists() -> None:
    """A word of the glossary that nothing uses is a leftover, or the thing goes by another name."""
    text = "\n".join(
        path.read_text(encoding="utf-8").lower()
        for folder in WHERE
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".yaml", ".sql")
    )
    missing = [word for word in _entries() if not any(form in text for form in _forms(word))]
    assert missing == []


def _forms(word: str) -> list[str]:
    return [word, word.replace(" ", "_"), word.replace(" ", "-"), word.replace(" ", "")]
