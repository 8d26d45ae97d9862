"""What forms of the workbench bring about, asked of the server without a browser."""

from __future__ import annotations

import re

from contact.faces.console.shared.visits import SESSION_COOKIE
from contact.flow.jobs.queue_job import cancel_job, queue_simulate
from tests.integration.http_client import Server
from tests.integration.http_story import PLAYBOOK, open_the_shop
from tests.integration.test_console_second_person import OPERATOR, edited, posted, server

__all__ = ["server"]


async def test_a_first_strategy_is_a_click_and_a_publication(server: Server) -> None:
    """On an empty store the workbench offers one; what the click leaves is published as it stands."""
    ports = server.house.ports
    led = await posted(server, "/workbench/live/first-strategy")
    assert led.startswith("/workbench/draft-1?file=strategies%2Ffirst-offer.yaml")
    assert "tab=history" in await posted(server, "/workbench/draft-1/publish", why="our first")
    assert [each.id for each in (await ports.playbooks.current()).strategies] == ["first-offer"]
    again = await posted(server, "/workbench/live/first-strategy")
    assert "draft-2" in again and "first-offer-2" in again, "another one beside it"


async def test_a_first_strategy_speaks_to_whoever_begins_it(server: Server) -> None:
    """Its comments are in the language of the person's browser, and it is the same strategy."""
    ports = server.house.ports
    for draft, language in (("draft-1", "zh-CN"), ("draft-2", "en")):
        server.session.headers["Accept-Language"] = language
        assert draft in await posted(server, "/workbench/live/first-strategy")
    chinese, english = [await ports.drafts.texts(each) for each in ("draft-1", "draft-2")]
    path = "strategies/first-offer.yaml"
    assert "# 何为成功。\n" in chinese[path] and "# What counts as success.\n" in english[path]
    code = [
        {name: re.sub(r"(^|  +)# .*", "", text, flags=re.MULTILINE) for name, text in texts.items()}
        for texts in (chinese, english)
    ]
    assert code[0] == code[1]
    assert not re.search(r"# [A-Za-z]", "".join(chinese.values())), "every comment is in Chinese"


async def test_a_cancelled_simulation_is_resumed_by_a_form(server: Server) -> None:
    """It waits for a worker again, once, and the page leads to it; what is done or runs stays as it is."""
    ports = server.house.ports
    draft = await edited(server, PLAYBOOK)
    job = await queue_simulate(ports, draft=draft, days=2)
    await cancel_job(ports, job.id)
    for _ in range(2):
        led = await posted(server, f"/workbench/{draft}/simulate/{job.id}/resume")
        assert led == f"/workbench/{draft}?tab=simulate&job={job.id}"
        assert (await ports.jobs.get(job.id)).state == "queued"
    assert len(await server.house.stores.audit.page(act="job.retried")) == 1


async def test_what_was_cancelled_before_its_first_day_can_be_begun_again(server: Server) -> None:
    """No day is finished, so nothing is gone on with; the button that the page shows instead queues the same simulation."""
    keys, ports = server.house.ports.keys, server.house.ports
    secret = await keys.open_session(await keys.console_link("strategist", None))
    assert secret is not None
    draft = await edited(server, PLAYBOOK)
    job = (await queue_simulate(ports, draft=draft, days=2)).id
    await cancel_job(ports, job)
    address = f"{server.url}/workbench/{draft}?tab=simulate&job={job}"
    async with server.session.get(address, cookies={SESSION_COOKIE: secret}) as response:
        page = await response.text()
    form = re.search(
        rf'<form method="post" action="(/workbench/{draft}/simulate/{job}/\w+)".*?</form>', page, re.S
    )
    assert form is not None and "Begin it again" in form[0], page
    await posted(server, form[1])
    assert (await ports.jobs.get(job)).state == "queued"


async def test_a_simulation_is_cancelled_and_resumed_once_by_each_form(server: Server) -> None:
    """A form that the network brings again, after the opposite was asked for, changes nothing; a new form does."""
    ports = server.house.ports
    draft = await edited(server, PLAYBOOK)
    job = (await queue_simulate(ports, draft=draft, days=2)).id
    sent = [("cancel", "a", "cancelled"), ("resume", "b", "queued"), ("cancel", "a", "queued")]
    sent += [("cancel", "c", "cancelled"), ("resume", "b", "cancelled"), ("resume", "d", "queued")]
    for act, form, state in sent:
        led = await posted(server, f"/workbench/{draft}/simulate/{job}/{act}", idempotency_key=form)
        assert led == f"/workbench/{draft}?tab=simulate&job={job}"
        assert ((await ports.jobs.get(job)).state, act, form) == (state, act, form)
    assert await posted(server, f"/workbench/{draft}/simulate/{job}/cancel", idempotency_key="") == "409"
    assert (await ports.jobs.get(job)).state == "queued"


async def test_explaining_one_customer_too_many_says_what_to_do(server: Server) -> None:
    """The form stays, for customers looked at before; who can allow more is said, and nothing of the customer."""
    await open_the_shop(server)
    keys, current = server.house.ports.keys, await server.house.ports.playbooks.current()
    texts = PLAYBOOK | {OPERATOR: PLAYBOOK[OPERATOR] + "\ncard_views_per_day: 1\n"}
    stricter = {"texts": texts, "base": current.version, "why": "test"}
    assert (await server.post("/v1/playbooks", stricter)).status == 201
    secret = await keys.open_session(await keys.console_link("strategist", None))

    async def explained(customer: str) -> str:
        async with server.session.get(
            f"{server.url}/workbench/live/explain?customer={customer}",
            headers={"HX-Request": "true"},
            cookies={SESSION_COOKIE: str(secret)},
        ) as response:
            assert response.status == 200
            return await response.text()

    assert "wb-grid" in await explained("C1")
    refused = await explained("C2")
    assert "a supervisor can allow more for today" in refused and 'name="customer"' in refused
    assert "wb-grid" not in refused
    assert "wb-grid" in await explained("C1")
