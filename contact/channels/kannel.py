"""SMS through Kannel's smsbox: one POST to ``sendsms`` for each message, and the states its reports carry.

The message travels in a body and in headers, never in an address: numbers and texts stay out of access logs, and no HTTP
client repeats a POST by itself, as they do with a GET whose answer was lost.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, unquote, urlsplit

import aiohttp

from contact.channels.sms import LONGEST_ANSWER, posting, submitting
from contact.domain.contact import ContactId
from contact.domain.why_not import WhyNot
from contact.faults import GatewayAmbiguous, GatewayRefused
from contact.ports import Message
from contact.telemetry import request_headers

SCHEME = "kannel+"
REPORTS = 1 | 2 | 8 | 16
"""As ``dlr-mask``: delivered, undelivered, taken by the SMS centre, refused by it."""
OPTIONS = {
    "from": "X-Kannel-From",
    "smsc": "X-Kannel-SMSC",
    "account": "X-Kannel-Account",
    "validity": "X-Kannel-Validity",
    "priority": "X-Kannel-Priority",
}
"""What may stand in the query of the gateway's address, and the header it becomes."""
_ACCEPTED = (b"0: ", b"3: ")
_LATER = (b"Temporal failure, try again later.", b"Authorization failed for sendsms")
"""Refusals that pass: a full queue, and a password that somebody is about to mend."""
_SEVEN_BIT = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà^{}\\[~]|€"
)
"""The alphabet of 3GPP TS 23.038 with its extension; any other sign needs UCS-2."""


class KannelGateway:
    """Keeps GatewayPort against a real Kannel; it is told where to report each contact, and never asked twice."""

    def __init__(self, address: str, callback: Callable[[ContactId], str]) -> None:
        """``kannel+http://USER:PASSWORD@HOST:PORT/cgi-bin/sendsms?from=SENDER``. Raises ``ValueError``."""
        self._url, self._headers = read_address(address)
        self._callback = callback
        self._session: aiohttp.ClientSession | None = None

    async def submit(self, message: Message) -> str:
        """The contact's id: Kannel names no reference. Raises GatewayRefused or GatewayAmbiguous."""
        headers = {
            **self._headers,
            **request_headers(),
            "X-Kannel-To": message.number,
            "X-Kannel-Coding": "0" if _SEVEN_BIT.issuperset(message.text) else "2",
            "X-Kannel-DLR-Mask": str(REPORTS),
            "X-Kannel-DLR-Url": f"{self._callback(message.contact)}?state=%d&seconds=%T",
            "Content-Type": "text/plain; charset=UTF-8",
        }
        self._session = self._session or posting()
        with submitting():
            async with self._session.post(
                self._url, data=message.text.encode(), headers=headers, allow_redirects=False
            ) as answer:
                _read(answer.status, await answer.content.read(LONGEST_ANSWER))
        return message.contact

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()


def _read(status: int, body: bytes) -> None:
    """Nothing where Kannel has the message; only Kannel's own words say that it has not."""
    if status == 202 and body.startswith(_ACCEPTED):
        return
    if status in (403, 503) and body.startswith(_LATER):
        raise GatewayRefused(f"{WhyNot.KANNEL_ANSWERED}: {status}", passing=True)
    if 400 <= status < 500 and status != 408:
        raise GatewayRefused(f"{WhyNot.KANNEL_ANSWERED}: {status}", passing=status == 429)
    raise GatewayAmbiguous(f"{WhyNot.KANNEL_ANSWERED}: {status}")


def read_address(address: str) -> tuple[str, dict[str, str]]:
    """Where to POST, and the headers that go with every message. Raises ``ValueError`` that repeats no password."""
    parts = urlsplit(address.removeprefix(SCHEME))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("CONTACT_SMS_URL: after kannel+ comes http:// or https:// with a host")
    if parts.username is None or parts.password is None:
        raise ValueError("CONTACT_SMS_URL: Kannel needs USER:PASSWORD@ before its host, of a sendsms-user")
    headers = {
        "X-Kannel-Username": unquote(parts.username),
        "X-Kannel-Password": unquote(parts.password),
    }
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in OPTIONS:
            raise ValueError(f"CONTACT_SMS_URL: only {', '.join(OPTIONS)} may stand after the question mark")
        headers[OPTIONS[name]] = value
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    place = f"{host}:{parts.port}" if parts.port else host
    return f"{parts.scheme}://{place}{parts.path or '/cgi-bin/sendsms'}", headers
