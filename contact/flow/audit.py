"""Audit what has happened: close the ledger's minutes as they become complete, keep the heads of all chains outside."""

from __future__ import annotations

from contact.ports import Ports


async def close_books(ports: Ports) -> int:
    """One round: minutes closed. Raises AnchorUnreachable where the place outside cannot be written; minutes stay closed."""
    closed = await ports.audit.close_minutes()
    await ports.audit.anchor()
    return closed
