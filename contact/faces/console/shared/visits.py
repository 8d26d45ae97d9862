"""Who asks, in which language and look; and the hidden token that makes a form ours."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl

from aiohttp import web
from multidict import MultiDict

from contact.faces.console.shared.multipart import parts_of
from contact.faces.console.shared.words import Words, language_for, words_in
from contact.faces.http.edge.reading import FORM
from contact.ports import Key, Ports

SESSION_COOKIE = "contact_session"
PREFERENCES = {"lang": ("en", "zh-CN"), "theme": ("auto", "light", "dark"), "keys": ("on", "off")}
"""Query name → what may be chosen; kept in cookies of the same name, without any personal data."""
HOMES = {
    "agent": "/desk",
    "strategist": "/workbench",
    "analyst": "/overview",
    "admin": "/overview",
    "data_scientist": "/models",
    "supervisor": "/overview",
    "account_manager": "/customers",
}
MOST_FIELDS = 2000
"""Of a form; a page with all jobs that failed has one for each."""
MOST_OF_STRANGERS = 1 << 14
"""Bytes of a form of somebody who is not logged in: a name, a password, and the page to go on to."""
_YEAR_SECONDS = 365 * 86_400


@dataclass(frozen=True)
class Visit:
    """One request of the console, and the person behind it where a session is open."""

    request: web.Request
    words: Words
    key: Key | None = None
    secret: str = field(default="", repr=False)
    form: MultiDict[str] = field(default_factory=MultiDict, repr=False)

    @property
    def language(self) -> str:
        return self.words.language

    @property
    def theme(self) -> str:
        return _chosen(self.request, "theme") or "auto"

    @property
    def keys(self) -> str:
        """``off`` where the person has switched the single-letter keys off."""
        return _chosen(self.request, "keys") or "on"

    @property
    def partial(self) -> bool:
        """The script asked, so a fragment is enough."""
        return self.request.headers.get("HX-Request") == "true"

    @property
    def home(self) -> str | None:
        """The page of this person's role."""
        if self.key is None:
            return None
        return "/desk" if self.key.role == "agent" else HOMES.get(self.key.role)

    @property
    def person(self) -> str | None:
        return self.key.person if self.key is not None else None

    def text(self, name: str, limit: int = 200) -> str:
        """One field of the posted form, trimmed and bounded."""
        return self.form.get(name, "").strip()[:limit]


async def visit_of(request: web.Request, ports: Ports) -> Visit:
    """The visit behind a request; without ``key`` where nobody is logged in."""
    words = words_of(request)
    secret = _session_of(request)
    watching = (
        request.method == "GET" and request.headers.get("HX-Request") == "true"
    )  # a page that polls by itself
    key = await ports.keys.session(secret, active=not watching) if secret else None
    form: MultiDict[str] = MultiDict()
    if request.method == "POST":
        form = await _sent(request, known=key is not None)
    return Visit(request, words, key, secret if key is not None else "", form)


def _session_of(request: web.Request) -> str:
    """The session's secret; empty where the browser has none, or something that was never one of ours."""
    secret = request.cookies.get(SESSION_COOKIE, "")
    return secret if secret.isascii() else ""


async def _sent(request: web.Request, *, known: bool) -> MultiDict[str]:
    """The fields of a form, or of the JSON that the workbench's script sends: a form would change a text's line ends.

    What is neither has no fields, and so no token. Whoever is not ``known`` sends what the door's own pages do, and nothing
    else of theirs is taken apart.
    """
    body = await request.read()
    if not known and len(body) > MOST_OF_STRANGERS:
        return MultiDict()
    if request.content_type == FORM:
        return _of_form(body)
    if known and request.content_type == "multipart/form-data":
        return _whole((await parts_of(request.headers["Content-Type"], body)).fields.items())
    if known and request.content_type == "application/json":
        return _of_json(body)
    return MultiDict()


def _of_form(body: bytes) -> MultiDict[str]:
    """Our pages are UTF-8, and so are their forms, whatever else is said of them."""
    try:
        return _whole(
            parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        )
    except ValueError:
        return MultiDict()


def _of_json(body: bytes) -> MultiDict[str]:
    try:
        found = json.loads(body.decode())
    except (ValueError, RecursionError):
        return MultiDict()
    fields = found.items() if isinstance(found, dict) else ()
    return _whole((name, value) for name, value in fields if isinstance(value, str))


def _whole(fields: Iterable[tuple[str, str]]) -> MultiDict[str]:
    """Without NUL and half characters, which can be stored nowhere: a sign in their place shows that something was there."""
    return MultiDict(
        (name, value.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}"))
        for name, value in fields
    )


def words_of(request: web.Request) -> Words:
    """The words of the language this person chose, else of the browser's."""
    return words_in(language_for(_chosen(request, "lang"), request.headers.get("Accept-Language", "")))


def form_token(secret: str) -> str:
    """A token that only this session's pages hold; another one each time, so compression tells nothing."""
    salt = secrets.token_hex(8)
    return f"{salt}.{_sign(secret, salt)}"


def form_is_ours(visit: Visit) -> bool:
    """Whether a posted form came from a page of this session; the cookie is SameSite=Strict besides."""
    site = visit.request.headers.get("Sec-Fetch-Site", "same-origin")
    salt, _, signature = visit.form.get("form_token", "").partition(".")
    return site == "same-origin" and hmac.compare_digest(
        _sign(visit.secret, salt).encode(), signature.encode("utf-8", "replace")
    )


def sent_from_here(request: web.Request) -> bool:
    """Whether a form of somebody who is not logged in comes from a page of ours, as far as the browser tells."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin"
    # our pages tell nobody where they come from, so that an old browser says null
    return origin in (None, "null") or origin.partition("://")[2] == request.host


def remember(request: web.Request) -> web.Response | None:
    """A redirect that keeps preferences named in the query as cookies, or None where there are none."""
    wanted = {name: request.query[name] for name in PREFERENCES if name in request.query}
    if not wanted or request.method != "GET":
        return None
    rest = {name: value for name, value in request.query.items() if name not in PREFERENCES}
    response = web.Response(status=303, headers={"Location": str(request.rel_url.with_query(rest))})
    for name, value in wanted.items():
        if value in PREFERENCES[name]:
            response.set_cookie(
                f"contact_{name}", value, max_age=_YEAR_SECONDS, httponly=True, samesite="Strict", path="/"
            )
    return response


def open_cookie(response: web.Response, request: web.Request, secret: str, *, secure: bool) -> None:
    """Give the browser its session; it ends with the browser or the session's own end, whichever is first."""
    strict: Literal["Strict"] = "Strict"
    response.set_cookie(
        SESSION_COOKIE, secret, httponly=True, samesite=strict, path="/", secure=secure or request.secure
    )  # fmt: skip


def _chosen(request: web.Request, name: str) -> str | None:
    value = request.query.get(name) or request.cookies.get(f"contact_{name}")
    return value if value in PREFERENCES[name] else None


def _sign(secret: str, salt: str) -> str:
    """128 bits of an HMAC: the longer ones would only make every form of every page longer."""
    return hmac.new(
        secret.encode(), f"console form {salt}".encode("utf-8", "replace"), hashlib.sha256
    ).hexdigest()[:32]
