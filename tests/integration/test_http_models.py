"""Models and tariffs over HTTP: jobs, roles, answers in words, and every way it says no."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from contact.flow.jobs.run_job import run_job
from tests.integration.flow.learning_stage import (
    ADVICE_FIELDS,
    FIELDS,
    LINES_MAPPING,
    MODEL_FIELDS,
    TARIFF_TALK,
    TARIFFS,
    USAGE_MAPPING,
    model_texts,
    open_with_models,
    people,
    take,
)
from tests.integration.http_client import Answer, Server, serving

pytestmark = pytest.mark.asyncio(loop_scope="module")
SCIENTIST = "data_scientist"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """An operator with a trained model of churn, 300 customers and two lines, nobody scored or advised yet."""
    folder = tmp_path_factory.mktemp("models")
    async with serving(folder / "home") as started:
        playbook = model_texts() | TARIFFS | {"strategies/tariff-talk.yaml": TARIFF_TALK}
        del playbook["tariffs/vip.yaml"]
        playbook["fields.yaml"] = FIELDS + MODEL_FIELDS + ADVICE_FIELDS.replace(_TIER, "")
        await open_with_models(started.house, folder, people(300), playbook)
        lines = ["L1,C1,basic,,", "L2,C2,plus,,"]
        ports = started.house.ports
        await take(ports, folder, "lines", "id,customer,tariff,addons,until", lines, LINES_MAPPING)
        usage = [
            f"{line},{month},200,10" for line in ("L1", "L2") for month in ("2029-12", "2030-01", "2030-02")
        ]
        await take(ports, folder, "usage", "line,month,voice,data_gb", usage, USAGE_MAPPING)
        yield started


_TIER = "  tier: {type: text, source: customers.tier}\n"


async def ended(server: Server, answer: Answer) -> Any:
    """Do the job an answer names, as a worker would, and look it up."""
    assert answer.status == 202, answer.raw
    assert server.rung[-1] == answer.json["job"]
    await run_job(server.house.ports, answer.json["job"])
    return (await server.get(f"/v1/jobs/{answer.json['job']}", SCIENTIST)).json


async def test_before_anything_is_trained_each_answer_says_what_to_do(server: Server) -> None:
    """Nothing in force and nobody scored are 422 with a code and a hint; what is not there is a 404."""
    for path in ("/v1/customers/C1/scores", "/v1/warnings"):
        answer = await server.get(path, "analyst")
        assert (answer.status, answer.code) == (422, "problems_found")
        (problem,) = answer.json["problems"]
        assert problem["code"] == "model.none" and problem["hint"]
    listed = await server.get("/v1/models", "strategist")
    assert listed.json == {"models": [], "untrained": ["churn"]}
    for method, path, body in (
        ("POST", "/v1/models/churm/train", None), ("GET", "/v1/models/churn-1", None),
        ("POST", "/v1/models/churn-1/promote", {"why": "x"}), ("POST", "/v1/models/churn/roll-back", {"why": "x"}),
        ("GET", "/v1/customers/C999/scores", None), ("GET", "/v1/customers/C999/tariffs", None),
        ("GET", f"/v1/jobs/{uuid.uuid4()}", None),
    ):  # fmt: skip
        answer = await server.call(method, path, body)
        assert (answer.status, answer.code) == (404, "not_found"), path
    unknown = await server.post("/v1/models/churm/train", None)
    assert "declared: churn" in unknown.json["detail"]


async def test_a_failed_training_is_a_job_with_located_problems(server: Server) -> None:
    """A model of outcomes would need outcomes: learning has none to take, and says so in the job."""
    job = await ended(server, await server.post("/v1/learn", None, SCIENTIST))
    assert (job["state"], job["result"]["trained"]) == ("done", [])


async def test_a_model_is_trained_shown_and_put_in_force(server: Server) -> None:
    """The same Idempotency-Key gives the same job; the finished one names the model, whose report is shown."""
    once = uuid.uuid4().hex
    answer = await server.post("/v1/models/churn/train", None, SCIENTIST, once=once)
    again = await server.post("/v1/models/churn/train", None, SCIENTIST, once=once)
    assert again.json == answer.json and server.rung.count(answer.json["job"]) == 1
    job = await ended(server, answer)
    assert job["state"] == "done", job
    assert (job["result"]["id"], job["result"]["promoted"]) == ("churn-1", True)
    assert (await server.get(f"/v1/imports/{job['job']}")).code == "not_found"
    shown = (await server.get("/v1/models/churn-1?language=zh-CN", "analyst")).json
    assert (shown["title"], shown["state"], shown["report"]["model"]) == ("流失", "in_force", "churn")
    assert shown["author"].startswith("data_scientist ")
    listed = (await server.get("/v1/models", SCIENTIST)).json
    assert [each["id"] for each in listed["models"]] == ["churn-1"] and listed["models"][0]["report"] is None
    conflict = await server.post("/v1/models/churn-1/promote", {"why": "again"}, SCIENTIST)
    assert (conflict.status, conflict.code) == (409, "conflict")
    nothing_before = await server.post("/v1/models/churn/roll-back", {"why": "back"}, SCIENTIST)
    assert (nothing_before.status, nothing_before.code) == (409, "conflict")
    silent = await server.post("/v1/models/churn-1/promote", {}, SCIENTIST)
    assert (silent.status, silent.code) == (400, "missing_field")


async def with_a_model(server: Server) -> None:
    """Train churn where no earlier test of this process did."""
    if not (await server.get("/v1/models", SCIENTIST)).json["models"]:
        await ended(server, await server.post("/v1/models/churn/train", None, SCIENTIST))


async def test_everybody_is_scored_and_one_is_asked(server: Server) -> None:
    """Scores become columns by a job; one customer's are answered live, in the reader's language."""
    await with_a_model(server)
    job = await ended(server, await server.post("/v1/scores", None, "strategist"))
    assert job["result"]["columns"] == ["churn_risk", "churn_risk_reasons"]
    told = (await server.get("/v1/customers/C1/scores?language=zh-CN", "agent")).json
    assert 0 < told["churn"]["risk"] < 1 and told["models"] == {"churn": "churn-1"}
    assert {reason["title"] for reason in told["churn"]["reasons"]} & {"在网时长", "data_gb", "tier"}
    card = (await server.get("/v1/customers/C1", "agent")).json
    fields = {field["name"]: field["value"] for field in card["fields"]}
    assert fields["churn_risk"] == pytest.approx(told["churn"]["risk"])


async def test_warnings_name_nobody(server: Server) -> None:
    """Ids, risks and reasons; no person's name or number, and no more rows than asked for."""
    await with_a_model(server)
    await ended(server, await server.post("/v1/scores", None))
    answer = await server.get("/v1/warnings?above=0.3&limit=3", "strategist")
    assert len(answer.json["rows"]) == 3 and answer.json["total"] > 3
    assert b"Person" not in answer.raw and b"138000" not in answer.raw
    for wrong in ("above=2", "limit=0", "limit=many", "sort=risk"):
        assert (await server.get(f"/v1/warnings?{wrong}")).status == 400


async def test_tariffs_are_compared_advised_and_offered(server: Server) -> None:
    """A portal shows the comparison; once everybody is matched, the web is told to offer the better tariff."""
    told = (await server.get("/v1/customers/C1/tariffs?language=zh-CN&months=6", "portal")).json
    (line,) = told["lines"]
    assert (line["verdict"], line["best"]["tariff"], line["best"]["saving_minor"]) == (
        "cheaper",
        "plus",
        4_100,
    )
    assert (await server.get("/v1/customers/C2/tariffs", "ivr")).json["lines"][0]["verdict"] == "cheapest"
    assert (await server.get("/v1/customers/C3/tariffs", "agent")).json["lines"] == []
    assert (await server.get("/v1/customers/C1/tariffs?months=2")).code == "invalid_parameter"
    ask = {"customer": "C1", "channel": "web", "strategies": ["tariff-talk"], "language": "en"}
    before = (await server.post("/v1/decisions", ask, "portal")).json
    assert before["chosen"] is None
    job = await ended(server, await server.post("/v1/tariffs/match", None, SCIENTIST))
    assert job["result"]["by_verdict"] == {"cheaper": 1, "cheapest": 1}
    after = (await server.post("/v1/decisions", ask, "portal")).json
    assert (after["chosen"]["offer"], after["chosen"]["line"]) == ("best_tariff", "L1")
    assert after["chosen"]["text"] == ["Plus saves 41 a month."]


async def test_a_broken_model_file_is_told_in_words(server: Server, tmp_path: Path) -> None:
    """A changed file is a 500 of its own code that says what to do, and tells nothing of the file."""
    async with serving(tmp_path / "home") as other:
        await open_with_models(other.house, tmp_path, people(300, seed=8))
        await ended(other, await other.post("/v1/models/churn/train", None))
        for path in (other.house.settings.home / "models").rglob("*"):
            if path.is_file():
                path.chmod(0o600)
                path.write_bytes(path.read_bytes().replace(b"churn", b"churm"))
        answer = await other.get("/v1/customers/C1/scores")
        assert (answer.status, answer.code) == (500, "model_broken")
        assert "Train again or roll back" in answer.json["detail"]
        job = await ended(other, await other.post("/v1/scores", None))
        assert [each["code"] for each in job["problems"]] == ["model_broken"]
