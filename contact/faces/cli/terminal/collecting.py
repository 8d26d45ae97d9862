"""How seldom our processes look for garbage: nearly all that they make goes by itself."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

COLLECTED_AFTER = (10_000, 50)
"""New objects before the collector looks at the young ones, and such looks before the next older ones. With Python's own 700
and 10 whatever waited in a line of requests was taken for old, so that the longer the line the more full collections stopped
everybody, for up to a tenth of a second; a check of files walked again and again through what it keeps to its end."""


@contextmanager
def collected_seldom() -> Iterator[None]:
    """For as long as a program runs; as it ends the system takes back its memory at once, unsearched."""
    gc.set_threshold(*COLLECTED_AFTER)
    try:
        yield
    finally:
        gc.freeze()
