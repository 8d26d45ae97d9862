"""Verdicts of several candidates of one customer: candidates that no rule can tell apart are judged once."""

from __future__ import annotations

from strategies.candidate import Candidate
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.applying import Applying, applying_here
from strategies.judging.asking import Asking
from strategies.judging.judge import Said, judged, validity_allows_from
from strategies.offering.gates import gates_of
from strategies.profile import Profile
from strategies.verdict import Verdict


class Judge:
    """Judges candidates of one customer at one instant, one after the other; those alike to all rules only once."""

    __slots__ = ("_here", "_known", "_lines", "_some_invalid", "now", "playbook", "profile")

    def __init__(self, playbook: Playbook, profile: Profile, now: Instant) -> None:
        self.playbook, self.profile, self.now = playbook.at(now), profile, now
        self._here = applying_here(self.playbook, profile)
        self._some_invalid = bool(gates_of(self.playbook).invalid(now))
        self._known: dict[tuple[object, ...], Verdict] = {}
        self._lines: dict[tuple[str | None, str | None], tuple[Asking, Said]] = {}

    def verdict(self, candidate: Candidate) -> Verdict:
        """What ``judge`` says of the candidate."""
        found = self._here.to(candidate)
        key: tuple[object, ...] = (found.group, candidate.number_hash, candidate.line)
        dated = found.strategy if self._some_invalid else None
        if dated is not None and validity_allows_from(dated, self.now) != self.now:
            key = (*key, dated.id)  # its refusal names where the strategy stands
        verdict = self._known.get(key)
        if verdict is None:
            verdict = self._known[key] = self._judged(candidate, found)
        return verdict

    def _judged(self, candidate: Candidate, found: Applying) -> Verdict:
        # rules take the customer's own number where a channel needs none
        about = (candidate.line, candidate.number_hash or self.profile.number_hash)
        line = self._lines.get(about)
        if line is None:
            line = self._lines[about] = (Asking(self.playbook, candidate, self.profile), Said())
        asking, said = line
        asking.candidate = candidate
        return judged(asking, self.now, found, said)
