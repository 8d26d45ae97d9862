"""How a contact leaves the building: an agent pulls, begins and reports it over HTTP; a dispatcher hands it to a gateway."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from contact.faults import StoreUnavailable
from contact.flow.working.dispatch import dispatch_due
from contact.ports import Message, Ports
from strategies.cases.case import Outcome
from strategies.instants import Instant, parse_instant
from strategies.verdict import Refusal

PERSON = "A1"


def refusal(each: dict[str, Any]) -> Refusal:
    return Refusal(each["reason"], each["rule"], field=each["field"])


@dataclass
class Api:
    """Requests of an administrator, who may pull for whomever is on the staff file."""

    session: aiohttp.ClientSession
    url: str

    async def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        headers = {"Idempotency-Key": str(uuid.uuid4())}
        async with self.session.request(method, f"{self.url}{path}", json=body, headers=headers) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> Any:
        """Raises StoreUnavailable."""
        status, got = await self.ask("GET", path)
        if status == 503:
            raise StoreUnavailable(got["code"])
        assert status < 300, got
        return got

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        status, got = await self.ask("POST", path, body)
        assert status < 300, got
        return got


@dataclass
class Agent:
    """Works the one task that the case's customer has."""

    api: Api
    channel: str
    task: str
    fence: int | None = None
    """None: the task is not in the agent's hands."""
    started: bool = False

    async def pull(self) -> None:
        """Take the task, where it may be taken now."""
        found = await self.api.post(f"/v1/agents/{PERSON}/next", {"channel": self.channel})
        held = found["task"]
        assert held is None or held["task"] == self.task
        self.fence = None if held is None else held["fence"]

    async def start(self) -> Outcome:
        """The permit; where it is refused, what the rules said and what became of the task."""
        if self.fence is None:
            await self.pull()
        if self.fence is None:
            return await self._left((), None)
        status, got = await self.api.ask("POST", f"/v1/tasks/{self.task}/start", {"fence": self.fence})
        if status < 300:
            self.fence, self.started = got["fence"], True
            return Outcome()
        assert got["code"] == "refused", got
        until = parse_instant(got["until"]) if got.get("until") else None
        return await self._left(tuple(refusal(each) for each in got["refusals"]), until)

    async def _left(self, refusals: tuple[Refusal, ...], until: Instant | None) -> Outcome:
        self.fence = None
        due = await self._due()
        return Outcome(refusals, until, False, deferred_to=due, cancelled=int(due is None))

    async def complete(self, result: str) -> Outcome:
        """What came of it, and when the next attempt is due."""
        if not self.started:
            await self.start()
        await self.api.post(f"/v1/tasks/{self.task}/complete", {"fence": self.fence, "result": result})
        self.fence, self.started = None, False
        return Outcome(next=await self._due())

    async def correct(self, contact: str, result: str) -> Outcome:
        """The outcome as it should have been, and when the next attempt is due by it."""
        await self.api.post(f"/v1/contacts/{contact}/correct", {"result": result, "why": "case"})
        return Outcome(next=await self._due())

    async def _due(self) -> Instant | None:
        task = await self.api.get(f"/v1/tasks/{self.task}")
        return parse_instant(task["not_before"]) if task["state"] == "waiting" else None


@dataclass
class Gateway:
    """A gateway that takes each message and says nothing until it is let: meanwhile the contact is under way."""

    taken: asyncio.Event = field(default_factory=asyncio.Event)
    let: asyncio.Event = field(default_factory=asyncio.Event)
    handing_over: asyncio.Task[int] | None = None

    async def submit(self, message: Message) -> str:
        self.taken.set()
        await self.let.wait()
        return message.contact

    async def permit(self, ports: Ports, channel: str) -> Outcome:
        """What the dispatcher may hand over now, as the gateway tells it. Raises StoreUnavailable."""
        handing_over = asyncio.create_task(dispatch_due(ports, channel))
        taken = asyncio.create_task(self.taken.wait())
        await asyncio.wait({handing_over, taken}, return_when=asyncio.FIRST_COMPLETED)
        taken.cancel()
        if self.taken.is_set():
            self.handing_over = handing_over
            return Outcome()
        await handing_over
        return Outcome(allowed=False)

    async def end(self) -> None:
        """What is under way goes out."""
        self.let.set()
        if self.handing_over is not None:
            await self.handing_over
