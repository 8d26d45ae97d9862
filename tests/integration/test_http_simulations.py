"""A playbook tried on history over HTTP: queued, looked at, ended."""

from __future__ import annotations

from pathlib import Path

from contact.flow.jobs.run_job import run_job
from tests.integration.http_client import serving
from tests.integration.http_story import DAY, PLAYBOOK, open_the_shop


async def test_a_simulation_is_a_job_that_can_be_looked_at_and_ended(tmp_path: Path) -> None:
    """Texts give a job whose result says what changes; one that waits is cancelled; a vague ask is a problem."""
    async with serving(tmp_path / "home") as server:
        await open_the_shop(server)
        body = {"texts": PLAYBOOK, "days": 2, "first_day": DAY}
        queued = await server.post("/v1/simulations", body, role="strategist")
        assert (queued.status, queued.json["kind"], queued.json["state"]) == (202, "simulate", "queued")
        assert await run_job(server.house.ports, queued.json["job"])
        shown = await server.get(f"/v1/jobs/{queued.json['job']}", role="analyst")
        found = shown.json["result"]
        assert shown.json["state"] == "done", shown.raw
        assert (found["first_day"], found["days"]) == (DAY, 2) and found["before"] == found["after"] > 0
        assert found["old"] == found["new"] and found["words"]

        version = {"version": found["new"], "days": 1}
        waits = (await server.post("/v1/simulations", version, role="strategist")).json["job"]
        ended = await server.post(f"/v1/jobs/{waits}/cancel", {}, role="strategist")
        assert (ended.status, ended.json["state"]) == (200, "cancelled")
        again = await server.post(f"/v1/jobs/{waits}/cancel", {}, role="strategist")
        assert (again.status, again.code) == (409, "conflict")

        for vague in ({}, {**version, "draft": "draft-1"}):
            refused = await server.post("/v1/simulations", vague, role="strategist")
            assert refused.status == 422 and "simulation.which" in refused.raw.decode()
        missing = await server.post("/v1/simulations", {"draft": "draft-99"}, role="strategist")
        assert missing.status == 404
