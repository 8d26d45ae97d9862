"""Forget a customer: name, number and facts go, what proves lawful conduct stays, and nobody can bring them back."""

from __future__ import annotations

from contact.domain.acts import Act
from contact.domain.privacy_answers import ErasureAnswer
from contact.flow.reasons import need_reason
from contact.ports import Ports
from strategies.instants import to_datetime
from strategies.profile import CustomerId


async def erase(ports: Ports, customer: str, *, author: str, role: str, why: str) -> ErasureAnswer:
    """Gone when this answers, from the generation in force too; erasing again answers when it happened.

    Raises NotFound for somebody who never was here, ProblemsFound without a reason.
    """
    need_reason(why, "an erasure says why", "asked by letter of 3 March")
    act = Act(author, role, "customer.erased", customer, why=why)
    done = await ports.erasures.erase(CustomerId(customer), act)
    await ports.erasures.forget()
    return ErasureAnswer(
        customer=customer,
        at=to_datetime(done.at),
        tasks_cancelled=done.cancelled,
        consents_kept=done.kept_consents,
    )
