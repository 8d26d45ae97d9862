"""For people who need a file with names or numbers, and for those who answer for it."""

from __future__ import annotations

from typing import Any

from contact.faces.http.bodies.access import ExportBody, ExportDecisionBody
from contact.faces.http.edge.callers import person_of
from contact.faces.http.edge.problems import ProblemPlace, RequestProblem
from contact.faces.http.edge.row import Call, Reply
from contact.flow.people import export

_NEEDED = {"selection": "channel", "list": "list", "warnings": "above"}
_TAKEN = {
    "selection": ("condition", "channel", "category", "strategy", "without"),
    "list": ("list",),
    "warnings": ("above",),
}


async def post_export(call: Call) -> Reply:
    """Ask for a file; it is there once another person has approved it."""
    body: ExportBody = call.body
    person = person_of(call.caller)
    return Reply(await export.ask(call.ports, _asked(body), body.columns, person=person, why=body.why))


async def get_exports(call: Call) -> Reply:
    """What was asked for, by whom, and who decided."""
    return Reply(await export.exports(call.ports))


async def post_approval(call: Call) -> Reply:
    """Approve a file that another person asked for."""
    return await _decided(call, approve=True)


async def post_refusal(call: Call) -> Reply:
    """Refuse a file that another person asked for."""
    return await _decided(call, approve=False)


async def get_file(call: Call) -> Reply:
    """The approved file as CSV, for whoever asked; each taking is on record."""
    person = call.caller.person or ""  # nobody in particular never asked for any
    return Reply(await export.file_of(call.ports, call.path["export"], person=person))


async def _decided(call: Call, *, approve: bool) -> Reply:
    body: ExportDecisionBody = call.body
    person = person_of(call.caller)
    return Reply(
        await export.decide(call.ports, call.path["export"], person=person, approve=approve, why=body.why)
    )


def _asked(body: ExportBody) -> dict[str, Any]:
    """What belongs to the kind, and nothing else. Raises RequestProblem for what is missing or out of place."""
    needed = _NEEDED[body.kind]
    if getattr(body, needed) is None:
        raise _wrong("missing_field", needed, f"{body.kind} needs `{needed}`")
    asked: dict[str, Any] = {"kind": body.kind}
    for name in {each for names in _TAKEN.values() for each in names}:
        value = getattr(body, name)
        if value in (None, ()):
            continue
        if name not in _TAKEN[body.kind]:
            raise _wrong("invalid_value", name, f"{body.kind} takes no `{name}`")
        asked[name] = list(value) if isinstance(value, tuple) else value
    return asked


def _wrong(code: str, name: str, message: str) -> RequestProblem:
    return RequestProblem(code, f"{message}.", errors=[ProblemPlace(message=message, pointer=f"/{name}")])
