"""Which journeys failed their caller, and which way of getting help a caller's journeys speak for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ivr.call import ENQUIRY, Journey
from ivr.journeys import reached
from strategies.declared.menu import Failing

Why = Literal["abandoned", "agent", "repeated"]
USUAL = Failing()
"""Of calls through menus that nobody declared."""
PREFERENCE_CALLS = 3
PREFERENCE_SHARE = 2 / 3
SELF_SERVICE, PEOPLE = "ivr", "agent"
"""Values of a preference: channels as the product's own configuration names them."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One call that did not do what its caller came for."""

    call: Journey
    why: Why
    node: str
    """Where the caller was last."""


def failure(call: Journey, failed: Failing = USUAL) -> Failure | None:
    """Whether an ended call failed by itself: hung up in a menu after listening, or passed to an agent after many keys.

    Enquiries and open calls do not fail.
    """
    if call.source == ENQUIRY or not call.steps:
        return None
    node = call.steps[-1].node
    if call.outcome == "abandoned" and (call.keys or call.seconds >= failed.seconds):
        return Failure(call, "abandoned", node)
    if call.outcome == "agent" and call.keys >= failed.keys:
        return Failure(call, "agent", node)
    return None


def repeated(call: Journey, following: Journey, failed: Failing = USUAL) -> Failure | None:
    """Whether the next call of the same caller to the same menu shows that a call did not settle what it was for.

    It does within ``failed.again``: for the same goal once more, or where neither call served one.
    """
    calls = (call, following)
    if any(
        each.source == ENQUIRY or each.outcome in ("open", "opted_out") or not each.steps for each in calls
    ):
        return None
    soon = call.at < following.at <= call.at + failed.again and call.menu == following.menu
    if soon and call.goal == following.goal and (call.goal is not None or not any(map(reached, calls))):
        return Failure(call, "repeated", call.steps[-1].node)
    return None


def preferred(calls: Sequence[Journey]) -> str | None:
    """The channel that a caller's calls speak for: the menu where they mostly ended in it with what was wanted, an agent
    where they mostly ended with one; None where they are too few or speak for neither."""
    ended = [call for call in calls if call.outcome != "open" and call.source != ENQUIRY]
    if len(ended) < PREFERENCE_CALLS:
        return None
    served = sum(call.outcome in ("reached", "opted_out") for call in ended)
    passed = sum(call.outcome == "agent" for call in ended)
    if served >= PREFERENCE_SHARE * len(ended):
        return SELF_SERVICE
    return PEOPLE if passed >= PREFERENCE_SHARE * len(ended) else None
