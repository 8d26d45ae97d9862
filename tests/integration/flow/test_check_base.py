"""What only today's customers can tell of a playbook."""

from __future__ import annotations

from pathlib import Path

from contact.flow.publishing.check_base import check_with_base
from contact.wiring import House
from tests.integration.flow.stage import customer, open_for_business, texts


async def nobody(house: House, draft: dict[str, str]) -> list[tuple[str, str]]:
    """Path and message of each warning of the kind."""
    found = (await check_with_base(house.ports, draft)).problems
    return [(each["path"], each["message"]) for each in found if each["code"] == "warning.nobody"]


async def test_audiences_and_segments_that_reach_nobody(house: House, tmp_path: Path) -> None:
    """Each is told at its condition; what reaches somebody is not, and before the first import nothing is."""
    many = texts()
    draft = {
        **many,
        "segments/rich.yaml": "segment: rich\ntitle: {en: Rich}\nwhen: arpu > 100000\n",
        "segments/all.yaml": "segment: all-of-us\ntitle: {en: All}\nwhen: true\n",
    }
    assert await nobody(house, draft) == []
    await open_for_business(house, tmp_path, [customer(number) for number in range(1, 4)], many)
    path = "strategies/data-upgrade.yaml"
    assert path in draft
    draft[path] = draft[path].replace("audience: data_gb >= 5", "audience: data_gb >= 5000")
    assert await nobody(house, draft) == [
        (path, "strategy 'data-upgrade' reaches nobody on today's base: data_gb >= 5000"),
        ("segments/rich.yaml", "nobody is in segment 'rich' on today's base: arpu > 100000"),
    ]
    draft[path] = "strategy: ["
    assert {each["severity"] for each in (await check_with_base(house.ports, draft)).problems} == {"error"}
