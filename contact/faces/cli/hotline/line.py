"""How ``contact ivr call`` reaches a menu: in its own process, or at a running service over HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import msgspec

from contact.domain.call_answers import CallAnswer
from contact.faces.cli.terminal.complaints import Complaint
from contact.flow.calls.answer_call import BeginCall, begin_call, end_call, press_key
from contact.ports import Ports

SECONDS = 10.0
"""How long a service may take to answer."""


class Line(Protocol):
    """A telephone line to a voice menu."""

    async def begin(self, asked: BeginCall) -> CallAnswer: ...
    async def press(self, last: CallAnswer, key: str | None, seconds: float) -> CallAnswer: ...
    async def end(self, last: CallAnswer, seconds: float) -> CallAnswer: ...


class OwnLine:
    """In this process, on the stores of these settings."""

    def __init__(self, ports: Ports) -> None:
        self._ports = ports

    async def begin(self, asked: BeginCall) -> CallAnswer:
        """Pick up."""
        return await begin_call(self._ports, asked)

    async def press(self, last: CallAnswer, key: str | None, seconds: float) -> CallAnswer:
        """A key, or None for a time-out."""
        return await press_key(self._ports, last.state, key, seconds)

    async def end(self, last: CallAnswer, seconds: float) -> CallAnswer:
        """Hang up; the journey is on file when this returns."""
        answer = await end_call(self._ports, last.state, seconds)
        await self._ports.calls.flush()
        return answer


class ServiceLine:
    """At a service, as a telephone system would call it. Raises Complaint where it says no or nothing."""

    def __init__(self, address: str, key: str) -> None:
        self._address, self._key = address.rstrip("/"), key

    async def begin(self, asked: BeginCall) -> CallAnswer:
        """Pick up."""
        body = {
            "customer": asked.customer, "number": asked.number, "menu": asked.menu, "language": asked.language,
            "rehearse": asked.rehearsed,
        }  # fmt: skip
        return await self._post("", {name: value for name, value in body.items() if value is not None})

    async def press(self, last: CallAnswer, key: str | None, seconds: float) -> CallAnswer:
        """A key, or None for a time-out."""
        return await self._post(f"/{last.call}/keys", {"state": last.state, "key": key, "seconds": seconds})

    async def end(self, last: CallAnswer, seconds: float) -> CallAnswer:
        """Hang up."""
        return await self._post(f"/{last.call}/end", {"state": last.state, "seconds": seconds})

    async def _post(self, path: str, body: dict[str, Any]) -> CallAnswer:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = Request(f"{self._address}/v1/ivr/calls{path}", json.dumps(body).encode(), headers)

        def ask() -> bytes:
            with urlopen(request, timeout=SECONDS) as response:
                return bytes(response.read())

        try:
            return msgspec.json.decode(await asyncio.to_thread(ask), type=CallAnswer)
        except HTTPError as error:
            detail = json.loads(error.read() or b"{}").get("detail", "")
            raise Complaint(f"{self._address} says {error.code}: {detail}") from None
        except (URLError, TimeoutError, msgspec.DecodeError) as error:
            raise Complaint(f"{self._address} does not answer as a service of ours: {error}") from None
