"""The whole path on a customer file nobody here made: real processes, the documented mapping and playbook."""

from __future__ import annotations

import csv
import json
import random
import re
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.servers import ROOT, Service

pytestmark = pytest.mark.processes

EXAMPLE = ROOT / "docs/examples/ibm_telco"
DAY = "2030-03-04"
MORNING = "2030-03-04T09:30:00-08:00"
STRATEGIES = ("contract-upgrade", "security-bundle")


@dataclass
class Operator:
    """A served store with the sample in it, its first day planned, and keys to talk to it."""

    service: Service
    file: Path
    keys: dict[str, str]
    said: dict[str, str]

    def call(self, method: str, path: str, body: Any = None, *, key: str) -> tuple[int, Any]:
        """Status and JSON of one request with the key of a role or an agent."""
        headers = {"Authorization": f"Bearer {self.keys[key]}", "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.service.url + path, sent, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def pull(self, agent: str) -> Any:
        """The task an agent gets."""
        status, answer = self.call("POST", f"/v1/agents/{agent}/next", {}, key=agent)
        assert status == 200, answer
        assert answer["task"] is not None, answer
        return answer["task"]

    def on_task(self, task: Any, verb: str, agent: str, **body: Any) -> Any:
        """What start, complete or give-back answers."""
        path = f"/v1/tasks/{task['task']}/{verb}"
        status, answer = self.call("POST", path, {"fence": task["fence"], **body}, key=agent)
        assert status == 200, answer
        return answer

    def work(self, agent: str, result: str, **body: Any) -> Any:
        """One task from pull to outcome."""
        task = self.pull(agent)
        started = self.on_task(task, "start", agent)
        return self.on_task(started, "complete", agent, result=result, **body)


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Iterator[Operator]:
    file = shared_folder / "data/ibm_telco/Telco-Customer-Churn.csv"
    service = Service(tmp_path_factory.mktemp("ibm_telco") / "home")
    said = {"check": service.contact("check", str(EXAMPLE / "config")).stdout}
    service.publish(EXAMPLE / "config")
    mapping = str(EXAMPLE / "mapping.yaml")
    said["import"] = service.contact("import", "customers", str(file), "--mapping", mapping).stdout
    service.contact("import", "staff", str(EXAMPLE / "staff.csv"), "--mapping", str(EXAMPLE / "staff.yaml"))
    service.contact("clock", "--to", "2030-03-04T08:00-08:00")
    said["plan"] = service.contact("plan", "--day", DAY, "--json").stdout
    service.contact("clock", "--to", MORNING)
    keys = {role: service.key(role) for role in ("admin", "portal")}
    keys |= {agent: service.key("agent", agent) for agent in ("S1", "S2")}
    yield Operator(service, file, keys, said)
    service.stop()


def test_the_playbook_is_without_problems_and_the_file_comes_in_whole(operator: Operator) -> None:
    """`contact check` runs the examples of both strategies, and all 7,043 rows are taken."""
    assert re.fullmatch(r"10 files, 1\d examples: no problems\n", operator.said["check"])
    assert operator.said["import"] == "customers: 7043 of 7043 rows taken in, generation 1\n"


def test_a_day_is_planned_with_two_strategies(operator: Operator) -> None:
    """Every place of the day is taken, by both strategies; whoever has left is not among the customers called."""
    plan = json.loads(operator.said["plan"])
    assert (plan["customers"], plan["reserved"], plan["by_channel"]) == (7043, 800, {"outbound_call": 800})
    assert plan["control"] > 0
    assert plan["no_capacity"] > 0
    with operator.file.open(encoding="utf-8") as rows:
        gone = {row["customerID"] for row in csv.DictReader(rows) if row["Churn"] == "Yes"}
    tasks = tasks_of(operator, DAY)
    assert len(tasks) == 800
    assert {task["strategy"] for task in tasks} == set(STRATEGIES)
    assert gone.isdisjoint(task["customer"] for task in tasks)


def tasks_of(operator: Operator, day: str) -> list[Any]:
    """All tasks of a day, over the pages."""
    found, after = [], ""
    while True:
        status, page = operator.call("GET", f"/v1/tasks?day={day}&limit=200{after}", key="admin")
        assert status == 200, page
        found += page["items"]
        if page["next"] is None:
            return found
        after = f"&after={page['next']}"


def test_agents_pull_and_finish_tasks(operator: Operator) -> None:
    """Two agents hold two tasks; a sale and a refusal end theirs, no answer is tried again, given back returns."""
    first, second = operator.pull("S1"), operator.pull("S2")
    assert first["task"] != second["task"]
    assert operator.pull("S1")["task"] == first["task"]
    sold = operator.on_task(operator.on_task(first, "start", "S1"), "complete", "S1", result="accepted")
    assert (sold["state"], sold["reason"]) == ("done", "accepted")
    back = operator.on_task(second, "give-back", "S2", reason="shift ends")
    assert (back["state"], back["attempts"]) == ("waiting", 0)
    assert operator.work("S2", "rejected", note="moves house")["reason"] == "rejected"
    again = operator.work("S1", "no_answer")
    assert (again["state"], again["attempts"], again["attempts_left"]) == ("waiting", 1, 2)
    assert operator.work("S2", "busy")["state"] == "waiting"
    wish = operator.work("S1", "do_not_contact", do_not_contact="marketing")
    status, card = operator.call("GET", f"/v1/customers/{wish['customer']}", key="portal")
    assert (status, {each["allowed"] for each in card["permissions"]}) == (200, {False})


def test_what_was_sold_is_evaluated_with_its_interval(operator: Operator) -> None:
    """A contract signed after the call is a goal; effect and 95 % interval are printed, and are in the JSON."""
    while (sold := operator.work("S1", "accepted"))["strategy"] != "contract-upgrade":
        pass
    event = {
        "id": str(uuid.uuid4()), "type": "contract_signed", "customer": sold["customer"], "at": MORNING,
        "data": {"contract": "year"},
    }  # fmt: skip
    assert operator.call("POST", "/v1/events", event, key="portal") == (200, {"accepted": True})
    printed = operator.service.contact("evaluate", "contract-upgrade").stdout
    assert re.search(r"^all +\d+ +\d+ +\d+ +\d+ +[+-]\d+\.\d+ +[+-]\d+\.\d+ to [+-]\d+\.\d+", printed, re.M)
    answer = json.loads(operator.service.contact("evaluate", "contract-upgrade", "--json").stdout)
    effect = answer["effect"]
    assert effect["treated_goals"] >= 1
    assert effect["low"] < effect["effect"] < effect["high"]


def test_an_opt_out_cancels_the_queued_task(operator: Operator) -> None:
    """Withdrawing consent over HTTP ends the waiting task at once, and the task says why."""
    waiting = next(each for each in reversed(tasks_of(operator, DAY)) if each["state"] == "waiting")
    consent = {"given": False, "channel": "all", "category": "all", "source": "letter"}
    path = f"/v1/customers/{waiting['customer']}/consents"
    assert operator.call("POST", path, consent, key="portal") == (200, {"cancelled": 1})
    status, task = operator.call("GET", f"/v1/tasks/{waiting['task']}", key="admin")
    assert (status, task["state"], task["reason"]) == (200, "cancelled", "opted_out consent.opted_out")
    printed = operator.service.contact("explain", waiting["customer"], "--channel", "outbound_call").stdout
    assert "FAIL  consent" in printed


def test_any_customer_can_be_explained(operator: Operator) -> None:
    """Whoever is drawn, each candidate says yes, or names the gate or rule that says no and where it is written."""
    with operator.file.open(encoding="utf-8") as rows:
        everybody = [row["customerID"] for row in csv.DictReader(rows)]
    for customer in random.Random(20300304).sample(everybody, 5):
        answer = json.loads(operator.service.contact("explain", customer, "--json").stdout)
        assert answer["customer"] == customer
        assert {each["strategy"] for each in answer["candidates"]} == set(STRATEGIES)
        for candidate in answer["candidates"]:
            failed = [gate for gate in candidate["gates"] if gate["passed"] is False]
            assert bool(failed) is not candidate["allowed"], candidate
            assert all(gate["gate"] and gate["place"] for gate in failed if gate["gate"] != "consent")


def test_the_ledger_holds_its_promises(operator: Operator) -> None:
    """`contact ledger check` recounts the day with its own SQL and finds nothing."""
    assert operator.service.contact("ledger", "check").stdout.endswith("\n0 violations\n")
