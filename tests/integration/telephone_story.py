"""A small operator whose hotline has recordings, for tests of telephone systems."""

from __future__ import annotations

from contact.ports import Ports
from ivr.call import Journey
from strategies.instants import Instant
from tests.integration.http_client import Server
from tests.integration.http_story import PLAYBOOK, open_the_shop

MENU = """
title: {en: Hotline menu, zh-CN: 客服热线}
root: recorded
goals:
  bill: {title: {en: Bill, zh-CN: 账单}, share: 3}
  data: {title: {en: Data, zh-CN: 流量}, share: 1}
nodes:
  recorded:
    notice: {en: {text: "This call is recorded.", file: menu/recorded}, zh-CN: {text: 通话将被录音。, file: menu/recorded}}
    then: main
  main:
    prompt: {en: {text: What can we do for you?, file: menu/main}, zh-CN: {text: 请选择服务。, file: menu/main}}
    items:
      - {to: bill_now, say: {en: {text: For your bill, file: menu/bill}, zh-CN: {text: 查询账单, file: menu/bill}}}
      - {to: data_now, say: {en: {text: For data, file: menu/data}, zh-CN: {text: 查询流量, file: menu/data}}}
      - {to: operator, key: "0", say: {en: {text: For an agent, file: menu/agent}, zh-CN: {text: 人工, file: menu/agent}}}
  bill_now: {goal: bill, prompt: {en: "Customers pay {arpu} on average.", zh-CN: "月均消费{arpu}。"}, then: main}
  data_now: {goal: data, prompt: {en: {text: "100", seconds: 1}, zh-CN: {text: "100", seconds: 1}}}
  operator:
    transfer: hotline
    prompt: {en: {text: One moment please., file: menu/moment}, zh-CN: {text: 请稍候。, file: menu/moment}}
press: {en: "press {key}", zh-CN: {text: "请按{key}", file: "menu/press-{key}"}}
wrong: {en: {text: Wrong key., file: menu/wrong}, zh-CN: {text: 按键有误。, file: menu/wrong}}
silent: {en: {text: We heard no key., file: menu/silent}, zh-CN: {text: 没有听到按键。, file: menu/silent}}
limits: {items: 9, seconds: 60, depth: 5, tries: 3, wait: PT5S, key_seconds: 1.5}
personal: {static: 100}
"""


async def open_the_hotline(server: Server) -> None:
    """The shop of other tests with a voice menu."""
    await open_the_shop(server)
    base = (await server.get("/v1/playbooks")).json["items"][0]["version"]
    texts = {**PLAYBOOK, "ivr/main.yaml": MENU}
    published = await server.post("/v1/playbooks", {"texts": texts, "base": base, "why": "a hotline"})
    assert published.status == 201, published.raw


async def open_a_second_hotline(server: Server) -> None:
    """Another menu, ``shop``, that callers of 400 800 1234 hear."""
    base = (await server.get("/v1/playbooks")).json["items"][0]["version"]
    texts = {**PLAYBOOK, "ivr/main.yaml": MENU, "ivr/shop.yaml": f"dialled: ['400 800 1234']\n{MENU}"}
    published = await server.post("/v1/playbooks", {"texts": texts, "base": base, "why": "two hotlines"})
    assert published.status == 201, published.raw


async def journeys(ports: Ports) -> list[Journey]:
    """All calls as they are kept, oldest first."""
    await ports.calls.flush()
    return list(await ports.calls.between(Instant(0), Instant(2**62)))
