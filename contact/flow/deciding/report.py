"""What a channel did with a decision: shown, clicked, accepted, rejected."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from contact.faults import NotFound
from contact.flow.gather import candidate_of, gather, unknown
from contact.ports import Ports, Showing
from strategies.declared.playbook import Playbook
from strategies.instants import Instant, to_instant
from strategies.problems import Problem, ProblemsFound, Where


class ShowingReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One report on a decision, with its own id; it repeats what was decided, so a lost record loses nothing."""

    id: str
    type: Literal["shown", "clicked", "accepted", "rejected"]
    customer: str
    strategy: str
    offer: str
    channel: str
    at: datetime


async def report(ports: Ports, decision_id: str, showing: ShowingReport) -> bool:
    """Counted once from then on, even over a cap and though the decision's record was lost; False if known.

    Raises NotFound for an unknown customer, ProblemsFound for a strategy, offer or channel no playbook knows.
    """
    if showing.at.tzinfo is None:
        raise ProblemsFound([Problem("value.date", "the instant needs an offset or Z", Where("request"))])
    gathered = await gather(ports, showing.customer)
    playbook = gathered.playbook.at(gathered.moment.at)
    found = candidate_of(playbook, gathered.profile, showing.strategy, showing.offer, showing.channel)
    if found is None:
        playbook = await _playbook_then(ports, decision_id) or playbook
        found = candidate_of(playbook, gathered.profile, showing.strategy, showing.offer, showing.channel)
    if found is None:
        raise ProblemsFound([unknown("offer", f"{showing.strategy}/{showing.offer}", _offers(playbook))])
    known = Showing(
        id=showing.id,
        decision=decision_id,
        type=showing.type,
        customer=gathered.profile.customer,
        strategy=showing.strategy,
        offer=showing.offer,
        channel=showing.channel,
        at=Instant(min(to_instant(showing.at), gathered.moment.at)),
    )
    return await ports.events.show(known, gathered.profile, found, playbook)


async def _playbook_then(ports: Ports, decision_id: str) -> Playbook | None:
    """The playbook the decision was taken under, where its record is still there."""
    try:
        record = await ports.decisions.get(decision_id)
        return await ports.playbooks.version(str(record["playbook"]))
    except NotFound:
        return None


def _offers(playbook: Playbook) -> list[str]:
    return [f"{strategy.id}/{offer.id}" for strategy in playbook.strategies for offer in strategy.offers]
