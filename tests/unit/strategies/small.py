"""A small sound configuration, shared by the tests of the language: the files of ``tests/cases/broken/around``."""

from __future__ import annotations

from pathlib import Path

AROUND = Path(__file__).parents[2] / "cases" / "broken" / "around"


def small_texts() -> dict[str, str]:
    """Path relative to ``config/`` → text."""
    return {str(path.relative_to(AROUND)): path.read_text("utf-8") for path in sorted(AROUND.rglob("*.yaml"))}
