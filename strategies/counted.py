"""Counts with their nouns, for the English messages of checks, answers and commands."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """``1 day``, ``2 days``, ``20,000 customers``: a count with its noun, which takes an s unless it is one."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
