"""Wrong bodies over HTTP: each has its status, code and place, and changes nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.bad_input.world import World, in_business, named

pytestmark = pytest.mark.asyncio(loop_scope="module")

SOUND = {"given": False, "channel": "outbound_call", "category": "all", "source": "test"}
LOOKUP = "/v1/customers/lookup"
CONSENTS = "/v1/customers/C1/consents"
DECISIONS = "/v1/decisions"
EVENTS = "/v1/events"
SELECTIONS = "/v1/selections"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with in_business(tmp_path_factory.mktemp("json") / "home") as started:
        yield started


def but(**changes: object) -> bytes:
    """The sound consent with these changes."""
    return json.dumps({**SOUND, **changes}).encode()


def happened(**changes: object) -> bytes:
    """A sound event with these changes."""
    return json.dumps({**EVENT, **changes}).encode()


def told(text: str) -> bytes:
    """The sound consent with a member written as ``text``."""
    return json.dumps(SOUND)[:-1].encode() + b", " + text.encode() + b"}"


def asked(text: str) -> bytes:
    """A question in channel web with these members, as they stand."""
    return b'{"channel": "web", ' + text.encode() + b"}"


UNKNOWN = "reference.unknown request"
EVENT = {
    "id": "e1",
    "type": "ordered",
    "at": "2030-03-05T00:00:00Z",
    "customer": "C1",
    "data": {"offer": "data-20"},
}
BODIES: list[tuple[str, str, bytes, int, str, str]] = [
    # name, route, body, status, code, where
    ("duplicate key", CONSENTS, told('"given": true'), 400, "duplicate_key", "line 1"),
    ("duplicate key by an escape", CONSENTS, told('"giv\\u0065n": true'), 400, "duplicate_key", "line 1"),
    ("NaN", CONSENTS, told('"until": NaN'), 400, "bad_number", "/until"),
    ("2^53 and one", DECISIONS, asked('"customer": "C1", "limit": 9007199254740993'), 400, "invalid_value", "/limit"),
    ("minus nothing", DECISIONS, asked('"customer": "C1", "limit": -0'), 400, "invalid_value", "/limit"),
    ("two lines of JSON", CONSENTS, but() + b"\r\n" + but() + b"\r\n", 400, "malformed_json", "line 2"),
    ("a space of no JSON", CONSENTS, b"\xc2\xa0" + but(), 400, "malformed_json", "line 1"),
    ("1e400 in an event", EVENTS, happened(data={"a": 7}).replace(b"7", b"1e400"), 400, "bad_number", "/data/a"),
    ("too long a condition", SELECTIONS, b'{"condition": "%b"}' % (b"x" * 4001), 400, "invalid_value", "/condition"),
    ("Infinity", CONSENTS, told('"until": Infinity'), 400, "bad_number", "/until"),
    ("-Infinity", CONSENTS, told('"until": -Infinity'), 400, "bad_number", "/until"),
    ("1e999", CONSENTS, told('"until": 1e999'), 400, "bad_number", "/until"),
    ("5,000 digits", CONSENTS, told('"until": ' + "9" * 5000), 400, "bad_number", "/until"),
    ("lone high surrogate", CONSENTS, told('"evidence": "\\ud83d"'), 400, "bad_text", "/evidence"),
    ("lone low surrogate", CONSENTS, told('"evidence": "\\udc00"'), 400, "bad_text", "/evidence"),
    ("surrogates in turned order", CONSENTS, told('"evidence": "\\ude00\\ud83d"'), 400, "bad_text", "/evidence"),
    ("raw surrogate in UTF-8", CONSENTS, told('"evidence": "X"').replace(b"X", b"\xed\xa0\x80"), 400, "not_utf8", "line 1"),
    ("NUL escaped", CONSENTS, told('"evidence": "a\\u0000"'), 400, "bad_text", "/evidence"),
    ("NUL raw", CONSENTS, told('"evidence": "X"').replace(b"X", b"\0"), 400, "malformed_json", "line 1"),
    ("NUL in a key", CONSENTS, told('"a\\u0000": 1'), 400, "bad_text", "line 1"),
    ("100,000 brackets", CONSENTS, b"[" * 100_000, 400, "too_deep", "the body"),
    ("100,000 braces", CONSENTS, b'{"a":' * 100_000, 400, "too_deep", "the body"),
    ("byte order mark", CONSENTS, b"\xef\xbb\xbf" + but(), 400, "not_utf8", "line 1"),
    ("UTF-16", CONSENTS, but().decode().encode("utf-16"), 400, "not_utf8", "line 1"),
    ("UTF-16 without a mark", CONSENTS, but().decode().encode("utf-16-le"), 400, "not_utf8", "line 1"),
    ("UTF-32", CONSENTS, but().decode().encode("utf-32-be"), 400, "not_utf8", "line 1"),
    ("an array", CONSENTS, b"[]", 400, "not_an_object", "the body"),
    ("a text", CONSENTS, b'"given"', 400, "not_an_object", "the body"),
    ("null", CONSENTS, b"null", 400, "not_an_object", "the body"),
    ("nothing", CONSENTS, b"", 400, "malformed_json", "the body"),
    ("two objects", CONSENTS, but() + b"{}", 400, "malformed_json", "line 1"),
    ("a comma too many", CONSENTS, but()[:-1] + b",}", 400, "malformed_json", "line 1"),
    ("a comment", CONSENTS, but() + b"// x", 400, "malformed_json", "line 1"),
    ("unfinished", CONSENTS, but()[:-3], 400, "malformed_json", "line 1"),
    ("over the limit", CONSENTS, but(evidence="x" * (1 << 20)), 413, "body_too_large", "the body"),
    ("unknown field", CONSENTS, but(colour="red"), 400, "unknown_field", "/colour"),
    ("missing field", CONSENTS, b"{}", 400, "missing_field", "/given"),
    ("number for a truth", CONSENTS, but(given=0), 400, "invalid_value", "/given"),
    ("text for a truth", CONSENTS, but(given="false"), 400, "invalid_value", "/given"),
    ("null for a text", CONSENTS, but(source=None), 400, "invalid_value", "/source"),
    ("too long a text", CONSENTS, but(evidence="x" * 501), 400, "invalid_value", "/evidence"),
    ("naive time", CONSENTS, but(until="2030-03-05T10:00:00"), 400, "bad_time", "/until"),
    ("a time long ago", CONSENTS, but(until="0001-01-01T00:00:00Z"), 400, "bad_time", "/until"),
    ("a time too far", CONSENTS, but(until="9999-12-31T23:59:59Z"), 400, "bad_time", "/until"),
    ("a time over the edge", CONSENTS, but(until="2100-01-01T00:00:00Z"), 400, "bad_time", "/until"),
    ("a day that is none", CONSENTS, but(until="2030-02-30T10:00:00Z"), 400, "bad_time", "/until"),
    ("25 o'clock", CONSENTS, but(until="2030-03-05T25:00:00Z"), 400, "bad_time", "/until"),
    ("an offset of 30 hours", CONSENTS, but(until="2030-03-05T10:00:00+30:00"), 400, "bad_time", "/until"),
    ("seconds since 1970", CONSENTS, but(until=1900000000), 400, "bad_time", "/until"),
    ("Arabic digits in a time", CONSENTS, but(until="٢٠٣٠-03-05T10:00:00Z"), 400, "bad_time", "/until"),
    ("Arabic digits in a number", LOOKUP, '{"number": "+٨٦١٣٨٠٠٠٠٠٠٠١"}'.encode(), 400, "invalid_value", "/number"),
    ("full-width digits", LOOKUP, '{"number": "+８６13800000001"}'.encode(), 400, "invalid_value", "/number"),
    ("newline behind a number", LOOKUP, b'{"number": "+8613800000001\\n"}', 400, "invalid_value", "/number"),
    ("space in a number", LOOKUP, b'{"number": "+86 13800000001"}', 400, "invalid_value", "/number"),
    ("a number without plus", LOOKUP, b'{"number": "8613800000001"}', 400, "invalid_value", "/number"),
    ("a number as a number", LOOKUP, b'{"number": 8613800000001}', 400, "invalid_value", "/number"),
    ("path as an id", DECISIONS, asked('"customer": "../../etc/passwd"'), 400, "invalid_value", "/customer"),
    ("newline behind an id", DECISIONS, asked('"customer": "C1\\n"'), 400, "invalid_value", "/customer"),
    ("Chinese in an id", DECISIONS, asked('"customer": "客户"'), 400, "invalid_value", "/customer"),
    ("both of two", DECISIONS, asked('"customer": "C1", "number": "+8613800000001"'), 400, "invalid_value", "/number"),
    ("an unknown channel", CONSENTS, but(channel="smss"), 422, "problems_found", UNKNOWN),
    ("an unknown category", CONSENTS, but(category="marketin"), 422, "problems_found", UNKNOWN),
    ("nobody's consent", "/v1/customers/C77/consents", but(), 404, "not_found", ""),
    ("a limit of 0", DECISIONS, asked('"customer": "C1", "limit": 0'), 400, "invalid_value", "/limit"),
    ("a limit of 1.5", DECISIONS, asked('"customer": "C1", "limit": 1.5'), 400, "invalid_value", "/limit"),
    ("a limit of 1e0", DECISIONS, asked('"customer": "C1", "limit": 1e0'), 400, "invalid_value", "/limit"),
    ("true for a limit", DECISIONS, asked('"customer": "C1", "limit": true'), 400, "invalid_value", "/limit"),
    ("an empty list", DECISIONS, asked('"customer": "C1", "strategies": []'), 400, "invalid_value", "/strategies"),
    ("a language with a path", DECISIONS, asked('"customer": "C1", "language": "../en"'), 400, "invalid_value",
     "/language"),
    ("an unknown event", EVENTS, happened(type="orderd"), 422, "problems_found", UNKNOWN),
    ("an event of nobody", EVENTS, happened(customer="C77"), 404, "not_found", ""),
    ("an event to come", EVENTS, happened(at="2099-01-01T00:00:00Z"), 422, "problems_found", "value.instant request"),
    ("data nested", EVENTS, happened(data={"offer": {"a": 1}}), 400, "invalid_value", "/data/…"),
    ("data of 51 members", EVENTS, happened(data={"a" * n: 1 for n in range(1, 52)}), 400,
     "invalid_value", "/data"),
    ("a report on nobody's contact", "/v1/receipts",
     b'{"id": "r1", "contact": "../x", "state": "sent", "at": "2030-03-05T00:00:00Z"}', 400, "invalid_value", "/contact"),
    ("a plan of a day that is none", "/v1/plans", b'{"day": "2030-02-30"}', 400, "invalid_value", "/day"),
    ("a version that is none", "/v1/playbooks", b'{"texts": {"a": "b"}, "base": "../x", "why": "w"}', 400, "invalid_value",
     "/base"),
]  # fmt: skip


def place_of(problem: dict[str, Any]) -> str:
    """Pointer, line, the body, or code and place of the first entry, whichever a problem has."""
    for each in problem.get("errors", []):
        return each.get("pointer") or (f"line {each['line']}" if "line" in each else "the body")
    for each in problem.get("problems", []):
        return f"{each['code']} {each['path']}"
    return ""


@pytest.mark.parametrize(("name", "route", "raw", "status", "code", "where"), BODIES, ids=named(BODIES))
async def test_a_wrong_body_is_refused_at_its_place(
    world: World, name: str, route: str, raw: bytes, status: int, code: str, where: str
) -> None:
    """The answer has the status, the code and the place of this mistake, and the store is as before."""
    async with world.unchanged():
        answer = await world.server.post(route, raw, headers={"Content-Type": "application/json"})
    assert (answer.status, answer.code) == (status, code), answer.json
    assert place_of(answer.json) == where, answer.json
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_too_long_a_text_is_told_how_long_it_may_be(world: World) -> None:
    """What it should be says nothing to somebody whose condition is one, and has 4,001 signs."""
    sent = {"condition": "x" * 4001, "channel": "web", "category": "marketing"}
    answer = await world.server.post(SELECTIONS, sent)
    assert answer.json["detail"] == "/condition: must be a condition over fields: a text of length <= 4000"


async def test_nobody_waits_while_a_large_body_is_taken_apart(world: World) -> None:
    """Many small objects with a mistake behind them are read beside the loop, which goes round meanwhile."""
    loop = asyncio.get_running_loop()
    body = b'{"texts": [' + b'{"b":1},' * 80_000 + b'{"b":1,"b":2}]}'
    asking = asyncio.create_task(
        world.server.post("/v1/playbooks", body, headers={"Content-Type": "application/json"})
    )
    began = last = loop.time()
    longest = 0.0
    while not asking.done():
        await asyncio.sleep(0.001)
        longest, last = max(longest, loop.time() - last), loop.time()
    assert (await asking).code == "duplicate_key"
    assert longest < (last - began) / 3
