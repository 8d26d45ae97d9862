"""Say how far long work is, from the event loop or from the thread that does the work."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Progress = Callable[[int, int | None, str], Any]
"""Called with (done, total, message); may be a coroutine function."""
InThread = Callable[[int, int, str], None]
"""The same as work in a thread calls it."""

LOOK_SECONDS = 0.25
_T = TypeVar("_T")


async def say(progress: Progress | None, done: int, total: int | None, message: str) -> None:
    """Report progress where somebody wants to know."""
    if progress is not None:
        answer = progress(done, total, message)
        if inspect.isawaitable(answer):
            await answer


async def in_thread(work: Callable[[InThread], _T], progress: Progress | None) -> _T:
    """Do heavy work in a thread, so that heartbeats go on, and say on the way what it last said of itself."""
    said: list[tuple[int, int, str]] = []
    working = asyncio.ensure_future(asyncio.to_thread(work, lambda *each: said.append(each)))
    while not working.done():
        await asyncio.wait({working}, timeout=LOOK_SECONDS)
        if said:
            done, total, message = said[-1]
            said.clear()
            await say(progress, done, total, message)
    return await working
