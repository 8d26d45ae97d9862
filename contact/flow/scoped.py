"""Whose customers a caller may see and change, by the unit and the role of their key."""

from __future__ import annotations

from contact.faults import NotFound
from contact.ports import WHOLE, Key, Ports, Scope
from strategies.declared.playbook import Playbook
from strategies.judging.asking import units_above

OWN_CUSTOMERS = "account_manager"
"""The role that sees the customers whom its person looks after, and no others."""


async def scope_of(ports: Ports, key: Key) -> Scope:
    """The scope of a key: its unit with all below it by the playbook in force; of an account manager, the own customers."""
    if key.unit is None and key.role != OWN_CUSTOMERS:
        return WHOLE
    manager = (key.person or "") if key.role == OWN_CUSTOMERS else None
    if key.unit is None:
        return Scope(None, manager)
    try:
        return Scope(units_within(await ports.playbooks.at_hand(), key.unit), manager)
    except NotFound:
        return Scope((), manager)  # no playbook, so no units: nobody is theirs


def units_within(playbook: Playbook, unit: str) -> tuple[str, ...] | None:
    """The unit and all below it; None for the head office, which is everybody's; empty for a unit that is not there."""
    node = playbook.units.get(unit)
    if node is None:
        return ()
    if node.parent is None:
        return None
    return tuple(sorted(each for each in playbook.units if unit in units_above(playbook, each)))
