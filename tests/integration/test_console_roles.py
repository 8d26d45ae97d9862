"""Who may see which page of the console: every cell of page × role, written out here and asked of the server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from contact.faces.console.routes import Row, pages
from contact.faces.console.shared.visits import SESSION_COOKIE, form_token
from contact.faces.http.application import build
from contact.faces.http.edge.row import ROLES, Reach
from contact.faces.http.table.routes import ROUTES
from contact.flow.publishing.publish import publish
from tests.integration.http_client import Server, serving
from tests.integration.http_story import PLAYBOOK

pytestmark = pytest.mark.asyncio(loop_scope="module")

# agent strategist analyst supervisor account_manager portal ivr gateway data_scientist admin: a dot is a closed cell
CELLS = """
GET  /                                                    a s n v m . . . d A  nobody
POST /logout                                              a s n v m p i g d A  nobody
POST /logout/everywhere                                   a s n v m . . . d A  nobody
GET  /desk                                                a . . . . . . . . A  unit
POST /desk/next                                           a . . . . . . . . A  unit
GET  /desk/tasks/{task}                                   a . . . . . . . . A  unit
POST /desk/tasks/{task}/start                             a . . . . . . . . A  unit
POST /desk/tasks/{task}/complete                          a . . . . . . . . A  unit
POST /desk/tasks/{task}/give-back                         a . . . . . . . . A  unit
GET  /customers                                           a s n v m . . . . A  unit
POST /customers                                           a s n v m . . . . A  unit
GET  /customers/{customer}                                a s n v m . . . . A  unit
POST /customers/{customer}/reveal                         a . . v m . . . . A  unit
POST /customers/{customer}/consents                       a . . v m . . . . A  unit
GET  /customers/{customer}/tariffs                        a s n v m . . . d A  unit
GET  /customers/{customer}/tariffs/bill                   a s n v m . . . d A  unit
GET  /models                                              . s n . . . . . d A  nobody
GET  /models/{model}                                      . s n . . . . . d A  nobody
GET  /models/{model}/data/{chart}                         . s n . . . . . d A  nobody
POST /models/{model}/promote                              . . . . . . . . d A  operator
POST /models/{model}/roll-back                            . . . . . . . . d A  operator
GET  /workbench                                           . s n . . . . . . A  operator
POST /workbench/drafts                                    . s . . . . . . . A  operator
POST /workbench/roll-back                                 . s . . . . . . . A  operator
GET  /workbench/{draft}                                   . s n . . . . . . A  operator
GET  /workbench/{draft}/text                              . s n . . . . . . A  operator
GET  /workbench/{draft}/{tab:explain|changes|history|simulate} . s n . . . . . . A  operator
GET  /workbench/{draft}/{tab:roll-back}                   . s . . . . . . . A  operator
GET  /workbench/{draft}/words                             . s n . . . . . . A  operator
GET  /workbench/{draft}/spread/{field}                    . s n . . . . . . A  operator
POST /workbench/{draft}/check                             . s n . . . . . . A  operator
POST /workbench/{draft}/simulate                          . s . . . . . . . A  operator
GET  /workbench/{draft}/simulate/{job}                    . s n . . . . . . A  operator
GET  /workbench/{draft}/simulate/{job}/{chart}.csv        . s n . . . . . . A  operator
POST /workbench/{draft}/simulate/{job}/cancel             . s . . . . . . . A  operator
POST /workbench/{draft}/simulate/{job}/resume             . s . . . . . . . A  operator
POST /workbench/{draft}/file                              . s . . . . . . . A  operator
POST /workbench/{draft}/new                               . s . . . . . . . A  operator
POST /workbench/{draft}/first-strategy                    . s . . . . . . . A  operator
POST /workbench/{draft}/remove                            . s . . . . . . . A  operator
POST /workbench/{draft}/merge                             . s . . . . . . . A  operator
POST /workbench/{draft}/approve                           . s . . . . . . . A  operator
POST /workbench/{draft}/publish                           . s . . . . . . . A  operator
POST /workbench/{draft}/discard                           . s . . . . . . . A  operator
GET  /selection                                           . s n . . . . . . A  unit
POST /selection                                           . s n . . . . . . A  unit
POST /selection/check                                     . s n . . . . . . A  unit
POST /selection/segments                                  . s . . . . . . . A  operator
POST /selection/lists                                     . s . . . . . . . A  operator
POST /selection/clusters                                  . s n . . . . . . A  unit
GET  /overview                                            . s n v . . . . . A  unit
GET  /ivr                                                 . s n v . . . . . A  unit
GET  /ivr/data/{chart}.csv                                . s n v . . . . . A  unit
GET  /ivr/topics                                          . s n v . . . . . A  unit
GET  /ivr/topics/{chart}.csv                              . s n v . . . . . A  unit
GET  /ivr/keypad                                          . s n v . . . . . A  unit
POST /ivr/keypad                                          . s n v . . . . . A  unit
POST /ivr/keypad/keys                                     . s n v . . . . . A  unit
GET  /status                                              . . n v . . . . . A  nobody
POST /status/jobs/retry                                   . . . . . . . . . A  operator
POST /status/jobs/{job}/cancel                            . . . . . . . . . A  operator
GET  /exports                                             . s n v . . . . . A  unit
POST /exports                                             . s n v . . . . . A  unit
POST /exports/{export}/approve                            . . . v . . . . . A  unit
POST /exports/{export}/refuse                             . . . v . . . . . A  unit
GET  /exports/{export}/file                               . s n v . . . . . A  unit
"""
PERMITTED = {
    (method, address): (
        {role for role, cell in zip(ROLES, cells, strict=True) if cell != "."},
        Reach[reach.upper()],
    )
    for method, address, *cells, reach in (line.split() for line in CELLS.strip().splitlines())
}
DOORS = {
    ("GET", "/session"), ("POST", "/session"), ("POST", "/login"), ("GET", "/password"), ("POST", "/password"),
    ("GET", "/assets/{name}"),
}  # fmt: skip
"""What needs no session, and tells nothing."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with serving(tmp_path_factory.mktemp("roles") / "home", console=True) as started:
        await publish(started.house.ports, PLAYBOOK, None, "lin", "first")
        yield started


async def session(server: Server, role: str, unit: str | None = None) -> str:
    keys = server.house.ports.keys
    secret = await keys.open_session(await keys.console_link(role, None, unit=unit))
    assert secret is not None
    return secret


async def asked(server: Server, row: Row, secret: str | None, token: str | None) -> tuple[int, str]:
    """Status and page; values of the address are ids of nothing."""
    address = re.sub(r"{tab:(\w+(-\w+)?).*?}", r"\1", row.address)
    address = re.sub(r"{\w+}", "X1", address)
    options: dict[str, Any] = {"cookies": {SESSION_COOKIE: secret}} if secret else {}
    if row.method == "POST":
        options["data"] = {"form_token": token or ""}
    async with server.session.request(
        row.method, server.url + address, allow_redirects=False, **options
    ) as response:
        return response.status, await response.text()


def name(row: Row) -> str:
    return f"{row.method} {row.address}"


async def test_every_page_has_its_line() -> None:
    """Roles and reach are as written out above; a page without a line fails, and so does a line without a page."""
    assert {(row.method, row.address): (set(row.roles), row.reach) for row in pages()} == PERMITTED


async def test_a_role_whose_customers_are_only_some_sees_no_page_of_the_whole_operator() -> None:
    """An account manager's session is always bounded."""
    assert [
        name(row) for row in pages() if row.reach is Reach.OPERATOR and "account_manager" in row.roles
    ] == []


async def test_nothing_is_served_that_is_on_no_list(server: Server) -> None:
    """Every address of the application is a row of the API, a page, or one of the doors."""
    app = build(server.house.ports, server.house.settings, ring=_ring)
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    known = {(row.method, row.path) for row in ROUTES}
    known |= {(row.method, re.sub(r"{(\w+):.*?}", r"{\1}", row.address)) for row in pages()}
    assert served - known == DOORS


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_sees_exactly_the_pages_of_its_cells(server: Server, role: str) -> None:
    """An open cell never says that the page is not open to the role, a closed one always does; 401 without a session."""
    for row in pages():
        if row.address.startswith("/logout"):
            continue  # every role may go, and the session would be gone
        secret = await session(server, role)
        status, text = await asked(server, row, secret, form_token(secret))
        refused = status == 403 and "not open to your role" in text
        assert refused == (role not in PERMITTED[row.method, row.address][0]), (name(row), role, status)


async def test_without_a_session_there_is_only_the_door(server: Server) -> None:
    """Every page answers 401 with the form to log in."""
    for row in pages():
        status, text = await asked(server, row, None, None)
        assert status == 401 and 'action="/login"' in text, name(row)


async def test_no_form_of_elsewhere_does_anything(server: Server) -> None:
    """A post without the hidden token of the session, or with another session's, is refused on every page."""
    secret, other = await session(server, "admin"), await session(server, "admin")
    for row in (row for row in pages() if row.method == "POST"):
        for token in (None, form_token(other), "x.y", "é.é"):
            status, text = await asked(server, row, secret, token)
            assert status == 403 and "not sent from an open page" in text, (name(row), token)


async def test_a_session_of_a_unit_sees_no_page_of_the_whole_operator(server: Server) -> None:
    """Whatever its role."""
    secret = await session(server, "admin", unit="B1")
    for row in pages():
        if row.address.startswith("/logout"):
            continue
        status, text = await asked(server, row, secret, form_token(secret))
        refused = status == 403 and "concerns the whole operator" in text
        assert refused == (row.reach is Reach.OPERATOR), (name(row), status)


async def _ring(_: str) -> None: ...
