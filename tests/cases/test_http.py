"""Golden cases over HTTP: the real application on a real port, asked as a portal or an agent's tool would."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from contact.faces.http.application import build
from contact.faults import StoreUnavailable
from contact.flow.working.sweep import sweep
from contact.flow.working.sweep_lawful import sweep_unlawful
from contact.ports import Ports
from contact.wiring import join_ports
from strategies.candidate import Candidate, Priority, Ranked
from strategies.cases.case import Ask, Case, Move, Outcome, Step
from strategies.cases.comparing import compare
from strategies.cases.files import read_cases
from strategies.declared.playbook import Condition, Offer, Playbook, Strategy, StrategyChannel
from strategies.instants import DAY, Instant, format_instant, parse_instant
from strategies.problems import Where
from strategies.verdict import Refusal
from tests.cases.cutting import UNREACHABLE, Line, cuts, line_to
from tests.cases.stores import delivered, given, settings_of, stand_still
from tests.cases.working import Agent, Api, Gateway, refusal
from tests.servers import PostgreSQL

FOLDER = Path(__file__).parent
CASES = [
    case
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in read_cases(file.read_text(encoding="utf-8"), file.name)
    if "http" in case.paths
]


NOWHERE = Where("case")
ANYBODY = Condition("TRUE", frozenset(), lambda facts, at: True, lambda facts, at: (True, ()), NOWHERE)


def bare(ask: Ask, channels: tuple[str, ...], at: Instant) -> Strategy:
    """The API knows no ask by channel and category alone: a strategy for everybody stands in for it."""
    lasts = (ask.valid_until or 0) - at if ask.defer and ask.valid_until else 31 * DAY
    ways = {name: StrategyChannel(name, {"en": ("text",)}, propensity=0.5) for name in channels}
    offer = Offer(ask.offer or "ask", ask.family, {"en": "Ask"}, 100, 0.0, None, ways, NOWHERE)
    return Strategy(
        id="-".join(each for each in ("ask", ask.category, ask.family, ask.offer, str(lasts)) if each),
        category=ask.category or "", title={"en": "Ask"}, place=NOWHERE,
        audience=ANYBODY, offers=(offer,), valid_from=None, valid_until=None, control_hundredths=0,
        control_salt="ask", task_valid_for=lasts,
    )  # fmt: skip


def with_bare_asks(case: Case) -> Case:
    """The case with a strategy for each bare ask, and channels that keep a place as long, in every playbook in force."""
    asks = {
        strategy.id: strategy
        for step in case.steps
        if step.ask is not None and step.ask.category is not None
        for strategy in [bare(step.ask, tuple(case.playbook.channels), step.at)]
    }
    places = {
        step.ask.channel: step.ask.valid_until - step.at
        for step in case.steps
        if step.ask is not None and step.ask.valid_until is not None and not step.ask.defer
    }

    def with_them(playbook: Playbook) -> Playbook:
        channels = {
            name: replace(each, reserve_for=places.get(name, each.reserve_for))
            for name, each in playbook.channels.items()
        }
        return replace(playbook, channels=channels, strategies=(*playbook.strategies, *asks.values()))

    steps = tuple(
        replace(step, playbook=with_them(step.playbook)) if step.playbook is not None else step
        for step in case.steps
    )
    return replace(case, playbook=with_them(case.playbook), steps=steps)


@dataclass
class Client:
    """The case's customer, asked about over HTTP, and whoever contacts them."""

    case: Case
    api: Api
    ports: Ports
    gateway: Gateway
    line: Line | None
    """Before the database, where the case cuts it."""
    contact: str | None = None
    agent: Agent | None = None
    """Who works the task reserved last, where a person does."""

    async def ask(self, step: Step) -> Outcome:
        """POST /v1/decisions; the first option that found a place, else the first of the ranking, is what was asked for."""
        ask = step.ask
        assert ask is not None
        only = (
            [ask.strategy]
            if ask.strategy
            else [bare(ask, (), step.at).id]
            if ask.category is not None
            else None
        )
        body: dict[str, Any] = {"customer": self.case.profile.customer, "channel": ask.channel, "limit": 50}
        if only is not None:
            body["strategies"] = only
        if ask.reserve or ask.defer:
            body["reserve"] = True
        answer = await self.api.post("/v1/decisions", body)
        if answer["contact"] is not None:
            self.contact, channel = answer["contact"], answer["chosen"]["channel"]
            worked = self.case.playbook.channels[channel].delivery in ("agents", "field")
            self.agent = Agent(self.api, channel, answer["task"]) if worked else None
            if self.agent is not None and answer["deferred_to"] is None:
                await self.agent.pull()
        return outcome_of(answer, ask)

    async def run(self, step: Step) -> Outcome:
        match step.kind:
            case "ask":
                return await self.ask(step)
            case "opt_out":
                assert step.consent is not None
                named = {"channel": step.consent.channel, "category": step.consent.category}
                body = {"given": False, "source": "case"} | named
                got = await self.api.post(f"/v1/customers/{self.case.profile.customer}/consents", body)
                return Outcome(cancelled=got["cancelled"])
            case "permit":
                return await (self.agent.start() if self.agent else self.handed_over())
            case "outcome" if self.agent is not None and step.result is not None:
                return await self.agent.complete(step.result)
            case "outcome" if self.contact is not None and step.result == "delivered":
                return await self.delivered(self.contact, step.at)
            case "correct" if self.agent is not None and step.result is not None:
                return await self.corrected(self.agent, step.result)
            case "fault" if self.line is not None:
                self.line.pass_on(step.reachable)
                return Outcome(degraded=not step.reachable)
        raise AssertionError(f"{step.kind} is no request of this API: leave http out of the case's paths")

    async def handed_over(self) -> Outcome:
        """The dispatcher comes round until it finds the store, unless its line is cut."""
        if self.line is None:
            return await self.gateway.permit(self.ports, "sms")
        try:
            return await self.line.found(lambda: self.gateway.permit(self.ports, "sms"))
        except StoreUnavailable:
            return UNREACHABLE

    async def delivered(self, contact: str, at: Instant) -> Outcome:
        """The gateway has taken the message, and tells that it arrived."""
        await self.gateway.end()
        report = {
            "id": f"{contact}.delivered",
            "contact": contact,
            "state": "delivered",
            "at": format_instant(at),
        }
        assert (await self.api.post("/v1/receipts", report))["accepted"]
        return Outcome()

    async def corrected(self, agent: Agent, result: str) -> Outcome:
        """With how many contacts the correction ended."""
        assert self.contact is not None
        before = await self._cancelled()
        outcome = await agent.correct(self.contact, result)
        return replace(outcome, cancelled=await self._cancelled() - before)

    async def _timeline(self) -> list[dict[str, Any]]:
        path = f"/v1/customers/{self.case.profile.customer}/timeline"
        found = await (self.line.looked_at(lambda: self.api.get(path)) if self.line else self.api.get(path))
        items: list[dict[str, Any]] = found["items"]
        return items

    async def _cancelled(self) -> int:
        return sum(each["state"] == "cancelled" for each in await self._timeline())

    async def told(self, outcome: Outcome) -> Outcome:
        """With the state of the contact reserved last, from the customer's timeline."""
        if self.contact is None:
            return outcome
        entry = next(each for each in await self._timeline() if each["contact"] == self.contact)
        moves = tuple(Move(each["to"], parse_instant(each["at"])) for each in entry["moves"])
        return replace(outcome, state=entry["state"], moves=moves)


def outcome_of(answer: dict[str, Any], ask: Ask) -> Outcome:
    options = [each for each in answer["options"] if ask.offer in (None, each["offer"])]
    option = next((each for each in options if each["allowed"]), options[0] if options else None)
    deferred = answer["deferred_to"]
    asks_one = ask.offer is not None and not ask.reserve and not ask.defer
    source = option if option is not None and not (option["allowed"] and answer["chosen"] is None) else answer
    return Outcome(
        refusals=tuple(refusal(each) for each in source["refusals"]),
        until=parse_instant(source["until"]) if source["until"] else None,
        allowed=bool(option and option["allowed"])
        if asks_one
        else answer["chosen"] is not None and deferred is None,
        channels_now=tuple(option["channels_now"]) if option else (),
        deferred_to=parse_instant(deferred) if deferred else None,
        rerouted_to=answer["chosen"]["channel"]
        if answer["chosen"] and ask.channel not in (None, answer["chosen"]["channel"])
        else None,
        ranking=tuple(ranked(each) for each in options),
        degraded=answer["degraded"],
    )


def ranked(each: dict[str, Any]) -> Ranked:
    candidate = Candidate(each["channel"], each["category"], strategy=each["strategy"], offer=each["offer"])
    factors = each["priority"]
    priority = Priority(factors["propensity"], factors["context"], factors["value"], factors["lever"])
    return Ranked(each["rank"], candidate, priority, each["arm"])


async def behind_the_api(ports: Ports, step: Step) -> Outcome | None:
    """What the service's own loops and jobs do, and a case's playbook, which no text holds."""
    if step.kind == "expire":
        return Outcome(expired=(await sweep(ports))["reservations_expired"])
    if step.playbook is None:
        return None
    base = (await ports.playbooks.current()).version
    await ports.playbooks.publish(step.playbook, base=base, author="case", why="")
    swept = await sweep_unlawful(ports)
    refusals = tuple(Refusal("cap", rule) for rule in swept.by_rule)
    return Outcome(refusals, allowed=not refusals, cancelled=swept.cancelled)


@asynccontextmanager
async def asked(
    case: Case, home: Path, url: str, monkeypatch: pytest.MonkeyPatch, line: Line | None = None
) -> AsyncIterator[Client]:
    """A client of the real application on a real port, over a store that holds what the case gives."""
    case, gateway = with_bare_asks(case), Gateway()
    async with given(case, home, url, monkeypatch, rehashed=True) as stores:
        settings = replace(settings_of(home, url), lease_seconds=3600.0)
        ports = join_ports(stores, settings, {"sms": gateway})
        await delivered(case, stores, ports, home)
        key = await stores.keys.create("admin", None)

        async def ring(job: str) -> None:
            raise AssertionError(f"no case makes jobs, yet {job} rang")

        server = TestServer(build(ports, settings, ring=ring, console=False))
        headers = {"Authorization": f"Bearer {key}"}
        async with server, aiohttp.ClientSession(headers=headers) as session:
            yield Client(case, Api(session, str(server.make_url("")).rstrip("/")), ports, gateway, line)
            await gateway.end()


async def differences(client: Client, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where the steps of the case part from what its file expects."""
    found = []
    for step in client.case.steps:
        stand_still(monkeypatch, step.at)
        outcome = await behind_the_api(client.ports, step) or await client.run(step)
        answered = await client.told(outcome)
        if step.expect is not None:
            found += [f"{step.expect.place}: {each}" for each in compare(step.expect, answered)]
    return found


@pytest.mark.parametrize("case", [case for case in CASES if not cuts(case)], ids=lambda case: case.id)
async def test_a_golden_case_comes_out_over_http(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step of the case answers over HTTP as its file expects."""
    async with asked(case, tmp_path, f"sqlite:///{tmp_path}/contact.db", monkeypatch) as client:
        assert await differences(client, monkeypatch) == []


@pytest.mark.postgres
@pytest.mark.parametrize("case", [case for case in CASES if cuts(case)], ids=lambda case: case.id)
async def test_a_golden_case_comes_out_over_http_while_the_database_is_away(
    case: Case,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    postgres_server: PostgreSQL,
    migrated_postgres: str,
) -> None:
    """The line to a real PostgreSQL is cut and mended where the case says so."""
    with line_to(postgres_server, migrated_postgres) as line:
        async with asked(case, tmp_path, line.url, monkeypatch, line) as client:
            assert await differences(client, monkeypatch) == []
