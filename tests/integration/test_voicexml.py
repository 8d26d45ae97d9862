"""A VoiceXML browser calls the hotline over HTTP: every document valid by the W3C's DTD, every call kept as it went."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Mapping

import pytest
import pytest_asyncio

from tests.integration.http_client import Server, serving
from tests.integration.telephone_story import journeys, open_a_second_hotline, open_the_hotline
from tests.voicexml_browser import NAMESPACE, Browser, checked, keys_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
ENTRY = "/v1/ivr/voicexml"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    telephony = {
        "CONTACT_RECORDINGS_URL": "http://media.example/{language}/{file}.wav",
        "CONTACT_AGENTS_URI": "sip:{queue}@pbx.example",
        "CONTACT_CALLER_REGION": "CN",
    }
    async with serving(tmp_path_factory.mktemp("voicexml") / "home", **telephony) as started:
        await open_the_hotline(started)
        yield started


async def called(
    server: Server, *pressed: str | None, number: str | None = None, entry: str = ENTRY
) -> Browser:
    """A browser's whole call; its key is the password of its address, as platforms write it."""
    basic = b64encode(f"platform:{server.keys['ivr']}".encode()).decode()

    async def fetch(method: str, address: str, form: Mapping[str, str]) -> str:
        assert "1380000" not in address, "a number in an address is a number in every log"
        told = {"data": dict(form)} if method == "post" else {}
        headers = {"Authorization": f"Basic {basic}"}
        answer = await server.call(method.upper(), address, role=None, once=None, headers=headers, **told)
        assert answer.status == 200, answer.raw
        assert answer.headers["Content-Type"] == "application/voicexml+xml; charset=utf-8"
        return answer.raw.decode()

    browser = Browser(fetch, keys_of(*pressed), number=number)
    await browser.call(entry)
    return browser


async def test_a_caller_hears_their_figures_and_is_passed_on(server: Server) -> None:
    """Known by the number of the tel: address: their own figures, a wrong key, silence, then the agents' queue."""
    browser = await called(server, "1", None, "A", None, "0", number="tel:+8613800000002")
    said = [each.text for each in browser.heard]
    assert said[0] == "This call is recorded." and not browser.heard[0].barge
    assert any("Customers pay 60" in each for each in said)
    assert said.count("Wrong key.") == 1 and "We heard no key." in said
    assert browser.heard[1].recordings == ("http://media.example/en/menu/main.wav",)
    assert browser.transferred is not None and browser.transferred[0] == "sip:hotline@pbx.example"
    journey = (await journeys(server.house.ports))[-1]
    assert (journey.id, journey.customer, journey.outcome) == (browser.transferred[1], "C2", "agent")
    assert [(step.node, step.key) for step in journey.steps] == [
        ("recorded", None), ("main", "1"), ("bill_now", None), ("main", "?"), ("main", None), ("main", "0"),
        ("operator", None),
    ]  # fmt: skip
    assert all(step.seconds > 0 for step in journey.steps)


@pytest.mark.parametrize(
    ("pressed", "outcome"), [((), "abandoned"), (("2",), "reached"), ((None,), "abandoned")]
)
async def test_a_caller_who_hangs_up_ends_the_call(
    server: Server, pressed: tuple[str | None, ...], outcome: str
) -> None:
    """At whatever place: the journey is ended, and says what was reached."""
    await called(
        server, *pressed, number="sip:013800000003@pbx.example;user=phone", entry=f"{ENTRY}?language=zh-CN"
    )
    journey = (await journeys(server.house.ports))[-1]
    assert (journey.customer, journey.outcome, journey.language) == ("C3", outcome, "zh-CN")


async def test_a_browser_that_knows_no_number_hears_everybodys_menu(server: Server) -> None:
    """A withheld number ends nothing; an answer that needs the caller's figures goes to an agent."""
    browser = await called(server, "1")
    assert browser.transferred is not None
    journey = (await journeys(server.house.ports))[-1]
    assert (journey.customer, journey.arm, journey.outcome) == (None, "unknown", "agent")


async def test_only_a_platforms_key_is_let_in(server: Server) -> None:
    """Entry and calls need a key of the role ivr; another role is refused."""
    assert (await server.get(ENTRY, role=None)).status == 401
    assert (await server.get(ENTRY, role="portal")).status == 403
    assert (await server.post(f"{ENTRY}/calls", b"", role="agent", headers=FORM)).status == 403


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b'{"state": "x"}', {"Content-Type": "application/json"}, 415),
        (b"state=x&pressed=1&colour=red", FORM, 400),
        (b"state=x&state=y", FORM, 400),
        (b"pressed=1", FORM, 400),
        (b"state=x&pressed=12", FORM, 400),
        (b"state=x&seconds=long", FORM, 400),
        (b"state=x&seconds=-1", FORM, 422),
        (b"state=%ff%00", FORM, 400),
        ("state=é".encode(), FORM, 400),
        (b"&".join(b"a%d=1" % each for each in range(60)), FORM, 400),
        (b"state=x&pressed=1", FORM, 422),
    ],
)
async def test_what_is_no_key_of_a_call_is_refused(
    server: Server, body: bytes, headers: dict[str, str], status: int
) -> None:
    """A form with other fields, fields twice, half texts, or a state that is not ours."""
    answer = await server.post(f"{ENTRY}/calls/c1/keys", body, role="ivr", headers=headers)
    assert answer.status == status, answer.raw
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_menu_that_is_not_in_force_is_not_found_by_a_document_that_says_so(server: Server) -> None:
    """At the entry and at the first turn: valid VoiceXML, so that a browser's log shows why."""
    entry = await server.get(f"{ENTRY}?menu=manin", role="ivr")
    turn = await server.post(f"{ENTRY}/calls", b"number=&menu=manin", role="ivr", headers=FORM, once=None)
    for answer in (entry, turn):
        assert answer.status == 404, answer.raw
        assert answer.headers["Content-Type"] == "application/voicexml+xml; charset=utf-8"
        assert "no menu 'manin' is in force" in checked(answer.raw.decode()).findtext(
            f".//{NAMESPACE}log", ""
        )


async def test_the_number_that_was_dialled_chooses_the_menu(server: Server) -> None:
    """However it is written, over VoiceXML and JSON; a menu that is named counts more."""
    await open_a_second_hotline(server)
    form = b"dialled=sip%3A4008001234%40pbx.example"
    await server.post(f"{ENTRY}/calls", form, role="ivr", headers=FORM, once=None)
    for more in ({}, {"menu": "main"}):
        asked = {"dialled": "400-800-1234", **more}
        assert (await server.post("/v1/ivr/calls", asked, role="ivr")).status == 200
    assert [each.menu for each in (await journeys(server.house.ports))[-3:]] == ["shop", "shop", "main"]
