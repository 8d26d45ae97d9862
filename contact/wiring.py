"""The only file that names concrete classes: it joins stores and channels to the ports that flow asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from contact.ports import GatewayPort, Ports
from contact.settings import Settings
from contact.storage.base import Base
from contact.storage.generations import Generations
from contact.storage.importing import Imports
from contact.storage.learning import Learning
from contact.storage.lists import Lists
from contact.storage.open import Stores, open_stores
from contact.storage.past import Past
from contact.storage.profiles import Profiles


@dataclass(frozen=True, slots=True)
class House:
    """A joined service: its ports for flow, its stores for what runs beside flow."""

    ports: Ports
    stores: Stores
    settings: Settings
    _closing: tuple[Callable[[], Awaitable[None]], ...]

    async def close(self) -> None:
        """Let go of connections, files and threads, last opened first."""
        for close in self._closing:
            await close()


async def join(settings: Settings) -> House:
    """Open the stores these settings name. Raises StoreUnavailable, and ValueError for a setting that cannot be meant."""
    gateways, closing = _gateways(settings)
    stores = await asyncio.to_thread(open_stores, settings)
    ports = join_ports(stores, settings, gateways)
    return House(ports, stores, settings, (*closing, stores.close))


def join_ports(stores: Stores, settings: Settings, gateways: Mapping[str, GatewayPort]) -> Ports:
    """The ports of stores that are already open."""
    generations = Generations(settings.home / "generations")
    return Ports(
        clock=stores.clock,
        profiles=Profiles(stores.database, generations),
        ledger=stores.ledger,
        tasks=stores.tasks,
        plans=stores.plans,
        playbooks=stores.playbooks,
        keys=stores.keys,
        events=stores.events,
        decisions=stores.decisions,
        customers=stores.customers,
        jobs=stores.jobs,
        reports=stores.reports,
        imports=Imports(stores.database, generations, stores.hasher, stores.sealer, settings.home),
        idempotency=stores.idempotency,
        models=stores.models,
        learning=Learning(stores.database, generations),
        drafts=stores.drafts,
        lawful=stores.lawful,
        past=Past(stores.database, generations),
        simulations=stores.simulations,
        base=Base(stores.database, generations),
        lists=Lists(stores.database, generations, stores.hasher, settings.home),
        audit=stores.audit,
        halts=stores.halts,
        gateways=gateways,
        lease_seconds=settings.lease_seconds,
    )


def _gateways(settings: Settings) -> tuple[Mapping[str, GatewayPort], list[Callable[[], Awaitable[None]]]]:
    if settings.sms_url is None:
        return {}, []
    if not settings.sms_url.startswith(("http://", "https://")):
        raise ValueError(f"CONTACT_SMS_URL must begin with http:// or https://, not {settings.sms_url!r}")
    from contact.channels.sms import SmsGateway  # Its HTTP client is loaded by those who send.

    sms = SmsGateway(settings.sms_url, f"{settings.own_url}/v1/receipts")
    return {"sms": sms}, [sms.close]
