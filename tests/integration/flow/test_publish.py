"""Publishing a playbook."""

from __future__ import annotations

import pytest

from contact.faults import Conflict
from contact.flow.publishing.check_texts import checked
from contact.flow.publishing.publish import publish
from contact.wiring import House
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import CAPS, texts

EXAMPLE = """
examples:
  - name: a second message within the week is refused
    customer: {id: C1, account: A1, zone: Asia/Shanghai}
    history: [{at: 2030-03-02T10:00+08:00, channel: sms, category: marketing, state: sent, result: accepted}]
    ask: {at: 2030-03-05T10:00+08:00, channel: sms, category: marketing}
    expect: EXPECT
"""


def with_example(expect: str) -> dict[str, str]:
    """The small playbook whose caps carry one example."""
    return texts(caps=CAPS + EXAMPLE.replace("EXPECT", expect))


async def test_a_playbook_replaces_exactly_the_one_it_was_made_on(house: House) -> None:
    """The first is published on nothing; a draft on a version no longer in force is a conflict and changes nothing."""
    first = await publish(house.ports, texts(), None, "strategist", "first")
    second = await publish(house.ports, texts(control="10"), first.version, "strategist", "a control group")
    with pytest.raises(Conflict):
        await publish(house.ports, texts(control="20"), first.version, "strategist", "too late")
    assert (await house.ports.playbooks.current()).version == second.version
    assert [each.version for each in await house.ports.playbooks.versions()] == [
        second.version,
        first.version,
    ]


async def test_a_failing_example_keeps_a_playbook_from_being_published(house: House) -> None:
    """An example that does not come out as written is a problem at its place in the file."""
    assert [
        each
        for each in checked(with_example("{refused_by: [caps.weekly]}")).problems
        if each.severity == "error"
    ] == []
    failed = [each for each in checked(with_example("{allowed: true}")).problems if each.severity == "error"]
    assert [(each.code, each.where.path) for each in failed] == [("example.failed", "policies/caps.yaml")]
    with pytest.raises(ProblemsFound):
        await publish(house.ports, with_example("{allowed: true}"), None, "strategist", "wrong")
    assert await house.ports.playbooks.versions() == []


def test_every_problem_of_a_draft_is_listed_at_once() -> None:
    """A wrong rule and a wrong strategy are told together, each with its file."""
    draft = texts(caps=CAPS.replace("max: 1", "max: 0"))
    draft["strategies/data-upgrade.yaml"] = draft["strategies/data-upgrade.yaml"].replace(
        "data_gb >=", "data_gbs >="
    )
    found = {(each.where.path, each.code) for each in checked(draft).problems if each.severity == "error"}
    assert ("policies/caps.yaml", "rule.max_zero") in found
    assert ("strategies/data-upgrade.yaml", "condition.field") in found
