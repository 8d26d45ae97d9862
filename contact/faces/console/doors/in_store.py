"""What the status page takes from the database."""

from __future__ import annotations

from dataclasses import dataclass

from contact.clock import real_now
from contact.domain.halt import Halt
from contact.faults import NotFound
from contact.ports import Job, Ports
from contact.ports.audit import LedgerChecked
from contact.ports.standing import Standing
from strategies.instants import DAY, Instant
from strategies.problems import ProblemsFound

KEYS_ENDING = 30 * DAY


@dataclass(frozen=True, slots=True)
class InStore:
    """What the page knows from the database."""

    standing: Standing
    in_force: str
    by_gateway: frozenset[str]
    """Channels whose contacts a gateway takes; those of others are late for nobody while they wait."""
    gateways: frozenset[str]
    """Those of them that this process knows a gateway for."""
    halts: list[Halt]
    checked: LedgerChecked | None
    backup: Instant | None
    drill: Instant | None
    """When a restored store last left its quarantine."""
    open: list[Job]
    """Queued and running, oldest first."""
    failed: list[Job]
    """Newest first, those parked among them."""
    keys_ending: list[tuple[str, str, Instant]]
    """Prefix, role and end of keys that end soon."""


async def in_store(ports: Ports) -> InStore:
    """Everything the page takes from the database. Raises StoreUnavailable."""
    try:
        playbook = await ports.playbooks.current()
        channels, version = playbook.channels, playbook.version
    except (NotFound, ProblemsFound):
        channels, version = {}, ""
    now = real_now()
    keys = await ports.keys.keys()
    return InStore(
        standing=await ports.standing.standing(sorted(channels)),
        in_force=version,
        by_gateway=frozenset(name for name, each in channels.items() if each.delivery == "gateway"),
        gateways=frozenset(ports.gateways),
        halts=await ports.halts.list(),
        checked=await ports.audit.last_check(),
        backup=await _last(ports, "backup.made"),
        drill=await _last(ports, "quarantine.ended"),
        open=await ports.jobs.open(),
        failed=await ports.jobs.failed(),
        keys_ending=[
            (key.prefix, key.role, key.expires)
            for key in keys
            if key.expires is not None and key.revoked is None and now < key.expires < now + KEYS_ENDING
        ],
    )


async def _last(ports: Ports, act: str) -> Instant | None:
    found = await ports.audit.page(act=act, limit=1)
    return found[0].at if found else None
