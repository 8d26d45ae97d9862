"""What an ask is answered over rows: of a contact by channel and category, or of the offers of strategies."""

from __future__ import annotations

from dataclasses import replace

from strategies.candidate import Candidate
from strategies.cases.case import Ask, Outcome, Step
from strategies.cases.world import World, may_wait
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.judging.judge import judge
from strategies.offering.eligibility import UNIVERSAL_CONTROL, candidates, in_universal_control
from strategies.offering.ranking import rank
from strategies.profile import Profile
from strategies.verdict import ALLOWED, Refusal, Verdict


def bare_candidate(playbook: Playbook, profile: Profile, ask: Ask, channel: str) -> Candidate:
    """The contact that an ask by channel and category is about."""
    known = playbook.channels[channel]
    line = next((line for line in profile.lines if line.id == ask.line), None)
    number = (line.number_hash if line is not None else None) or profile.number_hash
    return Candidate(
        channel=channel,
        category=ask.category or "",
        direction=known.direction,
        promotional=playbook.operator.categories[ask.category or ""],
        strategy=ask.strategy or "",
        offer=ask.offer or "",
        family=ask.family,
        line=ask.line,
        number_hash=number if known.needs_number else None,
    )


def _ask_bare(
    world: World, ask: Ask, at: Instant, *, elsewhere: bool
) -> tuple[Outcome, Candidate | None, Verdict]:
    playbook, profile = world.playbook, world.profile
    candidate = bare_candidate(playbook, profile, ask, ask.channel or "")
    verdict = judge(playbook, candidate, profile, at)
    controlled = candidate.promotional and in_universal_control(playbook, profile)
    if controlled and verdict.allowed:
        verdict = _left_alone(UNIVERSAL_CONTROL, candidate)
    passing = [
        name
        for name in playbook.channels
        if elsewhere
        and not controlled
        and name != ask.channel
        and judge(playbook, bare_candidate(playbook, profile, ask, name), profile, at).allowed
    ]
    return Outcome(verdict.refusals, verdict.until, verdict.allowed, tuple(passing)), candidate, verdict


def _left_alone(arm: str, candidate: Candidate) -> Verdict:
    """Every rule passes, and yet a control group gets no contact."""
    return Verdict((Refusal("control_group", arm, None, candidate.place, on_hit="drop"),))


def _wanted(ask: Ask, candidate: Candidate) -> bool:
    return (ask.offer is None or candidate.offer == ask.offer) and (
        ask.line is None or candidate.line == ask.line
    )


def _ask_offers(
    world: World, ask: Ask, at: Instant, *, elsewhere: bool
) -> tuple[Outcome, Candidate | None, Verdict]:
    """Walk the ranking to the first candidate that passes; a control candidate that passes ends the walk."""
    playbook, profile = world.playbook, world.profile
    only = None if ask.strategy is None else frozenset({ask.strategy})
    eligible = candidates(playbook, profile, at, strategies=only)
    wanted = [each for each in eligible.candidates if _wanted(ask, each)]
    here = [each for each in wanted if ask.channel in (None, each.channel)]
    ranking = rank(playbook, profile, here, at)
    if not ranking:
        return Outcome(eligible.refusals, None, False), None, Verdict(eligible.refusals)
    verdicts = [judge(playbook, each.candidate, profile, at) for each in ranking]
    place = next((index for index, verdict in enumerate(verdicts) if verdict.allowed), None)
    if place is None and (ask.reserve or ask.defer):  # first the same in another channel, where rules say so
        for each, refused in zip(ranking, verdicts, strict=True):
            way = None if each.in_control else world.way_round(each.candidate, refused, at)
            if way is not None:
                outcome = Outcome(
                    refused.refusals, refused.until, ranking=tuple(ranking), rerouted_to=way.channel
                )
                return outcome, way, ALLOWED
    if place is None:  # only then is the best one that may wait looked for
        waiting = (index for index, each in enumerate(ranking) if may_wait(each.candidate, verdicts[index]))
        place = next(waiting, 0) if ask.defer else 0
    chosen, verdict = ranking[place], verdicts[place]
    if chosen.in_control and verdict.allowed:
        verdict = _left_alone(chosen.arm, chosen.candidate)
    passing = tuple(
        other.channel
        for other in wanted
        if elsewhere
        and not chosen.in_control
        and (other.strategy, other.offer, other.line)
        == (chosen.candidate.strategy, chosen.candidate.offer, chosen.candidate.line)
        and other.channel != chosen.candidate.channel
        and judge(playbook, other, profile, at).allowed
    )
    outcome = Outcome(verdict.refusals, verdict.until, verdict.allowed, passing, ranking=tuple(ranking))
    return outcome, chosen.candidate, verdict


def _in_control(world: World, outcome: Outcome, candidate: Candidate) -> bool:
    """Whether the customer is left alone, and so takes no place, neither now nor later."""
    ranked = next((each for each in outcome.ranking if each.candidate == candidate), None)
    if ranked is not None:
        return ranked.in_control
    return candidate.promotional and in_universal_control(world.playbook, world.profile)


def asked(world: World, step: Step, ask: Ask, at: Instant) -> tuple[Outcome, Candidate | None]:
    """The answer to an ask; other channels are asked only where the case wants to know."""
    elsewhere = step.expect is not None and "channels_now" in step.expect.named
    way = _ask_bare if ask.category is not None else _ask_offers
    outcome, candidate, verdict = way(world, ask, at, elsewhere=elsewhere)
    outcome = replace(outcome, degraded=not world.profile.history_reachable)
    # without the history no place can be committed: the answer is advice
    takes = (ask.reserve or ask.defer) and world.profile.history_reachable
    if candidate is not None and takes and not _in_control(world, outcome, candidate):
        outcome = world.reserve(ask, candidate, verdict, outcome, at)
    return outcome, candidate
