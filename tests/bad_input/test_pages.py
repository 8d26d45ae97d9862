"""Wrong forms, cookies and addresses at the console: a page says no, quickly, and nobody else waits for it."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import pytest_asyncio

from contact.faces.console.routes import pages
from contact.faces.console.shared.multipart import MOST_PARTS, parts_of
from contact.faces.console.shared.visits import SESSION_COOKIE, form_token
from contact.faces.http.edge import reading
from contact.flow.publishing.publish import publish
from contact.telemetry import FAULTS
from tests.bad_input.world import named
from tests.integration.http_client import Server, on_either, serving
from tests.integration.http_story import PLAYBOOK

pytestmark = pytest.mark.asyncio(loop_scope="module")

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
JSON = "application/json"
HALF = "\ud800"
SECONDS = 5.0
"""Until an answer, on a busy machine; each of these kept everybody waiting for half a minute or ended in a 500."""


@pytest_asyncio.fixture(
    scope="module",
    loop_scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
async def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Server]:
    home = tmp_path_factory.mktemp("pages") / "home"
    async with serving(home, console=True, **on_either(request, "bad_pages")) as started:
        await publish(started.house.ports, PLAYBOOK, None, "lin", "first")
        yield started


async def said(
    server: Server, method: str, address: str, body: bytes = b"", *headers: str
) -> tuple[int, str]:
    """Status and text of the answer to these bytes on a connection of their own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    lines = [f"{method} {address} HTTP/1.1", "Host: x", "Connection: close", *headers]
    if method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    answer = await reader.read()
    writer.close()
    return int(answer.split()[1]), answer.decode(errors="replace")


async def session(server: Server) -> str:
    secret = await server.house.ports.keys.open_session(
        await server.house.ports.keys.console_link("admin", None)
    )
    assert secret is not None
    return secret


FORMS: list[tuple[str, str, bytes]] = [
    # name, content type, body
    ("half a character", JSON, json.dumps({"person": HALF, "password": HALF, "token": HALF, "again": HALF}).encode()),
    ("NUL", FORM, b"person=%00&password=%00&token=%00&again=%00"),
    ("no UTF-8", FORM, b"person=%ff&password=\xff&token=%ed%a0%80&again=\xff"),
    ("an unknown charset", f"{FORM}; charset=nonsense", b"person=x"),
    ("a charset that is none", f"{FORM}; charset=zlib", b"person=x"),
    ("JSON of an unknown charset", f"{JSON}; charset=nonsense", b"{}"),
    ("deep JSON", JSON, b"[" * 400_000),
    ("percents without end", FORM, b"a=" + b"%" * 900_000),
    ("fields without end", FORM, b"a=1&" * 250_000),
    ("parts without end", MULTIPART, b"--b\r\n\r\n\r\n" * 100_000),
    ("parts within parts", MULTIPART, b"".join(
        b"--b%b\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (b"%d" % depth if depth else b"", depth + 1)
        for depth in range(5000))),
    ("a name without end", MULTIPART, b"--b\r\nContent-Disposition: form-data; " + b"a=b;" * 100_000 + b"\r\n\r\n"),
    ("brackets without end", MULTIPART, b"--b\r\nContent-Disposition: " + b"(" * 200_000 + b"\r\n\r\nx\r\n--b--"),
    ("messages within messages", MULTIPART, b"--b\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 20_000),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "body"), FORMS, ids=named(FORMS))
@pytest.mark.parametrize("address", ["/login", "/customers"])
async def test_a_wrong_form_is_refused_at_once(
    server: Server, address: str, name: str, kind: str, body: bytes
) -> None:
    """Of somebody unknown as of somebody with a session: no error of ours, and nobody waits until it is taken apart."""
    for cookie in ((), (f"Cookie: {SESSION_COOKIE}={await session(server)}",)):
        began = time.monotonic()
        status, text = await said(server, "POST", address, body, f"Content-Type: {kind}", *cookie)
        assert 400 <= status < 500, text
        assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize(
    "cookie", ["\xff", "x" * 7000, "a; contact_session=b", '"a', "%00", "\x01", "../../x", "a\xa0b"]
)
async def test_an_odd_cookie_is_nobodys_session(server: Server, cookie: str) -> None:
    """Whoever brings it is shown the door."""
    status, text = await said(server, "GET", "/overview", b"", f"Cookie: {SESSION_COOKIE}={cookie}")
    assert status in (400, 401), text


async def test_every_page_takes_odd_words(server: Server) -> None:
    """In its address, its query and its form: whatever they are, it is no error of ours."""
    secret = await session(server)
    words = [
        "%00",
        "C1%00",
        "%ff",
        "%ED%A0%80",
        "%0d%0aX:y",
        "..%2f..",
        "live",
        "9" * 40,
        "NaN",
        "%F0%9F%98%80",
    ]
    asked = re.findall(
        r"\w+", "said tab file path line condition menu days split month draft key at field q name why"
    )
    wrong = []
    for row in (row for row in pages() if not row.address.startswith("/logout")):
        for word in words:
            address = re.sub(r"{tab:(\w+(-\w+)?).*?}", r"\1", row.address)
            address = re.sub(r"{\w+}", word, address)
            query = "&".join(f"{each}={word}" for each in asked)
            mine = f"&form_token={form_token(secret)}&idempotency_key={uuid.uuid4().hex}"
            get = row.method == "GET"
            status, text = await said(
                server, row.method, f"{address}?{query}" if get else address, b"" if get else (query + mine).encode(),
                f"Cookie: {SESSION_COOKIE}={secret}", f"Content-Type: {FORM}",
            )  # fmt: skip
            if status >= 500:
                wrong.append((row.method, row.address, word, status, text[-200:]))
    assert wrong == []


@pytest.mark.parametrize(
    ("address", "kind", "code"),
    [("/login", FORM, "bad_form"), ("/v1/customers/lookup", JSON, "malformed_json")],
)
async def test_chunks_that_break_off_are_told_at_once(
    server: Server, address: str, kind: str, code: str
) -> None:
    """A body that cannot come whole any more is not waited for, and is no error of ours."""
    faults = FAULTS.labels("http", "fault")._value.get()
    key = f"Authorization: Bearer {server.keys['admin']}"
    for ending in (b"zz\r\n", b""):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = [
            f"POST {address} HTTP/1.1",
            "Host: x",
            key,
            f"Content-Type: {kind}",
            "Transfer-Encoding: chunked",
        ]
        writer.write("\r\n".join([*head, "", ""]).encode() + b"3\r\nabc\r\n")
        await asyncio.sleep(0.1)
        if not ending:  # it is gone
            writer.close()
            await asyncio.sleep(0.1)
            continue
        writer.write(ending)
        answer = await asyncio.wait_for(reader.read(), SECONDS)
        assert b" 400 " in answer and f'"code":"{code}"'.encode() in answer, answer
        writer.close()
    assert FAULTS.labels("http", "fault")._value.get() == faults


@pytest.mark.parametrize(
    ("address", "kind", "most", "status"),
    [("/login", FORM, "MOST_FORMS", 401), ("/v1/customers/lookup", JSON, "MOST_BODIES", 400)],
)
async def test_half_bodies_take_nobodys_place(
    server: Server, monkeypatch: pytest.MonkeyPatch, address: str, kind: str, most: str, status: int
) -> None:
    """Who begins one more than may be on their way ends the one begun first; the others are answered."""
    monkeypatch.setattr(reading, most, 3)
    head = [f"POST {address} HTTP/1.1", "Host: x", f"Authorization: Bearer {server.keys['admin']}"]
    head += [f"Content-Type: {kind}", "Content-Length: 20", "", "person="]
    clients = []
    for _ in range(5):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write("\r\n".join(head).encode())
        await asyncio.sleep(0.05)
        clients.append((reader, writer))
    for reader, _ in clients[:2]:
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), SECONDS) == b""
    reader, writer = clients[2]
    writer.write(b"x&password=yy")
    assert f" {status} ".encode() in await asyncio.wait_for(reader.readline(), SECONDS)
    for _, writer in clients:
        writer.close()


async def test_a_form_with_a_file_is_taken_apart_as_a_browser_sends_it() -> None:
    """Fields, and the file with its name; of too many parts nothing is kept."""
    named = b'Content-Disposition: form-data; name="%b"'
    file = b"\r\nContent-Type: text/csv\r\n\r\nid\r\nC1\r\n--c"
    parts = [
        named % b"list" + "\r\n\r\n春".encode(),
        named % b"form_token" + b"\r\n\r\nt",
        named % b"file" + '; filename="名单.csv"'.encode() + file,
    ]
    body = b"".join(b"--b\r\n%b\r\n" % part for part in parts) + b"--b--\r\n"
    sent = await parts_of(MULTIPART, body)
    assert sent.fields == {"list": "春", "form_token": "t"}
    assert sent.files == {"file": ("名单.csv", b"id\r\nC1\r\n--c")}
    assert (await parts_of(MULTIPART, b"--b\r\n%b\r\n" % parts[1] * (MOST_PARTS + 1) + b"--b--")).fields == {}
    assert (await parts_of("multipart/form-data", body)).fields == {}
