"""The SMS gateway: takes messages, reports receipts (some early, some twice), brings replies, keeps its own log.

    python -m demo.gateway --port 8090 --service http://127.0.0.1:8080 --keys var/demo/keys --truth var/demo/truth.json

Its log is the judge of the demonstration: it says what went out, to whom, on which day, and when a stop was
acknowledged.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any, TextIO

from aiohttp import web

from demo.calling import CallFailed, Service, read_key, reason
from demo.draws import draw
from demo.party import Doings, Step, arguments, obey, run
from demo.truth import REPLY_CODES, STOP_WORDS, Nature, Truth, read_truth

_REPLY_CODE = re.compile(r"(?:reply|回复) ?(\d+)")
_OPT_OUT_HINT = re.compile(r"\bTD\b|退订")


class Gateway:
    """One gateway with its customers at the other end of the line."""

    def __init__(self, service: Service, truth: Truth, log: TextIO) -> None:
        self._service, self._truth, self._log = service, truth, log
        self._people = {nature.number: nature for nature in truth.natures.values()}
        self._references: dict[str, str] = {}
        self._throttled: set[str] = set()
        self._behind: set[asyncio.Task[None]] = set()
        self._day = ""
        self._lines = 0
        self.doings = Doings()

    async def take(self, request: web.Request) -> web.Response:
        """``POST /messages``: 202 with a reference; the same Idempotency-Key gets the same reference."""
        body = await request.json()
        contact = request.headers.get("Idempotency-Key", "")
        if contact != body.get("contact") or not str(body.get("to", "")).startswith("+"):
            return web.json_response(
                {"detail": "contact must equal Idempotency-Key, to must be E.164"}, status=400
            )
        if known := self._references.get(contact):
            return web.json_response({"reference": known}, status=202)
        if contact not in self._throttled and self._chance("throttle", body) < 0.02:
            self._throttled.add(contact)
            self.doings.count("throttled")
            return web.json_response({"detail": "too many at once"}, status=429, headers={"Retry-After": "1"})
        reference = self._references[contact] = f"g-{len(self._references) + 1:06}"
        promotional = _OPT_OUT_HINT.search(body["text"]) is not None
        self._note("message", contact=contact, to=body["to"], promotional=promotional)
        self.doings.count("messages")
        if self._chance("early", body) < 0.1:
            await self._receipt(contact, body, f"{reference}-1")
            self._later(self._aftermath(contact, body, ""))
        else:
            self._later(self._aftermath(contact, body, f"{reference}-1"))
        return web.json_response({"reference": reference}, status=202)

    async def settle(self, step: Step) -> Doings:
        """Wait until nothing is under way, and tell what happened since the last time."""
        self._day = step.day
        while self._behind:
            await asyncio.gather(*self._behind)
        done, self.doings = self.doings, Doings()
        self._log.flush()
        return done

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(self._guarded(work))
        self._behind.add(task)
        task.add_done_callback(self._behind.discard)

    async def _guarded(self, work: Any) -> None:
        try:
            await work
        except CallFailed as failed:
            self.doings.faults.append(str(failed))

    async def _aftermath(self, contact: str, body: dict[str, Any], receipt: str) -> None:
        """What follows a message: its receipt, now and then twice, and what its reader answers."""
        if receipt:
            await self._receipt(contact, body, receipt)
            if self._chance("twice", body) < 0.1:
                await self._receipt(contact, body, receipt)
        person = self._people.get(body["to"])
        if person is not None and self._truth.reads(person.id):
            await self._answer(person, str(body["text"]), contact)

    async def _receipt(self, contact: str, body: dict[str, Any], id: str) -> None:
        person = self._people.get(body["to"])
        reads = person is not None and self._truth.reads(person.id)
        state = "delivered" if reads else "undelivered"
        report = {"id": id, "contact": contact, "state": state, "at": await self._service.now()}
        status, answer = await self._service.post("/v1/receipts", report)
        self.doings.count(
            "receipts" if status == 200 and answer.get("accepted") else "receipts known already"
        )
        if status >= 400:
            self.doings.faults.append(f"receipt: {status} {reason(answer)}")

    async def _answer(self, person: Nature, text: str, contact: str) -> None:
        found = _REPLY_CODE.search(text)
        offer = REPLY_CODES.get(found.group(1)) if found else None
        if offer is None:
            return
        if person.stops:
            word = STOP_WORDS[int(draw(self._truth.seed, "word", person.id) * len(STOP_WORDS))]
            await self._reply(person, word, f"stop-{contact}")
            self._note("stop acknowledged", to=person.number)
            self.doings.count("stops")
            return
        self.doings.reached.append({"customer": person.id, "offer": offer, "channel": "sms"})
        if self._truth.would_order(person.id, offer, "sms"):
            assert found is not None
            await self._reply(person, found.group(1), f"yes-{contact}")
            self.doings.said_yes.append({"customer": person.id, "offer": offer, "channel": "sms"})

    async def _reply(self, person: Nature, text: str, id: str) -> None:
        body = {"id": id, "from": person.number, "text": text, "at": await self._service.now()}
        status, answer = await self._service.post("/v1/replies", body)
        if status != 200:
            raise CallFailed(f"reply: {status} {reason(answer)}")
        self.doings.count("replies")

    def _chance(self, what: str, body: dict[str, Any]) -> float:
        return draw(self._truth.seed, what, str(body["to"]), str(body["text"])[:40])

    def _note(self, what: str, **facts: object) -> None:
        self._lines += 1
        self._log.write(json.dumps({"line": self._lines, "day": self._day, "what": what, **facts}) + "\n")


async def main() -> None:
    """Serve until standard input closes."""
    parser = arguments("The SMS gateway of the demonstration.")
    parser.add_argument("--port", type=int, default=8090, help="where to take messages")
    parser.add_argument(
        "--log", type=Path, default=Path("var/demo/gateway.jsonl"), help="the gateway's own log"
    )
    options = parser.parse_args()
    with options.log.open("a", encoding="utf-8") as log:
        async with Service(options.service, read_key(options.keys / "gateway")) as service:
            gateway = Gateway(service, read_truth(options.truth), log)
            app = web.Application()
            app.router.add_post("/messages", gateway.take)
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", options.port).start()
            try:
                await obey(gateway.settle)
            finally:
                await runner.cleanup()


if __name__ == "__main__":
    run(main)
