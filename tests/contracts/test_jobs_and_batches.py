"""Jobs beyond the last page, and one poisoned unit of work among healthy ones."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from contact.domain.acts import Act
from contact.faults import Conflict
from contact.storage.databases.transaction import Transaction
from contact.storage.open import Stores, open_stores
from contact.storage.playbooks import jobs
from strategies.profile import Subject
from tests.contracts.conftest import settings


async def test_a_job_behind_many_others_is_still_seen(stores: Stores) -> None:
    """Whoever sees that every job is done looks at open jobs, however many were queued or done since."""
    first = await stores.jobs.create("plan", {"day": "2030-03-04"})
    for _ in range(60):
        await stores.jobs.create("plan", {"day": "2030-03-04"})
    assert first.id in {job.id for job in await stores.jobs.open(50)}


async def test_a_unit_the_database_cannot_take_fails_alone(stores: Stores) -> None:
    """Group commit: what one unit brings upon itself, its neighbours in the batch never hear of."""

    def slow(tx: Transaction) -> None:
        import time

        time.sleep(0.3)

    def good(tx: Transaction, key: str) -> int:
        return tx.run("raise_epoch", kind="customer", key=key)

    def poisoned(tx: Transaction) -> int:
        if tx.dialect == "sqlite":
            return int(tx.connection.execute("SELECT load_extension('none')").rowcount)  # OperationalError
        return tx.run(
            "raise_epoch", kind="customer", key="".join(chr(0x4E00 + n * 7 % 20000) for n in range(9000))
        )

    # one writer or four: all are busy while the batch gathers behind them
    busy = [asyncio.create_task(stores.database.write(slow)) for _ in range(4)]
    await asyncio.sleep(0.05)
    units = [
        stores.database.write(lambda tx, n=n: good(tx, f"C{n}"), (Subject("person", "p"),)) for n in range(20)
    ]
    bad = stores.database.write(poisoned)
    answers = await asyncio.gather(*units[:10], bad, *units[10:], return_exceptions=True)
    await asyncio.gather(*busy)
    assert isinstance(answers[10], Exception)
    assert [each for n, each in enumerate(answers) if n != 10 and isinstance(each, Exception)] == []


async def test_a_run_given_up_for_dead_cannot_end_its_successors_job(stores: Stores) -> None:
    """A worker that comes back late neither overwrites the result nor beats for the run that took over."""
    queued = await stores.jobs.create("plan", {"day": "2026-03-02"})
    late = await stores.jobs.claim(queued.id)
    assert late is not None
    stale = {"id": queued.id, "run": late.run, "done": 0, "total": None, "message": "", "now_us": 0}
    await stores.database.write(lambda tx: tx.run("beat_job", **stale))
    successor = await stores.jobs.claim(queued.id)
    assert successor is not None and successor.run == late.run + 1
    await stores.jobs.finish(late, None, [{"code": "bug", "message": "late"}])
    await stores.jobs.finish(successor, {"reserved": 1})
    ended = await stores.jobs.get(queued.id)
    assert (ended.state, ended.result) == ("done", {"reserved": 1})


async def test_a_worker_that_waits_for_the_writer_is_not_given_up_for_dead(
    stores: Stores, database_url: str
) -> None:
    """On SQLite an import holds the only writer for longer than a worker may be silent: whoever waited behind it takes no
    job away, and parks none of which nobody died; who need not wait takes it."""
    queued = await stores.jobs.create("import", {})
    run = await stores.jobs.claim(queued.id)
    assert run is not None
    silent = {"id": queued.id, "run": run.run, "done": 0, "total": None, "message": "", "now_us": 0}
    await stores.database.write(lambda tx: tx.run("beat_job", **silent))
    if not database_url:
        holding = asyncio.create_task(stores.database.write(lambda _: time.sleep(1.2)))
        await asyncio.sleep(0.05)
        assert await stores.jobs.claim(queued.id) is None
        await holding
    successor = await stores.jobs.claim(queued.id)
    assert successor is not None and successor.run == run.run + 1


async def test_two_plans_of_one_day_are_never_begun_at_once(
    stores: Stores, tmp_path: Path, database_url: str
) -> None:
    """Two processes ask for one each in the same moment: one has it, the other waits for its end."""
    beside = open_stores(settings(tmp_path, database_url))
    try:
        for _ in range(12):
            queued = [await stores.jobs.create("plan", {"day": "2030-03-04"}) for _ in range(2)]
            asked = zip((stores, beside), queued, strict=True)
            begun = await asyncio.gather(*(each.jobs.claim(job.id) for each, job in asked))
            (running,) = [job for job in begun if job is not None]
            (waiting,) = [job for job in queued if job.id != running.id]
            assert (await stores.jobs.get(waiting.id)).message == jobs.PUT_OFF
            await stores.jobs.finish(running, {})
            last = await stores.jobs.claim(waiting.id)
            assert last is not None
            await stores.jobs.finish(last, {})
    finally:
        await beside.close()


async def test_a_job_three_workers_died_of_is_parked_until_a_person_says_so(
    stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker takes it any more; tried again it has three runs anew, and that it was is audited."""
    monkeypatch.setattr(jobs, "STALE_AFTER", -1)  # every worker is given up for dead at once
    act = Act("boss", "admin", "job.retried", why="more memory")
    job = await stores.jobs.create("plan", {"day": "2030-03-04"})
    for _ in range(2):
        for _ in range(3):
            assert await stores.jobs.claim(job.id) is not None
        assert await stores.jobs.claim(job.id) is None
        parked = await stores.jobs.get(job.id)
        assert parked.parked and parked.state == "failed"
        assert [each.id for each in await stores.jobs.failed()] == [job.id]
        again = await stores.jobs.retry(job.id, act)
        assert again.state == "queued" and not again.parked and await stores.jobs.failed() == []
    with pytest.raises(Conflict):
        await stores.jobs.retry(job.id, act)
    assert len(await stores.audit.page(act="job.retried")) == 2
