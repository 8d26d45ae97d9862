"""Coming in by password, over HTTP: what the browser is given, what others may not do with the form, and going out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from contact.faces.console.shared.visits import SESSION_COOKIE, form_token
from contact.storage.access.logins import AT_ONCE, LONGEST_LINE
from tests.integration.http_client import Server, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")

PASSWORD = "correct horse battery"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A service with one person of the staff, who has a password."""
    async with serving(tmp_path_factory.mktemp("login") / "home", console=True) as started:
        text = "INSERT INTO staff (id, name, role, languages, channels) VALUES ('s1', 'Wu', 'x', '[]', '[]')"
        await started.house.stores.database.write(lambda tx: tx.connection.execute(text))
        logins = started.house.ports.logins
        await logins.set_password(await logins.invite("s1", "supervisor", None, by="root"), PASSWORD)
        yield started


async def post(server: Server, address: str, cookie: str = "", **form: str) -> tuple[int, str, str]:
    """Status, where it leads, and the cookie or the page."""
    headers = {name: form.pop(name) for name in ("Origin", "Sec-Fetch-Site") if name in form}
    cookies = {SESSION_COOKIE: cookie} if cookie else {}
    async with server.session.post(
        server.url + address, data=form, cookies=cookies, headers=headers, allow_redirects=False
    ) as response:
        set_cookie = response.headers.get("Set-Cookie", "")
        return response.status, response.headers.get("Location", ""), set_cookie or await response.text()


async def log_in(server: Server, **form: str) -> tuple[int, str, str]:
    return await post(server, "/login", **{"person": "s1", "password": PASSWORD, **form})


async def test_the_right_password_opens_a_session_that_scripts_and_other_sites_cannot_use(
    server: Server,
) -> None:
    """The cookie is HttpOnly and SameSite=Strict, and the person is led to the page that was asked for."""
    status, onward, cookie = await log_in(server, onward="/overview")
    assert (status, onward) == (303, "/overview")
    assert cookie.startswith(SESSION_COOKIE) and "HttpOnly" in cookie and "SameSite=Strict" in cookie


async def test_behind_tls_the_cookie_never_travels_without(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A service that people reach by https says so to the browser, though the proxy asks it in the clear."""
    home = tmp_path_factory.mktemp("tls") / "home"
    async with serving(home, console=True, CONTACT_PUBLIC_URL="https://contact.example") as server:
        token = await server.house.ports.keys.console_link("admin", None)
        assert "Secure" in (await post(server, "/session", token=token))[2]


async def test_a_wrong_password_says_only_that(server: Server) -> None:
    """The same page for a wrong password and for nobody, and nothing typed comes back."""
    pages = [
        (await log_in(server, person=person, password="not the one typed"))[::2]
        for person in ("s1", "nobody")
    ]
    assert pages[0] == pages[1] and pages[0][0] == 401
    assert "not the one typed" not in pages[0][1] and "nobody" not in pages[0][1]
    assert (await log_in(server))[0] == 303  # which counts the tries anew


async def test_a_flood_at_the_door_does_not_fill_the_house(server: Server) -> None:
    """So many wait for their password to be looked at; the others are told to come again and no try of theirs counts."""
    most = AT_ONCE + LONGEST_LINE
    names = [f"flood{number}" for number in range(most + 30)]
    answers = await asyncio.gather(*(log_in(server, person=name, password="wrong") for name in names))
    found = Counter(status for status, *_ in answers)
    assert found[401] >= most and found[503] >= 1 and found.total() == len(names)
    tried = await server.house.stores.database.read(
        lambda tx: tx.connection.execute("SELECT count(*) AS n FROM login_attempt").fetchone()
    )
    assert tried["n"] <= found[401] + 1
    assert (await log_in(server))[0] == 303


@pytest.mark.parametrize(
    "elsewhere",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
@pytest.mark.parametrize("address", ["/login", "/session", "/password"])
async def test_another_site_logs_nobody_in(server: Server, address: str, elsewhere: dict[str, str]) -> None:
    """A form of elsewhere is refused before anything is looked at, so nobody works in somebody else's session."""
    status, _, text = await post(server, address, person="s1", password=PASSWORD, token="x", **elsewhere)
    assert status == 403 and "not sent from an open page" in text


@pytest.mark.parametrize(
    "onward", ["//evil.example", "https://evil.example/", "/\\evil.example", "/a?b=c", "/%0d%0aX: y"]
)
async def test_the_form_leads_to_our_own_pages_only(server: Server, onward: str) -> None:
    """Whatever stands in the hidden field, nobody is sent away from here."""
    status, location, _ = await log_in(server, onward=onward)
    assert status == 303 and (location == "/" or (location.startswith("/%") and "\n" not in location))


async def test_a_link_to_set_a_password_is_not_used_up_by_looking(server: Server) -> None:
    """Previews look; the form sets it once, and two entries that differ set nothing."""
    token = await server.house.ports.logins.invite("s1", "supervisor", None, by="root")
    for _ in range(2):
        async with server.session.get(f"{server.url}/password?token={token}") as seen:
            assert seen.status == 200 and "no-store" in seen.headers["Cache-Control"]
    entered = {"token": token, "password": PASSWORD}
    assert (await post(server, "/password", again="another one 123", **entered))[0] == 422
    assert (await post(server, "/password", again=PASSWORD, **entered))[0] == 200
    assert (await post(server, "/password", again=PASSWORD, **entered))[0] == 410


async def test_logging_out_everywhere_ends_the_other_browsers_too(server: Server) -> None:
    """One press, and the cookie of every browser opens nothing."""
    cookies = [(await log_in(server))[2].partition("=")[2].partition(";")[0] for _ in range(2)]
    status, location, _ = await post(
        server, "/logout/everywhere", cookie=cookies[0], form_token=form_token(cookies[0])
    )
    assert (status, location) == (303, "/session")
    for cookie in cookies:
        assert await server.house.ports.keys.session(cookie) is None
