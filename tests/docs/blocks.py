"""The fenced blocks of README and docs/, and what is to be done with each.

A comment alone on the line above a block says what it needs or is; without one the block runs by itself:

``<!-- block: demo -->``                runs against the running demonstration (port and folder are put in)
``<!-- block: public data -->``         runs after the page's earlier ones in one shell, where the data is beside us
``<!-- block: story -->``               runs after the page's earlier ones of this kind, in one folder of its own
``<!-- block: shown, because … -->``    is not run; the reason is for the reader of the source
``<!-- block: strategy|policy|tariff|model|menu|mapping|case -->``  YAML of that kind, compiled or run as such

``sh`` blocks run with ``bash -euo pipefail`` from the repository's folder; lines that begin with ``make`` are only
checked for their target. ``console`` blocks hold ``$ command`` lines, each followed by what it prints; ``…`` stands
for anything. ``python`` runs, ``yaml`` is read by the strict reader.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
)
LANGUAGES = ("sh", "console", "python", "yaml")
_FENCE = re.compile(r"^```(?P<language>\w*)\s*$")
_MARK = re.compile(r"^<!-- block: (?P<mark>.+?) -->$")


@dataclass(frozen=True)
class Block:
    """One fenced block: its page, the line its code begins on, language, mark and code."""

    page: Path
    line: int
    language: str
    mark: str
    code: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def shown(self) -> bool:
        return self.mark.startswith("shown")


def blocks_of(page: Path) -> list[Block]:
    """All fenced blocks of a page, in order."""
    found: list[Block] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    start: int | None = None
    language = mark = ""
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if start is None and fence:
            above = _MARK.match(lines[number - 1]) if number else None
            start, language, mark = number + 1, fence["language"], above["mark"] if above else ""
        elif start is not None and line == "```":
            found.append(Block(page, start + 1, language, mark, "\n".join(lines[start:number]) + "\n"))
            start = None
    assert start is None, f"{page}: the block of line {start} is not closed"
    return found


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
