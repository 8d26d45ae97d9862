"""Which journeys failed their caller, and which way of getting help a caller's journeys speak for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ivr.call import Journey
from ivr.journeys import ENQUIRY
from strategies.instants import DAY

Why = Literal["abandoned", "agent", "repeated"]
AGENT_KEYS = 3
"""An agent reached after so many keys is an agent the menu kept the caller from."""
LISTENED_SECONDS = 10.0
"""Who hangs up sooner and has pressed nothing may have dialled wrong."""
REPEATED_WITHIN = DAY
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


def failure(call: Journey, following: Journey | None) -> Failure | None:
    """Whether an ended call failed: hung up in a menu after listening, passed to an agent after many keys, or followed
    within a day by another call for the same goal, or by any where none was served. Enquiries and open calls do not fail."""
    if call.source == ENQUIRY or call.outcome == "open" or not call.steps:
        return None
    node = call.steps[-1].node
    if call.outcome == "abandoned" and (call.keys or call.seconds >= LISTENED_SECONDS):
        return Failure(call, "abandoned", node)
    if call.outcome == "agent" and call.keys >= AGENT_KEYS:
        return Failure(call, "agent", node)
    if following is not None and call.outcome != "opted_out" and _same_again(call, following):
        return Failure(call, "repeated", node)
    return None


def _same_again(call: Journey, following: Journey) -> bool:
    soon = call.at < following.at <= call.at + REPEATED_WITHIN
    return soon and (call.goal is None or call.goal == following.goal)


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
