"""A row of the route table, and what a handler is given and gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import msgspec

from contact.faces.http.edge.admission import Admission
from contact.ports import WHOLE, Key, Ports, Scope
from contact.ports.access import ROLES
from contact.settings import Settings

Ring = Callable[[str], Awaitable[None]]
"""Tells the workers that the job of this id waits; called after its row is committed."""

EVERYBODY = frozenset(ROLES)
OPEN: frozenset[str] = frozenset({"anyone"})
"""Roles of a route that needs no key."""


class Once(Enum):
    """Whether a route needs an Idempotency-Key."""

    NO = "no"
    """It changes nothing, or its body carries an id of its own."""
    ALWAYS = "always"
    IF_RESERVING = "if the body says reserve"


class Reach(Enum):
    """What a route tells of or changes; a key of one unit passes where that can be bounded by its unit, and nowhere else."""

    OPERATOR = "the whole operator"
    UNIT = "customers, those of the caller only"
    NOBODY = "no customer"


@dataclass(frozen=True, slots=True)
class House:
    """What the server owns and hands to every call."""

    ports: Ports
    settings: Settings
    ring: Ring
    openapi: bytes = field(repr=False)
    """The document at /openapi.json."""
    admission: Admission = field(default_factory=Admission, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its caller authenticated, its ids, query and body decoded and checked."""

    house: House
    caller: Key
    path: Mapping[str, str]
    query: Any = None
    body: Any = field(default=None, repr=False)
    scope: Scope = WHOLE
    """Whose customers the caller may see and change."""

    @property
    def ports(self) -> Ports:
        """As far as the caller's customers go: whoever is none of theirs is not found."""
        return self.house.ports.within(self.scope)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers; a problem may be an answer too (``refused``)."""

    answer: msgspec.Struct | bytes
    """Bytes are sent as they are, under the row's media type."""
    status: int = 0
    """0: the row's own."""


Handle = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Recall:
    """How an answer with personal words is kept for a retry: without them, and read again when the retry comes."""

    keep: Callable[[Any], msgspec.Struct]
    again: Callable[[Call, bytes], Awaitable[msgspec.Struct]]


@dataclass(frozen=True, slots=True)
class Route:
    """One row: everything the server, the role check, the OpenAPI page and the tests know of a route."""

    method: str
    path: str
    roles: frozenset[str]
    """Who may call it; empty is nobody."""
    handle: Handle
    summary: str
    answer: type[msgspec.Struct] | None
    """None: not JSON, or JSON of a form defined elsewhere."""
    tag: str
    body: type[msgspec.Struct] | None = None
    form: bool = False
    """The body is a multipart form instead of JSON."""
    urlencoded: bool = False
    """The body is a form as browsers submit it without a file; its fields are those of ``body``."""
    query: type[msgspec.Struct] | None = None
    status: int = 200
    """Of the answer when all goes well."""
    statuses: tuple[int, ...] = ()
    """Problems of its own, besides those every route may answer."""
    refuses_in_media: tuple[int, ...] = ()
    """Those of them that its handler answers in the route's own media, for a reader who knows nothing else; raised, they are
    problems as everywhere."""
    once: Once = Once.NO
    recall: Recall | None = None
    """None: the answer holds nothing personal and is kept as it is."""
    limit_bytes: int = 1 << 20
    media: str = "application/json"
    """Of the answer."""
    reach: Reach = Reach.OPERATOR
    storeless: bool = False
    """Answers while the database is away too, with nothing of anybody: a key that held a moment ago is let in then."""
    patient: bool = False
    """Of a storeless route: it waits some seconds for a busy database before it goes on without. Others have a caller on
    the line."""
    own_place: bool = False
    """Takes its place among those that are answered itself, when it has something to work out (``Admission.place``)."""
    urgent: bool = False
    """Keeps its place when the server is full: opt-outs and reports of what happened."""

    @property
    def open(self) -> bool:
        return self.roles == OPEN

    @property
    def ids(self) -> tuple[str, ...]:
        """Names of the ids in the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))
