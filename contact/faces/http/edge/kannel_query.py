"""Queries as Kannel writes them: texts in the character set it names, instants as seconds, states as numbers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import unquote_to_bytes

import msgspec
from aiohttp import web
from msgspec import Meta
from multidict import MultiDict, MultiMapping

from contact.faces.http.bodies.bodies import Body, Id, Note, When, Words
from contact.faces.http.edge.problems import at_parameter

Seconds = Annotated[
    int,
    Meta(ge=946_684_800, lt=4_102_444_800, description="an instant of 2000–2099 as Kannel's %T writes it"),
]
Sender = Annotated[
    str,
    Meta(
        pattern=r"^\+?[1-9][0-9]{6,14}$(?!\n)",
        description="a phone number in E.164; its + may be left out, as some SMS centres do",
        examples=["+8613800000001"],
    ),
]
Charset = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_-]{1,20}$(?!\n)",
        description="the text's character set, as Kannel's %C names it",
    ),
]
State = Literal["delivered", "undelivered", "sent", "not_sent"]
KannelState = Literal["delivered", "undelivered", "sent", "not_sent", "1", "2", "4", "8", "16"]
STATES: dict[str, State] = {
    "1": "delivered", "2": "undelivered", "4": "sent", "8": "sent", "16": "undelivered",
    "delivered": "delivered", "undelivered": "undelivered", "sent": "sent", "not_sent": "not_sent",
}  # fmt: skip
"""Kannel's %d. What the SMS centre queues (4) or takes (8) is sent; what it refuses (16) never arrives."""


_CODECS = {"UTF-16BE": "utf-16-be", "UCS-2": "utf-16-be", "ISO-8859-1": "latin-1", "WINDOWS-1252": "cp1252"}
"""Character sets other than UTF-8 in which Kannel hands a message on; any other name is read as UTF-8."""


class ReceiptQuery(Body, frozen=True, kw_only=True):
    """A gateway's report on one contact; ``id`` is the gateway's, without one each state of a contact is one report."""

    contact: Id
    state: KannelState
    id: Id | None = None
    at: When | None = None
    seconds: Seconds | None = None
    """Instead of ``at``."""
    result: Words | None = None


class LinkedReceiptQuery(Body, frozen=True, kw_only=True):
    """The same at the address that was given to the gateway for this contact."""

    state: KannelState
    seconds: Seconds | None = None


class ReplyQuery(Body, frozen=True, kw_only=True):
    """A message a customer sent; ``id`` is the gateway's, applied once."""

    id: Id
    sender: Sender = msgspec.field(name="from")
    text: Note
    at: When | None = None
    seconds: Seconds | None = None
    """Instead of ``at``."""
    charset: Charset = "UTF-8"


def texts_of(request: web.Request, shape: type[msgspec.Struct] | None) -> MultiMapping[str]:
    """The query's names and texts; a reply's text is read in its own character set.

    What cannot be read there becomes U+FFFD: a message is kept although a sign of it is lost.
    """
    charset = _CODECS.get(request.query.get("charset", "").upper())
    if shape is not ReplyQuery or charset is None:
        return request.query
    texts: MultiDict[str] = MultiDict()
    for pair in request.rel_url.raw_query_string.split("&"):
        name, _, value = pair.partition("=")
        raw = unquote_to_bytes(value.replace("+", " "))
        codec = charset if name == "text" else "utf-8"
        texts.add(unquote_to_bytes(name).decode(errors="replace"), raw.decode(codec, errors="replace"))
    return texts


def happened_at(query: ReceiptQuery | ReplyQuery) -> datetime:
    """When, by whichever of the two the gateway wrote. Raises RequestProblem where it wrote none or both."""
    if (query.at is None) == (query.seconds is None):
        raise at_parameter("invalid_parameter", "at", "give at, or seconds, one of them")
    return query.at or datetime.fromtimestamp(query.seconds or 0, UTC)
