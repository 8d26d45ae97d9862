"""What is shipped in config/ is held by its own examples: a rule that is taken out changes how one of its file comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from strategies.cases.run import run_examples
from strategies.checking.silent import silent_rules
from strategies.compiling.compile import compile_playbook
from strategies.conditions.language import compile_condition
from strategies.declared.playbook import Playbook
from strategies.problems import Where

CONFIG = Path(__file__).parents[2] / "config"
TEXTS: Mapping[str, str] = {
    str(path.relative_to(CONFIG)): path.read_text(encoding="utf-8") for path in CONFIG.rglob("*.yaml")
}

CAPS = "policies/company/contact-caps.yaml"
BESIDE = {
    CAPS: """\
  - id: caps-5
    name: a number that was called four times in a week is not called a fifth time, though nobody answered
    customer: {id: C1, account: A1, zone: Asia/Shanghai, complaint_open: false}
    history:
      - {at: 2026-03-02T10:00+08:00, channel: outbound_call, category: marketing, state: sent, result: no_answer}
      - {at: 2026-03-03T10:00+08:00, channel: outbound_call, category: marketing, state: sent, result: busy}
      - {at: 2026-03-04T10:00+08:00, channel: outbound_call, category: marketing, state: sent, result: no_answer}
      - {at: 2026-03-05T10:00+08:00, channel: outbound_call, category: marketing, state: sent, result: no_answer}
    ask: {at: 2026-03-06T10:00+08:00, channel: outbound_call, category: marketing}
    expect: {refused_by: [contact-caps.call-attempts], until: 2026-03-09T10:00+08:00}
"""
}
"""Examples of a file that are kept here: the number of call attempts is the first figure an operator changes, and an example
that pins it in the file would have to be changed with it."""


@cache
def shipped() -> Playbook:
    return compile_playbook(TEXTS)


def failing(playbook: Playbook, path: str) -> list[str]:
    """The examples of a file that come out otherwise."""
    return [
        each.id
        for each in run_examples({path: TEXTS[path] + BESIDE.get(path, "")}, playbook)
        if not each.passed
    ]


RULES = sorted({(rule.id, rule.place.path) for rule in shipped().rules})
STRATEGIES = [(each.id, each.place.path) for each in shipped().strategies]


@pytest.mark.parametrize(("rule", "path"), RULES, ids=[rule for rule, _ in RULES])
def test_a_rule_taken_out_fails_an_example_of_its_file(rule: str, path: str) -> None:
    """Every rule in force, of every layer: without it an example beside it no longer holds, and with it all do."""
    playbook = shipped()
    without = replace(playbook, rules=tuple(each for each in playbook.rules if each.id != rule))
    assert not failing(playbook, path) and failing(without, path)


@pytest.mark.parametrize(("strategy", "path"), STRATEGIES, ids=[strategy for strategy, _ in STRATEGIES])
def test_an_audience_of_everybody_fails_an_example_of_its_file(strategy: str, path: str) -> None:
    """Every strategy has an example of somebody outside its audience."""
    playbook = shipped()
    everybody = compile_condition("customer IS NOT NULL", playbook.fields, Where("everybody", 1, 1))
    wide = tuple(
        replace(each, audience=everybody) if each.id == strategy else each for each in playbook.strategies
    )
    assert not failing(playbook, path) and failing(replace(playbook, strategies=wide), path)


def test_for_every_shipped_rule_a_case_is_found_that_it_alone_refuses() -> None:
    """What `contact check config/ --rules` tells of the shipped configuration: nothing."""
    assert silent_rules(shipped()) == []


IDLE = """\
policy: idle
layer: company
title: {en: Idle, zh-CN: 无效}
rules:
  - rule: never-met
    effect: cap
    title: {en: Never met, zh-CN: 无效}
    match: {promotional: false, channels: [sms]}
    window: {sliding: PT12H}
    max: 5
  - rule: met
    effect: cap
    title: {en: Met, zh-CN: 有效}
    match: {promotional: true, channels: [sms]}
    window: {sliding: PT12H}
    max: 5
"""


def test_a_rule_that_others_always_forestall_is_named() -> None:
    """A week allows fewer service messages than this rule half a day; of sales the week counts none that nobody answered."""
    playbook = compile_playbook({**TEXTS, "policies/company/idle.yaml": IDLE})
    found = silent_rules(playbook)
    assert [(each.code, each.where.path, each.where.line) for each in found] == [
        ("warning.decides_nothing", "policies/company/idle.yaml", 5)
    ]
