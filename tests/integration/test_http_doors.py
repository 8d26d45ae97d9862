"""The doors of the API: keys, roles, bodies, idempotency, limits and headers, on a real port over real stores."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import structlog
from openapi_spec_validator import OpenAPIV31SpecValidator

from contact.faces.http import assembling
from contact.faces.http.edge import reading, watching
from contact.faces.http.edge.row import ROLES, Route
from contact.faces.http.table.routes import ROUTES
from tests.integration.http_client import Server, serving

CONSENT = {"given": False, "channel": "sms", "category": "all", "source": "test"}
SECRET = "+8613812345678"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with serving(tmp_path_factory.mktemp("doors") / "home") as started:
        yield started


@pytest.fixture
def once() -> str:
    """An Idempotency-Key of this test's own."""
    return uuid.uuid4().hex


async def days_on(server: Server, days: int) -> dict[str, str]:
    """A body that moves the clock so many days on from where it stands."""
    now = datetime.fromisoformat((await server.get("/v1/clock")).json["at"])
    return {"to": (now + timedelta(days=days)).isoformat()}


def filled(route: Route) -> str:
    return re.sub(r"{\w+}", "X1", route.path)


async def test_every_route_of_the_application_has_its_row(tmp_path: Path) -> None:
    """The router holds exactly the rows of the table: no route is served that the table does not know."""
    async with serving(tmp_path / "home") as server:
        app = assembling.assemble(ROUTES, server.house.ports, server.house.settings, _ring)
        served = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
        assert served == {(route.method, route.path) for route in ROUTES}


async def test_every_cell_of_route_and_role_over_http(server: Server) -> None:
    """Each closed cell answers 403, each open one does not; without a key or with a wrong one it is 401."""
    for role in ROLES:
        person = None if role in ("portal", "ivr", "gateway") else "X1"
        server.keys[f"{role} X1"] = await server.house.ports.keys.create(role, person)
    for route in (each for each in ROUTES if not each.open):
        path = filled(route)
        for role in ROLES:
            body = {} if route.method == "POST" else None
            answer = await server.call(route.method, path, body, role=f"{role} X1")
            if role in route.roles:
                assert answer.status not in (401, 403), (route.method, path, role)
            else:
                assert (answer.status, answer.code) == (403, "forbidden"), (route.method, path, role)
        assert (await server.call(route.method, path, role=None)).status == 401
        wrong = await server.call(route.method, path, role=None, headers={"Authorization": "Bearer ck_wrong"})
        assert (wrong.status, wrong.code) == (401, "unauthenticated")
        assert wrong.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic abc", "Bearer é", "Bearer " + "x" * 600])
async def test_a_malformed_authorization_is_a_401(server: Server, given: str) -> None:
    """Whatever stands in the header, what is no key of ours is nobody."""
    answer = await server.get("/v1/clock", role=None, headers={"Authorization": given})
    assert (answer.status, answer.code) == (401, "unauthenticated")


async def test_a_person_s_key_pulls_for_that_person_only(server: Server) -> None:
    """Another agent's queue and a key without a person are refused before anything is done."""
    server.keys["A1"] = await server.house.ports.keys.create("agent", "A1")
    other = await server.post("/v1/agents/A2/next", {}, role="A1")
    nobody = await server.post("/v1/agents/A2/next", {}, role="agent")
    assert [other.status, nobody.status] == [403, 403]
    assert "another person" in other.json["detail"]
    assert "--person" in nobody.json["detail"]


BAD_BODIES: list[tuple[bytes, str]] = [
    (b"", "malformed_json"),
    (b"{", "malformed_json"),
    (b"[" * 100_000, "too_deep"),
    (b"[]", "not_an_object"),
    (b"\xef\xbb\xbf{}", "not_utf8"),
    ("{}".encode("utf-16"), "not_utf8"),
    (b'{"given":true,"given":false}', "duplicate_key"),
    (b'{"given":' + b"9" * 5000 + b"}", "bad_number"),
    (b'{"given":NaN}', "bad_number"),
    (b'{"source":"\\ud800"}', "bad_text"),
    (b'{"source":"\\u0000"}', "bad_text"),
    (b'{"colour":1}', "unknown_field"),
    (json.dumps({**CONSENT, "until": "2026-03-02T10:00:00"}).encode(), "bad_time"),
    (json.dumps({**CONSENT, "channel": SECRET}).encode(), "invalid_value"),
]


@pytest.mark.parametrize(("raw", "code"), BAD_BODIES, ids=[code for _, code in BAD_BODIES])
async def test_a_bad_body_is_a_problem_and_uses_up_no_key(
    server: Server, raw: bytes, code: str, once: str
) -> None:
    """A body that cannot be read is a 400 problem; the same Idempotency-Key then serves the mended request."""
    headers = {"Content-Type": "application/json"}
    answer = await server.post("/v1/customers/C1/consents", raw, once=once, headers=headers)
    assert (answer.status, answer.code) == (400, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "13812345678" not in answer.raw.decode()
    mended = await server.post("/v1/customers/C1/consents", CONSENT, once=once)
    assert mended.code in ("not_found", "problems_found")


async def test_bodies_of_other_types_are_refused(server: Server) -> None:
    """Only JSON in UTF-8, uncompressed, is read."""
    for headers in (
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json; charset=utf-16"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ):
        answer = await server.post("/v1/customers/lookup", b"{}", headers=headers)
        assert (answer.status, answer.code) == (415, "unsupported_media_type")


async def test_a_body_over_the_limit_is_refused_announced_or_not(server: Server) -> None:
    """More than 1 MiB is a 413, whether the length was announced or the body comes in chunks."""

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b" " * (1 << 16)

    headers = {"Content-Type": "application/json"}
    for body in (b" " * ((1 << 20) + 1), chunks()):
        answer = await server.post("/v1/customers/lookup", body, headers=headers)
        assert (answer.status, answer.code) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/tasks?colour=red", "unknown_parameter"),
        ("/v1/tasks?limit=1&limit=2", "repeated_parameter"),
        ("/v1/tasks?limit=0", "invalid_parameter"),
        ("/v1/tasks?customer=a%00b", "invalid_parameter"),
        ("/v1/tasks?customer=%ff", "invalid_parameter"),
        ("/v1/tasks?after=%2Fetc%2Fpasswd", "invalid_parameter"),
        ("/v1/clock?x=1", "unknown_parameter"),
        ("/v1/customers/a%2Fb", "bad_id"),
        ("/v1/customers/a%0A", "bad_id"),
        ("/v1/customers/%E5%AE%A2", "bad_id"),
        ("/v1/customers/" + "x" * 65, "bad_id"),
        ("/v1/receipts?id=1&contact=c&state=sent&at=2026-03-02T10:00:00", "invalid_parameter"),
        ("/v1/receipts?id=1&contact=c&state=sent&at=1772445600", "invalid_parameter"),
        ("/v1/receipts?id=1&contact=c&state=sent", "invalid_parameter"),
    ],
)  # fmt: skip
async def test_bad_addresses_are_located_400s(server: Server, path: str, code: str) -> None:
    """Unknown, repeated and malformed parameters and ids are refused by name."""
    answer = await server.get(path)
    assert (answer.status, answer.code) == (400, code)
    assert answer.json["errors"][0]["parameter"]


async def test_an_unknown_address_and_a_wrong_method_are_problems(server: Server) -> None:
    """404 and 405 are problems like all others, and 405 names what is allowed."""
    missing = await server.get("/v1/nothing")
    wrong = await server.call("DELETE", "/v1/clock")
    assert (missing.status, missing.code) == (404, "no_such_route")
    page = await server.get("/nothing", headers={"Accept": "text/html"})
    assert (page.status, page.raw.decode()) == (404, f"{missing.json['detail']}\n")
    assert (wrong.status, wrong.code, wrong.headers["Allow"]) == (405, "method_not_allowed", "GET, POST")


async def test_a_changing_post_needs_an_idempotency_key(server: Server) -> None:
    """Without the header, with two of them or with a malformed one nothing is done."""
    body = await days_on(server, 1)
    missing = await server.post("/v1/clock", body, once=None)
    malformed = await server.post("/v1/clock", body, once="a b")
    assert [missing.status, malformed.status] == [400, 400]
    assert [missing.code, malformed.code] == ["idempotency_key_missing", "idempotency_key_invalid"]


async def test_a_retry_gets_the_stored_answer_and_another_payload_a_422(server: Server, once: str) -> None:
    """The same key and request has one effect and one answer; the same key with another request is refused."""
    body = await days_on(server, 1)
    first = await server.post("/v1/clock", body, once=once)
    await server.post("/v1/clock", await days_on(server, 1))
    again = await server.post("/v1/clock", body, once=once)
    assert (first.status, first.raw) == (200, again.raw)
    other = await server.post("/v1/clock", await days_on(server, 1), once=once)
    elsewhere = await server.post("/v1/plans", {"day": "2030-01-01"}, once=once)
    assert [other.code, elsewhere.code] == ["idempotency_key_reused"] * 2
    assert [other.status, elsewhere.status] == [422, 422]


async def test_two_callers_may_use_the_same_idempotency_key(server: Server, once: str) -> None:
    """A key belongs to its caller: another caller's request is not answered from it."""
    server.keys["second"] = await server.house.ports.keys.create("admin", None)
    first = await server.post("/v1/plans", {"day": "2030-01-01"}, once=once)
    second = await server.post("/v1/plans", {"day": "2030-01-01"}, once=once, role="second")
    assert first.json["job"] != second.json["job"]


async def test_a_request_still_running_is_a_409(server: Server, once: str) -> None:
    """While the first request with a key is under way, the second is told to come again."""
    key = await server.house.ports.keys.authenticate(server.keys["admin"])
    assert key is not None
    body = await days_on(server, 1)
    hashed = sha256(b"POST /v1/clock\n" + json.dumps(body).encode()).hexdigest()
    assert (await server.house.ports.idempotency.begin(key.id, once, hashed)).state == "fresh"
    answer = await server.post("/v1/clock", body, once=once)
    assert (answer.status, answer.code, answer.headers["Retry-After"]) == (
        409,
        "idempotency_in_progress",
        "1",
    )


async def test_fifty_at_once_with_one_key_have_one_effect(server: Server, once: str) -> None:
    """Retries that overtake each other make one job; the others get its answer or are told to wait."""
    before = len(server.rung)
    body = {"day": "2031-01-01"}
    answers = await asyncio.gather(*(server.post("/v1/plans", body, once=once) for _ in range(50)))
    jobs = {answer.json["job"] for answer in answers if answer.status == 202}
    assert len(jobs) == 1
    assert {answer.status for answer in answers} <= {202, 409}
    assert len(server.rung) == before + 1


async def test_what_changed_nothing_may_come_again_under_its_key(server: Server, once: str) -> None:
    """A request refused with a fault is not stored: the same request is tried anew."""
    back = await days_on(server, -1)
    first = await server.post("/v1/clock", back, once=once)
    again = await server.post("/v1/clock", back, once=once)
    assert (first.status, first.code) == (again.status, again.code) == (409, "conflict")
    assert first.json["request"] != again.json["request"]


async def test_every_answer_carries_strict_headers_and_the_request_s_id(server: Server) -> None:
    """Answers and problems alike are not stored, not sniffed, not framed, and name the request in the log."""
    for answer in (
        await server.get("/v1/clock"),
        await server.get("/v1/nothing"),
        await server.get("/livez"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Server"] == "contact"
        assert answer.headers["X-Request-Id"]
    kept = await server.get("/v1/nothing", headers={"X-Request-Id": "abc-12345"})
    assert kept.headers["X-Request-Id"] == kept.json["request"] == "abc-12345"
    number = await server.get("/v1/nothing", headers={"X-Request-Id": "8613812345678"})
    assert number.headers["X-Request-Id"] != "8613812345678"


async def test_health_numbers_and_document_need_no_key(server: Server) -> None:
    """/livez, /readyz, /metrics and /openapi.json answer anybody, and the document is valid."""
    assert (await server.get("/livez", role=None)).json == {"status": "live", "playbook": None}
    assert (await server.get("/readyz", role=None)).json == {"status": "ready", "playbook": None}
    page = (await server.get("/openapi.json", role=None)).json
    OpenAPIV31SpecValidator(page).validate()
    await server.get("/v1/customers/C-13812345678")
    numbers = (await server.get("/metrics", role=None)).raw.decode()
    assert 'contact_http_requests_total{method="GET",route="/v1/customers/{customer}"' in numbers
    assert "13812345678" not in numbers


async def test_the_log_knows_templates_only(server: Server, capfd: pytest.CaptureFixture[str]) -> None:
    """An access line holds method, template, status and role; no path, query, number or key."""
    structlog.reset_defaults()  # a command that an earlier test of this process ran logs from warnings up
    capfd.readouterr()
    await server.get("/v1/customers/C-13812345678?language=zh-CN")
    await server.get("/13812345678")
    await server.get(f"/v1/replies?id=r1&from=%2B{SECRET[1:]}&text=hello&at=2026-03-02T10:00:00Z")
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET /13812345678 HTTP/1.1\r\nX 13812345678\r\n\r\n")
    assert b"400 Bad Request" in await reader.read()
    writer.close()
    out, err = capfd.readouterr()
    assert "not HTTP" in out + err
    assert "/v1/customers/{customer}" in out + err
    assert "13812345678" not in out + err
    assert server.keys["admin"] not in out + err


async def test_only_a_demonstration_moves_its_clock(tmp_path: Path) -> None:
    """Without --demo the clock answers and stands where it stands."""
    async with serving(tmp_path / "home", CONTACT_DEMO="0") as server:
        moved = await server.post("/v1/clock", {"to": "2030-01-01T00:00:00Z"})
        assert (moved.status, moved.code) == (403, "forbidden")
        assert "--demo" in moved.json["detail"]
        assert (await server.get("/v1/clock", role="ivr")).json["simulated"] is False


async def test_half_a_header_is_hung_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that trickles its headers, first or second request, is closed when the time for headers is over."""
    assert assembling.HEADER_SECONDS <= 30
    monkeypatch.setattr(assembling, "HEADER_SECONDS", 0.3)
    async with serving(tmp_path / "home") as server:
        for opening in (
            b"GET /livez HTTP/1.1\r\nHost:",
            b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\nGET /livez HT",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(opening)
            async with asyncio.timeout(20):
                rest = await reader.read()
            assert rest.count(b"HTTP/1.1 200") == opening.count(b"\r\n\r\n")
            writer.close()


async def test_what_is_no_http_is_told_strictly(server: Server) -> None:
    """A broken request line or header is a 400 that repeats nothing, names no library and has the strict headers."""
    for raw in (b"GET /13812345678 HTTP/1.1\r\nX 13812345678\r\n\r\n", b"\x16\x03\x01 13812345678\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(raw)
        async with asyncio.timeout(20):
            answer = (await reader.read()).decode()
        assert " 400 Bad Request" in answer.partition("\r\n")[0]
        assert "13812345678" not in answer and "aiohttp" not in answer
        assert "Server: contact" in answer and "default-src 'none'" in answer
        writer.close()


@pytest.mark.parametrize(("header", "status"), [("x" * 9000, 400), ("x", 200)])
async def test_headers_have_a_limit_of_size(server: Server, header: str, status: int) -> None:
    """A header field over eight kilobytes is refused."""
    assert (await server.get("/livez", role=None, headers={"X-Long": header})).status == status


async def test_headers_have_a_limit_of_number(server: Server) -> None:
    """More than 64 header fields are refused."""
    many = {f"X-{number}": "x" for number in range(80)}
    assert (await server.get("/livez", role=None, headers=many)).status == 400


async def test_an_answer_that_takes_too_long_is_a_503(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What takes longer than an answer may is ended and told; the place it held is free again."""

    async def never(*_: object) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(watching, "ANSWER_SECONDS", 0.1)
    monkeypatch.setattr(type(server.house.ports.clock), "now", never)
    late = await server.get("/v1/clock")
    assert (late.status, late.code, late.headers["Retry-After"]) == (503, "took_too_long", "5")


async def test_a_hundred_half_open_clients_keep_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients that send half a request and wait neither take a place of others nor stay for longer than they may."""
    monkeypatch.setattr(assembling, "HEADER_SECONDS", 1.0)
    monkeypatch.setattr(reading, "BODY_SECONDS", 1.0)
    async with serving(tmp_path / "home") as server:
        head = f"POST /v1/customers/lookup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.keys['admin']}\r\n"
        halves = [
            b"POST /v1/cust",
            f"{head}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{{".encode(),
            f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{{".encode(),
        ]
        clients = []
        for number in range(99):
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(halves[number % 3])
            clients.append((reader, writer))
        assert (await server.get("/v1/clock")).status == 200
        async with asyncio.timeout(30):
            for reader, writer in clients:
                await reader.read()
                writer.close()


async def test_half_a_body_is_a_408(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that does not arrive in time is a problem, and the connection is closed."""
    assert reading.BODY_SECONDS <= 30
    monkeypatch.setattr(reading, "BODY_SECONDS", 0.2)
    async with serving(tmp_path / "home") as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = f"POST /v1/customers/lookup HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {server.keys['admin']}\r\n"
        writer.write(f"{head}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{{".encode())
        async with asyncio.timeout(20):
            answer = await reader.read()
        assert b"408 Request Timeout" in answer
        assert b"body_too_slow" in answer
        writer.close()


async def test_a_full_server_keeps_places_for_opt_outs(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every ordinary place taken others are told to come again; opt-outs and outcomes are still served."""
    monkeypatch.setattr(watching, "MOST_IN_FLIGHT", 0)
    turned_away = await server.get("/v1/clock")
    assert (turned_away.status, turned_away.code, turned_away.headers["Retry-After"]) == (
        503,
        "overloaded",
        "1",
    )
    assert (await server.post("/v1/customers/C1/consents", CONSENT)).code in ("not_found", "problems_found")
    assert (await server.get("/livez", role=None)).status == 200


async def test_an_import_becomes_a_job_whose_file_waits(server: Server, once: str) -> None:
    """The file is written under a name of ours, the job's row is committed, and then the bell rings."""
    form = _form(kind="customers", mapping="kind: customers")
    answer = await server.post("/v1/imports", form(), role="analyst", once=once)
    assert (answer.status, answer.json["state"]) == (202, "queued")
    job = await server.house.ports.jobs.get(answer.json["job"])
    path = Path(job.arguments["path"])
    assert path.read_bytes() == b"id\nC1\n"
    assert path.name != "file.csv"
    assert server.rung[-1] == job.id
    again = await server.post("/v1/imports", form(), role="analyst", once=once)
    assert (again.json, server.rung.count(job.id)) == (answer.json, 1)
    assert list(path.parent.iterdir()) == [path]
    path.unlink()
    shown = await server.get(f"/v1/imports/{job.id}", role="analyst")
    assert shown.json["job"] == job.id
    assert (await server.get(f"/v1/plans/{job.id}")).code == "not_found"


@pytest.mark.parametrize(
    "extra", [{"kind": "people"}, {"colour": "red"}, {"confirm_shrink": "perhaps"}, {"mapping": ""}]
)
async def test_a_wrong_form_leaves_no_file(server: Server, extra: dict[str, str]) -> None:
    """An unknown part or a wrong value is a 400, and what had arrived is removed."""
    form = _form(**{"kind": "customers", "mapping": "kind: customers", **extra})
    answer = await server.post("/v1/imports", form())
    assert (answer.status, answer.code) == (400, "bad_form")
    assert list((server.house.settings.home / "uploads").iterdir()) == []


@pytest.mark.parametrize("raw", [
    b"", b"--q", b"--q--", b"zzz", b"--q\r\nno header\r\n\r\nx\r\n--q--", b"--q\r\nA: " + b"x" * 9000,
    b"--q\r\nContent-Disposition: form-data; name=kind\r\n\r\ncust",
    b'--q\r\nContent-Disposition: form-data; name="file"; filename="../../x.csv"\r\n\r\na', b"--q\r\n\r\n\r\n--q--",
    b'--q\r\nContent-Type: multipart/mixed; boundary=z\r\n\r\n--z\r\n\r\nx\r\n--z--\r\n--q--\r\n',
    b'--q\r\nContent-Disposition: form-data; name="kind"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--q--',
])  # fmt: skip
async def test_a_broken_form_is_a_400_and_leaves_no_file(server: Server, raw: bytes) -> None:
    """Whatever is wrong with the multipart form, it is the sender's fault and nothing stays on disk."""
    headers = {"Content-Type": "multipart/form-data; boundary=q"}
    answer = await server.post("/v1/imports", raw, headers=headers)
    assert (answer.status, answer.code) == (400, "bad_form")
    folder = server.house.settings.home / "uploads"
    assert not folder.exists() or list(folder.iterdir()) == []


def _form(**fields: str):  # type: ignore[no-untyped-def]
    def made() -> aiohttp.FormData:
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, value)
        form.add_field("file", b"id\nC1\n", filename="file.csv")
        return form

    return made


async def _ring(_job: str) -> None:
    return None
