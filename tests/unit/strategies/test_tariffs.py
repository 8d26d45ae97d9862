"""Counters and tariffs as they are read: prices exact, dates as instants, lists in the order written."""

from __future__ import annotations

from decimal import Decimal

import pytest

from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Playbook
from strategies.declared.tariff import ALWAYS, Allowance, Counter, Penalty, Rate, Tariff, Tier
from strategies.instants import Instant, parse_instant
from strategies.problems import ProblemsFound, Where
from tests.unit.strategies.small import small_texts

HEAD = "tariff: own\nkind: base\ntitle: {en: Own, zh-CN: 自选}\n"
PRICED = "rates: {voice_on_net: 0.2, data_gb: 10}\n"
FEE = "fee: 19\n"


def compiled(**more: str) -> Playbook:
    """The small playbook with files in ``tariffs/``."""
    return compile_playbook(
        {**small_texts(), **{f"tariffs/{name}.yaml": text for name, text in more.items()}}
    )


def own(body: str) -> Tariff:
    return compiled(own=HEAD + body).tariffs["own"]


def flat(price: str, step: str | None = None) -> Rate:
    return Rate((Tier(None, Decimal(price)),), None if step is None else Decimal(step))


def midnight(day: str) -> Instant:
    return parse_instant(f"{day}T00:00+08:00")


def test_counters_stand_in_the_order_written() -> None:
    """``source`` is the usage column of the same name unless said otherwise, ``reach`` the home network."""
    texts = small_texts()
    texts["counters.yaml"] += (
        "  sms: {service: sms, unit: piece, source: usage.texts, title: {en: SMS, zh-CN: 短信}}\n"
    )
    texts["tariffs/plus.yaml"] = texts["tariffs/plus.yaml"].replace("rates: {", "rates: {sms: 0.1, ")
    counters = compile_playbook(texts).counters
    assert list(counters) == ["voice_on_net", "data_gb", "sms"]
    assert counters["data_gb"] == Counter(
        "data_gb",
        "data",
        "home",
        "GB",
        "usage.data_gb",
        Where("counters.yaml", 3, 3),
        {"en": "Data", "zh-CN": "流量"},
    )
    assert (counters["voice_on_net"].reach, counters["sms"].source) == ("on_net", "usage.texts")


def test_a_tariff_is_read_as_written() -> None:
    """Fees and penalties in minor units, quantities and prices as exact decimals, days as midnights of the operator."""
    found = own(
        "valid: {from: 2026-01-01, to: 2036-01-01}\n"
        "fee: [{from: 2026-01-01, is: 59}, {from: 2026-07-01, is: 62.5}]\n"
        "allowances:\n"
        "  - {counters: [data_gb, voice_on_net], amount: 0.125}\n"
        "  - {counters: [voice_on_net], amount: unlimited}\n"
        "rates:\n"
        "  voice_on_net: {tiers: [{up_to: 100, price: 1.5}, {price: 0.000001}], step: 60}\n"
        "  data_gb: [{from: 2026-01-01, is: 10}, {from: 2026-02-01, is: {price: 5, step: 1}}]\n"
        "eligible: tenure_months >= 6\n"
        "contract: {months: 12, penalty: {fixed: 50, per_month_left: 20.01}}\n"
        "addons: [data-5, data-20]\n"
        "priority: {B1: 2, H: -1}\n"
    )
    assert found.is_base and found.place == Where("tariffs/own.yaml", 1, 1)
    assert (found.valid_from, found.valid_until) == (midnight("2026-01-01"), midnight("2036-01-01"))
    assert found.fees == ((midnight("2026-01-01"), 5900), (midnight("2026-07-01"), 6250))
    assert found.allowances == (
        Allowance(("data_gb", "voice_on_net"), Decimal("0.125")), Allowance(("voice_on_net",), None),
    )  # fmt: skip
    tiers = Tier(Decimal(100), Decimal("1.5")), Tier(None, Decimal("0.000001"))
    assert found.rates == {
        "voice_on_net": ((ALWAYS, Rate(tiers, Decimal(60))),),
        "data_gb": ((midnight("2026-01-01"), flat("10")), (midnight("2026-02-01"), flat("5", "1"))),
    }
    assert found.eligible is not None and found.eligible.decide({"tenure_months": 6}, Instant(0)) is True
    assert (found.contract_months, found.penalty) == (12, Penalty(5000, 2001))
    assert found.addons == ("data-5", "data-20")
    assert found.priority == {"B1": 2, "H": -1}


def test_what_a_tariff_leaves_out() -> None:
    """Always on sale, for everybody, without contract, allowance or add-on; the fee is always the same."""
    found = own(FEE + PRICED)
    assert found == Tariff(
        "own", "base", {"en": "Own", "zh-CN": "自选"}, Where("tariffs/own.yaml", 1, 1), ((ALWAYS, 1900),), (),
        {"voice_on_net": ((ALWAYS, flat("0.2")),), "data_gb": ((ALWAYS, flat("10")),)},
    )  # fmt: skip


def test_an_add_on_prices_only_what_it_changes() -> None:
    """Its other counters cost what the base says."""
    head = HEAD.replace("base", "voice")
    found = compiled(own=head + FEE + "rates: {voice_on_net: 0}\n").tariffs["own"]
    assert not found.is_base and found.rates == {"voice_on_net": ((ALWAYS, flat("0")),)}


def test_exclusion_holds_both_ways() -> None:
    """One of the two files says it."""
    head = HEAD.replace("base", "data")
    tariffs = compiled(own=head + FEE + "excludes: [data-5]\n").tariffs
    assert tariffs["own"].excludes == {"data-5"} and tariffs["data-5"].excludes == {"own"}
    assert tariffs["data-20"].excludes == frozenset()


def test_allowances_may_overlap() -> None:
    """They are drawn from in the order written."""
    found = own(
        FEE + PRICED + "allowances: [{counters: [data_gb], amount: 1}, {counters: [data_gb], amount: 2}]\n"
    )
    assert [each.amount for each in found.allowances] == [1, 2]


def test_counters_and_tariffs_may_be_missing() -> None:
    """A playbook without them is whole; a flat rate needs no counter."""
    texts = {
        path: text for path, text in small_texts().items() if "tariff" not in path and "counter" not in path
    }
    playbook = compile_playbook(texts)
    assert (playbook.counters, playbook.tariffs, playbook.models) == ({}, {}, {})
    assert compile_playbook({**texts, "tariffs/own.yaml": HEAD + FEE}).tariffs["own"].rates == {}


def test_a_price_from_the_first_day_of_the_fee_is_enough() -> None:
    """Dates before which the tariff cannot be had need no price."""
    fee = "fee: [{from: 2026-03-01, is: 19}]\n"
    rates = "rates: {voice_on_net: 0.2, data_gb: [{from: 2026-03-01, is: 10}]}\n"
    assert own(fee + rates).rates["data_gb"][0][0] == midnight("2026-03-01")


@pytest.mark.parametrize(
    ("path", "text"),
    [("counters.yaml", "counters:\n\t- x\n"), ("tariffs/plus.yaml", "tariff: plus\nkind: [")],
)
def test_an_unreadable_file_is_one_problem(path: str, text: str) -> None:
    """What refers to its contents is not judged before it can be read."""
    texts = {**small_texts(), "tariffs/own.yaml": HEAD + FEE + PRICED + "addons: [data-5, plus]\n"}
    if path == "counters.yaml":
        texts["tariffs/own.yaml"] = texts["tariffs/own.yaml"].replace(", plus", "")
    with pytest.raises(ProblemsFound) as found:
        compile_playbook({**texts, path: text})
    assert {problem.where.path for problem in found.value.problems} == {path}


def test_a_price_is_exact_to_its_last_decimal() -> None:
    """However many digits stand before the point; an eleventh decimal is refused, a nought more is none."""
    for price, fine in (
        ("999999.0123456789", True),
        ("0.00000000010", True),
        ("1e-10", True),
        ("1e-11", False),
    ):
        body = FEE + f"rates: {{voice_on_net: {price}, data_gb: 1}}\n"
        if fine:
            assert own(body).rates["voice_on_net"] == ((ALWAYS, flat(price)),)
        else:
            with pytest.raises(ProblemsFound, match=r"value\.money"):
                own(body)
