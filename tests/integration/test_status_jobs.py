"""The status page does something about long work: what failed is tried again, what waits is ended, and both are answered."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from contact.faces.console.shared import labels
from contact.faces.console.shared.visits import SESSION_COOKIE, form_token
from contact.faces.console.shared.words import words_in
from contact.ports import Job
from tests.integration.http_client import Server, serving


@pytest_asyncio.fixture
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with serving(tmp_path_factory.mktemp("status") / "home", console=True) as started:
        yield started


async def session(server: Server, role: str) -> str:
    keys = server.house.ports.keys
    secret = await keys.open_session(await keys.console_link(role, None))
    assert secret is not None
    return secret


async def sent(server: Server, secret: str, address: str, **form: str) -> tuple[int, str]:
    """Status and page of a form."""
    data = {"form_token": form_token(secret), **form}
    cookies = {SESSION_COOKIE: secret}
    async with server.session.post(
        server.url + address, data=data, cookies=cookies, allow_redirects=False
    ) as response:
        return response.status, await response.text()


async def page(server: Server, secret: str, language: str = "en") -> str:
    headers = {"Accept-Language": language}
    async with server.session.get(
        f"{server.url}/status", cookies={SESSION_COOKIE: secret}, headers=headers
    ) as response:
        assert response.status == 200
        return await response.text()


async def failed(server: Server, code: str = "import.column", message: str = "arpu is no column") -> Job:
    jobs = server.house.ports.jobs
    job = await jobs.claim((await jobs.create("import", {})).id)
    assert job is not None
    await jobs.finish(
        job, None, [{"code": code, "message": message, "path": "m.yaml", "line": 4, "column": 3}]
    )
    return job


async def test_a_failed_job_is_tried_again_for_a_reason_that_is_on_record(server: Server) -> None:
    """Its reason is on the page; without a job or a reason nothing happens as the page says; a form sent twice is one."""
    job, secret = await failed(server), await session(server, "admin")
    shown = await page(server, secret)
    assert "m.yaml:4:3" in shown and "arpu is no column" in shown and job.id in shown
    assert (await sent(server, secret, "/status/jobs/retry", why="mended", idempotency_key="k1"))[0] == 422
    status, text = await sent(server, secret, "/status/jobs/retry", job=job.id, idempotency_key="k2")
    assert status == 422 and "Say why" in text
    assert (await server.house.ports.jobs.get(job.id)).state == "failed"
    for _ in range(2):
        form = {"job": job.id, "why": "mended", "idempotency_key": "k3"}
        assert (await sent(server, secret, "/status/jobs/retry", **form))[0] == 303
    assert (await server.house.ports.jobs.get(job.id)).state == "queued"
    acts = await server.house.ports.audit.page(act="job.retried", limit=5)
    assert [(each.act.about, each.act.role, each.act.why) for each in acts] == [(job.id, "admin", "mended")]


async def test_a_job_that_waits_is_ended_and_one_that_never_was_is_not_found(server: Server) -> None:
    """Ending it twice is no fault."""
    job, secret = await server.house.ports.jobs.create("import", {}), await session(server, "admin")
    assert f"/status/jobs/{job.id}/cancel" in await page(server, secret)
    for key in ("k1", "k2"):
        assert (await sent(server, secret, f"/status/jobs/{job.id}/cancel", idempotency_key=key))[0] == 303
    assert (await server.house.ports.jobs.get(job.id)).state == "cancelled"
    assert (await sent(server, secret, "/status/jobs/X1/cancel", idempotency_key="k3"))[0] == 404


async def test_who_may_not_try_a_job_again_sees_its_reason_and_no_button(server: Server) -> None:
    """In Chinese, too, where the job was no problem of its input."""
    await failed(server, "poison_job", "three workers died of this job")
    shown = await page(server, await session(server, "supervisor"), "zh-CN")
    said = words_in("zh-CN").gettext(labels.JOB_FAULTS["poison_job"])
    assert said != labels.JOB_FAULTS["poison_job"] and said in shown
    assert "已搁置" in shown and "管理员可在此重试" in shown
    assert "/status/jobs/" not in shown
    assert re.search(r"\d\d:\d\d UTC", shown), "moments carry their zone"
