"""Every way the API says no: a closed list of codes, and the RFC 9457 body they travel in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from contact.faults import Fault
from strategies.problems import ProblemsFound

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the closed list: its status and a title that never changes with the request."""

    status: int
    title: str


CODES: dict[str, Code] = {
    "not_http": Code(400, "The request is not HTTP as it is read here"),
    "malformed_json": Code(400, "The body is not JSON"),
    "not_utf8": Code(400, "The body is not UTF-8 without a byte order mark"),
    "not_an_object": Code(400, "The body is not a JSON object"),
    "duplicate_key": Code(400, "A key stands twice in one object"),
    "bad_text": Code(400, "A text holds a NUL or half a character"),
    "bad_number": Code(400, "A number is not finite or too long"),
    "too_deep": Code(400, "The body is nested too deeply"),
    "unknown_field": Code(400, "A field is not known here"),
    "missing_field": Code(400, "A required field is missing"),
    "invalid_value": Code(400, "A value is of the wrong type or not permitted"),
    "bad_time": Code(400, "A time has no offset or lies outside 2000–2099"),
    "bad_id": Code(400, "An id in the path is not well formed"),
    "unknown_parameter": Code(400, "A query parameter is not known here"),
    "repeated_parameter": Code(400, "A query parameter stands twice"),
    "invalid_parameter": Code(400, "A query parameter has a value that is not permitted"),
    "bad_form": Code(400, "The multipart form is not as described"),
    "idempotency_key_missing": Code(400, "The Idempotency-Key header is missing"),
    "idempotency_key_invalid": Code(400, "The Idempotency-Key header is not well formed"),
    "unauthenticated": Code(401, "No valid key"),
    "forbidden": Code(403, "This key may not do that"),
    "not_found": Code(404, "There is no such thing here"),
    "no_such_route": Code(404, "There is no such address"),
    "method_not_allowed": Code(405, "This address does not take this method"),
    "body_too_slow": Code(408, "The body did not arrive in time"),
    "conflict": Code(409, "Somebody or something else got there first"),
    "lease_lost": Code(409, "This task is no longer yours"),
    "refused": Code(409, "Contact rules say no"),
    "idempotency_answer_lost": Code(409, "The request was carried out, its answer was lost"),
    "idempotency_in_progress": Code(409, "The first request with this Idempotency-Key is still running"),
    "body_too_large": Code(413, "The body is too large"),
    "unsupported_media_type": Code(415, "The body is of a type this address does not read"),
    "idempotency_key_reused": Code(422, "This Idempotency-Key came before with another request"),
    "problems_found": Code(422, "The input has problems"),
    "too_many_cards": Code(429, "As many cards were opened today as one person may"),
    "fault": Code(500, "Something went wrong inside the service"),
    "model_broken": Code(500, "A model file is not as it was written"),
    "seal_broken": Code(500, "A sealed name or number does not open"),
    "gateway_refused": Code(502, "The gateway did not take the message"),
    "gateway_ambiguous": Code(502, "Nobody can say whether the gateway took the message"),
    "store_unavailable": Code(503, "The store cannot be reached or written"),
    "not_ready": Code(503, "The service is not ready"),
    "took_too_long": Code(503, "The answer took too long"),
    "overloaded": Code(503, "Too many requests at once"),
}


class ProblemPlace(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One place of the request and what is wrong there; ``pointer`` is a JSON pointer into the body."""

    message: str
    pointer: str | None = None
    line: int | None = None
    column: int | None = None
    parameter: str | None = None
    """A query or path parameter, form part or header."""


class ProblemAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An RFC 9457 problem with a ``code`` of the closed list; ``detail`` is one line that says what to do."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request: str = ""
    """Id under which the server logged this request."""
    errors: list[ProblemPlace] = []
    problems: list[dict[str, Any]] = []
    """The list ``contact check`` prints: ``{code, message, path, line, column, hint}``."""
    refusals: list[dict[str, Any]] = []
    """With code ``refused``: ``{reason, rule, until, place, field, detail}``."""
    until: str | None = None
    """With code ``refused``: when contact becomes possible."""


class RequestProblem(Exception):
    """A request cannot be carried out; becomes a problem of ``code``. Carries no value the caller sent."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[ProblemPlace] = (),
        headers: Mapping[str, str] | None = None,
        problems: Sequence[Mapping[str, object]] = (),
    ) -> None:
        self.code = code
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.problems = [dict(problem) for problem in problems]
        super().__init__(f"{code}: {detail}")

    @property
    def status(self) -> int:
        return CODES[self.code].status

    def answer(self, request_id: str = "") -> ProblemAnswer:
        """The body of the response."""
        return ProblemAnswer(
            type=type_of(self.code),
            title=CODES[self.code].title,
            status=self.status,
            code=self.code,
            detail=self.detail,
            request=request_id,
            errors=self.errors,
            problems=self.problems,
        )


def type_of(code: str) -> str:
    """The URI that names a problem code."""
    return f"urn:contact:problem:{code}"


def at_parameter(code: str, parameter: str, message: str) -> RequestProblem:
    """A problem with one query or path parameter, form part or header."""
    place = ProblemPlace(message=message, parameter=parameter)
    return RequestProblem(code, f"{parameter}: {message}", errors=[place])


def at_body(code: str, message: str, *, line: int | None = None, column: int | None = None) -> RequestProblem:
    """A problem with the whole body, or with a place in it that has no pointer."""
    place = ProblemPlace(message=message, pointer="", line=line, column=column)
    where = "the body" if line is None else f"line {line}, column {column}"
    return RequestProblem(code, f"{where}: {message}", errors=[place])


def from_problems(found: ProblemsFound) -> RequestProblem:
    """A human's input is wrong: 422 with the same list the command line prints."""
    count = len(found.problems)
    detail = f"{count} problem{'' if count == 1 else 's'}; nothing was changed. Mend them and send it again."
    return RequestProblem("problems_found", detail, problems=[each.as_json() for each in found.problems])


def from_fault(fault: Fault) -> RequestProblem:
    """The only place where HTTP maps a fault; its class says status and code, its docstring the message."""
    code = fault.code if fault.code in CODES else "fault"
    message = " ".join((type(fault).__doc__ or Fault.__doc__ or "").split())
    if fault.detail and code == "not_found":  # what is not there says more than that there is no such thing
        message = f"{fault.detail[0].upper()}{fault.detail[1:]}."
    elif fault.detail and CODES[code].status in (403, 404, 409):
        message = f"{message.rstrip('.')}: {fault.detail}"
    headers = {"Retry-After": "1"} if CODES[code].status == 503 else None
    return RequestProblem(code, message, headers=headers)
