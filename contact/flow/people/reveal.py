"""Whose card somebody may look at, how often, and name and number in full: each reveal is on record before it is shown."""

from __future__ import annotations

from datetime import date

from contact.domain.acts import Act
from contact.domain.privacy_answers import CardBudgetAnswer, RevealAnswer
from contact.faults import TooManyCards
from contact.flow.reasons import need_reason
from contact.ports import CardBudget, Ports
from contact.telemetry import CARD_VIEWS
from strategies.declared.calendar import local_day
from strategies.profile import CustomerId


async def reveal(ports: Ports, customer: str, *, author: str, role: str, why: str) -> RevealAnswer:
    """Name and number in full. Raises NotFound, TooManyCards, and ProblemsFound without a reason."""
    need_reason(why, "a reveal says why", "the customer asked which number we call")
    identity = await ports.customers.identity(CustomerId(customer))
    await look_at_card(ports, customer, viewer=author, role=role)
    await ports.audit.record(Act(author, role, "customer.revealed", customer, why=why))
    return RevealAnswer(customer=customer, name=identity.name, number=identity.number)


async def look_at_card(ports: Ports, customer: str, *, viewer: str, role: str) -> None:
    """Count a look at what is known of a customer; the same customer counts once a day, one of an own task does not.

    Raises TooManyCards.
    """
    day, most = await _today(ports)
    budget = await ports.card_views.look(viewer, day, CustomerId(customer), most)
    CARD_VIEWS.labels(role, "refused" if budget is None else "seen").inc()
    if budget is None:
        full = await ports.card_views.budget(viewer, day, most)
        details = {"used": full.used, "most": full.most}
        await ports.audit.record(Act(viewer, role, "card.refused", customer, details))
        raise TooManyCards(f"{full.used} of {full.most} cards were opened today; a supervisor can allow more")


async def allow_cards(
    ports: Ports, viewer: str, more: int, *, author: str, role: str, why: str
) -> CardBudgetAnswer:
    """Let somebody look at so many more cards today. Raises ProblemsFound without a reason."""
    need_reason(why, "a raised budget says why", "recall of a faulty bill")
    day, most = await _today(ports)
    act = Act(author, role, "budget.raised", viewer, {"more": more}, why)
    await ports.card_views.allow(viewer, day, more, act)
    return _answer(await ports.card_views.budget(viewer, day, most))


async def card_budget(ports: Ports, viewer: str) -> CardBudgetAnswer:
    """What somebody has used of today's cards."""
    day, most = await _today(ports)
    return _answer(await ports.card_views.budget(viewer, day, most))


async def _today(ports: Ports) -> tuple[str, int]:
    operator = (await ports.playbooks.current()).operator
    day = date.fromordinal(local_day(operator.zone, (await ports.clock.now()).at))
    return day.isoformat(), operator.card_views_per_day


def _answer(budget: CardBudget) -> CardBudgetAnswer:
    return CardBudgetAnswer(viewer=budget.viewer, day=budget.day, used=budget.used, most=budget.most)
