"""Verdicts: every failing rule with its clear time, and the first instant at which all rules pass."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.candidate import Candidate
from strategies.declared.playbook import Offer, Open, Rule, Strategy, Unit, Window
from strategies.instants import DAY, HOUR, Instant, parse_instant
from strategies.judging.judge import cap_uses, hours_close_at, judge
from strategies.offering.explaining import policy_gates
from strategies.verdict import Refusal

from .world import HERE, NOW, SMS, cap, condition, contact, match, playbook, profile

DAILY = frozenset(range(1, 8))
HOURS = Rule("law.hours", "hours", "legal", HERE, open=(Open(DAILY, 9 * 60, 21 * 60),))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-60, 60), max_size=6),
    st.integers(0, 47),
    st.integers(1, 3),
    st.integers(12, 72),
    st.booleans(),
)
def test_until_is_the_first_instant_at_which_all_rules_pass(
    hours: list[int], asked: int, most: int, length: int, monthly: bool
) -> None:
    """Hours, a sliding cap and a calendar cap together: `until` equals an hourly sweep of `judge` itself."""
    calendar = cap(Window("calendar", period="month" if monthly else "day"), most + 1, "p.calendar")
    book = playbook(HOURS, cap(Window("sliding", length * HOUR), most), calendar)
    known = profile(contact(NOW + hour * HOUR, f"c{place}") for place, hour in enumerate(hours))
    at = Instant(NOW + asked * HOUR)
    verdict = judge(book, SMS, known, at)
    if verdict.allowed:
        assert verdict.until is None
        return
    sweep = range(at, at + 60 * DAY, HOUR)
    assert verdict.until == next(
        moment for moment in sweep if judge(book, SMS, known, Instant(moment)).allowed
    )
    for refusal in verdict.refusals:
        alone = replace(book, rules=tuple(rule for rule in book.rules if rule.id == refusal.rule))
        assert refusal.until == next(m for m in sweep if judge(alone, SMS, known, Instant(m)).allowed)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-40, 40), max_size=5), st.integers(0, 23), st.sampled_from([True, False, None]))
def test_the_explanation_says_what_the_verdict_says(
    hours: list[int], asked: int, complaint: bool | None
) -> None:
    """The gates that failed in an explanation are the refusals of the verdict, with the same clear times."""
    forbid = Rule("p.complaint", "forbid", "company", HERE, when=condition("complaint", complaint="boolean"))
    book = playbook(HOURS, forbid, cap(Window("sliding", DAY), 1))
    known = profile(
        (contact(NOW + h * HOUR, f"c{i}") for i, h in enumerate(hours)), facts={"complaint": complaint}
    )
    at = Instant(NOW + asked * HOUR)
    verdict = judge(book, SMS, known, at)
    gates = policy_gates(book, SMS, known, at)
    assert [gate.name for gate in gates] == ["consent", "law.hours", "p.complaint", "p.cap"]
    assert tuple(gate.refusal for gate in gates if gate.refusal is not None) == verdict.refusals
    complained = next(gate for gate in gates if gate.name == "p.complaint")
    assert [(leaf.field, leaf.outcome) for leaf in complained.compared] == [("complaint", complaint)]


def test_every_failing_rule_is_named_with_its_place_and_clear_time() -> None:
    """Outside hours and over a cap: two refusals, each with its own clear time, and one for both."""
    book = playbook(HOURS, cap(Window("sliding", DAY), 1))
    at = parse_instant("2026-03-02T22:00+08:00")
    verdict = judge(book, SMS, profile([contact(at - HOUR)]), at)
    assert [(refusal.rule, refusal.reason, refusal.until, refusal.place) for refusal in verdict.refusals] == [
        ("law.hours", "hours", parse_instant("2026-03-03T09:00+08:00"), HERE),
        ("p.cap", "cap", at - HOUR + DAY, HERE),
    ]
    assert verdict.until == parse_instant("2026-03-04T09:00+08:00")


def test_rules_that_never_meet_have_no_common_clear_time() -> None:
    """Open on Mondays by one rule and on Tuesdays by another: each clears, both never do."""
    monday = Rule("p.monday", "hours", "company", HERE, open=(Open(frozenset({1}), 0, 1440),))
    tuesday = Rule("p.tuesday", "hours", "company", HERE, open=(Open(frozenset({2}), 0, 1440),))
    verdict = judge(playbook(monday, tuesday), SMS, profile(), NOW)
    assert verdict.rules == ("p.tuesday",)
    assert verdict.refusals[0].until == parse_instant("2026-03-03T00:00+08:00")
    assert verdict.until is None


def test_a_restricting_rule_applies_unless_its_condition_is_false() -> None:
    """True and unknown restrict, unknown under a reason of its own that names the field; false does not."""
    for effect in ("forbid", "cap"):
        rule = replace(
            cap(Window("sliding", DAY), 1),
            effect=effect,
            when=condition("tenure < 3", tenure="number"),
            on_hit="drop",
        )
        for tenure, reason, field in (
            (1, "forbidden" if effect == "forbid" else "cap", None),
            (None, "unknown_field", "tenure"),
        ):
            verdict = judge(playbook(rule), SMS, profile([contact(NOW)], facts={"tenure": tenure}), NOW)
            assert [(each.reason, each.field, each.on_hit) for each in verdict.refusals] == [
                (reason, field, "drop")
            ]
        assert judge(playbook(rule), SMS, profile([contact(NOW)], facts={"tenure": 9}), NOW).allowed
    within = cap(Window("sliding", DAY), 1, when=condition("tenure < 3", tenure="number"))
    assert judge(playbook(within), SMS, profile(facts={"tenure": None}), NOW).allowed


def strategy(id: str, *offers: str) -> Strategy:
    made = tuple(Offer(offer, "f", {}, 0, 0.0, None, {}, HERE) for offer in offers)
    return Strategy(id, "marketing", {}, HERE, condition("TRUE"), made, None, None, 0, id)


def test_a_rule_applies_to_what_it_matches() -> None:
    """Channel, direction, category, offer, family, strategy and promotion all have to match."""
    candidate = Candidate("sms", "marketing", strategy="s", offer="o", family="f")
    matching = match(
        channels=["sms"], direction="outgoing", categories=["marketing"], promotional=True, strategies=["s"],
        offers=["o"], families=["f"],
    )  # fmt: skip
    rule = Rule("p.no", "forbid", "company", HERE, match=matching)
    book = playbook(rule, strategies=(strategy("s", "o", "p"), strategy("t", "o")))
    assert not judge(book, candidate, profile(), NOW).allowed
    for other in (
        replace(candidate, channel="web"),
        replace(candidate, direction="incoming"),
        replace(candidate, category="service"),
        replace(candidate, promotional=False),
        replace(candidate, strategy="t"),
        replace(candidate, offer="p"),
        replace(candidate, family="g"),
    ):
        assert judge(book, other, profile(), NOW).allowed


def test_an_offer_that_was_taken_out_of_the_playbook_is_made_no_more() -> None:
    """A waiting task's strategy or offer that is no longer published is refused at its permit, for good."""
    book = playbook(strategies=(strategy("s", "o"),))
    assert judge(book, Candidate("sms", "marketing", strategy="s", offer="o"), profile(), NOW).allowed
    for gone in (("s", "p"), ("t", "o")):
        verdict = judge(book, Candidate("sms", "marketing", strategy=gone[0], offer=gone[1]), profile(), NOW)
        assert [(each.rule, each.reason, each.until) for each in verdict.refusals] == [
            ("offer.validity", "outside_validity", None)
        ]
        assert (verdict.until, verdict.on_hit) == (None, "drop")


def test_a_rule_of_a_unit_binds_all_below_it_and_those_of_unknown_unit() -> None:
    """A province's rule holds for its grids, not for another province's; who is nowhere known is held to it."""
    units = {
        id: Unit(id, kind, {}, parent)
        for id, kind, parent in (
            ("P1", "province", None),
            ("B1", "branch", "P1"),
            ("G1", "grid", "B1"),
            ("P2", "province", None),
        )
    }
    book = playbook(Rule("p.unit", "forbid", "unit", HERE, match=match(units=["P1"])), units=units)
    allowed = {
        unit: judge(book, SMS, profile(unit=unit), NOW).allowed for unit in ("P1", "B1", "G1", "P2", None)
    }
    assert allowed == {"P1": False, "B1": False, "G1": False, "P2": True, None: False}


def test_without_history_only_service_that_the_customer_asked_for_passes() -> None:
    """An unreachable history refuses promotion and all that goes out, and says that it cannot tell."""
    book = playbook(HOURS)
    lost = profile(history_reachable=False)
    asked = Candidate("agent", "service", direction="incoming", promotional=False)
    assert judge(book, asked, lost, NOW).allowed
    for candidate in (
        SMS,
        replace(asked, category="marketing", promotional=True),
        replace(asked, direction="outgoing"),
    ):
        verdict = judge(book, candidate, lost, NOW)
        assert [(each.reason, each.rule) for each in verdict.refusals] == [
            ("cannot_tell", "store.unreachable")
        ]
        assert verdict.until is None


def test_of_several_failing_rules_drop_beats_reroute_beats_defer() -> None:
    """The verdict's `on_hit` is the sternest of its refusals."""
    book = playbook(replace(HOURS, on_hit="reroute"), cap(Window("sliding", DAY), 1))
    at = parse_instant("2026-03-02T22:00+08:00")
    assert judge(book, SMS, profile([contact(at)]), at).on_hit == "reroute"
    stern = replace(book, rules=(*book.rules, Rule("p.no", "forbid", "company", HERE, on_hit="drop")))
    assert judge(stern, SMS, profile([contact(at)]), at).on_hit == "drop"


def test_caps_in_use_leave_out_what_does_not_apply() -> None:
    """A cap whose condition is false or whose match is another channel is not listed."""
    book = playbook(
        cap(Window("sliding", 7 * DAY), 2, "p.one"),
        cap(Window("sliding", DAY), 2, "p.two", match=match(channels=["web"])),
        cap(Window("sliding", DAY), 2, "p.three", when=condition("young", young="boolean")),
    )
    uses = cap_uses(book, SMS, profile([contact(NOW)], facts={"young": False}), NOW)
    assert [(use.rule, use.used, use.max) for use in uses] == [("p.one", 1, 2)]


def test_hours_close_at_the_first_that_close() -> None:
    """Of several hours that are open now, the earliest close is told; without hours there is none."""
    earlier = replace(HOURS, id="p.earlier", open=(Open(DAILY, 9 * 60, 18 * 60),), last_start=60_000_000)
    assert hours_close_at(playbook(HOURS), SMS, profile(), NOW) == parse_instant("2026-03-02T21:00+08:00")
    assert (
        hours_close_at(playbook(HOURS, earlier), SMS, profile(), NOW)
        == parse_instant("2026-03-02T17:59+08:00") + 1
    )
    assert hours_close_at(playbook(), SMS, profile(), NOW) is None


def test_a_refusal_is_falsy() -> None:
    """`if refusal` reads as allowed, so a refusal is false."""
    assert not Refusal("cap", "p.cap")
