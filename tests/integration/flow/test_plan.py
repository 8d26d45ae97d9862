"""Many customers, a day."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.flow.planning.evaluate import evaluate
from contact.flow.planning.overview import overview
from contact.flow.planning.plan import plan
from contact.flow.working.next_task import next_task
from contact.wiring import House
from strategies.instants import parse_instant
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import customer, open_for_business, texts

DAY = "2030-03-05"


async def test_scarce_places_go_by_value_and_the_rest_is_told(house: House, tmp_path: Path) -> None:
    """45 calls fit a day, hours from ten on leave 40; the best 40 of 60 are called, the others get a message."""
    people = [customer(n, p_call=f"{0.3 + n / 1000}", p_sms="0.01") for n in range(1, 61)]
    await open_for_business(house, tmp_path, people)
    answer = await plan(house.ports, DAY)
    assert (answer.customers, answer.candidates, answer.reserved) == (60, 120, 60)
    assert answer.by_channel == {"outbound_call": 40, "sms": 20}
    assert answer.no_capacity == 20 and answer.refusals == {"plan.capacity": 20}
    called = {
        row.customer for row in await house.ports.tasks.list(channel="outbound_call", day=DAY, limit=100)
    }
    assert called == {f"C{n}" for n in range(21, 61)}


async def test_a_day_planned_again_cancels_what_nobody_touched(house: House, tmp_path: Path) -> None:
    """A task an agent holds stays and keeps its customer; the others are planned anew."""
    people = [customer(n) for n in range(1, 6)]
    await open_for_business(house, tmp_path, people)
    assert (await plan(house.ports, DAY)).reserved == 5
    await house.ports.clock.move_to(parse_instant("2030-03-05T10:30+08:00"))
    held = await next_task(house.ports, "P1")
    assert held.task is not None
    again = await plan(house.ports, DAY)
    assert (again.cancelled, again.reserved) == (4, 4)
    living = [row for row in await house.ports.tasks.list(day=DAY, limit=100) if row.state != "cancelled"]
    assert sorted(row.customer for row in living) == ["C1", "C2", "C3", "C4", "C5"]


async def test_the_control_group_is_recorded_and_takes_no_place(house: House, tmp_path: Path) -> None:
    """Everybody in the control would have been called; nobody is, and the funnel's refusals say why."""
    await open_for_business(house, tmp_path, [customer(n) for n in range(1, 6)], texts(control="100"))
    answer = await plan(house.ports, DAY)
    assert (answer.reserved, answer.control) == (0, 5)
    rows = await house.ports.reports.assigned("data-upgrade")
    assert {row["arm"] for row in rows} == {"control.strategy"} and len(rows) == 5
    found = await evaluate(house.ports, "data-upgrade")
    assert (found.effect.treated, found.effect.control, found.effect.effect) == (0, 5, None)
    assert found.refusals == {"control_group control.strategy": 5}


async def test_what_an_opt_out_or_a_rule_refuses_is_counted_by_rule(house: House, tmp_path: Path) -> None:
    """A complaint refuses in every channel; a message with a hole is refused before anything is reserved."""
    people = [customer(1), customer(2, complaint_open="1"), customer(3, data_gb="", p_sms="0.9")]
    await open_for_business(house, tmp_path, people)
    answer = await plan(house.ports, DAY)
    assert answer.reserved == 1
    assert answer.refusals == {"law.complaint": 2, "strategy.audience": 1}


async def test_the_best_hour_is_planned_where_it_is_lawful(house: House, tmp_path: Path) -> None:
    """Without a best hour the earliest lawful hour is taken; with one, that hour of the customer's clock."""
    playbook = texts()
    playbook["fields.yaml"] += "  best: {type: number, source: customers.arpu}\n"
    playbook["strategies/data-upgrade.yaml"] = playbook["strategies/data-upgrade.yaml"].replace(
        "propensity: p_call", "propensity: p_call\n        best_hour: data_gb"
    )
    people = [customer(1, data_gb="15", p_call="0.9"), customer(2, data_gb="50", p_call="0.9")]
    await open_for_business(house, tmp_path, people, playbook)
    await plan(house.ports, DAY)
    planned = {row.customer: row.not_before for row in await house.ports.tasks.list(day=DAY, limit=10)}
    assert planned == {
        "C1": parse_instant("2030-03-05T15:00+08:00"),
        "C2": parse_instant("2030-03-05T10:00+08:00"),
    }


async def test_a_day_that_is_over_or_malformed_is_a_problem(house: House, tmp_path: Path) -> None:
    """Nothing is cancelled or reserved for a day nobody can plan."""
    await open_for_business(house, tmp_path, [customer(1)])
    for day in ("2030-03-03", "tomorrow"):
        with pytest.raises(ProblemsFound):
            await plan(house.ports, day)


async def test_the_overview_shows_the_last_planned_day(house: House, tmp_path: Path) -> None:
    """Funnel, queues, refusals and strategies of one look, with progress told on the way."""
    await open_for_business(house, tmp_path, [customer(1), customer(2, complaint_open="1")])
    told: list[str] = []
    await plan(house.ports, DAY, lambda done, total, message: told.append(f"{done}/{total} {message}"))
    found = await overview(house.ports, "en")
    assert (found.day, found.customers, found.generation) == (DAY, 2, 1)
    assert found.funnel[0] == {"stage": "planned", "count": 1, "lost": 0, "waiting": 0, "why": ""}
    assert (found.funnel[1]["lost"], found.funnel[1]["waiting"]) == (0, 1)
    assert [(each["reason"], each["rule"], each["count"]) for each in found.refusals] == [
        ("forbidden", "law.complaint", 2)
    ]
    assert found.strategies == [
        {"strategy": "data-upgrade", "title": "Data upgrade", "treated": 1, "control": 0}
    ]
    assert told[-1] == "2/2 planned"
