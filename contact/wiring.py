"""The only file that names concrete classes: it joins stores and channels to the ports that flow asks for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from contact.domain.contact import ContactId
from contact.ports import GatewayPort, LinkPort, Ports
from contact.ports.answers import AnswerProviderPort
from contact.settings import Settings
from contact.storage.access.card_views import CardViews
from contact.storage.base.base import Base
from contact.storage.calls.callers import Callers
from contact.storage.generations.files import Generations
from contact.storage.imports.importing import Imports
from contact.storage.imports.lists import Lists
from contact.storage.learning.learnt import Learning
from contact.storage.open import Stores, open_stores
from contact.storage.people.past import Past
from contact.storage.people.profiles import Profiles
from contact.storage.people.standing import Standings
from contact.storage.privacy.erasing import Erasures
from contact.storage.privacy.retention import Retention


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
    _check_sms(settings.sms_url)
    provider, ending = _provider(settings)
    stores = await asyncio.to_thread(open_stores, settings)
    gateways, closing = _gateways(settings, stores.links)
    ports = join_ports(stores, settings, gateways, provider)
    return House(ports, stores, settings, (*ending, *closing, stores.close))


def join_ports(
    stores: Stores,
    settings: Settings,
    gateways: Mapping[str, GatewayPort],
    provider: AnswerProviderPort | None = None,
) -> Ports:
    """The ports of stores that are already open."""
    generations = Generations(settings.home / "generations")
    profiles = Profiles(stores.database, generations)
    return Ports(
        clock=stores.clock,
        profiles=profiles,
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
        imports=Imports(
            stores.database, generations, stores.hasher, stores.sealer, settings.home, stores.calls
        ),
        idempotency=stores.idempotency,
        models=stores.models,
        learning=Learning(stores.database, generations),
        drafts=stores.drafts,
        lawful=stores.lawful,
        past=Past(stores.database, generations),
        simulations=stores.simulations,
        base=Base(stores.database, generations),
        lists=Lists(stores.database, generations, stores.hasher, settings.home),
        erasures=Erasures(stores.database, generations, stores.hasher, settings.journal_folder),
        card_views=CardViews(stores.database),
        retention=Retention(stores.database, generations, settings.home),
        audit=stores.audit,
        logins=stores.logins,
        exports=stores.exports,
        halts=stores.halts,
        people=stores.people,
        links=stores.links,
        standing=Standings(stores.database, settings.home, settings.journal_folder, movable=settings.demo),
        calls=stores.calls,
        journeys=stores.journeys,
        callers=Callers(stores.database, profiles, stores.calls, stores.hasher),
        answers=stores.answers,
        gateways=gateways,
        provider=provider,
        lease_seconds=settings.lease_seconds,
    )


def _provider(
    settings: Settings,
) -> tuple[AnswerProviderPort | None, list[Callable[[], Awaitable[None]]]]:
    """Who knows answers; its HTTP client is loaded by those who ask."""
    if settings.answers_url is None:
        return None, []
    if not settings.answers_url.startswith(("http://", "https://")):
        raise ValueError(
            f"CONTACT_ANSWERS_URL must begin with http:// or https://, not {settings.answers_url!r}"
        )
    from contact.channels.answers import HttpAnswers

    answers = HttpAnswers(settings.answers_url)
    return answers, [answers.close]


def _check_sms(address: str | None) -> None:
    if address is None or address.startswith(("http://", "https://")):
        return
    if not address.startswith("kannel+"):
        raise ValueError(
            f"CONTACT_SMS_URL must begin with http://, https:// or kannel+http://, not {address!r}"
        )
    from contact.channels.kannel import read_address

    read_address(address)


def _gateways(
    settings: Settings, links: LinkPort
) -> tuple[Mapping[str, GatewayPort], list[Callable[[], Awaitable[None]]]]:
    """SMS through Kannel or a gateway that speaks JSON; their HTTP client is loaded by those who send."""
    if settings.sms_url is None:
        return {}, []
    if settings.sms_url.startswith("kannel+"):
        from contact.channels.kannel import KannelGateway

        def callback(contact: ContactId) -> str:
            return f"{settings.own_url}/receipts/{contact}/{links.sign('receipts', contact)}"

        kannel = KannelGateway(settings.sms_url, callback)
        return {"sms": kannel}, [kannel.close]
    from contact.channels.sms import SmsGateway

    sms = SmsGateway(settings.sms_url, f"{settings.own_url}/v1/receipts")
    return {"sms": sms}, [sms.close]
