"""Rules whose condition counts days clear at the local midnight at which it turns."""

from __future__ import annotations

from strategies.conditions.language import compile_condition
from strategies.declared.playbook import Condition, Field, Rule
from strategies.instants import Instant, format_instant, parse_instant
from strategies.judging.judge import judge
from tests.unit.rules.world import HERE, NOW, SMS, playbook, profile

FIELDS = {"joined": Field("joined", "date", "customers.joined")}


def counted(text: str) -> Condition:
    return compile_condition(text, FIELDS, HERE, zone="Asia/Shanghai")


def test_a_ban_for_new_customers_clears_at_the_midnight_of_their_last_day() -> None:
    """Joined 1 February, banned for 90 days: refused on 2 March until the operator's midnight of 2 May."""
    rules = playbook(Rule("p.new", "forbid", "company", HERE, when=counted("days_since(joined) < 90")))
    new = profile(facts={"joined": "2026-02-01"})
    until = judge(rules, SMS, new, NOW).until
    assert until is not None and format_instant(until) == "2026-05-01T16:00:00Z"
    assert not judge(rules, SMS, new, Instant(until - 1)).allowed
    assert judge(rules, SMS, new, until).allowed


def test_a_ban_that_begins_later_pushes_the_clearing_of_another_behind_it() -> None:
    """Hours of waiting that end inside a day that is banned are followed by the next day that is not."""
    short = Rule("p.first", "forbid", "company", HERE, when=counted("days_since(joined) < 30"))
    long = Rule("p.second", "forbid", "company", HERE, when=counted("days_since(joined) BETWEEN 30 AND 31"))
    new = profile(facts={"joined": "2026-02-01"})
    verdict = judge(playbook(short, long), SMS, new, NOW)
    assert verdict.rules == ("p.first",)
    assert verdict.until == parse_instant("2026-03-05T00:00+08:00")


def test_an_unknown_day_never_clears() -> None:
    """Nobody knows when the customer joined, so no midnight can help."""
    rules = playbook(Rule("p.new", "forbid", "company", HERE, when=counted("days_since(joined) < 90")))
    verdict = judge(rules, SMS, profile(facts={"joined": None}), NOW)
    assert [refusal.reason for refusal in verdict.refusals] == ["unknown_field"]
    assert verdict.until is None
