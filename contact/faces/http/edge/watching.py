"""Around every request: an id, a bound on how many run at once, errors as problems, one log line, the meters."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from functools import cache

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import Counter, Histogram
from uuid_utils import uuid7

from contact import tracing
from contact.faces.http.edge import reading, uploads
from contact.faces.http.edge.admission import overloaded
from contact.faces.http.edge.callers import CALLER
from contact.faces.http.edge.meters import IN_FLIGHT
from contact.faces.http.edge.problems import MEDIA_TYPE, RequestProblem, from_fault, from_problems
from contact.faces.http.edge.row import Route
from contact.faults import Fault
from contact.telemetry import FAULTS, REQUEST_HEADER, REQUEST_SECONDS, REQUESTS, done_for, is_request_id, log
from strategies.problems import ProblemsFound

REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id", str)
ROUTES: web.AppKey[Mapping[tuple[str, str], Route]] = web.AppKey("routes")
MOST_IN_FLIGHT = 400
"""Requests answered at once before others are told to come again."""
URGENT_IN_FLIGHT = 100
"""Places beyond that for opt-outs, outcomes and reports of what happened."""
ANSWER_SECONDS = 120.0
"""Longest time for an answer; what takes longer by its nature is a job."""
UNMATCHED = "(none)"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Permitted-Cross-Domain-Policies": "none",
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Server": "contact",
}
_log = log("http")


def template_of(request: web.Request) -> str:
    """The route's template, never the path that was asked for: a path may hold anything."""
    resource = request.match_info.route.resource
    return UNMATCHED if resource is None else resource.canonical


async def harden(_request: web.Request, response: web.StreamResponse) -> None:
    """Strict headers on every response that does not set its own."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "contact"


class Watch:
    """The outermost middleware; ``in_flight`` is this application's own count."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._forms = reading.Coming()

    def full(self, route: Route | None) -> bool:
        """Whether this request has to come again later."""
        places = MOST_IN_FLIGHT + (URGENT_IN_FLIGHT if route is not None and route.urgent else 0)
        return self.in_flight >= places

    @web.middleware
    async def __call__(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        template, started = template_of(request), time.perf_counter()
        request[REQUEST_ID] = _request_id(request)
        route = request.app[ROUTES].get((request.method, template))
        full = self.full(route)
        self.in_flight += 1
        IN_FLIGHT.inc()
        status, code = 500, None
        try:
            with (
                done_for(request[REQUEST_ID]),
                tracing.span(f"{request.method} {template}", request[REQUEST_ID], route=template) as told,
            ):
                response, code = await _answered(request, handler, full, route, self._forms)
                told(status=response.status)
            status = response.status
            response.headers[REQUEST_HEADER] = request[REQUEST_ID]
            return response
        except web.HTTPException as raised:
            status = raised.status
            raised.headers[REQUEST_HEADER] = request[REQUEST_ID]
            raise
        finally:
            self.in_flight -= 1
            IN_FLIGHT.dec()
            _note(request, template, status, code, time.perf_counter() - started)


def _seconds(route: Route | None) -> float:
    """How long an answer may take; a file may come slowly."""
    return ANSWER_SECONDS + (uploads.UPLOAD_SECONDS if route is not None and route.form else 0)


async def _answered(
    request: web.Request, handler: Handler, full: bool, route: Route | None, forms: reading.Coming
) -> tuple[web.StreamResponse, str | None]:
    limit = asyncio.timeout(_seconds(route))
    try:
        if full:
            raise overloaded()
        if route is None:
            await reading.read_form(request, forms)
        async with limit:
            return await handler(request), None
    except web.HTTPException as raised:
        if raised.status < 400:
            raise
        problem = _of_http(raised)
        if _wants_page(request):
            return web.Response(status=problem.status, text=f"{problem.detail}\n"), problem.code
    except RequestProblem as found:
        problem = found
    except ProblemsFound as found:
        problem = from_problems(found)
    except Fault as fault:
        problem = from_fault(fault)
        if problem.status >= 500:
            FAULTS.labels("http", problem.code).inc()
            _log.error("fault", code=problem.code, exc_info=fault)
    except Exception as error:  # noqa: BLE001 — the last place before the client; logged without its words
        problem = _unforeseen(error, took_too_long=limit.expired())
    return _problem_response(request, problem), problem.code


def unforeseen() -> RequestProblem:
    """What is told of an error of ours, which is for the log alone."""
    return RequestProblem("fault", "Something went wrong inside the service; the log has this request's id.")


def _unforeseen(error: Exception, *, took_too_long: bool) -> RequestProblem:
    if took_too_long:
        detail = (
            "The answer took too long; ask again with the same Idempotency-Key and learn what became of it."
        )
        problem = RequestProblem("took_too_long", detail, headers={"Retry-After": "5"})
    else:
        problem = unforeseen()
    FAULTS.labels("http", problem.code).inc()
    _log.error("unforeseen", code=problem.code, exc_info=error)
    return problem


def _problem_response(request: web.Request, problem: RequestProblem) -> web.Response:
    body = msgspec.json.encode(problem.answer(request[REQUEST_ID]))
    headers = {"Content-Type": MEDIA_TYPE, **problem.headers}
    response = web.Response(status=problem.status, body=body, headers=headers)
    if not request.content.is_eof():
        response.force_close()  # what is left of the body is not waited for
    return response


def _of_http(raised: web.HTTPException) -> RequestProblem:
    if isinstance(raised, web.HTTPMethodNotAllowed):
        allowed = ", ".join(sorted(raised.allowed_methods))
        return RequestProblem("method_not_allowed", f"Use {allowed} here.", headers={"Allow": allowed})
    if raised.status == 413:
        return RequestProblem("body_too_large", "The body is over this address's limit; send less.")
    if raised.status == 404:
        return RequestProblem(
            "no_such_route",
            "There is no such address; the console starts at /, the API is listed at /openapi.json.",
        )
    return RequestProblem("malformed_json", "The request cannot be read; /openapi.json says what is taken.")


def _wants_page(request: web.Request) -> bool:
    """Whether somebody at a browser is to read the answer."""
    return not request.path.startswith("/v1/") and "text/html" in request.headers.get("Accept", "")


def _request_id(request: web.Request) -> str:
    given = request.headers.get(REQUEST_HEADER, "")
    return given if is_request_id(given) else str(uuid7())


def _note(request: web.Request, template: str, status: int, code: str | None, seconds: float) -> None:
    method = request.method if request.method in ("GET", "HEAD", "POST", "OPTIONS") else "OTHER"
    answered, took = _meters(template, method, status)
    answered.inc()
    took.observe(seconds)
    key = request.get(CALLER)
    _log.info(
        "request", request=request[REQUEST_ID], method=method, route=template, status=status, code=code,
        seconds=round(seconds, 4), role=key.role if key else None,
    )  # fmt: skip


@cache
def _meters(template: str, method: str, status: int) -> tuple[Counter, Histogram]:
    """Found once: to look them up by their labels costs more than to count."""
    return REQUESTS.labels(template, method, str(status)), REQUEST_SECONDS.labels(template)
