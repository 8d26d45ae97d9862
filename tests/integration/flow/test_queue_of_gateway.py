"""Who takes from which queue."""

from __future__ import annotations

from pathlib import Path

import pytest

from contact.flow.planning.plan import plan
from contact.flow.working.next_task import next_task
from contact.wiring import House
from strategies.instants import parse_instant
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import customer, open_for_business


async def test_people_do_not_pull_what_a_gateway_hands_over(house: House, tmp_path: Path) -> None:
    """A message leased to a person would be sent by the dispatcher all the same, and be in two hands."""
    await open_for_business(house, tmp_path, [customer(1, p_sms="0.9", p_call="0.01")])
    assert (await plan(house.ports, "2030-03-04")).by_channel == {"sms": 1}
    await house.ports.clock.move_to(parse_instant("2030-03-04T10:30+08:00"))
    with pytest.raises(ProblemsFound):
        await next_task(house.ports, "P1", "sms")
