"""Audit what has happened: close the ledger's minutes as they become complete, keep the heads of all chains outside."""

from __future__ import annotations

from contact.ports import Ports
from contact.ports.audit import LedgerChecked


async def close_books(ports: Ports) -> int:
    """One round: minutes closed. Raises AnchorUnreachable where the place outside cannot be written; minutes stay closed."""
    closed = await ports.audit.close_minutes()
    await ports.audit.anchor()
    return closed


async def check_books(ports: Ports) -> LedgerChecked:
    """Look for what is stuck in the ledger, and once an hour for every violation. Raises NotFound without a playbook."""
    return await ports.audit.check_ledger(await ports.playbooks.current())
