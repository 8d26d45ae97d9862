"""Draws that depend on the seed and on what is drawn for, never on the order in which processes run."""

from __future__ import annotations

from hashlib import blake2b


def draw(seed: int, *parts: str | int) -> float:
    """A number in [0, 1) that is the same for the same seed and parts, everywhere."""
    text = "\x1f".join(str(part) for part in (seed, *parts))
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") / 2**64
