"""What follows from a rule's condition, window or rest: rules that add nothing, and prohibitions that leave nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strategies.checking.passes import warnings_of
from strategies.compiling.compile import compile_playbook
from tests.unit.strategies.small import small_texts
from tests.unit.strategies.test_checking_rules import CAP, warned

SMS = "match: {channels: [sms]}"
SUPPRESS = f"effect: suppress, {SMS}, count: delivered"
WEEK = "window: {sliding: P7D}"
APART = f"effect: pair, {SMS}, first: {{channels: [outbound_call]}}"
OPENED = "effect: cooldown, event: complaint_opened"


@pytest.mark.parametrize(
    ("strict", "idle"),
    [
        ("effect: forbid, when: complaint_open", "effect: forbid, when: complaint_open AND tenure_months < 3"),
        ("effect: forbid, when: complaint_open OR tenure_months < 3", "effect: forbid, when: complaint_open"),
        ("effect: forbid, when: tenure_months < 6", "effect: forbid, when: tenure_months<3"),
        ("effect: forbid, when: tenure_months < 6", "effect: forbid, when: tenure_months BETWEEN 1 AND 4"),
        ("effect: forbid, when: NOT complaint_open", "effect: forbid, when: NOT (complaint_open OR tier = 'a')"),
        ("effect: forbid, when: tenure_months < 6", f"{CAP}, max: 2, when: tenure_months < 3"),
        (f"{SUPPRESS}, {WEEK}, times: 2, lasts: P9D", f"{SUPPRESS}, {WEEK}, times: 3, lasts: P5D"),
        (f"{SUPPRESS}, times: 2, lasts: forever, same: any", f"{SUPPRESS}, times: 2, window: {{sliding: P7D}}, lasts: P90D"),
        (f"{OPENED}, lasts: P14D", f"{OPENED}, lasts: P7D"),
        (f"{APART}, within: P2D, order: either", f"{APART}, within: P1D"),
    ],
)  # fmt: skip
def test_a_rule_that_adds_nothing_by_its_condition_or_rest(strict: str, idle: str) -> None:
    """In either order the idle one is named."""
    said = "shadowed: rule 'own.{}' never refuses what 'own.{}' does not refuse anyhow"
    assert [each for each in warned(strict, idle) if "nullable" not in each] == [
        f"5 {said.format('r2', 'r1')}"
    ]
    assert [each for each in warned(idle, strict) if "nullable" not in each] == [
        f"4 {said.format('r1', 'r2')}"
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("effect: forbid, when: tenure_months < 3", "effect: forbid, when: complaint_open"),
        ("effect: forbid, when: arpu > 100", "effect: forbid, when: tenure_months > 3 AND data_gb > 100"),
        ("effect: forbid, when: arpu > 100 AND tenure_months > 3", "effect: forbid, when: arpu > 200"),
        ("effect: forbid, when: tier = 'gold'", "effect: forbid, when: tier <> 'gold'"),
        (f"{SUPPRESS}, times: 2, lasts: P5D", f"{SUPPRESS}, times: 3, lasts: P10D"),
        (
            f"effect: suppress, {SMS}, times: 2, results: [rejected], lasts: P9D",
            f"{SUPPRESS}, times: 2, lasts: P5D",
        ),
        (f"{OPENED}, lasts: P14D", "effect: cooldown, event: ordered, lasts: P7D"),
        (f"{APART}, within: P2D", f"{APART}, within: P1D, order: either"),
        (
            f"{APART}, within: P2D, exempt: [service], counts_even_if_exempt: [service]",
            f"{APART}, within: P1D",
        ),
        # contacts of an exempt category count for the second alone
        (
            f"{CAP}, max: 2, match: {{categories: [marketing]}}",
            f"{CAP}, max: 3, exempt: [service], counts_even_if_exempt: [service]",
        ),
        # from June on the second is the stricter
        (f"{CAP}, max: 3", f"{CAP}, max: [{{from: 2026-01-01, is: 5}}, {{from: 2026-06-01, is: 1}}]"),
        # the days of Shanghai and Urumqi together are longer than 25 hours
        ("effect: cap, window: {sliding: PT25H}, max: 2", "effect: cap, window: {calendar: day}, max: 2"),
        ("effect: cap, window: {calendar: day}, max: 1", "effect: cap, window: {calendar: week}, max: 7"),
    ],
)
def test_rules_of_other_conditions_and_rests_that_each_refuse_something(first: str, second: str) -> None:
    """What is not certain is not said."""
    assert [each for each in warned(first, second) if "shadowed" in each] == []


@pytest.mark.parametrize(
    ("upper", "lower", "said"),
    [
        ("{sliding: P1D}, max: 1", "{sliding: P7D}, max: 7", "at most 7 in 7 days|at most 1 in 1 day"),
        ("{sliding: P2D}, max: 2", "{sliding: P7D}, max: 8", "at most 8 in 7 days|at most 2 in 2 days"),
        ("{calendar: day}, max: 1", "{sliding: P7D}, max: 9", "at most 9 in 7 days|at most 1 a calendar day"),
        ("{calendar: week, zone: operator}, max: 2", "{calendar: month, zone: operator}, max: 12",
         "at most 12 a calendar month|at most 2 a calendar week"),
        ("{sliding: P1D}, max: 1", "{calendar: week, zone: operator}, max: 8",
         "at most 8 a calendar week|at most 1 in 1 day"),
        ("{sliding: P1D}, max: 1", "{calendar: week}, max: 9", "at most 9 a calendar week|at most 1 in 1 day"),
        ("{sliding: P7D}, max: 2", "{calendar: day}, max: 3", "at most 3 a calendar day|at most 2 in 7 days"),
    ],
)  # fmt: skip
def test_a_cap_that_one_over_another_window_never_lets_fill(upper: str, lower: str, said: str) -> None:
    """One less, and it may refuse something: nothing is said."""
    loose, strict = said.split("|")
    assert warned(f"effect: cap, window: {lower}", above=f"effect: cap, window: {upper}") == [
        f"4 looser: cap 'own.r1' ({loose}) is looser than 'over.top' of layer legal ({strict})"
    ]
    most = int(lower.rsplit(" ", 1)[1])
    if "P7D}, max: 2" not in upper:
        tighter = lower.replace(f"max: {most}", f"max: {most - 1}")
        assert warned(f"effect: cap, window: {tighter}", above=f"effect: cap, window: {upper}") == []


@pytest.mark.parametrize(
    "upper",
    [
        "effect: cap, window: {sliding: P1D}, max: 1, when: complaint_open",
        "effect: cap, window: {sliding: P1D}, max: 1, exempt: [service]",
        "effect: cap, window: {sliding: P1D}, max: 1, count: connected",
        "effect: cap, window: {sliding: P1D}, max: 1, subject: number",
        "effect: cap, window: {sliding: P1D}, max: 1, valid: {from: 2026-01-01}",
    ],
)
def test_a_cap_that_holds_only_sometimes_keeps_no_other_from_filling(upper: str) -> None:
    """Then more than it would let in may have come together."""
    assert warned("effect: cap, window: {sliding: P7D}, max: 20", above=upper) == []


def walled(audience: str, forbidden: str, *, per_line: bool = False) -> list[str]:
    """What is said of a strategy for this audience beside a rule that forbids selling under this condition."""
    texts = small_texts()
    strategy = texts["strategies/data-upgrade.yaml"].replace(
        "audience: data_gb >= 5", f"audience: {audience}"
    )
    texts["strategies/data-upgrade.yaml"] = strategy
    texts["policies/own.yaml"] = (
        "policy: own\nlayer: company\n"
        f"rules: [{{rule: wall, effect: forbid, match: {{promotional: true}}, when: {forbidden}}}]\n"
    )
    playbook = compile_playbook(texts)
    (made,) = playbook.strategies
    offers = tuple(replace(offer, per_line=per_line) for offer in made.offers)
    found = warnings_of(replace(playbook, strategies=(replace(made, offers=offers),)))
    return [each.message for each in found if each.code == "warning.contradictory"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ('{days: [holiday], from: "22:00", to: "04:00"}', '{days: [holiday], from: "22:00", to: "24:00"}'),
        (
            '{from: "22:00", to: "04:00"}, {days: [holiday], from: "10:00", to: "11:00"}',
            '{from: "22:00", to: "24:00"}, {from: "00:00", to: "04:00"}, {days: [holiday], from: "10:00", to: "11:00"}',
        ),
    ],
)
def test_a_night_beside_a_holiday_is_no_morning(first: str, second: str) -> None:
    """By the week both open alike; only one is open in the morning after a holiday, or of one."""
    texts = small_texts()
    texts["operator.yaml"] += "\nholidays: {days: [2026-11-11]}\n"
    texts["policies/own.yaml"] = (
        "policy: own\nlayer: company\nrules:\n"
        f"  - {{rule: r1, effect: hours, open: [{first}]}}\n  - {{rule: r2, effect: hours, open: [{second}]}}\n"
    )
    assert "warning.shadowed" not in [each.code for each in warnings_of(compile_playbook(texts))]


def test_of_twins_the_later_one_is_named() -> None:
    """However the same is written."""
    said = warned("effect: forbid, when: NOT arpu > 200", "effect: forbid, when: arpu <= 200")
    assert [each for each in said if "shadowed" in each] == [
        "5 shadowed: rule 'own.r2' never refuses what 'own.r1' does not refuse anyhow"
    ]


def test_prohibitions_that_leave_nobody() -> None:
    """Two of which one or the other always holds; one that holds for all of an audience."""
    old, new = (
        f"effect: forbid, {SMS}, when: tenure_months >= 12",
        f"effect: forbid, {SMS}, when: tenure_months < 12",
    )
    assert warned(old, new) == [
        "5 contradictory: rules 'own.r1' and 'own.r2' together forbid everything for sms"
    ]
    assert warned(old, new.replace("12", "11")) == []
    assert warned(old, new.replace("[sms]", "[outbound_call]")) == []
    assert warned(old, new.replace("sms]", "sms], offers: [data-20]")) == [
        "5 contradictory: rules 'own.r1' and 'own.r2' together forbid all that both are about for sms"
    ]
    assert walled("data_gb >= 5 AND complaint_open", "complaint_open") == [
        "offer 'data-20' is forbidden to all its audience in each of its channels by 'own.wall'"
    ]
    assert walled("data_gb >= 5 AND complaint_open", "complaint_open", per_line=True) == []
    assert walled("data_gb >= 5 AND NOT complaint_open", "complaint_open") == []
    assert walled("data_gb >= 5", "complaint_open") == []


def test_a_day_of_the_week_that_was_forgotten() -> None:
    """Nobody rests on a Wednesday; a Sunday is left out on purpose."""
    open_on = 'effect: hours, open: [{{days: [{}], from: "09:00", to: "18:00"}}]'
    assert warned(open_on.format("mon, tue, thu, fri")) == [
        "4 gap: the hours of rule 'own.r1' are closed all Wednesday, and open the day before and after"
    ]
    assert warned(open_on.format("mon, tue, wed, thu, fri, sat")) == []
    assert warned(open_on.format("mon, wed, fri")) == []
    night = open_on.format("mon, thu, fri").replace("[{", '[{days: [tue], from: "20:00", to: "06:00"}, {')
    assert not any("closed all" in each for each in warned(night))


def test_what_is_remembered_of_two_conditions_is_not_said_of_others() -> None:
    """Asked again and again, as an editor does, with one of them changed in between."""
    wide, narrow = "effect: forbid, when: row_no < 7", "effect: forbid, when: row_no <= 6"
    for _ in range(2):
        assert any("'own.r2' never refuses" in each for each in warned(wide, narrow))
        assert not any(
            "never refuses" in each for each in warned(wide, narrow.replace("6", "8").replace("<=", ">"))
        )
