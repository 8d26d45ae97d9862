"""What is shipped in config/ is held by its own examples: a rule that is taken out changes how one of its file comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from strategies.cases import run_examples
from strategies.compiling import compile_playbook
from strategies.conditions import compile_condition
from strategies.playbook import Playbook
from strategies.problems import Where

CONFIG = Path(__file__).parents[2] / "config"
TEXTS: Mapping[str, str] = {
    str(path.relative_to(CONFIG)): path.read_text(encoding="utf-8") for path in CONFIG.rglob("*.yaml")
}


@cache
def shipped() -> Playbook:
    return compile_playbook(TEXTS)


def failing(playbook: Playbook, path: str) -> list[str]:
    """The examples of a file that come out otherwise."""
    return [each.id for each in run_examples({path: TEXTS[path]}, playbook) if not each.passed]


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
