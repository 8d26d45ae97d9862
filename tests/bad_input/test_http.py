"""Requests that are wrong as HTTP: each is a problem that names the header or parameter, and changes nothing."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from gzip import compress

import pytest
import pytest_asyncio

from tests.bad_input.world import World, in_business, named

pytestmark = pytest.mark.asyncio(loop_scope="module")

CONSENT = b'{"given": false, "channel": "outbound_call", "category": "all", "source": "test"}'
JSON = "Content-Type: application/json"
KEY = "Idempotency-Key"
CHUNKED = "Transfer-Encoding: chunked"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with in_business(tmp_path_factory.mktemp("http") / "home") as started:
        yield started


def chunks(*parts: bytes) -> bytes:
    """A body in chunks."""
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (*parts, b""))


async def told(
    world: World, method: str, path: str, headers: list[str], body: bytes = b"", version: str = "1.1"
) -> bytes:
    """The answer to these bytes on a connection of their own, with the admin's key."""
    head = [
        f"{method} {path} HTTP/{version}",
        f"Authorization: Bearer {world.server.keys['admin']}",
        *headers,
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    writer.write("\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1") + body)
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return answer


LENGTH = f"Content-Length: {len(CONSENT)}"
POSTS: list[tuple[str, list[str], bytes, int, str, str | None]] = [
    # name, headers, body, status, code, what its first error names: a header, "" for the body, None for nothing
    ("another type", ["Content-Type: text/json", LENGTH], CONSENT, 415, "unsupported_media_type", "Content-Type"),
    ("no type", [LENGTH], CONSENT, 415, "unsupported_media_type", "Content-Type"),
    ("another charset", [f"{JSON}; charset=iso-8859-1", LENGTH], CONSENT, 415, "unsupported_media_type", "Content-Type"),
    ("a charset of bytes", [f"{JSON}; charset=\xff", LENGTH], CONSENT, 415, "unsupported_media_type", "Content-Type"),
    ("packed", [JSON, LENGTH, "Content-Encoding: gzip"], CONSENT, 415, "unsupported_media_type", "Content-Encoding"),
    ("packed behind identity", [JSON, LENGTH, "Content-Encoding: identity", "Content-Encoding: gzip"], CONSENT,
     415, "unsupported_media_type", "Content-Encoding"),
    ("packed and not said", [JSON, "Content-Length: 11"], compress(CONSENT)[:11], 400, "not_utf8", ""),
    ("no body", [JSON], b"", 400, "malformed_json", ""),
    ("another expectation", [JSON, LENGTH, "Expect: the moon"], CONSENT, 400, "not_http", "Expect"),
    ("chunks over the limit", [JSON, CHUNKED], chunks(*[b" " * 65536] * 17), 413, "body_too_large", ""),
    ("announced over the limit", [JSON, "Content-Length: 1048577"], b"", 413, "body_too_large", ""),
    ("a chunk of no size", [JSON, CHUNKED], b"zz\r\n{}\r\n0\r\n\r\n", 400, "not_http", None),
    ("a chunk below nothing", [JSON, CHUNKED], b"-5\r\n{}\r\n0\r\n\r\n", 400, "not_http", None),
    ("chunks and a length", [JSON, CHUNKED, "Content-Length: 2"], chunks(b"{}"), 400, "not_http", None),
    ("chunks hidden by a space", [JSON, "Transfer-Encoding : chunked", LENGTH], CONSENT, 400, "not_http", None),
    ("another transfer encoding", [JSON, "Transfer-Encoding: gzip"], CONSENT, 400, "not_http", None),
    ("a length below nothing", [JSON, "Content-Length: -1"], CONSENT, 400, "not_http", None),
    ("a length with a plus", [JSON, "Content-Length: +2"], b"{}", 400, "not_http", None),
    ("a length without end", [JSON, "Content-Length: " + "9" * 30], CONSENT, 400, "not_http", None),
    ("two lengths", [JSON, "Content-Length: 2", "Content-Length: 3"], b"{}", 400, "not_http", None),
    ("two types", [JSON, "Content-Type: text/plain", LENGTH], CONSENT, 400, "not_http", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "headers", "body", "status", "code", "where"), POSTS, ids=named(POSTS))
async def test_a_wrong_post_is_refused_at_its_header(
    world: World, name: str, headers: list[str], body: bytes, status: int, code: str, where: str | None
) -> None:
    """The answer has the status, the code and the header that is wrong, and the store is as before."""
    async with world.unchanged():
        once = f"{KEY}: {uuid.uuid4()}"
        answer = await told(world, "POST", "/v1/customers/C1/consents", ["Host: x", once, *headers], body)
    first, _, rest = answer.partition(b"\r\n")
    assert first.split()[1] == b"%d" % status, answer
    assert b"application/problem+json" in rest and b"Server: contact" in rest
    problem = json.loads(rest.partition(b"\r\n\r\n")[2])
    assert problem["code"] == code, problem
    places = [error.get("parameter", error.get("pointer")) for error in problem.get("errors", [])]
    assert places == ([] if where is None else [where]), problem


@pytest.mark.parametrize(("method", "path"), [("GET", "/nowhere"), ("PUT", "/v1/clock")])
async def test_an_unknown_expectation_is_repeated_nowhere(world: World, method: str, path: str) -> None:
    """Also where nothing is, and where another method is taken: there the library answers by itself."""
    answer = await told(world, method, path, ["Host: x", "Expect: the moon"])
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["errors"][0]["parameter"] == "Expect"
    assert b"moon" not in answer and b"Server: contact" in answer


@pytest.mark.parametrize("expected", ["100-continue", "the moon"])
async def test_what_http_1_0_expects_is_passed_over(world: World, expected: str) -> None:
    """It knows no expectations, and would take a first "100 Continue" for the answer."""
    headers = [JSON, LENGTH, f"{KEY}: {uuid.uuid4()}", f"Expect: {expected}"]
    answer = await told(world, "POST", "/v1/customers/C1/consents", headers, CONSENT, "1.0")
    assert answer.startswith(b"HTTP/1.0 200 "), answer


@pytest.mark.parametrize("key", ["a b", '"a"', "", "é", "a,b", "x" * 129, "a\tb"])
async def test_an_odd_idempotency_key_is_named(world: World, key: str) -> None:
    """What is no key of 1 to 128 plain characters does nothing, and the header is named."""
    headers = ["Host: x", JSON, LENGTH, f"{KEY}: {key}"]
    async with world.unchanged():
        answer = await told(world, "POST", "/v1/customers/C1/consents", headers, CONSENT)
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (problem["status"], problem["code"]) == (400, "idempotency_key_invalid")
    assert problem["errors"][0]["parameter"] == KEY


FIRST_LINES: list[tuple[str, str, str, list[str], str]] = [
    # name, method, path, headers, what the answer says
    ("a header of 10 KB", "GET", "/v1/clock", ["Host: x", f"{KEY}: {'x' * 10_240}"], "8,190 bytes"),
    ("a path of 9 KB", "GET", "/v1/customers/" + "x" * 9000, ["Host: x"], "8,190 bytes"),
    ("65 headers more", "GET", "/v1/clock", ["Host: x", *[f"X-{n}: 1" for n in range(65)]], "at most 64"),
    ("headers of 71 KB", "GET", "/v1/clock", ["Host: x", *[f"X-{n}: {'x' * 8080}" for n in range(9)]], "bytes together"),
    ("a method of nobody's", "FOO", "/v1/clock", ["Host: x"], "method of HTTP"),
    ("a method in small letters", "get", "/v1/clock", ["Host: x"], "in capitals"),
    ("no host", "GET", "/v1/clock", [], "Host once"),
    ("two hosts", "GET", "/v1/clock", ["Host: a", "Host: b"], "Host once"),
    ("a folded header", "GET", "/v1/clock", ["Host: x", "X-A: b\r\n c"], "one of the headers"),
    ("NUL in a header", "GET", "/v1/clock", ["Host: x", "X-A: b\0c"], "one of the headers"),
    ("bytes in a path", "GET", "/v1/customers/\xe9", ["Host: x"], "percent-encode"),
    ("a space in a path", "GET", "/v1/clock x", ["Host: x"], "first line"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "method", "path", "headers", "says"), FIRST_LINES, ids=named(FIRST_LINES)
)  # fmt: skip
async def test_what_cannot_be_read_as_http_is_told_why(
    world: World, name: str, method: str, path: str, headers: list[str], says: str
) -> None:
    """A problem that says what to send instead and repeats nothing of what came."""
    answer = await told(world, method, path, headers)
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (problem["status"], problem["code"]) == (400, "not_http")
    assert says in problem["detail"], problem


@pytest.mark.parametrize(
    ("version", "headers", "body"),
    [("2.0", [LENGTH], CONSENT), ("0.9", [LENGTH], CONSENT), ("1.0", [CHUNKED], chunks(CONSENT))],
)  # fmt: skip
async def test_another_version_of_http_is_told_which_is_read(
    world: World, version: str, headers: list[str], body: bytes
) -> None:
    """It was answered in a version that nobody here speaks; chunks are no part of 1.0."""
    async with world.unchanged():
        sent = ["Host: x", JSON, f"{KEY}: {uuid.uuid4()}", *headers]
        answer = await told(world, "POST", "/v1/customers/C1/consents", sent, body, version)
    problem = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert (problem["code"], problem["detail"][:20]) == ("not_http", "Send it as HTTP/1.1,")


async def test_headers_that_never_end_are_refused_as_they_come(world: World) -> None:
    """In pieces of which none is too long; a body after headers is none of them, however large."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.server.port)
    writer.write(b"GET /v1/clock HTTP/1.1\r\n")
    for number in range(10):
        writer.write(b"X-%d: %b\r\n" % (number, b"x" * 8080))
        await writer.drain()
        await asyncio.sleep(0.01)
    answer = await asyncio.wait_for(reader.read(), 5)
    assert b" 400 Bad Request" in answer and b"bytes together" in answer
    writer.close()
    body = CONSENT + b" " * 300_000
    headers = ["Host: x", JSON, f"Content-Length: {len(body)}", f"{KEY}: {uuid.uuid4()}"]
    answer = await told(world, "POST", "/v1/customers/C1/consents", headers, body)
    assert answer.startswith(b"HTTP/1.1 200 "), answer


@pytest.mark.parametrize(
    ("query", "code", "says"),
    [
        ("limit", "invalid_parameter", "limit: must be a whole number"),
        ("limit=", "invalid_parameter", "limit: must be a whole number"),
        ("limit=%2B5", "invalid_parameter", "limit: must be a whole number"),
        ("limit=%D9%A3", "invalid_parameter", "limit: must be a whole number"),
        ("limit=1e1", "invalid_parameter", "limit: must be a whole number, in digits alone"),
        ("limit=05", "invalid_parameter", "limit: must be a whole number"),
        ("limit=5.0", "invalid_parameter", "limit: must be a whole number"),
        ("limit=" + "9" * 400, "invalid_parameter", "limit: must be a whole number <= 200"),
        ("limit=1;colour=2", "invalid_parameter", "limit: must be a whole number"),
        ("day=null", "invalid_parameter", "day: "),
        ("limit[]=1", "unknown_parameter", "…: only channel"),
        ("%00a=1", "unknown_parameter", "…: only channel"),
        ("customer=%c0%af", "invalid_parameter", "customer: must be 1–64"),
    ],
)
async def test_a_query_is_read_as_it_is_written(world: World, query: str, code: str, says: str) -> None:
    """A number is digits, nothing is left out, and the words are no type names of the program's."""
    answer = await world.server.get(f"/v1/tasks?{query}")
    assert (answer.status, answer.code) == (400, code)
    assert answer.json["detail"].startswith(says), answer.json
    assert answer.json["errors"][0]["parameter"] == says.partition(":")[0]


async def test_a_body_where_none_is_taken_is_not_passed_over(world: World) -> None:
    """Who sends {"customers": […]} to what works on everybody means something else; nothing is begun."""
    async with world.unchanged():
        answer = await world.server.post("/v1/scores", {"customers": ["C1"]})
    assert (answer.status, answer.code) == (400, "unknown_field")
    assert "takes none" in answer.json["detail"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
async def test_a_method_that_is_not_taken_names_those_that_are(world: World, method: str) -> None:
    """405 with what is allowed; HEAD has no body to say it in."""
    answer = await world.server.call(method, "/v1/clock")
    assert (answer.status, answer.headers["Allow"]) == (405, "GET, POST")
