"""Callers of the voice menu: they listen until what they want is announced, press its key, and hang up once they have it.

python -m demo.callers --service http://127.0.0.1:8080 --keys var/demo/keys --calls var/demo/calls.json --truth …

Before a call the operator's systems say what happened: bills of a branch and faults of a grid as events of the unit, data
used up, roaming, suspension and web searches as events of the customer. A caller knows the menu by what it says, not by its
keys.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from demo.calling import CallFailed, Service, read_key, reason
from demo.draws import draw
from demo.menu import Hotline, read_menu
from demo.party import Doings, Step, arguments, obey, run
from demo.truth import Truth, read_truth

MOST_TURNS = 12
REACTION = 0.5
"""Seconds between hearing what is wanted and having pressed its key."""
PATIENCE = 0.0015
"""The chance a second of hanging up before anything was reached."""
TAKES, TAKES_NOT, AGENT_KEY = "1", "2", "0"
AT_THE_GOAL = 99
"""How near the goal's own node is; other nodes are as near as they stand on the way."""
_OF_CUSTOMER = {
    "data_exhausted": "data_exhausted", "suspended": "suspended", "roaming_now": "roaming_started",
}  # fmt: skip
"""Circumstance → the event that says so."""


@dataclass(frozen=True, slots=True)
class Coming:
    """One call to be made, as the stage wrote it down."""

    id: str
    customer: str
    number: str
    language: str
    step: int
    goal: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class UnitNews:
    """Something that happens to everybody in a unit: told in a step, true since an instant."""

    step: int
    type: str
    unit: str
    at: str


@dataclass(slots=True)
class _Heard:
    """What has become of a call so far."""

    seconds: float = 0.0
    keys: int = 0
    reached: bool = False
    ended: bool = False
    in_vain: bool = False
    """The key of what was wanted was pressed already, and led back: there was nothing to offer."""


class Callers:
    """Everybody who rings the voice menu in the days lived through."""

    def __init__(
        self, service: Service, systems: Service, truth: Truth, hotline: Hotline, planned: Any
    ) -> None:
        self._service, self._systems, self._truth, self._hotline = service, systems, truth, hotline
        self._calls = [Coming(**each) for each in planned["calls"]]
        self._news = [UnitNews(**each) for each in planned["news"]]
        self._serving = hotline.serving()
        ways = hotline.ways() | hotline.ways_of_some()
        self._toward = {goal: {node: place for place, node in enumerate(way)} for goal, way in ways.items()}

    async def ring(self, step: Step) -> Doings:
        """What happened by now is told; then everybody whose call falls into this step calls."""
        doings = Doings()
        await asyncio.gather(*(self._tell(each, doings) for each in self._news if each.step == step.number))
        await asyncio.gather(*(self._one(each, doings) for each in self._calls if each.step == step.number))
        return doings

    async def _tell(self, news: UnitNews, doings: Doings) -> None:
        event = {
            "id": f"{news.type}-{news.unit}-{news.at[:10]}",
            "type": news.type,
            "unit": news.unit,
            "at": news.at,
        }
        await self._event(event, doings, "events of units")

    async def _event(self, event: Mapping[str, Any], doings: Doings, counted: str) -> None:
        try:
            status, answer = await self._systems.post("/v1/events", event)
        except CallFailed as failed:
            doings.faults.append(str(failed))
            return
        if status == 200:
            doings.count(counted)
        else:
            doings.faults.append(f"event {event['type']}: {status} {reason(answer)}")

    async def _one(self, coming: Coming, doings: Doings) -> None:
        now = await self._systems.moment()
        for fact, kind in _OF_CUSTOMER.items():
            if coming.facts[fact]:
                at = (now - timedelta(hours=2)).isoformat()
                event = {"id": f"{kind}-{coming.id}", "type": kind, "customer": coming.customer, "at": at}
                await self._event(event, doings, "events of callers")
        if coming.facts["searched"]:
            at, data = (now - timedelta(hours=1)).isoformat(), {"topic": coming.facts["searched"]}
            event = {"id": f"search-{coming.id}", "type": "web_search", "customer": coming.customer, "at": at}
            await self._event({**event, "data": data}, doings, "events of callers")
        try:
            await self._call(coming, doings)
        except CallFailed as failed:
            doings.faults.append(str(failed))

    async def _call(self, coming: Coming, doings: Doings) -> None:
        """One call from pick-up to end."""
        body = {"number": coming.number, "call": coming.id}
        answer = await self._post("/v1/ivr/calls", body)
        heard = _Heard()
        for _ in range(MOST_TURNS):
            seconds, key = self._listen(coming, answer, heard, doings)
            tired = draw(self._truth.seed, "patience", coming.id, heard.keys) < PATIENCE * seconds
            if heard.ended or (tired and not heard.reached):
                break
            if not heard.reached:
                heard.seconds, heard.keys = heard.seconds + seconds, heard.keys + 1
            path = f"/v1/ivr/calls/{coming.id}/keys"
            answer = await self._post(
                path, {"state": answer["state"], "key": key, "seconds": round(seconds, 1)}
            )
        if not answer["ends"]:
            await self._post(f"/v1/ivr/calls/{coming.id}/end", {"state": answer["state"], "seconds": 2.0})
        self._count(coming, answer, heard, doings)

    async def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        status, answer = await self._service.post(path, body)
        if status != 200:
            raise CallFailed(f"{path.rpartition('/')[2]}: {status} {reason(answer)}")
        return answer

    def _count(self, coming: Coming, answer: Mapping[str, Any], heard: _Heard, doings: Doings) -> None:
        arm = answer["arm"]
        doings.count("calls")
        doings.count(f"calls {arm}")
        if heard.reached:
            doings.count(f"reached {arm}")
            doings.count(f"tenths of seconds {arm}", round(10 * heard.seconds))
            doings.count(f"keys {arm}", heard.keys)

    def _listen(
        self, coming: Coming, answer: Mapping[str, Any], heard: _Heard, doings: Doings
    ) -> tuple[float, str | None]:
        """How long the caller listens at this turn, and the key that they press; None is silence."""
        node, whole = str(answer["node"]), sum(each["seconds"] for each in answer["say"])
        if heard.reached:
            heard.ended = True
            return 0.0, None
        if node == self._serving[coming.goal]:
            heard.reached = True
            if answer.get("shown"):
                return whole, self._offered(coming, answer["shown"], doings)
            heard.ended = True
            return whole, None
        if answer["ends"]:
            heard.ended = True
            return whole, None
        if node.startswith("ask:"):
            return self._asked(coming, answer)
        return self._chosen(coming, answer, whole, heard)

    def _asked(self, coming: Coming, answer: Mapping[str, Any]) -> tuple[float, str]:
        """The question is meant for this caller if it is theirs by its words."""
        mine = self._hotline.asks.get(coming.goal, {}).values()
        seconds = 0.0
        for each in answer["say"]:
            seconds += each["seconds"]
            if any(words in each["text"] for words in mine):
                return seconds + REACTION, answer["keys"][0]
        return seconds + REACTION, answer["keys"][1]

    def _chosen(
        self, coming: Coming, answer: Mapping[str, Any], whole: float, heard: _Heard
    ) -> tuple[float, str | None]:
        """The first announced choice that leads nearest to what is wanted; back up where none does, and an agent where
        what is wanted was chosen in vain."""
        toward = {**self._toward.get(coming.goal, {}), self._serving[coming.goal]: AT_THE_GOAL}
        best, pressed, after, seconds = toward.get(str(answer["node"]), -1), None, whole, 0.0
        for each in answer["say"]:
            seconds += each["seconds"]
            nearness = toward.get(self._meant(each["text"], answer["node"]), -1) if each["key"] else -1
            if nearness > best:
                best, pressed, after = nearness, str(each["key"]), seconds
            if best == AT_THE_GOAL:
                break
        if heard.in_vain:
            return whole, AGENT_KEY
        heard.in_vain = best == AT_THE_GOAL
        if pressed is None:
            pressed = "*" if "*" in answer["keys"] else AGENT_KEY
        return after + REACTION, pressed

    def _meant(self, text: str, node: str) -> str:
        """The place that these words announce: here, or on another level they were lifted from."""
        places = [self._hotline.places[node]] if node in self._hotline.places else []
        for place in (*places, *self._hotline.places.values()):
            for choice in place.choices:
                if any(text.startswith(words) for words in choice.say.values()):
                    return choice.to
        return ""

    def _offered(self, coming: Coming, shown: Mapping[str, Any], doings: Doings) -> str:
        """Whoever came for an offer hears it, and takes it as the planted truth has it."""
        fact = {"customer": coming.customer, "offer": str(shown["offer"]), "channel": "ivr"}
        doings.reached.append(fact)
        doings.count("offers heard")
        if not self._truth.would_order(coming.customer, fact["offer"], "ivr"):
            return TAKES_NOT
        doings.said_yes.append(fact)
        return TAKES


def planned(path: Path) -> Any:
    """The calls and news as the stage wrote them."""
    return json.loads(path.read_text(encoding="utf-8"))


async def main() -> None:
    """Call until standard input closes."""
    parser = arguments("Callers of the voice menu of the demonstration.")
    parser.add_argument(
        "--calls", type=Path, default=Path("var/demo/calls.json"), help="who calls, when and why"
    )
    options = parser.parse_args()
    async with (
        Service(options.service, read_key(options.keys / "ivr")) as service,
        Service(options.service, read_key(options.keys / "portal")) as systems,
    ):
        truth = read_truth(options.truth)
        callers = Callers(service, systems, truth, read_menu(), planned(options.calls))
        await obey(callers.ring)


if __name__ == "__main__":
    run(main)
