"""What one agent sends about another agent's task, or about a task as it no longer is, changes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.bad_input.world import World, in_business
from tests.integration.http_story import DAY, MORNING, do

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    async with in_business(tmp_path_factory.mktemp("tasks") / "home") as started:
        await do(started.server, await started.server.post("/v1/plans", {"day": DAY}, role="strategist"))
        await started.server.post("/v1/clock", {"to": MORNING})
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def task(world: World) -> Any:
    """A task that A1 holds."""
    return (await world.server.post("/v1/agents/A1/next", {}, role="A1")).json["task"]


@pytest.mark.parametrize(
    ("act", "body"),
    [
        ("complete", {"result": "no_answer"}),
        ("start", {}),
        ("give-back", {"reason": "mine"}),
    ],
)
@pytest.mark.parametrize(("role", "ahead"), [("A2", 0), ("A2", 1), ("A1", 1)])
async def test_another_s_task_and_an_old_fence(
    world: World, task: Any, act: str, body: dict[str, str], role: str, ahead: int
) -> None:
    """Another agent is refused with or without a guessed fence, the holder with a fence that is not the task's."""
    sent = {**body, "fence": task["fence"] + ahead}
    async with world.unchanged():
        answer = await world.server.post(f"/v1/tasks/{task['task']}/{act}", sent, role=role)
    assert (answer.status, answer.code) == (409, "lease_lost")


async def test_a_result_the_operator_does_not_know(world: World, task: Any) -> None:
    """A word that is no result is told with those there are."""
    sent = {"fence": task["fence"], "result": "vanished"}
    async with world.unchanged():
        answer = await world.server.post(f"/v1/tasks/{task['task']}/complete", sent, role="A1")
    assert (answer.status, answer.code) == (422, "problems_found")
