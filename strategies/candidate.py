"""A candidate is what one customer could be offered in one channel: offer × channel (× line)."""

from __future__ import annotations

from strategies.instants import Instant
from strategies.problems import Where
from strategies.profile import PastContact, Profile
from strategies.quick_values import quick_value

OUTGOING = "outgoing"
INCOMING = "incoming"


@quick_value
class Candidate:
    """What contact rules are asked about. ``strategy`` and ``offer`` are empty for a bare ask by channel and category."""

    channel: str
    category: str
    direction: str = OUTGOING
    promotional: bool = True
    strategy: str = ""
    offer: str = ""
    family: str = ""
    line: str | None = None
    number_hash: str | None = None
    """The number that would be contacted: the line's, else the customer's own; None where the channel needs none."""
    value_minor: int = 0
    """What success brings, in minor units."""
    cost_minor: int = 0
    place: Where | None = None
    """Where the strategy's file declares this offer."""


@quick_value
class Priority:
    """``value = propensity × context × value × lever`` with its factors; what the explanation prints."""

    propensity: float
    context: float
    value_major: float
    lever: float
    matched_contexts: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    explored: bool = False
    """The propensity is not known: it is smoothed, and the customer was drawn into the strategy's exploration share."""

    @property
    def total(self) -> float:
        return self.propensity * self.context * self.value_major * self.lever


@quick_value
class Ranked:
    """A candidate in its place of the ranking. ``arm`` is ``treated``, ``control.strategy`` or ``control.universal``."""

    rank: int
    candidate: Candidate
    priority: Priority
    arm: str = "treated"

    @property
    def in_control(self) -> bool:
        return self.arm != "treated"


def reserved_contact(
    id: str, candidate: Candidate, profile: Profile, at: Instant, number_hash: str | None
) -> PastContact:
    """The contact that a reservation makes, as rules see it from then on."""
    return PastContact(
        id=id,
        channel=candidate.channel,
        category=candidate.category,
        state="reserved",
        planned_at=at,
        direction=candidate.direction,
        promotional=candidate.promotional,
        strategy=candidate.strategy,
        offer=candidate.offer,
        family=candidate.family,
        customer=profile.customer,
        account=profile.account,
        number_hash=number_hash,
        household=profile.household,
        device=profile.device,
    )
