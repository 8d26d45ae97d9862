"""Banks of cases that somebody else wrote: what may be left out, what a playbook lends, and what comes back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from strategies.cases import steps as case_steps
from strategies.cases.case import PATHS
from strategies.cases.files import read_file
from strategies.cases.givens import MOMENTS
from strategies.cases.playbooks import PLAYBOOK_KEYS
from strategies.cases.run import ExampleResult, run_bank
from strategies.compiling.compile import compile_playbook

from .test_case_files import TEXTS

ASK = "ask: {at: 2026-03-05T10:00+08:00, channel: outbound_call, category: marketing}"
CAP = """
policies:
  - policy: calls
    layer: company
    rules:
      - {rule: weekly-cap, effect: cap, match: {channels: [outbound_call]}, window: {sliding: P7D}, max: 1}
"""


def only(text: str) -> ExampleResult:
    """The one case of a file."""
    [result] = run_bank({"case.yaml": text})
    return result


def said(text: str) -> list[tuple[int, str]]:
    """Lines and codes of everything wrong with a file."""
    return [
        (problem.where.line, problem.code)
        for each in read_file(text, "case.yaml")
        for problem in each.problems
    ]


def test_a_case_needs_no_id_and_no_fields_declared() -> None:
    """One case in a file; its customer's keys are fields of the type of their values."""
    result = only(
        f"""
name: second sales call within a week is refused
{CAP}
customer: {{id: C1, zone: Asia/Shanghai, arpu: 230}}
history: [{{at: 2026-03-02T10:00+08:00, channel: outbound_call, category: marketing, result: no_answer}}]
{ASK}
expect: {{refused_by: [calls.weekly-cap], until: 2026-03-09T10:00+08:00}}
"""
    )
    assert (result.id, result.passed) == ("second sales call within a week is refused", True)


@pytest.mark.parametrize(
    ("given", "when"),
    [
        ("complaint_open: null", "complaint_open"),
        ("tier: null", "tier = 'gold'"),
        ("left_on: null", "left_on > DATE '2026-01-01'"),
        ("segments_of: null", "contains(segments_of, 'vip')"),
        ("zone: Asia/Shanghai", "complaint_open AND bills_due > 3"),
    ],
)
def test_a_field_of_unknown_value_has_the_type_its_condition_needs(given: str, when: str) -> None:
    """Null and what is left out are unknown, and a rule that restricts then applies."""
    text = f"""
policies: [{{policy: p, layer: company, rules: [{{rule: r, effect: forbid, when: "{when}"}}]}}]
customer: {{{given}}}
{ASK}
expect: {{refused_by: [p.r], reason: unknown_field}}
"""
    assert only(text).differences == []


@pytest.mark.parametrize(
    ("given", "wrong", "code"),
    [
        ("zonne: Asia/Shanghai", 3, "key.unknown"),
        ("arpuu: 230", 2, "condition.field"),
    ],
)
def test_a_slip_in_a_name_is_no_new_field(given: str, wrong: int, code: str) -> None:
    """A name that is all but one we know, or one the case itself uses, is a problem at its place."""
    text = f"""
policies: [{{policy: p, layer: company, rules: [{{rule: r, effect: forbid, when: arpu > 100}}]}}]
customer: {{{given}}}
{ASK}
expect: {{refused_by: [p.r]}}
"""
    assert (wrong, code) in said(text)


def test_what_a_file_says_beside_its_cases_holds_for_each() -> None:
    """A case that says it itself is not touched; one that is wrong stops no other."""
    results = run_bank(
        {
            "b.yaml": f"""
{CAP}
history: [{{at: 2026-03-02T10:00+08:00, channel: outbound_call}}]
cases:
  - {{name: refused, {ASK}, expect: {{refused_by: [calls.weekly-cap]}}}}
  - {{name: wrong, {ASK}, expected: {{allowed: true}}}}
  - {{name: free, history: [], {ASK}, expect: {{allowed: true}}}}
""",
            "a.yaml": "cases: [}",
            "c.yaml": f"- {{id: listed, {ASK}, expect: {{allowed: true}}}}",
        }
    )
    assert [(each.id, each.passed) for each in results] == [
        ("a.yaml", False),
        ("refused", True),
        ("wrong", False),
        ("free", True),
        ("listed", True),
    ]
    assert [problem.code for problem in results[2].problems] == ["key.unknown"]


def test_a_case_uses_parts_of_a_published_playbook() -> None:
    """Named policies and strategies alone, all of it, or its own documents instead; a name it does not have is a problem."""
    published = compile_playbook(TEXTS)
    customer = "customer: {arpu: 200}"
    ask = "ask: {at: 2026-03-05T10:00+08:00, channel: sms, category: marketing}"

    def run(given: str, expect: str) -> ExampleResult:
        [result] = run_bank({"c.yaml": f"{given}\n{ask}\nexpect: {{{expect}}}\n"}, published)
        return result

    assert run(f"use: [p]\n{customer}", "refused_by: [p.rich]").passed
    assert run(f"use: all\n{customer}", "refused_by: [p.rich]").passed
    assert run(customer, "refused_by: [p.rich]").passed
    assert run(f"use: {{policies: []}}\n{customer}", "allowed: true").passed
    assert run("policies: []\ncustomer: {arpu: 200}", "allowed: true").passed
    assert [problem.code for problem in run(f"use: [q]\n{customer}", "allowed: true").problems] == [
        "reference.unknown"
    ]
    assert [problem.code for problem in only(f"use: [p]\n{ask}\nexpect: {{allowed: true}}").problems] == [
        "reference.unknown"
    ]


def test_an_outcome_speaks_of_the_contact_asked_for_before() -> None:
    """The ask took a place although it does not say so; an outcome without any ask is a problem."""
    steps = """
steps:
  - at: 2026-03-02T10:00+08:00
    ask: {channel: outbound_call, category: marketing}
  - at: 2026-03-02T10:05+08:00
    outcome: invalid_number
    expect: {state: sent}
  - at: 2026-03-02T10:06+08:00
    ask: {channel: outbound_call, category: marketing}
    expect: {allowed: true}
  - at: 2026-03-02T10:07+08:00
    outcome: too_dearr
"""
    assert said(CAP + steps) == [(18, "reference.unknown")]
    assert only(CAP + steps.rpartition("  - at:")[0]).passed
    assert said("steps: [{at: 2026-03-02T10:00+08:00, permit: {}}]") == [(1, "key.missing")]


def test_words_of_consents_and_history_must_be_known() -> None:
    """A channel or category that nobody has would silently change nothing."""
    text = f"""
consents: [{{given: false, channel: smss}}, {{given: false, category: promotional}}]
history: [{{at: 2026-03-02T10:00+08:00, channel: sms, category: marketting, result: sent}}]
steps:
  - at: 2026-03-02T10:00+08:00
    opt_out: {{channel: voice}}
  - {{at: 2026-03-05T10:00+08:00, {ASK.replace("at: 2026-03-05T10:00+08:00, ", "")}}}
"""
    assert said(text) == [
        (2, "reference.unknown"),
        (3, "reference.unknown"),
        (3, "reference.unknown"),
        (6, "reference.unknown"),
    ]


def test_priorities_stand_in_the_order_of_the_ranking() -> None:
    """A list, numbers by name, or one number for the first; equal to one part in a thousand million."""
    text = """
strategies:
  - strategy: s
    category: marketing
    channels: {web: {propensity: 0.1}}
    offers: [{offer: a, family: f, value: 30}, {offer: b, family: f, value: 10}]
ask: {at: 2026-03-02T10:00+08:00, channel: web}
expect: {ranking: [a, b], priority: PRIORITY}
"""
    for right in ("[3, 1]", "{b: 1.0000000009}", "3"):
        assert only(text.replace("PRIORITY", right)).passed, right
    [wrong] = only(text.replace("PRIORITY", "[3, 1.00000001]")).differences
    assert "priority of #2: expected 1.00000001; got 1" in wrong


def test_what_does_not_run_over_rows_is_skipped_and_not_passed_over_in_silence() -> None:
    """A case that is about another path says so in the result."""
    result = only(f"paths: [http]\n{ASK}\nexpect: {{refused_by: [nobody.knows]}}")
    assert result.passed and result.skipped


def test_the_page_names_every_key() -> None:
    """Whoever writes a bank finds each word of the format in docs/cases.md."""
    page = (Path(__file__).parents[3] / "docs/cases.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[a-z_]+", page))
    keys = {
        *case_steps.ASK_KEYS, *case_steps.EXPECT_KEYS, *case_steps.STEP_KINDS, *PLAYBOOK_KEYS, *PATHS, *MOMENTS[1:],
    }  # fmt: skip
    assert sorted(keys - words) == []


@pytest.mark.parametrize("step", ["permit: {}", "outcome: busy", "correct: busy"])
def test_a_step_about_a_contact_that_took_no_place_differs(step: str) -> None:
    """The ask before it was refused: the case differs there and the other cases of the bank run."""
    text = f"""
{CAP}
history: [{{at: 2026-03-02T10:00+08:00, channel: outbound_call}}]
steps:
  - at: 2026-03-03T10:00+08:00
    ask: {{channel: outbound_call, category: marketing, reserve: true}}
    expect: {{allowed: true}}
  - at: 2026-03-03T10:05+08:00
    {step}
"""
    result = only(text)
    assert [(each.step, each.differences[0].name) for each in result.failed] == [
        (1, "allowed"),
        (2, step.partition(":")[0]),
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"{ASK}\nexpect: {{}}", (2, "value.empty")),
        (f"steps: [{{at: 2026-03-02T10:00+08:00, {ASK.replace('at: 2026-03-05T10:00+08:00, ', '')}}}]", (1, "key.missing")),
        (ASK.replace("marketing}", "marketing, line: L9}") + "\nexpect: {allowed: true}", (1, "reference.unknown")),
    ],
)  # fmt: skip
def test_a_case_that_cannot_differ_is_a_problem(text: str, found: tuple[int, str]) -> None:
    """Nothing expected, or asked about a line that is not there."""
    assert said(text) == [found]


@pytest.mark.parametrize(
    ("type", "value", "code"),
    [
        ("date", "2026-02-30", "value.date"),
        ("date", "lately", "value.date"),
        ("money", "1.999", "value.money"),
    ],
)
def test_a_value_that_its_field_cannot_hold_is_a_problem(type: str, value: str, code: str) -> None:
    """It would be unknown without a word, or end the run."""
    text = f"""fields: {{f: {{type: {type}, source: customers.f}}}}
customer: {{id: C1, f: {value}}}
{ASK}
expect: {{allowed: true}}
"""
    assert said(text) == [(2, code)]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("unit: nort", "reference.unknown: there is no unit 'nort' (did you mean 'north'?)"),
        ("jurisdiction: Florida", "value.name: 'Florida' cannot be a jurisdiction (two letters of ISO 3166, as CN,"
         " or a part, as US-FL)"),
        ("unit: north", ""),
        ("unit: null, jurisdiction: null", ""),
        ("jurisdiction: US-NY", ""),
    ],
)  # fmt: skip
def test_a_place_that_no_rule_can_match_is_a_problem(given: str, found: str) -> None:
    """A unit is one of those declared, a jurisdiction has its form; unknown is both."""
    units = "units: [{id: HQ, kind: head_office}, {id: north, kind: province, parent: HQ}]"
    result = only(f"{CAP}\n{units}\ncustomer: {{id: C1, {given}}}\n{ASK}\nexpect: {{allowed: true}}\n")
    assert [str(each).split(": ", 1)[1] for each in result.problems] == ([found] if found else [])


def test_a_text_that_is_null_is_not_to_be_quoted() -> None:
    """What is not compared is left out."""
    result = only(f"{CAP}\n{ASK}\nexpect: {{allowed: true, state: null}}\n")
    assert [each.hint for each in result.problems] == ["leave it out"]
