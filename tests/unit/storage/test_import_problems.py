"""Codes of imports are a closed list."""

from __future__ import annotations

import re
from pathlib import Path

from contact.storage.imports import problems as import_problems
from strategies.problem_codes import CODES

SOURCES = Path(import_problems.__file__).parent


def test_every_code_that_imports_report_is_listed() -> None:
    """Each code in the import's sources is its own or the language's, and each of its own is used."""
    used: set[str] = set()
    for path in SOURCES.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r'"(import\.[a-z_]+)"', text)) if path.name != "problems.py" else set()
        if path.name.startswith("mapping"):
            used |= set(re.findall(r'self\.problem\(\s*"([a-z_.]+)"', text))
    assert {code for code in used if code.startswith("import.")} == set(import_problems.CODES)
    assert used <= {*import_problems.CODES, *CODES}
