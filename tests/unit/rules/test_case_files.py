"""Case files: what is wrong with one is said where it stands, and a case that comes out otherwise says how."""

from __future__ import annotations

import pytest

from contact.domain.outcome import DISPOSITIONS
from strategies.cases.case import Expect, Outcome
from strategies.cases.comparing import compare
from strategies.cases.files import read_cases
from strategies.cases.givens import RESULT_MOMENTS
from strategies.cases.run import check_cases, check_examples, run_case
from strategies.compiling.compile import compile_playbook
from strategies.instants import parse_instant
from strategies.problems import ProblemsFound
from strategies.verdict import Refusal

from .world import HERE

WRONG = """
cases:
  - id: one
    name: all that can be wrong
    policies:
      - policy: p
        layer: company
        rules: [{rule: daily, effect: cap, window: {calendar: fortnight}, max: 0}]
  - name: the rest
    custmer: {id: C1}
    fields: {arpu: {type: money}}
    customer: {arpu: much, zone: Asia/Shanghai, arpo: 3}
    history: [{at: 2026-03-02T10:00, channel: sms}, {at: 2026-03-02T10:00+08:00, channel: smoke}]
    steps:
      - {at: 2026-03-03T10:00+08:00, ask: {channel: sms, category: marketing}, expect: {allow: true}}
      - {at: 2026-03-02T10:00+08:00, ask: {category: marketing}}
      - {at: 2026-03-04T10:00+08:00, fault: {}}
  - name: neither
"""


def test_every_fault_of_a_case_file_is_located() -> None:
    """All problems of all cases come at once, each with its line."""
    with pytest.raises(ProblemsFound) as found:
        read_cases(WRONG, "wrong.yaml")
    said = [(problem.where.line, problem.code) for problem in found.value.problems]
    assert said == [
        (8, "value.choice"),
        (8, "rule.max_zero"),
        (10, "key.unknown"),
        (12, "value.type"),
        (12, "key.unknown"),
        (13, "value.date"),
        (13, "reference.unknown"),
        (15, "key.unknown"),
        (16, "value.order"),
        (16, "key.missing"),
        (17, "key.missing"),
        (18, "key.conflict"),
    ]


def test_a_case_that_comes_out_otherwise_says_expected_and_got_with_the_trace() -> None:
    """The difference names what was expected, what came, where it stands, and which rule refused with which values."""
    text = """
cases:
  - id: wrong
    name: expects too much
    policies:
      - policy: p
        layer: company
        rules: [{rule: daily, effect: cap, window: {sliding: P1D}, max: 1}]
    history: [{at: 2026-03-02T10:00+08:00, channel: sms, category: marketing}]
    ask: {at: 2026-03-02T11:00+08:00, channel: sms, category: marketing}
    expect: {allowed: true, until: 2026-03-03T09:00+08:00}
"""
    cases = read_cases(text, "case.yaml")
    difference = run_case(cases[0])[0]
    assert str(difference) == (
        "case.yaml:11:13: wrong: allowed: expected true; got false, refused by [p.daily]; "
        "until: expected 2026-03-03T01:00:00Z; got 2026-03-03T02:00:00Z"
    )
    assert [(gate.name, gate.passed, gate.detail) for gate in difference.trace] == [
        ("consent", True, ""),
        ("p.daily", False, "1 of 1 in 1 day"),
    ]
    problem = check_cases(cases)[0]
    assert (problem.code, problem.where.line) == ("example.failed", 11)
    assert problem.hint == "refused by p.daily 1 of 1 in 1 day until 2026-03-03T02:00:00Z"


TEXTS = {
    "operator.yaml": """
name: {en: Demo}
currency: CNY
zone: Asia/Shanghai
languages: [en]
categories: {marketing: {promotional: true}}
""",
    "fields.yaml": "fields: {arpu: {type: money, source: customers.arpu}}",
    "channels.yaml": "channels: {sms: {title: {en: SMS}, direction: outgoing, delivery: gateway}}",
    "policies/p.yaml": """
policy: p
layer: company
rules: [{rule: rich, effect: forbid, when: arpu > 100.50}]
examples:
  - name: the rich are left in peace
    customer: {arpu: 100.51}
    ask: {at: 2026-03-02T10:00+08:00, channel: sms, category: marketing}
    expect: {refused_by: [p.rich]}
  - name: the others too
    customer: {arpu: 100.50}
    ask: {at: 2026-03-02T10:00+08:00, channel: sms, category: marketing}
    expect: {refused_by: [p.rich]}
""",
}


def test_examples_run_over_the_whole_playbook_they_stand_in() -> None:
    """An example that fails is a problem at its expectation; one that holds is none."""
    problems = check_examples(TEXTS, compile_playbook(TEXTS))
    assert [(str(problem.where), problem.code) for problem in problems] == [
        ("policies/p.yaml:13:13", "example.failed")
    ]


def test_an_example_with_a_fault_is_a_problem_where_it_stands() -> None:
    """A key that no example has is reported with a suggestion."""
    texts = {
        **TEXTS,
        "policies/p.yaml": TEXTS["policies/p.yaml"].replace("customer: {arpu: 100.50}", "custumer: {}"),
    }
    problems = check_examples(texts, compile_playbook(texts))
    assert [(problem.code, problem.where.line, problem.hint) for problem in problems] == [
        ("key.unknown", 11, "did you mean 'customer'?")
    ]


def test_only_named_fields_are_compared() -> None:
    """An expectation compares what it names and nothing else."""
    outcome = Outcome((Refusal("cap", "p.cap"),), parse_instant("2026-03-02T10:00Z"), False)
    assert compare(Expect(frozenset(), HERE), outcome) == []
    assert compare(Expect(frozenset({"refused_by"}), HERE, refused_by=frozenset({"p.cap"})), outcome) == []
    [mismatch] = compare(Expect(frozenset({"reason"}), HERE, reasons=frozenset({"hours"})), outcome)
    assert str(mismatch) == "reason: expected [hours]; got [cap]"


def test_a_case_knows_what_a_result_proves() -> None:
    """The moments that a result of a past contact brings about are those that the service records for it."""
    known = {name: frozenset(moments) for name, moments in RESULT_MOMENTS.items()}
    assert {name: known.get(name, frozenset()) for name in DISPOSITIONS} == {
        name: each.moments for name, each in DISPOSITIONS.items()
    }
