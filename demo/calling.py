"""How every party talks to the service: public HTTP, a bounded number of requests, polite retries, one key each."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import aiohttp

AT_ONCE = 8
_TRIES = 8
_PASSING = (429, 502, 503, 504)


class CallFailed(Exception):
    """The service did not answer as it should; the message names route and status, no personal data."""


class Service:
    """The service as one party sees it. Use as an async context manager."""

    def __init__(self, url: str, key: str, *, at_once: int = AT_ONCE) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"}
        self._places = asyncio.Semaphore(at_once)
        self._clock: tuple[float, str] | None = None
        self._reading_clock = asyncio.Lock()
        self.calls = 0

    async def __aenter__(self) -> Service:
        timeout = aiohttp.ClientTimeout(total=30)
        self._session = aiohttp.ClientSession(timeout=timeout, headers=self._headers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def post(self, path: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and answer. The same Idempotency-Key goes with every retry, so the effect happens once."""
        return await self._call("POST", path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})

    async def get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        """The answer. Raises CallFailed unless it is 200."""
        status, answer = await self._call("GET", path, params=query)
        if status != 200:
            raise CallFailed(f"GET {path} answered {status}: {reason(answer)}")
        return answer

    async def probe(self, path: str) -> int | None:
        """The status of one GET without retries; None where nobody answers."""
        try:
            async with self._session.get(
                self._url + path, timeout=aiohttp.ClientTimeout(total=5)
            ) as response:
                return response.status
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def now(self) -> str:
        """The store's instant, at most half a second old; all who ask at one time share one reading."""
        loop = asyncio.get_running_loop()
        async with self._reading_clock:
            if self._clock is None or loop.time() - self._clock[0] > 0.5:
                self._clock = (loop.time(), (await self.get("/v1/clock"))["at"])
            return self._clock[1]

    async def moment(self) -> datetime:
        """The store's instant as a datetime."""
        return datetime.fromisoformat(await self.now())

    async def _call(self, method: str, path: str, **options: Any) -> tuple[int, Any]:
        wait = 0.1
        for remaining in reversed(range(_TRIES)):
            try:
                async with (
                    self._places,
                    self._session.request(method, self._url + path, **options) as response,
                ):
                    self.calls += 1
                    if response.status not in _PASSING or not remaining:
                        return response.status, await _content(response)
                    wait = max(wait, min(float(response.headers.get("Retry-After", "0")), 2.0))
            except (aiohttp.ClientConnectionError, TimeoutError) as error:
                if not remaining:
                    raise CallFailed(f"{method} {path}: {type(error).__name__}") from None
            await asyncio.sleep(wait)
            wait = min(wait * 2, 2.0)
        raise AssertionError("the loop above returns or raises")


async def _content(response: aiohttp.ClientResponse) -> Any:
    if "json" in response.content_type:
        return await response.json(content_type=None)
    return await response.text()


def reason(answer: Any) -> str:
    """The problem's code and detail, where the answer is one."""
    if isinstance(answer, dict):
        return f"{answer.get('code', '')} {answer.get('detail', answer.get('title', ''))}".strip()
    return str(answer)[:200]


def read_key(path: Path) -> str:
    """A key as ``contact key create`` printed it."""
    return path.read_text(encoding="utf-8").strip()
