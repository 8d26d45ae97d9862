"""One customer's options in a channel: eligible → ranking → verdicts. Pure; ``decide`` and the card share it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from contact.domain.halt import Halted, with_halts
from contact.flow.gather import Gathered, facts_of, placed
from contact.flow.wording import first_hole, in_language
from contact.ports import Identity
from strategies.candidate import Candidate, Ranked
from strategies.declared.playbook import Playbook
from strategies.offering.eligibility import Eligible, candidates
from strategies.offering.judging_together import Judge
from strategies.offering.ranking import rank
from strategies.profile import Profile
from strategies.verdict import Refusal, Verdict

NOT_FIELDS = frozenset({"name", "offer"})


@dataclass(frozen=True, slots=True)
class Option:
    """A ranked candidate and what the rules say of it now."""

    ranked: Ranked
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Weighed:
    """Every option in order of priority, and what never became one."""

    options: tuple[Option, ...]
    not_eligible: tuple[Refusal, ...]
    eligible: Eligible
    judge: Judge
    halted: Halted

    def channels_now(self, candidate: Candidate) -> list[str]:
        """Other channels in which the candidate's offer passes now; the rules are asked of them when this is."""
        others = self.eligible.elsewhere(candidate)
        return [other.channel for other in others if _verdict(self.judge, self.halted, other).allowed]


def weigh(
    gathered: Gathered,
    identity: Identity,
    channel: str,
    strategies: Sequence[str] | None,
    language: str | None,
) -> Weighed:
    """The customer's options in one channel at the gathered instant."""
    playbook, profile, now = gathered.playbook, gathered.profile, gathered.moment.at
    wanted = None if strategies is None else frozenset(strategies)
    eligible = candidates(playbook, profile, now, strategies=wanted)
    ranking = rank(playbook, profile, eligible.in_channel(channel), now)
    judge = Judge(playbook, profile, now)
    options = []
    for ranked in ranking:
        verdict = _verdict(judge, gathered.halted, ranked.candidate)
        options.append(Option(ranked, _with_text(gathered, ranked.candidate, verdict, identity, language)))
    not_eligible = tuple(gate.refusal for gate in eligible.refused if gate.channel in ("", channel))
    return Weighed(tuple(options), not_eligible, eligible, judge, gathered.halted)


def _verdict(judge: Judge, halted: Halted, candidate: Candidate) -> Verdict:
    verdict = judge.verdict(candidate)
    return with_halts(halted, candidate, verdict) if halted else verdict


def hole_in_text(
    gathered: Gathered, candidate: Candidate, identity: Identity, language: str | None
) -> str | None:
    """The first unknown name in a message that leaves through a gateway; None where it can be said whole."""
    customers = identity.language or gathered.profile.language
    texts = _message(gathered.playbook, candidate, language, customers)
    facts = {**facts_of(gathered.playbook, gathered.profile, candidate.line), "name": identity.name or None}
    return first_hole(texts, facts, frozenset({"offer"})) if texts else None


def fields_missing_in_text(playbook: Playbook, profile: Profile, candidate: Candidate) -> str | None:
    """The same for a plan, which reads no names: the first unknown field of a gateway message."""
    texts = _message(playbook, candidate, None, profile.language)
    return first_hole(texts, facts_of(playbook, profile, candidate.line), NOT_FIELDS) if texts else None


def _message(
    playbook: Playbook, candidate: Candidate, asked: str | None, customers: str | None
) -> tuple[str, ...]:
    """The texts of a candidate that leaves through a gateway; none for any other channel."""
    channel = playbook.channels.get(candidate.channel)
    way = placed(playbook, candidate).way if channel is not None and channel.delivery == "gateway" else None
    return in_language(way.texts, asked, customers, playbook.operator.languages)[1] if way is not None else ()


def _with_text(
    gathered: Gathered, candidate: Candidate, verdict: Verdict, identity: Identity, language: str | None
) -> Verdict:
    """The verdict, refused too where the message has a hole."""
    hole = hole_in_text(gathered, candidate, identity, language)
    if hole is None:
        return verdict
    refusal = Refusal("unknown_field", "channel.text", None, candidate.place, hole, "drop")
    return Verdict((*verdict.refusals, refusal), None)
