"""``contact serve`` of a build that ends the moment it is told to: what it has in hand is dropped."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Any

from contact.faces.cli.main import run


def end_at_once(loop: asyncio.AbstractEventLoop, how: int, callback: Any, *words: Any) -> None:
    """In place of what a loop does with the handler it is given."""
    signal.signal(how, lambda *_: os._exit(0))


if __name__ == "__main__":
    asyncio.SelectorEventLoop.add_signal_handler = end_at_once  # type: ignore[method-assign,assignment]
    run()
