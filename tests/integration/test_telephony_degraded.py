"""While the database is away both telephone dialects speak everybody's menu to its end."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from pathlib import Path

import pytest

from contact.faces.agi import FastAgi
from contact.settings import LOOPBACK
from tests.asterisk import Channel
from tests.integration.http_client import serving
from tests.integration.http_story import number_of
from tests.integration.telephone_story import open_the_hotline
from tests.proxy import Proxy
from tests.servers import PostgreSQL
from tests.voicexml_browser import Browser, keys_of

pytestmark = pytest.mark.postgres


async def test_callers_are_answered_without_the_database(
    tmp_path: Path, postgres_server: PostgreSQL, migrated_postgres: str
) -> None:
    """Everybody's menu, wrong keys and the way to an agent, over FastAGI and over VoiceXML; no error reaches a caller."""
    url = postgres_server.create("telephony", template=migrated_postgres)
    line = Proxy.before(url)
    async with serving(tmp_path / "home", CONTACT_DATABASE_URL=line.url(url)) as server:
        await open_the_hotline(server)

        async def fetch(method: str, address: str, form: Mapping[str, str]) -> str:
            told = {"data": dict(form)} if method == "post" else {}
            answer = await server.call(method.upper(), address, role="ivr", once=None, **told)
            assert answer.status == 200, answer.raw
            return answer.raw.decode()

        await Browser(fetch, keys_of("2")).call("/v1/ivr/voicexml")  # the key is known, the playbook compiled
        line.weather.drop = 1.0
        line.cut()

        browser = Browser(fetch, keys_of("9", "1"), number=f"tel:{number_of('C1')}")
        await browser.call("/v1/ivr/voicexml")
        assert browser.exited is not None and browser.exited["queue"] == "hotline"
        assert "Wrong key." in [each.text for each in browser.heard]

        agi = FastAgi(server.house.ports, peers=LOOPBACK)
        listening = socket.create_server(("127.0.0.1", 0))
        await agi.start(listening)
        channel = await Channel(["9", "2", None], number=number_of("C1")).call(listening.getsockname()[1])
        await agi.stop()
        assert "digits:100" in channel.said and channel.variables["CONTACT_ENDS"] == "hang_up"
        line.weather.drop = 0.0
    line.stop()
