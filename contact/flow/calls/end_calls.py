"""Calls whose end nobody reported, as when a telephone system broke, are ended when nothing more is heard of them."""

from __future__ import annotations

from dataclasses import replace

from contact.faults import NotFound
from contact.ports import Ports
from ivr.call import CallOutcome, Journey
from strategies.instants import HOUR, SECOND, Instant
from strategies.problems import ProblemsFound

UNTOUCHED = HOUR
"""Without a step for so long nobody is on the line any more."""
PAGE = 500


async def end_forgotten_calls(ports: Ports) -> int:
    """End calls of which no step was told for an hour; how many.

    Who withdrew consent or was served a goal did not abandon the call; everybody else did. Should it go on after all, its
    own end says more and stands.
    """
    before = Instant((await ports.clock.now()).at - UNTOUCHED)
    open_calls = await ports.calls.left_open(before, PAGE)
    forgotten = [each for each in open_calls if _last_told(each) < before]
    for each in forgotten:
        await ports.calls.record(replace(each, outcome=await _outcome(ports, each)))
    await ports.calls.flush()
    return len(forgotten)


async def _outcome(ports: Ports, call: Journey) -> CallOutcome:
    usual: CallOutcome = "abandoned" if call.goal is None else "reached"
    if call.source != "own":
        return usual
    try:
        menu = (await ports.playbooks.version(call.version)).menus.get(call.menu)
    except (NotFound, ProblemsFound):
        return usual
    places = {step.node for step in call.steps}
    withdrew = menu is not None and any(
        node.kind == "opt_out" for node in menu.nodes.values() if node.id in places
    )
    return "opted_out" if withdrew else usual


def _last_told(call: Journey) -> Instant:
    return Instant(call.at + round(SECOND * call.seconds))
