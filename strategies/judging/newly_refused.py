"""What a playbook refuses that another one did not: a queued contact became unlawful, or was so before."""

from __future__ import annotations

from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.judge import judge
from strategies.profile import Profile
from strategies.verdict import Verdict


def newly_refused(
    playbook: Playbook,
    before: Playbook | None,
    candidate: Candidate,
    profile: Profile,
    at: Instant,
    contact: str,
) -> Verdict | None:
    """The refusals of the playbook at the instant that ``before`` did not have, its own contact left out; None without.

    Where ``before`` is None its word is not known, and every refusal is new.
    """
    verdict = judge(playbook.at(at), candidate, profile, at, excluding=contact)
    if verdict.allowed or before is None:
        return None if verdict.allowed else verdict
    old = judge(before.at(at), candidate, profile, at, excluding=contact)
    known = {(each.reason, each.rule) for each in old.refusals}
    new = tuple(each for each in verdict.refusals if (each.reason, each.rule) not in known)
    return Verdict(new, verdict.until) if new else None
