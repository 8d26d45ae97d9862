"""Where a wish finds its place: at its instant, or where it may wait, at the clearing one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from contact.ports import Wish
from strategies.instants import Instant
from strategies.judging.judge import judge
from strategies.profile import Profile
from strategies.verdict import Refusal, Verdict


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a wish finds its place, and what put it off there."""

    at: Instant
    deferred_by: tuple[Refusal, ...] = ()


def placed(wish: Wish, profile: Profile, at: Instant) -> Placed | Verdict:
    """The place of a wish at the instant or, where it may wait, at the clearing one; else why there is none."""
    verdict = judge(wish.playbook, wish.candidate, profile, at)
    if not verdict.allowed:
        clearing = deferral(verdict, wish)
        if isinstance(clearing, Verdict):
            return clearing
        at = clearing
    return Placed(at, verdict.refusals) if at < wish.valid_until else expired(verdict)


def deferral(verdict: Verdict, wish: Wish) -> Instant | Verdict:
    """The instant to which a refused wish may be deferred, or the verdict that says it may not."""
    if not wish.may_defer or verdict.on_hit != "defer" or verdict.until is None:
        return verdict
    if wish.candidate.direction != "outgoing":
        return verdict
    return verdict.until if verdict.until < wish.valid_until else expired(verdict)


def expired(verdict: Verdict) -> Verdict:
    """``expired`` together with the rules that caused it; until still says when those would pass."""
    late = Refusal("expired", "task.expired", on_hit="drop")
    return replace(verdict, refusals=(*verdict.refusals, late))
