"""Rerouting: the same offer in another channel, where a rule that refuses says so."""

from __future__ import annotations

from strategies.candidate import OUTGOING, Candidate
from strategies.declared.playbook import Playbook
from strategies.judging.asking import facts_of
from strategies.offering.eligibility import candidate_of, needs_refusal, number_for
from strategies.profile import Profile
from strategies.verdict import Verdict


def ways_round(
    playbook: Playbook, profile: Profile, candidate: Candidate, verdict: Verdict
) -> list[Candidate]:
    """The refused offer in the other outgoing channels that its rules name, in their order; none unless they reroute.

    Where the rules name no channel, all in which the strategy makes the offer. What rules say there is not asked here.
    """
    strategy = playbook.strategy(candidate.strategy)
    offer = next((each for each in strategy.offers if each.id == candidate.offer), None) if strategy else None
    if verdict.on_hit != "reroute" or strategy is None or offer is None:
        return []
    line = next((each for each in profile.lines if each.id == candidate.line), None)
    facts, number = facts_of(playbook, profile, line), number_for(profile, line)
    found = []
    for name in verdict.reroute or tuple(offer.channels):
        channel, way = playbook.channels.get(name), offer.channels.get(name)
        if channel is None or way is None or name == candidate.channel or channel.direction != OUTGOING:
            continue
        if needs_refusal(strategy, offer, way, channel, number, facts) is None:
            found.append(candidate_of(playbook, strategy, offer, channel, profile, line))
    return found
