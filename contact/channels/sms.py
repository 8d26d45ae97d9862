"""SMS through a gateway that speaks JSON over HTTP; an answer nobody can read counts as perhaps sent."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

import aiohttp

from contact.domain.why_not import WhyNot
from contact.faults import GatewayAmbiguous, GatewayRefused
from contact.ports import Message
from contact.telemetry import request_headers

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
LONGEST_ANSWER = 64 * 1024


class Answered(Enum):
    """What the gateway's HTTP status says of the message; whatever is not listed is ``AMBIGUOUS``."""

    ACCEPTED = "accepted"
    LATER = "refused for now"
    NEVER = "refused for good"
    AMBIGUOUS = "ambiguous"

    @classmethod
    def from_status(cls, status: int) -> Answered:
        """202 accepted; 429 and 503 refused for now; other 4xx refused for good."""
        if status == 202:
            return cls.ACCEPTED
        if status in (429, 503):
            return cls.LATER
        return cls.NEVER if 400 <= status < 500 else cls.AMBIGUOUS


class SmsGateway:
    """Keeps GatewayPort: one POST for each message, with the contact's id as Idempotency-Key, never repeated here."""

    def __init__(self, url: str, callback: str) -> None:
        self._url = url
        self._callback = callback
        self._session: aiohttp.ClientSession | None = None

    async def submit(self, message: Message) -> str:
        """The gateway's reference. Raises GatewayRefused where it provably has nothing, else GatewayAmbiguous."""
        body = {
            "contact": message.contact, "to": message.number, "text": message.text,
            "language": message.language, "callback": self._callback,
        }  # fmt: skip
        self._session = self._session or posting()
        headers = {"Idempotency-Key": message.contact, **request_headers()}
        with submitting():
            async with self._session.post(
                self._url, json=body, headers=headers, allow_redirects=False
            ) as answer:
                return _read(answer.status, await answer.content.read(LONGEST_ANSWER))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()


def posting() -> aiohttp.ClientSession:
    """A session whose waits are bounded."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS, sock_connect=CONNECT_SECONDS)
    return aiohttp.ClientSession(timeout=timeout)


@contextmanager
def submitting() -> Iterator[None]:
    """What the network raises, as what it means for the message: never left us, or nobody knows."""
    try:
        yield
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        # No connection was made, so not one byte of the message left this process.
        raise GatewayRefused(f"{WhyNot.UNREACHABLE}: {_unreached(error)}", passing=True) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise GatewayAmbiguous(f"{WhyNot.LOST}: {_lost(error)}") from None


def _unreached(error: aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError) -> WhyNot:
    match error:
        case aiohttp.ConnectionTimeoutError():
            return WhyNot.NO_ANSWER
        case aiohttp.ClientConnectorDNSError():
            return WhyNot.NO_SUCH_NAME
        case aiohttp.ClientSSLError():
            return WhyNot.NOT_TRUSTED
        case _:
            return WhyNot.NOBODY_LISTENS if error.errno == errno.ECONNREFUSED else WhyNot.NO_CONNECTION


def _lost(error: Exception) -> WhyNot:
    match error:
        case TimeoutError():
            return WhyNot.TOO_SLOW
        case aiohttp.ServerDisconnectedError():
            return WhyNot.HUNG_UP
        case _:
            return WhyNot.BROKE_OFF


def _read(status: int, body: bytes) -> str:
    match Answered.from_status(status):
        case Answered.ACCEPTED:
            return _reference(body)
        case Answered.LATER:
            raise GatewayRefused(f"{WhyNot.ANSWERED}: {status}", passing=True)
        case Answered.NEVER:
            raise GatewayRefused(f"{WhyNot.ANSWERED}: {status}", passing=False)
        case Answered.AMBIGUOUS:
            raise GatewayAmbiguous(f"{WhyNot.ANSWERED}: {status}")


def _reference(body: bytes) -> str:
    try:
        reference = json.loads(body)["reference"]
    except (ValueError, KeyError, TypeError):
        raise GatewayAmbiguous(WhyNot.UNREADABLE) from None
    if not isinstance(reference, str) or not 0 < len(reference) <= 200:
        raise GatewayAmbiguous(WhyNot.UNREADABLE)
    return reference
