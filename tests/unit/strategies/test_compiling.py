"""Compiling a playbook: its version, the order of its rules, all problems at once, and documents inside cases."""

from __future__ import annotations

import contextlib
import copy
import hashlib
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strategies.compiling.compile import (
    Cache,
    Parts,
    compile_parts,
    compile_playbook,
    examples_of,
    version_of,
)
from strategies.problem_codes import CODES
from strategies.problems import ProblemsFound, Where
from strategies.texts.source import read_yaml
from tests.unit.strategies.small import small_texts


def test_the_version_is_the_hash_of_all_texts() -> None:
    """SHA-256 over the sorted paths and bytes, each ended by NUL; the order in which files are given is nothing."""
    texts = {"b.yaml": "é", "a.yaml": "x"}
    assert version_of(texts) == hashlib.sha256(b"a.yaml\0x\0b.yaml\0\xc3\xa9\0").hexdigest()
    assert version_of(dict(reversed(texts.items()))) == version_of(texts)
    playbook = compile_playbook(small_texts())
    assert playbook.version == version_of(small_texts()) and playbook.texts == small_texts()


def test_half_a_character_is_a_problem_of_its_file() -> None:
    """A text that cannot be written as UTF-8 is answered like any other mistake."""
    with pytest.raises(ProblemsFound) as found:
        compile_playbook({**small_texts(), "policies/a.yaml": "a: \ud800"})
    assert [str(problem.where) for problem in found.value.problems] == ["policies/a.yaml:1:4"]


def test_rules_stand_in_order_of_layer_then_name() -> None:
    """The order of files and of rules within them never matters."""
    texts = small_texts()
    for name, layer in (("a", "strategy"), ("z", "legal"), ("m", "company"), ("b", "company")):
        texts[f"policies/{name}.yaml"] = (
            f"policy: {name}\nlayer: {layer}\nrules: [{{rule: y, effect: forbid}}, {{rule: x, effect: forbid}}]\n"
        )
    ids = [rule.id for rule in compile_playbook(texts).rules]
    assert ids == ["legal.quiet-hours", "z.x", "z.y", "b.x", "b.y", "m.x", "m.y", "a.x", "a.y"]


def test_policies_may_lie_in_folders() -> None:
    """``policies/**`` is read to any depth."""
    texts = small_texts()
    texts["policies/a/b/c.yaml"] = "policy: c\nlayer: unit\nrules: [{rule: x, effect: forbid}]\n"
    assert compile_playbook(texts).rules[-1].place == Where("policies/a/b/c.yaml", 3, 10)


def test_units_and_events_may_be_missing_where_nothing_names_them() -> None:
    """A small operator needs neither."""
    texts = {
        path: text.replace("goal: {event: ordered, within: P7D}", "") for path, text in small_texts().items()
    }
    del texts["units.yaml"], texts["events.yaml"]
    with pytest.raises(ProblemsFound) as found:
        compile_playbook(texts)
    assert [problem.code for problem in found.value.problems] == ["key.missing"]
    del texts["strategies/data-upgrade.yaml"]
    assert compile_playbook(texts).units == {}


def test_problems_of_all_files_come_at_once_in_order() -> None:
    """One round of mending is enough."""
    texts = small_texts()
    texts["channels.yaml"] = texts["channels.yaml"].replace("gateway", "gatewy")
    texts["policies/legal.yaml"] = texts["policies/legal.yaml"].replace("hours\n", "hour\n")
    texts["strategies/data-upgrade.yaml"] = texts["strategies/data-upgrade.yaml"].replace("P3D", "3 days")
    with pytest.raises(ProblemsFound) as found:
        compile_playbook(texts)
    assert [problem.where.path for problem in found.value.problems] == [
        "channels.yaml", "policies/legal.yaml", "strategies/data-upgrade.yaml",
    ]  # fmt: skip


def test_one_file_never_hides_the_problems_of_another() -> None:
    """A tab, an empty value and a control character each stay with their own file."""
    texts = small_texts()
    texts["policies/a.yaml"] = "policy:\n\tx: 1\n"
    texts["policies/b.yaml"] = "policy: \x07\n"
    texts["policies/c.yaml"] = "policy: [\n"
    texts["policies/d.yaml"] = "policy: d\nlayer: \nrules: []\n"
    texts["policies/e.yaml"] = ""
    with pytest.raises(ProblemsFound) as found:
        compile_playbook(texts)
    assert [(problem.where.path[9], problem.code) for problem in found.value.problems] == [
        ("a", "yaml.tab"), ("b", "yaml.character"), ("c", "yaml.syntax"), ("d", "yaml.no_value"), ("e", "yaml.empty"),
    ]  # fmt: skip


def test_examples_are_found_with_their_places() -> None:
    """The raw entries of ``examples:``, for who runs them."""
    texts = small_texts()
    texts["policies/legal.yaml"] += "examples:\n  - {id: e1}\n"
    ((path, node),) = examples_of(texts)
    assert path == "policies/legal.yaml" and node.plain() == [{"id": "e1"}]
    assert node.where == Where("policies/legal.yaml", 11, 3)
    compile_playbook(texts)


def test_documents_inside_a_case_compile_with_their_own_places() -> None:
    """Titles, texts, goals and sources may be left out there; rules are checked as anywhere."""
    case = read_yaml(
        "operator: {name: {en: X}, currency: CNY, zone: UTC, languages: [en], categories: {m: {promotional: true}}}\n"
        "fields: {flag: {type: boolean}}\n"
        "channels: {sms: {}}\n"
        "policies: [{policy: p, layer: company, rules: [{rule: r, effect: forbid, when: flag}]}]\n"
        "strategies: [{strategy: s, category: m, offers: [{offer: o, channels: {sms: {}}}]}]\n",
        "case.yaml",
    )
    nodes: dict[str, Any] = dict(case.mapping or {})
    parts = Parts(
        operator=nodes["operator"],
        fields=nodes["fields"],
        channels=nodes["channels"],
        policies=nodes["policies"].sequence,
        strategies=nodes["strategies"].sequence,
    )
    playbook = compile_parts(parts, version="case")
    assert playbook.rules[0].place == Where("case.yaml", 4, 49)
    assert playbook.fields["flag"].source == "customers.flag"
    assert playbook.strategies[0].offers[0].channels["sms"].texts == {}
    parts.fields = None
    with pytest.raises(ProblemsFound) as found:
        compile_parts(parts)
    assert [str(problem.where) for problem in found.value.problems] == ["case.yaml:4:80"]


def paths_of(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in inner for found in paths_of(each, (*path, key)))]


MORE = {
    "tariffs/rich.yaml": """
tariff: rich
kind: base
title: {en: Rich, zh-CN: 尊享}
valid: {from: 2026-01-01, to: 2036-01-01}
fee: [{from: 2026-01-01, is: 59}, {from: 2026-07-01, is: 62}]
allowances: [{counters: [voice_on_net, data_gb], amount: unlimited}, {counters: [data_gb], amount: 5}]
rates:
  voice_on_net: {tiers: [{up_to: 100, price: 1.5}, {price: 1}], step: 1}
  data_gb: [{from: 2026-01-01, is: {price: 5, step: 1}}]
eligible: tenure_months >= 6
contract: {months: 12, penalty: {fixed: 50, per_month_left: 20}}
addons: [data-5, data-20]
priority: {B1: 2}
""",
    "tariffs/data-5.yaml": small_texts()["tariffs/data-5.yaml"] + "excludes: [data-20]\n",
    "models/churn.yaml": """
model: churn
learns: churn
title: {en: Churn, zh-CN: 离网}
label: {left: left_on, within_months: 2, months: 3}
features: [arpu, tier]
score: churn_risk
segments: [tier]
""",
    "models/chance.yaml": """
model: chance
learns: propensity
title: {en: Chance, zh-CN: 概率}
label: {field: churned}
features: [arpu, tier]
score: p_yes
order: row_no
""",
    "strategies/tariff.yaml": small_texts()["strategies/data-upgrade.yaml"]
    .replace("data-upgrade", "tariff")
    .replace("offer: data-20", "offer: best_tariff, suitable: tenure_months > 3, per_line: true"),
}
TREES = {path: yaml.safe_load(text) for path, text in {**small_texts(), **MORE}.items()}
SPOTS = [(path, spot) for path, tree in TREES.items() for spot in paths_of(tree) if spot]
WRONG_TEXTS = ["", "x", "all", "universal", "P1M", "2026-02-30", "{", "1 =", ">"]
WRONG_LISTS = [[], ["x"], [[]], [None], {}, {"x": 1}, {"en": None}]
WRONG = st.sampled_from([None, True, 0, -1, 3.5, 10**20, *WRONG_TEXTS, *WRONG_LISTS])


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(SPOTS), WRONG), min_size=1, max_size=3))
def test_a_wrong_value_anywhere_is_a_problem_and_nothing_else(changes: list[tuple[Any, Any]]) -> None:
    """Whatever stands wherever, the compiler answers with a playbook or with problems of the closed list."""
    trees = copy.deepcopy(TREES)
    for (path, spot), value in changes:
        with contextlib.suppress(KeyError, IndexError, TypeError):  # an earlier change took the spot away
            inner = trees[path]
            for key in spot[:-1]:
                inner = inner[key]
            inner[spot[-1]] = value
    try:
        compile_playbook({path: yaml.safe_dump(tree, allow_unicode=True) for path, tree in trees.items()})
    except ProblemsFound as found:
        assert found.problems
        assert all(problem.code in CODES and problem.where.path in trees for problem in found.problems)


def test_a_cache_changes_nothing_but_the_time() -> None:
    """Edits, mistakes and moved lines come out as they do without one, and places follow the lines."""
    cache, texts = Cache(), small_texts()
    path = "strategies/data-upgrade.yaml"
    for head in ("", "# one\n", "# one\n# two\n", "broken: [\n", ""):
        changed = {**texts, path: head + texts[path]}
        outcomes = []
        for known in (cache, None):
            try:
                outcomes.append(compile_playbook(changed, cache=known).strategies[0].audience.place)
            except ProblemsFound as found:
                outcomes.append(found.problems)
        assert outcomes[0] == outcomes[1]
    fewer = {
        **texts,
        "fields.yaml": texts["fields.yaml"].replace("data_gb: {type: number", "data_gb: {type: text"),
    }
    with pytest.raises(ProblemsFound):
        compile_playbook(fewer, cache=cache)


def test_what_did_not_change_is_not_compiled_again() -> None:
    """Nodes and conditions of unchanged files are the ones of before; long unused ones are forgotten."""
    cache, texts = Cache(kept=1), small_texts()
    first = compile_playbook(texts, cache=cache).strategies[0].audience
    again = compile_playbook(
        {**texts, "policies/x.yaml": "policy: x\nlayer: company\nrules: []\n"}, cache=cache
    )
    assert again.strategies[0].audience is first
    other = {**texts, "strategies/data-upgrade.yaml": texts["strategies/data-upgrade.yaml"].replace("5", "6")}
    for _ in range(3):
        compile_playbook(other, cache=cache)
    assert compile_playbook(texts, cache=cache).strategies[0].audience is not first
