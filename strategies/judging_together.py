"""Verdicts of several candidates of one customer: candidates that no rule can tell apart are judged once."""

from __future__ import annotations

from collections.abc import Iterable

from strategies.applying import Applying, applying_here
from strategies.asking import Asking
from strategies.candidate import Candidate
from strategies.gates import gates_of
from strategies.instants import Instant
from strategies.judging import judged, rule_refusal, validity_allows_from
from strategies.playbook import Playbook
from strategies.profile import Profile
from strategies.verdict import Refusal, Verdict

_UNASKED = Refusal("cannot_tell", "")
"""Stands where a rule has not been asked: None is an answer."""


class _Line:
    """The question about one line of a customer (None: the customer as such) and what rules have said to it."""

    __slots__ = ("asking", "said")

    def __init__(self, asking: Asking) -> None:
        self.asking = asking
        self.said: dict[object, Refusal | None] = {}
        """By the identity of the rule and all of the candidate that it sees."""

    def refusals(self, found: Applying, asking: Asking, at: Instant) -> list[Refusal]:
        """As ``rule_refusals``; rules that follow one another in time are asked each time."""
        said, refused, candidate = self.said, [], asking.candidate
        for rule, identity, sees, slices in found.asked:
            if slices:
                refusal = rule_refusal(rule, asking, at, slices)
            else:
                key = identity if sees is None else (identity, sees(candidate))
                refusal = said.get(key, _UNASKED)
                if refusal is _UNASKED:
                    refusal = said[key] = rule_refusal(rule, asking, at)
            if refusal is not None:
                refused.append(refusal)
        return refused


def judge_each(
    playbook: Playbook, candidates: Iterable[Candidate], profile: Profile, now: Instant
) -> list[Verdict]:
    """What ``judge`` says of each of the candidates at the instant, in their order."""
    playbook = playbook.at(now)
    known: dict[tuple[object, ...], Verdict] = {}
    lines: dict[str | None, _Line] = {}
    here, some_invalid = applying_here(playbook, profile), bool(gates_of(playbook).invalid(now))
    verdicts = []
    for candidate in candidates:
        found, line = here.to(candidate), candidate.line
        key: tuple[object, ...] = (found.group, candidate.number_hash, line)
        if found.strategy is not None and some_invalid and validity_allows_from(found.strategy, now) != now:
            key = (*key, found.strategy.id)  # its refusal names where the strategy stands
        verdict = known.get(key)
        if verdict is None:
            asked = lines.get(line)
            if asked is None:
                asked = lines[line] = _Line(Asking(playbook, candidate, profile))
            asked.asking.candidate = candidate
            verdict = known[key] = judged(asked.asking, now, found, asked.refusals)
        verdicts.append(verdict)
    return verdicts
