"""Verdicts of several candidates of one customer: candidates that no rule can tell apart are judged once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from strategies.applying import applying, seen_by_rules
from strategies.asking import Asking
from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.judging import judged, rule_refusal, validity_allows_from
from strategies.playbook import Playbook, Rule
from strategies.profile import Profile
from strategies.verdict import Refusal, Verdict


class _Said:
    """What rules have said of one customer at one instant, by all of the candidate that each can see."""

    __slots__ = ("refusals", "seen")

    def __init__(self, playbook: Playbook) -> None:
        self.seen = seen_by_rules(playbook)
        self.refusals: dict[tuple[object, ...], Refusal | None] = {}

    def refuse(self, rule: Rule, asking: Asking, at: Instant, slices: Sequence[Rule]) -> Refusal | None:
        """As ``rule_refusal``; rules that follow one another in time are asked each time."""
        if slices:
            return rule_refusal(rule, asking, at, slices)
        candidate = asking.candidate
        key: tuple[object, ...] = (id(rule), candidate.line)
        for name in self.seen[id(rule)]:
            key = (*key, getattr(candidate, name))
        try:
            return self.refusals[key]
        except KeyError:
            found = self.refusals[key] = rule_refusal(rule, asking, at)
            return found


def judge_each(
    playbook: Playbook, candidates: Iterable[Candidate], profile: Profile, now: Instant
) -> list[Verdict]:
    """What ``judge`` says of each of the candidates at the instant, in their order."""
    playbook = playbook.at(now)
    known: dict[tuple[object, ...], Verdict] = {}
    asking: Asking | None = None
    said = _Said(playbook)
    verdicts = []
    for candidate in candidates:
        found = applying(playbook, candidate, profile)
        key: tuple[object, ...] = (
            found.kind, candidate.channel, candidate.category, candidate.number_hash, candidate.line,
            candidate.direction, candidate.promotional,
        )  # fmt: skip
        if found.strategy is not None and validity_allows_from(found.strategy, now) != now:
            key = (*key, found.strategy.id)  # its refusal names where the strategy stands
        if found.reads:
            key = (*key, *(getattr(candidate, name) for name in found.reads))
        verdict = known.get(key)
        if verdict is None:
            if asking is None or asking.candidate.line != candidate.line:
                asking = Asking(playbook, candidate, profile)
            asking.candidate = candidate
            verdict = known[key] = judged(asking, now, said.refuse)
        verdicts.append(verdict)
    return verdicts
