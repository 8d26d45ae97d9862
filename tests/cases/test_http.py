"""Golden cases over HTTP: the real application on a real port, asked as a portal or an agent's tool would."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from contact.faces.http.application import build
from contact.flow.sweep import sweep
from contact.flow.sweep_lawful import sweep_unlawful
from contact.ports import Ports
from contact.wiring import join_ports
from strategies.candidate import Candidate, Priority, Ranked
from strategies.case import Ask, Case, Move, Outcome, Step
from strategies.case_comparing import compare
from strategies.case_files import read_cases
from strategies.instants import DAY, parse_instant
from strategies.playbook import Condition, Offer, Playbook, Strategy, StrategyChannel
from strategies.problems import Where
from strategies.verdict import Refusal
from tests.cases.stores import delivered, given, settings_of, stand_still

FOLDER = Path(__file__).parent
CASES = [
    case
    for file in sorted(FOLDER.glob("*.yaml"))
    for case in read_cases(file.read_text(encoding="utf-8"), file.name)
    if "http" in case.paths
]
NOWHERE = Where("case")
ANYBODY = Condition("TRUE", frozenset(), lambda facts, at: True, lambda facts, at: (True, ()), NOWHERE)


def bare(ask: Ask, channels: tuple[str, ...]) -> Strategy:
    """The API knows no ask by channel and category alone: a strategy for everybody stands in for it."""
    ways = {name: StrategyChannel(name, {"en": ("text",)}, propensity=0.5) for name in channels}
    offer = Offer(ask.offer or "ask", ask.family, {"en": "Ask"}, 100, 0.0, None, ways, NOWHERE)
    return Strategy(
        id="-".join(each for each in ("ask", ask.category, ask.family, ask.offer) if each),
        category=ask.category or "", title={"en": "Ask"}, place=NOWHERE,
        audience=ANYBODY, offers=(offer,), valid_from=None, valid_until=None, control_hundredths=0,
        control_salt="ask", task_valid_for=31 * DAY,
    )  # fmt: skip


def with_bare_asks(case: Case) -> Case:
    """The case with a strategy for each bare ask, in every playbook it has in force."""
    asks = {
        strategy.id: strategy
        for step in case.steps
        if step.ask is not None and step.ask.category is not None
        for strategy in [bare(step.ask, tuple(case.playbook.channels))]
    }

    def with_them(playbook: Playbook) -> Playbook:
        return replace(playbook, strategies=(*playbook.strategies, *asks.values()))

    steps = tuple(
        replace(step, playbook=with_them(step.playbook)) if step.playbook is not None else step
        for step in case.steps
    )
    return replace(case, playbook=with_them(case.playbook), steps=steps)


@dataclass
class Client:
    """The case's customer, asked about over HTTP."""

    case: Case
    session: aiohttp.ClientSession
    url: str
    contact: str | None = None

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        async with self.session.post(f"{self.url}{path}", json=body, headers=headers) as answer:
            got: dict[str, Any] = await answer.json()
            assert answer.status < 300, got
            return got

    async def ask(self, ask: Ask) -> Outcome:
        """POST /v1/decisions; the first option that found a place, else the first of the ranking, is what was asked for."""
        only = [ask.strategy] if ask.strategy else [bare(ask, ()).id] if ask.category is not None else None
        body: dict[str, Any] = {"customer": self.case.profile.customer, "channel": ask.channel, "limit": 50}
        if only is not None:
            body["strategies"] = only
        if ask.reserve or ask.defer:
            body["reserve"] = True
        answer = await self.post("/v1/decisions", body)
        self.contact = answer["contact"] or self.contact
        return outcome_of(answer, ask)

    async def run(self, step: Step) -> Outcome:
        if step.kind == "ask":
            assert step.ask is not None
            return await self.ask(step.ask)
        if step.kind == "opt_out":
            assert step.consent is not None
            consent = step.consent
            body = {
                "given": False,
                "channel": consent.channel,
                "category": consent.category,
                "source": "case",
            }
            got = await self.post(f"/v1/customers/{self.case.profile.customer}/consents", body)
            return Outcome(cancelled=got["cancelled"])
        raise AssertionError(f"{step.kind} is no request of this API: leave http out of the case's paths")

    async def told(self, outcome: Outcome) -> Outcome:
        """With the state of the contact reserved last, from the customer's timeline."""
        if self.contact is None:
            return outcome
        url = f"{self.url}/v1/customers/{self.case.profile.customer}/timeline"
        async with self.session.get(url) as answer:
            entries = (await answer.json())["items"]
        entry = next(each for each in entries if each["contact"] == self.contact)
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
    )


def refusal(each: dict[str, Any]) -> Refusal:
    return Refusal(each["reason"], each["rule"], field=each["field"])


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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
async def test_a_golden_case_comes_out_over_http(
    case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step of the case answers over HTTP as its file expects."""
    url = f"sqlite:///{tmp_path}/contact.db"
    case = with_bare_asks(case)
    async with given(case, tmp_path, url, monkeypatch, rehashed=True) as stores:
        ports = join_ports(stores, settings_of(tmp_path, url), {})
        await delivered(case, stores, ports, tmp_path)
        key = await stores.keys.create("admin", None)

        async def ring(job: str) -> None:
            raise AssertionError(f"no case makes jobs, yet {job} rang")

        server = TestServer(build(ports, settings_of(tmp_path, url), ring=ring, console=False))
        headers = {"Authorization": f"Bearer {key}"}
        async with server, aiohttp.ClientSession(headers=headers) as session:
            client = Client(case, session, str(server.make_url("")).rstrip("/"))
            differences = []
            for step in case.steps:
                stand_still(monkeypatch, step.at)
                outcome = await behind_the_api(ports, step) or await client.run(step)
                answered = await client.told(outcome)
                if step.expect is not None:
                    differences += [f"{step.expect.place}: {each}" for each in compare(step.expect, answered)]
        assert differences == []
