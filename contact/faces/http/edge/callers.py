"""Who is calling: the key behind ``Authorization: Bearer``, and whether its role may use a route."""

from __future__ import annotations

from base64 import b64decode
from collections import OrderedDict
from dataclasses import replace
from hashlib import sha256

from aiohttp import web

from contact.clock import real_now
from contact.faces.http.edge.problems import ProblemPlace, RequestProblem
from contact.faces.http.edge.row import Reach, Route
from contact.faults import StoreUnavailable
from contact.flow.publishing.publish import require_person
from contact.flow.scoped import scope_of
from contact.ports import WHOLE, Key, KeyPort, Ports, Scope

NOBODY = Key(id="", role="anyone", person=None)
"""The caller of a route that needs no key."""
CALLER: web.RequestKey[Key] = web.RequestKey("caller", Key)
PATIENCE_SECONDS = 0.5
"""How long a caller on the line waits for the store to say whether the telephone's key still holds."""
PATIENT_SECONDS = 5.0
"""The same of a route that nobody listens to; while one such question hangs for longer, nobody waits who comes after it."""
MOST_HELD = 256
_LONGEST_SECRET = 512
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="contact"'}


class KeyRing:
    """Looks each key up anew: one that was revoked or has run out opens nothing from that moment, in any process."""

    def __init__(self, keys: KeyPort) -> None:
        self._keys = keys
        self._held: OrderedDict[bytes, Key] = OrderedDict()
        """By the hash of their secret, the keys that held when they were last looked up, for routes that need no store."""

    async def authenticate(
        self, request: web.Request, *, storeless: bool = False, patient: bool = False
    ) -> Key:
        """The caller's key. Raises RequestProblem ``unauthenticated``, StoreUnavailable.

        ``storeless``: where the store does not answer in time (more of it if ``patient``), a key is let in that held when it
        was last looked up here and has not run out since.
        """
        given = request.headers.getall("Authorization", [])
        if len(given) != 1:
            raise _unknown("Send `Authorization: Bearer KEY`, once; `contact key create ROLE` prints a key.")
        secret = _secret_of(given[0])
        if not secret or len(secret) > _LONGEST_SECRET or not secret.isascii():
            raise _unknown("Send `Authorization: Bearer KEY`; `contact key create ROLE` prints a key.")
        if storeless:
            key = await self._with_or_without(secret, PATIENT_SECONDS if patient else PATIENCE_SECONDS)
        else:
            key = await self._keys.authenticate(secret)
        if key is None:
            raise _unknown(
                "This key is unknown, revoked or has run out; `contact key create ROLE` prints another."
            )
        return key

    async def _with_or_without(self, secret: str, patience: float) -> Key | None:
        hashed = sha256(secret.encode()).digest()
        try:
            key = await self._keys.authenticate(secret, patience=patience)
        except StoreUnavailable:
            held = self._held.get(hashed)
            if held is None:
                raise
            over = held.expires is not None and held.expires <= real_now()
            return None if over else replace(held, proved=False)
        if key is None:
            self._held.pop(hashed, None)
            return None
        self._held[hashed] = key
        self._held.move_to_end(hashed)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return key


def _secret_of(authorization: str) -> str:
    """The key: a bearer, or the password of Basic, the only form that a Kannel's address can carry."""
    scheme, _, told = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return told
    try:
        named = b64decode(told, validate=True).decode("ascii") if scheme.lower() == "basic" else ""
    except ValueError:
        return ""
    return named.partition(":")[2]


def remember_caller(request: web.Request, key: Key) -> None:
    """Note who the request comes from, once that is proved by key or session."""
    request[CALLER] = key


def require_role(route: Route, key: Key) -> None:
    """Raises RequestProblem ``forbidden`` unless the row names the role: what is not permitted is denied."""
    if key.role not in route.roles:
        may = ", ".join(sorted(route.roles)) or "nobody"
        detail = f"This needs a key of another role ({may}); `contact key create ROLE` prints one."
        raise RequestProblem("forbidden", detail)


async def scope_for(route: Route, ports: Ports, key: Key) -> Scope:
    """Whose customers the call may be about. Raises RequestProblem where the route knows no bounds and the key has some."""
    scope = await scope_of(ports, key)
    if scope.whole or route.reach is Reach.UNIT:
        return scope
    if route.reach is Reach.OPERATOR:
        whose = f"unit {key.unit}" if key.unit is not None else "one account manager's customers"
        raise RequestProblem(
            "forbidden",
            f"This concerns the whole operator, and the key is bound to {whose}; use one without --unit.",
        )
    return WHOLE


def person_of(key: Key) -> str:
    """The person a key acts for. Raises RequestProblem where it belongs to none."""
    if key.person is None:
        detail = f"This key belongs to no person; `contact key create {key.role} --person ID` prints one that does."
        raise RequestProblem("forbidden", detail)
    return key.person


def author_of(key: Key) -> str:
    """Who is written down for what this key changes: its person, else its role and id."""
    return key.person or f"{key.role} {key.id}"


async def writer_of(ports: Ports, key: Key) -> str:
    """The same for a part of a draft. Raises Forbidden where the key has no person and another person must approve."""
    await require_person(ports, key.person)
    return author_of(key)


def _unknown(detail: str) -> RequestProblem:
    place = ProblemPlace(message=detail, parameter="Authorization")
    return RequestProblem("unauthenticated", detail, errors=[place], headers=_CHALLENGE)
