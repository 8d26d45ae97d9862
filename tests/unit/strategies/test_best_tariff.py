"""The offer of the best tariff: made line by line, only where the line's advice is worth something."""

from __future__ import annotations

from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Offer, Playbook
from strategies.hashing import bucket, hash64
from strategies.instants import parse_instant
from strategies.offering.eligibility import candidates
from strategies.offering.explaining import explain
from strategies.profile import CustomerId, FieldValue, Line, Profile
from tests.unit.strategies.small import small_texts

NOW = parse_instant("2026-03-02T10:00+08:00")
FIELDS = small_texts()["fields.yaml"]


def playbook(more: str = "", fields: str = FIELDS) -> Playbook:
    """One strategy with the offer, by SMS; ``more`` are further keys of the offer."""
    own = (
        "strategy: tariff\ntitle: {en: Tariff, zh-CN: 资费}\ncategory: service\naudience: true\nvalue: 10\n"
        "goal: {event: ordered, within: P7D}\n"
        "channels: {sms: {propensity: 0.3, text: {en: Hello, zh-CN: 您好}}}\n"
        f"offers: [{{offer: best_tariff, title: {{en: Best, zh-CN: 最优}}{more}}}]\n"
    )
    texts = {**small_texts(), "fields.yaml": fields, "strategies/tariff.yaml": own}
    return compile_playbook(texts)


def offer(of: Playbook) -> Offer:
    strategy = of.strategy("tariff")
    assert strategy is not None
    return strategy.offers[0]


def customer(**worth: FieldValue) -> Profile:
    """A customer with a line for each advice; their own fact is the greatest, as aggregated."""
    known = [each for each in worth.values() if isinstance(each, int)]
    return Profile(
        CustomerId("C1"), hash64("C1"), bucket("C1"), "C1", "n", zone="Asia/Shanghai",
        facts={**dict.fromkeys(playbook().fields), "tariff_worth": max(known, default=None)},
        lines=tuple(Line(name, name, {"tariff_worth": each}) for name, each in worth.items()),
    )  # fmt: skip


def test_the_condition_is_the_gain() -> None:
    """Without a condition of its own the offer suits where the field of the worth is above zero."""
    found = offer(playbook())
    assert found.per_line and found.suitable is not None
    assert found.suitable.text == "tariff_worth > 0"
    assert found.suitable.fields == {"tariff_worth"}


def test_its_own_condition_is_kept_whole() -> None:
    """An OR in it does not swallow the gain; true for everybody stays everybody who gains."""
    found = offer(playbook(", suitable: tenure_months > 3 OR arpu > 100"))
    assert found.suitable is not None
    assert found.suitable.decide({"tenure_months": 9, "arpu": 1, "tariff_worth": 0}, NOW) is False
    assert found.suitable.decide({"tenure_months": 9, "arpu": 1, "tariff_worth": None}, NOW) is None
    assert found.suitable.decide({"tenure_months": 9, "arpu": 1, "tariff_worth": 1}, NOW) is True
    everybody = offer(playbook(", suitable: true")).suitable
    assert everybody is not None and everybody.decide({"tariff_worth": 1}, NOW) is True
    assert everybody.decide({"tariff_worth": 0}, NOW) is False


def test_the_field_may_have_any_name() -> None:
    """Its source says what it is; a number of the same column is no amount."""
    fields = FIELDS.replace("tariff_worth: {type: money", "gain: {type: money").replace(
        "  tier:", "  plain: {type: number, source: advice.worth, aggregate: max}\n  tier:"
    )
    found = offer(playbook(fields=fields)).suitable
    assert found is not None and found.text == "gain > 0"


def test_only_lines_that_gain_become_candidates() -> None:
    """The others are refused by name: not worth it, or not known."""
    found = candidates(playbook(), customer(L1=1, L2=0, L3=-500, L4=None), NOW, strategies={"tariff"})
    assert [each.line for each in found.candidates] == ["L1"]
    assert [(each.line, each.refusal.rule, each.refusal.reason) for each in found.refused] == [
        ("L2", "offer.suitable", "unsuitable"),
        ("L3", "offer.suitable", "unsuitable"),
        ("L4", "offer.suitable", "unknown_field"),
    ]
    assert found.refused[2].refusal.field == "tariff_worth"


def test_the_explanation_shows_what_was_compared() -> None:
    """The gain stands among the values of the gate like any other comparison."""
    shown = explain(playbook(", suitable: tenure_months > 3"), customer(L1=0), NOW, strategies={"tariff"})
    (gate,) = (gate for gate in shown[0].gates if gate.name == "suitable")
    assert [(leaf.text, leaf.value, leaf.outcome) for leaf in gate.compared] == [
        ("tenure_months > 3", None, None), ("tariff_worth > 0", 0, False),
    ]  # fmt: skip
    assert gate.passed is False and gate.refusal is not None and gate.refusal.reason == "unsuitable"
