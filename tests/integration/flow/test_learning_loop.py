"""The whole loop on both databases: trained, in force, scored, decided by, learnt from what came back."""

from __future__ import annotations

from pathlib import Path

from contact.flow.decide import DecisionRequest, decide
from contact.flow.queue_job import queue_score, queue_train
from contact.flow.run_job import run_job
from contact.wiring import House
from tests.integration.flow.learning_stage import open_with_models, people


async def test_a_model_goes_from_training_to_decisions(house: House, tmp_path: Path) -> None:
    """Trained as a job it is put in force, scores everybody, and a condition on the risk decides who is talked to."""
    await open_with_models(house, tmp_path, people(500))
    job = await queue_train(house.ports, "churn", "wang")
    assert await run_job(house.ports, job.id)
    ended = await house.ports.jobs.get(job.id)
    assert ended.state == "done" and ended.result is not None, ended.problems
    assert ended.result["promoted"] is True and ended.result["id"] == "churn-1"
    assert ended.result["report"]["contenders"][0]["auc"]["value"] > 0.7
    row = await house.ports.models.in_force("churn")
    assert row is not None and (row.id, row.author) == ("churn-1", "wang")

    scoring = await queue_score(house.ports)
    assert await run_job(house.ports, scoring.id)
    scored = (await house.ports.jobs.get(scoring.id)).result
    assert scored is not None and scored["customers"] == 500
    assert scored["columns"] == ["churn_risk", "churn_risk_reasons"]
    assert scored["models"] == {"churn": "churn-1"}

    playbook = await house.ports.playbooks.current()
    risks = (await house.ports.learning.table(playbook, ["churn_risk"]))["churn_risk"]
    risky, safe = str(risks.idxmax()), str(risks.idxmin())
    told = await decide(
        house.ports, DecisionRequest(risky, "web", strategies=["retention"], language="zh-CN")
    )
    assert told.chosen is not None and told.chosen.text[0].startswith("请留下（在网时长：")
    assert "个月" in told.chosen.text[0]
    quiet = await decide(house.ports, DecisionRequest(safe, "web", strategies=["retention"]))
    assert quiet.chosen is None and quiet.refusals[0].rule == "strategy.audience"
