"""Rules and strategies seen together: what adds nothing, what leaves nothing, and who always comes second."""

from __future__ import annotations

import pytest

from strategies.checking.passes import warnings_of
from strategies.compiling.compile import compile_playbook
from tests.unit.strategies.small import small_texts

OPEN = 'open: [{from: "09:00", to: "18:00"}]'
WIDE = 'open: [{from: "08:00", to: "20:00"}]'
CAP = "effect: cap, window: {sliding: P7D}"


def warned(*rules: str, layer: str = "company", above: str = "") -> list[str]:
    """The warnings of a policy of these rules, ``above`` being one of the legal layer, without their hints."""
    listed = "".join(f"  - {{rule: r{number}, {body}}}\n" for number, body in enumerate(rules, 1))
    texts = {**small_texts(), "policies/own.yaml": f"policy: own\nlayer: {layer}\nrules:\n{listed}"}
    if above:
        texts["policies/over.yaml"] = f"policy: over\nlayer: legal\nrules:\n  - {{rule: top, {above}}}\n"
    return [
        f"{each.where.line} {each.code.removeprefix('warning.')}: {each.message}"
        for each in warnings_of(compile_playbook(texts))
        if each.where.path == "policies/own.yaml"
    ]


@pytest.mark.parametrize(
    ("strict", "idle"),
    [
        ("effect: forbid", f"{CAP}, max: 3"),
        (
            "effect: forbid, match: {channels: [sms]}",
            f"{CAP}, max: 3, match: {{channels: [sms], promotional: true}}",
        ),
        ("effect: forbid, match: {units: [H]}", "effect: forbid, match: {units: [B1]}"),
        (
            "effect: forbid, match: {jurisdictions: [US]}",
            f"effect: hours, {OPEN}, match: {{jurisdictions: [US-FL]}}",
        ),
        ("effect: forbid, when: complaint_open", f"{CAP}, max: 1, when: complaint_open"),
        (f"{CAP}, max: 2", f"{CAP}, max: 3"),
        (f"{CAP}, max: 2", "effect: cap, window: {sliding: P5D}, max: 2"),
        (f"{CAP}, max: 2", f"{CAP}, max: 2, same: offer"),
        ("effect: cap, window: {lifetime: true}, max: 2", "effect: cap, window: {calendar: month}, max: 2"),
        ("effect: cap, window: {calendar: month}, max: 2", "effect: cap, window: {calendar: day}, max: 2"),
        (f"{CAP}, max: 2", f"{CAP}, max: 2, not_counted: [invalid_number, busy]"),
        (f"{CAP}, max: 2", f"{CAP}, max: unlimited"),
        (f"effect: hours, {OPEN}", f"effect: hours, {WIDE}"),
        (f"effect: hours, {OPEN}, last_start: PT1H", f"effect: hours, {OPEN}"),
    ],
)
def test_a_rule_that_adds_nothing_to_another(strict: str, idle: str) -> None:
    """In either order the idle one is named."""
    assert warned(strict, idle) == [
        "5 shadowed: rule 'own.r2' never refuses what 'own.r1' does not refuse anyhow"
    ]
    assert warned(idle, strict) == [
        "4 shadowed: rule 'own.r1' never refuses what 'own.r2' does not refuse anyhow"
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (f"{CAP}, max: 3", "effect: cap, window: {sliding: P3D}, max: 2"),
        (f"{CAP}, max: 2, subject: account", f"{CAP}, max: 3"),
        (f"{CAP}, max: 2, match: {{channels: [sms]}}", f"{CAP}, max: 3"),
        (f"{CAP}, max: 2, exempt: [service]", f"{CAP}, max: 3"),
        (f"{CAP}, max: 2, when: complaint_open", f"{CAP}, max: 3"),
        (f"{CAP}, max: 2, same: offer", f"{CAP}, max: 3"),
        (f"{CAP}, max: 2, valid: {{from: 2026-01-01}}", f"{CAP}, max: 3"),
        (f"{CAP}, max: 2", f"{CAP}, max: 3, on_hit: drop"),
        (f"{CAP}, max: 2, count: connected", f"{CAP}, max: 3"),
        ("effect: cap, window: {calendar: month}, max: 2", "effect: cap, window: {calendar: week}, max: 2"),
        (f"effect: hours, {OPEN}, zone: operator", f"effect: hours, {WIDE}"),
        (f"effect: hours, {OPEN}", f"effect: hours, {WIDE}, last_start: PT1H"),
    ],
)
def test_rules_that_each_refuse_something(first: str, second: str) -> None:
    """What is not certain is not said."""
    assert [each for each in warned(first, second) if "shadowed" in each] == []


def test_a_cap_looser_than_one_of_a_higher_layer() -> None:
    """A lower layer can only restrict further."""
    assert warned(f"{CAP}, max: 5", above=f"{CAP}, max: 3") == [
        "4 looser: cap 'own.r1' (at most 5) is looser than 'over.top' of layer legal (at most 3)"
    ]
    assert warned(f"{CAP}, max: 2", above=f"{CAP}, max: 3") == []  # nor is the law said to be idle


def test_of_two_rules_alike_the_one_of_the_lower_layer_is_told() -> None:
    """The one of the higher layer stays."""
    assert warned(f"effect: hours, {WIDE}", above=f"effect: hours, {WIDE}") == [
        "4 shadowed: rule 'own.r1' never refuses what 'over.top' does not refuse anyhow"
    ]


def test_rules_that_leave_nothing_open() -> None:
    """Openings that do not overlap, a rerouting into a prohibition, an offer forbidden in all of its channels."""
    morning, evening = 'open: [{from: "08:00", to: "10:00"}]', 'open: [{from: "18:00", to: "20:00"}]'
    assert warned(f"effect: hours, {morning}", f"effect: hours, {evening}, match: {{channels: [sms]}}") == [
        "5 contradictory: rules 'own.r1' and 'own.r2' together leave no hour open for sms"
    ]
    assert (
        warned(
            f"effect: hours, {morning}, match: {{channels: [outbound_call]}}",
            f"effect: hours, {evening}, match: {{channels: [sms]}}",
        )
        == []
    )
    calls = "match: {channels: [outbound_call]}"
    assert warned(
        f"{CAP}, max: 1, match: {{channels: [sms]}}, on_hit: {{reroute: [outbound_call]}}",
        f"effect: forbid, {calls}",
    ) == ["4 contradictory: rule 'own.r1' sends on to outbound_call, where 'own.r2' forbids it"]
    texts = {
        **small_texts(),
        "policies/own.yaml": "policy: own\nlayer: company\nrules: [{rule: r, effect: forbid, match: {channels: [sms]}}]\n",
    }
    found = [
        str(each) for each in warnings_of(compile_playbook(texts)) if each.code == "warning.contradictory"
    ]
    assert found == [
        "strategies/data-upgrade.yaml:13:6: warning.contradictory: offer 'data-20' is forbidden in each of its"
        " channels by 'own.r' (add a channel, or let the rule exempt it)"
    ]


def test_hours_that_close_for_a_moment() -> None:
    """A minute between two openings is seldom meant; a lunch break is."""
    gap = 'effect: hours, open: [{from: "08:00", to: "12:00"}, {from: "12:01", to: "20:00"}]'
    assert warned(gap) == [
        "4 gap: the hours of rule 'own.r1' close on Monday from 12:00 to 12:01 and 6 more times"
    ]
    assert warned(gap.replace("12:01", "14:00")) == []
    night = 'effect: hours, open: [{from: "20:00", to: "24:00"}, {from: "00:10", to: "02:00"}]'
    assert "close on Monday from 00:00" not in str(warned(night))


def second(**changes: str) -> list[str]:
    """The warnings of a second strategy for the same audience."""
    texts = small_texts()
    own = {"audience": "data_gb >= 5", "value": "40", "category": "marketing", **changes}
    texts["strategies/other.yaml"] = (
        "strategy: other\ntitle: {en: Other, zh-CN: 其他}\ngoal: {event: ordered, within: P7D}\n"
        + "".join(f"{key}: {value}\n" for key, value in own.items() if key != "extra")
        + 'channels: {sms: {propensity: p_data_sms, text: {en: "Hi", zh-CN: "您好"}}}\n'
        "offers: [{offer: o, title: {en: O, zh-CN: 甲}}]\n" + own.get("extra", "")
    )
    return [each.message for each in warnings_of(compile_playbook(texts)) if each.code == "warning.fight"]


def test_a_strategy_that_always_comes_second() -> None:
    """One audience, one channel, the same chance, and less worth; a context or another audience settles it."""
    assert second() == [
        "strategy 'other' always comes behind 'data-upgrade' in channel 'sms': one audience, and 40 against 60"
    ]
    assert second(value="90") == [
        "strategy 'data-upgrade' always comes behind 'other' in channel 'sms': one audience, and 60 against 90"
    ]
    assert second(value="60") == [
        "strategies 'data-upgrade' and 'other' are worth the same in channel 'sms': one audience, and 60 each"
    ]
    assert second(audience="data_gb < 5") == []
    assert second(audience="data_gb >= 4") == []
    assert second(audience="( data_gb>=5 )", value="40") == [
        "strategy 'other' always comes behind 'data-upgrade' in channel 'sms':"
        " the audience of 'other' lies in that of 'data-upgrade', and 40 against 60"
    ]
    assert second(audience="data_gb >= 6 AND tier = 'gold'", value="40") == [
        "strategy 'other' always comes behind 'data-upgrade' in channel 'sms':"
        " the audience of 'other' lies in that of 'data-upgrade', and 40 against 60"
    ]
    assert second(audience="data_gb >= 6", value="90") == []
    assert second(value="[{from: 2026-01-01, is: 40}, {from: 2026-06-01, is: 90}]") == []
    assert second(extra="explores: 10\n") == []
    assert second(category="service") == []
    assert second(extra="context: [{name: c, when: complaint_open, weight: 300}]\n") == []
    assert second(extra="levers: {family: 60}\n") == [
        "strategy 'data-upgrade' always comes behind 'other' in channel 'sms': one audience, and 60 against 64"
    ]
