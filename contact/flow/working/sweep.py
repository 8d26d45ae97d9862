"""Put right what time has overtaken."""

from __future__ import annotations

from collections.abc import Mapping

from contact.ports import Ports


async def sweep(ports: Ports) -> Mapping[str, int]:
    """Lapse leases, expire reservations, turn stale ``sending`` into ``unknown``; counts by what was done."""
    return await ports.tasks.sweep()
