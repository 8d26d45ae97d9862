"""Topics of the hotline: hot by group, foretold, their answers fetched before anybody asks and shown on the card."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from contact.channels.answers import HttpAnswers
from contact.flow.calls.prefetch_answers import prefetch_answers
from contact.flow.calls.topics import topics
from contact.flow.people.erase import erase
from contact.flow.working.show_customer import card
from contact.ports import Ports
from contact.wiring import House
from ivr.call import Journey, Step
from strategies.instants import DAY, HOUR, Instant, to_datetime
from strategies.problems import ProblemsFound
from tests.integration.flow.stage import customer, open_for_business, texts

MENU = """title: {en: Hotline, zh-CN: 热线}
root: main
goals:
  bill: {title: {en: Bill, zh-CN: 账单}, share: 6}
  plan: {title: {en: Plan, zh-CN: 套餐}, share: 3}
  agent: {title: {en: Agent, zh-CN: 人工}, share: 1}
nodes:
  main:
    prompt: {en: Please choose., zh-CN: 请选择。}
    items:
      - {to: amount, say: {en: For your bill, zh-CN: 查询账单}}
      - {to: plan_now, say: {en: For your plan, zh-CN: 查询套餐}}
      - {to: operator, key: "0", say: {en: For an agent, zh-CN: 人工服务}}
  amount: {goal: bill, prompt: {en: "You pay {arpu} a month.", zh-CN: "您每月消费{arpu}。"}, then: main}
  plan_now: {goal: plan, prompt: {en: Your plan is on its way., zh-CN: 套餐已发送。}, then: main}
  operator: {transfer: hotline, goal: agent, prompt: {en: One moment., zh-CN: 请稍候。}}
press: {en: "press {key}.", zh-CN: "请按{key}。"}
wrong: {en: That key leads nowhere., zh-CN: 输入有误。}
silent: {en: We heard no key., zh-CN: 未收到按键。}
"""
COMPLAINING = "segment: complaining\ntitle: {en: Complaining, zh-CN: 投诉客户}\nwhen: complaint_open\n"


class Provider:
    """Whoever knows answers: says them over HTTP, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.status = 200

    async def answer(self, request: web.Request) -> web.Response:
        """The answer to every question about bills."""
        questions = (await request.json())["questions"]
        self.asked += questions
        known = [each for each in questions if each["topic"] == "bill"]
        said = [
            {"customer": each["customer"], "topic": "bill", "text": f"Bill of {each['customer']}"}
            for each in known
        ]
        return web.json_response({"answers": said}, status=self.status)


@pytest_asyncio.fixture
async def provider() -> AsyncIterator[tuple[Provider, HttpAnswers]]:
    """The provider, and our end of the line to it."""
    played = Provider()
    application = web.Application()
    application.router.add_post("/", played.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    line = HttpAnswers(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    yield played, line
    await line.close()
    await runner.cleanup()


async def opened(house: House, folder: Path) -> Instant:
    """Three customers, one of whom complains, and a menu."""
    people = [customer(1), customer(2, complaint_open="1"), customer(3)]
    playbook = {**texts(), "ivr/main.yaml": MENU, "segments/complaining.yaml": COMPLAINING}
    return await open_for_business(house, folder, people, playbook, at="2030-03-31T09:00+08:00")


async def called(ports: Ports, who: str | None, at: int, goal: str, count: int = 1) -> None:
    """So many calls about one thing."""
    for number in range(count):
        journey = Journey(
            id=f"{who}-{at}-{goal}-{number}", customer=who, at=Instant(at + number), menu="main", version="v",
            arm="personal", source="own", steps=(Step(1, "main", "1", 3.0),), outcome="reached", goal=goal,
        )  # fmt: skip
        await ports.calls.record(journey)


async def test_topics_are_counted_by_group_and_foretold_for_bill_days(house: House, tmp_path: Path) -> None:
    """Segments and those who call often are held against everybody; the days after a bill are peaks."""
    now, ports = await opened(house, tmp_path), house.ports
    for back in range(1, 100):
        day = Instant(now - back * DAY)
        await called(ports, None, day, "bill", 9 if to_datetime(day).day == 1 else 2)
    await called(ports, "C2", now - DAY, "plan", 3)
    await called(ports, "C1", now - DAY, "bill", 1)
    await ports.calls.flush()
    found = await topics(ports)
    groups = {each.group: each for each in found.groups}
    assert found.month == "2030-03" and set(groups) == {"everybody", "frequent", "complaining"}
    assert [(each.topic, each.calls) for each in groups["everybody"].topics] == [("bill", 68), ("plan", 3)]
    complaining = groups["complaining"]
    assert (complaining.callers, complaining.topics[0].title, complaining.topics[0].calls) == (1, "Plan", 3)
    assert complaining.topics[0].times == pytest.approx(71 / 3, abs=0.01)
    assert groups["frequent"].topics == complaining.topics
    ahead = found.forecast[0]
    assert ahead.topic == "bill" and [each.day for each in ahead.days if each.peak] == ["2030-04-01"]
    assert ahead.error is not None and ahead.naive_error is not None and ahead.error < ahead.naive_error
    assert (await topics(ports, "2030-02")).groups[0].calls == 28 * 2 + 7
    with pytest.raises(ProblemsFound):
        await topics(ports, "2030-13")


async def test_answers_are_fetched_before_the_call_and_shown(
    house: House, tmp_path: Path, provider: tuple[Provider, HttpAnswers]
) -> None:
    """The provider is asked for what callers will most likely ask; the card tells it; calls about it are hits."""
    now, ports = await opened(house, tmp_path), replace(house.ports, provider=provider[1])
    await called(ports, "C1", now - DAY, "bill", 2)
    await called(ports, "C2", now - DAY, "plan")
    await ports.calls.flush()
    done = await prefetch_answers(ports)
    assert (done.day, done.callers, done.refused) == ("2030-04-01", 2, "")
    assert (done.from_provider, done.from_menu, done.unknown) == (2, 0, 2)
    assert {(each["customer"], each["topic"]) for each in provider[0].asked} >= {
        ("C1", "bill"),
        ("C2", "plan"),
    }
    likely = {each.topic: each for each in (await card(ports, "C1")).topics}
    assert likely["bill"].answer == "Bill of C1" and likely["bill"].fetched is not None
    assert likely["plan"].answer is None
    assert (await card(ports, "C3")).topics[0].answer == "You pay 230 a month."
    await house.ports.clock.move_to(Instant(now + HOUR))
    await called(ports, "C1", now + HOUR, "bill")
    await called(ports, "C3", now + HOUR, "bill")
    await ports.calls.flush()
    found = (await topics(ports)).answers
    assert (found.ready, found.calls, found.found, found.hit_rate) == (2, 2, 1, 0.5)
    await house.ports.clock.move_to(Instant(now + 2 * HOUR))
    await prefetch_answers(ports, most=1)  # some are fetched anew: their earlier calls are no misses
    found = (await topics(ports)).answers
    assert (found.ready, found.calls, found.hit_rate) == (2, 0, None)
    await erase(house.ports, "C1", author="A1", role="admin", why="asked by letter")
    assert await ports.answers.of("C1") == []
    await house.ports.clock.move_to(Instant(now + 3 * DAY))
    assert await ports.answers.of("C2") == [] and (await topics(ports)).answers.ready == 0


async def test_without_a_provider_that_answers_the_menu_does(
    house: House, tmp_path: Path, provider: tuple[Provider, HttpAnswers]
) -> None:
    """A provider that fails is said; the menu's own words are ready all the same, and nothing of others is told."""
    now, ports = await opened(house, tmp_path), replace(house.ports, provider=provider[1])
    provider[0].status = 503
    await called(ports, "C1", now - DAY, "bill", 2)
    await ports.calls.flush()
    done = await prefetch_answers(ports, most=1)
    assert (done.from_provider, done.from_menu, done.kept) == (0, 1, 1)
    assert done.refused == "the provider of answers said 503"
    assert [each.text for each in await ports.answers.of("C1")] == ["You pay 230 a month."]
    assert await ports.answers.of("C2") == []
