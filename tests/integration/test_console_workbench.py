"""What forms of the workbench bring about, asked of the server without a browser."""

from __future__ import annotations

import re

from contact.flow.jobs.queue_job import cancel_job, queue_simulate
from tests.integration.http_client import Server
from tests.integration.http_story import PLAYBOOK
from tests.integration.test_console_second_person import edited, posted, server

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
