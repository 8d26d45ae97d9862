"""A portal that reserves, shows and reports."""

from __future__ import annotations

from pathlib import Path

from contact.flow.deciding.decide import DecisionRequest, decide
from contact.flow.deciding.report import ShowingReport, report
from contact.flow.working.show_customer import timeline
from contact.flow.working.sweep import sweep
from contact.wiring import House
from strategies.instants import parse_instant, to_datetime
from tests.integration.flow.stage import customer, open_for_business


async def test_what_was_reserved_and_reported_as_shown_does_not_expire(house: House, tmp_path: Path) -> None:
    """The report hands the reservation over, through lawful moves; long after its validity it still counts."""
    at = await open_for_business(house, tmp_path, [customer(1)], at="2030-03-04T10:00+08:00")
    taken = await decide(house.ports, DecisionRequest("C1", "web", reserve=True))
    assert taken.chosen is not None and taken.contact is not None
    shown = ShowingReport("e1", "shown", "C1", "data-upgrade", "data-20", "web", to_datetime(at))
    assert await report(house.ports, taken.decision, shown) is True
    await house.ports.clock.move_to(parse_instant("2030-03-05T10:00+08:00"))
    await sweep(house.ports)
    (entry,) = [each for each in await timeline(house.ports, "C1") if each.kind == "contact"]
    assert entry.contact == taken.contact and entry.state == "sent"
    assert [move["to"] for move in entry.moves] == ["reserved", "sending", "sent"]
