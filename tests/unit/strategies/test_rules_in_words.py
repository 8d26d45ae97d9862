"""Rules as strategists write them: dated values, validity, law, segments, jurisdictions, holidays, ways out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from strategies.candidate import Candidate
from strategies.compiling.compile import compile_playbook
from strategies.declared.calendar import HOLIDAY
from strategies.declared.playbook import Cooldown, Law, Match, Pair, Playbook, Rule, Suppression, Window
from strategies.instants import DAY, HOUR, SECOND, Instant, parse_instant
from strategies.judging.judge import judge
from strategies.offering.explaining import policy_gates
from strategies.problems import ProblemsFound
from strategies.profile import PastContact
from tests.unit.rules.world import contact, profile
from tests.unit.strategies.small import small_texts

SMS = Candidate("sms", "marketing", number_hash="n1")


def texts_with(*rules: str, head: str = "", **files: str) -> dict[str, str]:
    """The small configuration with a policy of these rules, and with more at the end of some of its files."""
    texts = small_texts() | {"events.yaml": "events: {ordered: {}, complaint_closed: {}}\n"}
    body = "".join(f"  - {{rule: r{place or ''}, {rule}}}\n" for place, rule in enumerate(rules))
    texts["policies/own.yaml"] = f"policy: own\nlayer: company\n{head}rules:\n{body}"
    for name, more in files.items():
        path = f"{name}.yaml" if name != "segments" else "segments/heavy.yaml"
        texts[path] = texts.get(path, "") + more
    return texts


def written(*rules: str, head: str = "", **files: str) -> Playbook:
    return compile_playbook(texts_with(*rules, head=head, **files))


def own(playbook: Playbook) -> list[Rule]:
    return [rule for rule in playbook.rules if rule.id.startswith("own.")]


def only(body: str, **files: str) -> Rule:
    (rule,) = own(written(body, **files))
    return rule


def until(
    playbook: Playbook, at: str, contacts: tuple[PastContact, ...] = (), **known: object
) -> str | Instant | None:
    """When all rules of the policy pass; the words as asked where they pass at once."""
    alone = replace(playbook, rules=tuple(own(playbook)))
    verdict = judge(alone, SMS, profile(contacts, **known), parse_instant(at))
    return at if verdict.allowed else verdict.until


def test_each_effect_says_what_it_needs() -> None:
    """Suppress, pair and cooldown with every key of theirs, and what they mean without."""
    dear = only(
        "effect: suppress, results: [rejected], times: 2, window: {sliding: P7D}, same: family, lasts: P30D",
        operator="results: {too_dear: {means: rejected, title: {en: Too dear, zh-CN: 太贵}}}\n",
    )
    assert dear.suppression == Suppression(2, frozenset({"rejected", "too_dear"}), "family", 30 * DAY)
    shown = only("effect: suppress, count: shown, lasts: forever")
    assert (shown.count, shown.suppression, shown.window) == ("shown", Suppression(1, lasts=None), None)
    pair = only(
        "effect: pair, first: {categories: [service]}, match: {channels: [sms]}, within: PT2H, order: either"
    )
    assert pair.pair == Pair(Match(categories=frozenset({"service"})), 2 * HOUR, "either")
    assert only("effect: cooldown, event: ordered, lasts: P14D").cooldown == Cooldown("ordered", 14 * DAY)
    capped = only("effect: cap, max: 2, window: {since: ordered}, same: family, not_counted: [no_answer]")
    assert (capped.window, capped.same) == (Window("since", event="ordered"), "family")
    assert only("effect: forbid, on_hit: {reroute: [sms]}").reroute == ("sms",)
    assert only("effect: forbid, on_hit: reroute").on_hit == "reroute"


def test_a_dated_value_holds_from_its_midnight_and_clears_across_it() -> None:
    """Three a month until July, two from then: before the first day there is no such rule; the clear time looks ahead."""
    playbook = written(
        "effect: cap, window: {calendar: month, zone: operator},"
        " max: [{from: 2026-06-01, is: 3}, {from: 2026-07-01, is: 1}]"
    )
    july = parse_instant("2026-07-01T00:00+08:00")
    assert [(rule.max, rule.valid_until) for rule in own(playbook)] == [(3, july), (1, None)]
    june = tuple(contact(parse_instant("2026-06-20T10:00+08:00") + step, f"c{step}") for step in range(3))
    may = tuple(contact(parse_instant("2026-05-20T10:00+08:00") + step, f"m{step}") for step in range(5))
    assert until(playbook, "2026-05-31T23:59+08:00", may) == "2026-05-31T23:59+08:00"
    assert until(playbook, "2026-06-30T10:00+08:00", june) == july
    planned = contact(july + HOUR, "p", state="reserved", moments={}, final=False)
    august = parse_instant("2026-08-01T00:00+08:00")
    assert until(playbook, "2026-06-30T10:00+08:00", (*june, planned)) == august
    alone = replace(playbook, rules=tuple(own(playbook)))
    asked = parse_instant("2026-06-30T10:00+08:00")
    (refusal,) = judge(alone, SMS, profile((*june, planned)), asked).refusals
    assert (refusal.rule, refusal.until, refusal.detail) == ("own.r", august, "3 of 3 this month")


def test_hours_may_be_dated_and_a_rule_may_run_out() -> None:
    """New hours hold from their day; outside `valid` the rule says nothing, and the explanation says from when."""
    playbook = written(
        "effect: hours, zone: operator, valid: {from: 2026-03-01, to: 2026-05-01}, open: [{from: 2026-01-01, is: "
        '[{from: "09:00", to: "20:00"}]}, {from: 2026-04-01, is: [{from: "10:00", to: "18:00"}]}]'
    )
    assert [format(rule.open[0].start_minute) for rule in own(playbook)] == ["540", "600"]
    assert until(playbook, "2026-02-28T23:00+08:00") == "2026-02-28T23:00+08:00"
    assert until(playbook, "2026-03-31T21:00+08:00") == parse_instant("2026-04-01T10:00+08:00")
    assert until(playbook, "2026-04-30T21:00+08:00") == parse_instant("2026-05-01T00:00+08:00")
    alone = replace(playbook, rules=tuple(own(playbook)))
    gates = policy_gates(alone, SMS, profile(), parse_instant("2026-02-01T00:00+08:00"))
    assert [(gate.name, gate.passed, gate.detail) for gate in gates if gate.name == "own.r"] == [
        ("own.r", True, "in force from 2026-03-01")
    ]


@pytest.mark.parametrize(
    ("status", "source", "adopt", "holds", "counts_as"),
    [
        ("law", "https://example.org/a", False, True, "law"),
        ("guidance", "https://example.org/a", False, True, "guidance"),
        ("law", "", False, False, "practice"),
        ("law", "", True, True, "practice"),
        ("practice", "https://example.org/a", False, False, "practice"),
        ("draft", "https://example.org/a", True, False, "draft"),
        ("lapsed", "https://example.org/a", True, False, "lapsed"),
    ],
)
def test_what_is_no_law_yet_or_no_more_is_off(
    status: str, source: str, adopt: bool, holds: bool, counts_as: str
) -> None:
    """Drafts and lapsed law never hold, a value without a published source is practice and holds where adopted."""
    law = f"law: {{reference: 'Act 1', status: {status}, date: 2024-01-02" + (
        f", source: '{source}'}}" if source else "}"
    )
    found = own(written(f"effect: forbid, {law}", head="adopt: true\n" if adopt else ""))
    assert [rule.law for rule in found] == ([Law("Act 1", counts_as, "2024-01-02", source)] if holds else [])  # type: ignore[arg-type]


def test_a_rule_binds_within_its_jurisdiction() -> None:
    """`US` also means `US-FL`; who is only known to be in the US, or nowhere, is held to Florida's rule too."""
    playbook = written(
        "effect: forbid, match: {jurisdictions: [US-FL]}", "effect: forbid, match: {jurisdictions: [US]}"
    )

    def refused(book: Playbook, **known: str | None) -> tuple[str, ...]:
        return judge(replace(book, rules=tuple(own(book))), SMS, profile(**known), Instant(0)).rules

    assert refused(playbook, jurisdiction="US-FL") == ("own.r", "own.r1")
    assert refused(playbook, jurisdiction="US-NY") == ("own.r1",)
    assert refused(playbook, jurisdiction="US") == refused(playbook) == ("own.r", "own.r1")
    assert refused(playbook, jurisdiction="CN") == ()
    at_home = replace(playbook, operator=replace(playbook.operator, jurisdiction="CN"))
    assert refused(at_home) == ()


def test_a_rule_binds_within_its_segment() -> None:
    """Outside the segment it says nothing; where membership is unknown it restricts and names the field."""
    playbook = written(
        "effect: forbid, match: {segment: heavy}",
        segments="segment: heavy\ntitle: {en: Heavy, zh-CN: 重度}\nwhen: data_gb > 20\n",
    )
    alone = replace(playbook, rules=tuple(own(playbook)))

    def refusal(value: float | None) -> list[tuple[str, str | None]]:
        found = judge(alone, SMS, profile(facts={"data_gb": value}), Instant(0)).refusals
        return [(each.reason, each.field) for each in found]

    assert refusal(30.0) == [("forbidden", None)]
    assert refusal(10.0) == []
    assert refusal(None) == [("unknown_field", "data_gb")]


def test_on_a_holiday_only_hours_that_name_holidays_are_open() -> None:
    """Official days off and the operator's own: the other openings of such a rule are shut on them."""
    both = 'open: [{from: "09:00", to: "20:00"}, {days: [holiday], from: "12:00", to: "15:00"}]'
    days = "holidays: {country: CN, days: [2026-11-11]}\n"
    playbook = written(f"effect: hours, zone: operator, {both}", operator=days)
    assert until(playbook, "2026-10-01T10:00+08:00") == parse_instant("2026-10-01T12:00+08:00")
    assert until(playbook, "2026-11-11T16:00+08:00") == parse_instant("2026-11-12T09:00+08:00")
    assert until(playbook, "2026-11-12T10:00+08:00") == "2026-11-12T10:00+08:00"
    plain = written('effect: hours, zone: operator, open: [{from: "09:00", to: "20:00"}]', operator=days)
    assert until(plain, "2026-10-01T10:00+08:00") == "2026-10-01T10:00+08:00"
    rare = written(
        'effect: hours, zone: operator, open: [{days: [holiday], from: "09:00", to: "20:00"}]', operator=days
    )
    assert HOLIDAY in own(rare)[0].open[0].days
    assert until(rare, "2026-10-08T10:00+08:00") == parse_instant("2026-11-11T09:00+08:00")


def test_the_zone_of_a_customer_comes_from_the_first_source_that_names_one() -> None:
    """Own setting, then the address, then where the customer was last seen; a name no zone has is passed over."""
    texts = texts_with(
        'effect: hours, open: [{from: "09:00", to: "20:00"}]',
        operator="zone_of_customer: [zone, home_zone, last_zone]\n",
    )
    texts["fields.yaml"] += "  home_zone: {type: text, source: customers.home_zone}\n"
    texts["fields.yaml"] += "  last_zone: {type: text, source: customers.last_zone}\n"
    playbook = compile_playbook(texts)

    def opens(own_zone: str | None, home: str | None, last: str | None) -> object:
        facts = {"home_zone": home, "last_zone": last}
        return until(playbook, "2026-03-02T00:00+00:00", zone=own_zone, facts=facts)

    tokyo, berlin = "2026-03-02T00:00+00:00", parse_instant("2026-03-02T08:00+00:00")
    assert opens("Asia/Tokyo", "Europe/Berlin", None) == tokyo
    assert opens(None, "Europe/Berlin", "Asia/Tokyo") == berlin
    assert opens("nowhere", None, "Asia/Tokyo") == tokyo
    assert opens(None, None, None) == parse_instant(
        "2026-03-02T03:00+00:00"
    )  # open in Shanghai and in Urumqi


def test_a_letter_is_asked_about_the_hour_it_arrives_in() -> None:
    """Hours are judged at the hand-over plus the channel's lead time, caps at the hand-over."""
    playbook = written('effect: hours, zone: operator, open: [{from: "09:00", to: "20:00"}]')
    slow = replace(playbook.channels["sms"], lead_time=10 * HOUR)
    playbook = replace(playbook, channels={**playbook.channels, "sms": slow})
    assert until(playbook, "2026-03-02T00:00+08:00") == "2026-03-02T00:00+08:00"
    assert until(playbook, "2026-03-02T10:00+08:00") == parse_instant("2026-03-02T23:00+08:00")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("effect: suppress, results: [rejected], count: shown, lasts: P1D", "key.conflict"),
        ("effect: suppress", "key.missing"),
        ("effect: suppress, results: [too_daer], lasts: P1D", "reference.unknown"),
        ("effect: pair, match: {channels: [sms]}, within: P1D", "key.missing"),
        ("effect: pair, first: {offers: [none]}, within: P1D", "reference.unknown"),
        ("effect: pair, first: {}, within: P1D, max: 2", "rule.key"),
        ("effect: pair, first: {jurisdictions: [US]}, within: P1D", "key.unknown"),
        ("effect: cooldown, event: ordred, lasts: P1D", "reference.unknown"),
        ("effect: cap, max: 2, window: {since: ordred}", "reference.unknown"),
        ("effect: cap, max: 2, window: {calendar: day, closed: true}", "key.conflict"),
        ("effect: cap, window: {calendar: day}, max: [{from: 2026-07-01, is: 1}, {from: 2026-06-01, is: 2}]", "value.order"),
        ("effect: forbid, match: {categories: [sales]}", "reference.unknown"),
        ("effect: forbid, match: {segment: heavyy}", "reference.unknown"),
        ("effect: forbid, match: {jurisdictions: [florida]}", "value.name"),
        ("effect: forbid, on_hit: {reroute: [fax]}", "reference.unknown"),
        ("effect: forbid, law: {reference: A, status: lwa}", "value.choice"),
        ("effect: forbid, law: {status: law}", "key.missing"),
        ('effect: hours, open: [{days: [holiday], from: "09:00", to: "20:00"}]', "key.missing"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_rule_has_its_code(body: str, code: str) -> None:
    """Each thing a rule may not say is one problem at its place."""
    with pytest.raises(ProblemsFound) as found:
        written(body)
    assert [problem.code for problem in found.value.problems] == [code]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("holidays: {country: XX}", "reference.unknown"),
        ("holidays: {country: US, subdivision: ZZ}", "reference.unknown"),
        ("holidays: {subdivision: FL}", "key.conflict"),
        ("holidays: {days: [2026-02-30]}", "value.date"),
        ("results: {rejected: {means: rejected, title: {en: Dear, zh-CN: 贵}}}", "value.reserved"),
        ("results: {dear: {means: rejeted, title: {en: Dear, zh-CN: 贵}}}", "value.choice"),
        ("jurisdiction: china", "value.name"),
        ("zone_of_customer: [zone, hom_zone]", "reference.unknown"),
        ("zone_of_customer: [data_gb]", "value.type"),
    ],
)
def test_a_mistake_of_the_operator_has_its_code(line: str, code: str) -> None:
    """Countries, parts, days, results, laws and fields that do not exist are problems."""
    with pytest.raises(ProblemsFound) as found:
        written("effect: forbid", operator=f"{line}\n")
    assert [problem.code for problem in found.value.problems] == [code]


def test_reserved_places_are_shares_of_all() -> None:
    """Ten percent are a thousand hundredths; more than a hundred together cannot be kept."""
    texts = small_texts()
    line = "service: {promotional: false"
    assert line in texts["operator.yaml"]
    texts["operator.yaml"] = texts["operator.yaml"].replace(line, f"{line}, reserved_places: 10")
    assert compile_playbook(texts).operator.reserved_places == {"service": 1000}
    texts["operator.yaml"] = texts["operator.yaml"].replace(
        "marketing: {promotional: true", "marketing: {promotional: true, reserved_places: 95"
    )
    with pytest.raises(ProblemsFound) as found:
        compile_playbook(texts)
    assert [problem.code for problem in found.value.problems] == ["value.range"]


def test_the_last_minute_may_be_kept_free() -> None:
    """Q5: hours to 21:00 and a last start one minute before: 20:59:00 is allowed, a second later is not."""
    playbook = written(
        'effect: hours, zone: operator, open: [{from: "09:00", to: "21:00"}], last_start: PT60S'
    )
    assert until(playbook, "2026-03-02T20:59:00+08:00") == "2026-03-02T20:59:00+08:00"
    assert until(playbook, "2026-03-02T20:59:01+08:00") == parse_instant("2026-03-03T09:00+08:00")
    assert own(playbook)[0].last_start == 60 * SECOND
