"""Calls whose end nobody reported, as when a telephone system broke, are ended when nothing more is heard of them."""

from __future__ import annotations

from dataclasses import replace

from contact.ports import Ports
from ivr.call import Journey
from strategies.instants import HOUR, SECOND, Instant

UNTOUCHED = HOUR
"""Without a step for so long nobody is on the line any more."""
PAGE = 500


async def end_forgotten_calls(ports: Ports) -> int:
    """End calls of which no step was told for an hour; how many.

    They reached their goal where one was served, else they count as abandoned. Should the call go on after all, its own end
    says more and stands.
    """
    before = Instant((await ports.clock.now()).at - UNTOUCHED)
    open_calls = await ports.calls.left_open(before, PAGE)
    forgotten = [each for each in open_calls if _last_told(each) < before]
    for each in forgotten:
        await ports.calls.record(replace(each, outcome="abandoned" if each.goal is None else "reached"))
    await ports.calls.flush()
    return len(forgotten)


def _last_told(call: Journey) -> Instant:
    return Instant(call.at + round(SECOND * call.seconds))
