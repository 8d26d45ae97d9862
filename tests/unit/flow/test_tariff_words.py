"""What changes besides price, and how it was found, in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from contact.flow.tariffs.tariff_words import (
    COMPONENT_TITLES,
    change_words,
    component_title,
    how_found,
    month_text,
    plan_title,
)
from scoring.tariff_changes import Change
from scoring.tariff_prices import COMPONENTS
from strategies.declared.playbook import Operator, Playbook
from strategies.declared.tariff import Tariff
from strategies.problems import Where

OPERATOR = Operator("Demo", "CNY", 100, "Asia/Shanghai", (), 1, ("zh-CN", "en"), {"marketing": True}, 0, 1)
TARIFFS = {
    "plus-15": Tariff("plus-15", "base", {"en": "Plus 15", "zh-CN": "畅享 15"}, Where("tariffs/plus-15.yaml"), ()),
    "data-5": Tariff("data-5", "data", {"en": "5 GB", "zh-CN": "5GB 包"}, Where("tariffs/data-5.yaml"), ()),
}  # fmt: skip
PLAYBOOK = Playbook("v", OPERATOR, {}, {}, {}, {}, (), (), (), tariffs=TARIFFS)


@pytest.mark.parametrize(
    ("change", "english", "chinese"),
    [
        (Change("addon_added", "data-5"), 'with "5 GB"', "增加叠加包「5GB 包」"),
        (Change("addon_dropped", "gone"), 'without "gone"', "取消叠加包「gone」"),
        (
            Change("contract", "plus-15", "month", Decimal(1), Decimal(0)),
            "Contract: none instead of 1 month",
            "合约期：无（目前 1 个月）",
        ),
        (
            Change("allowance", "voice", "min", Decimal(100), None),
            "Voice included: unlimited instead of 100 min",
            "资费内含语音：不限量（目前 100 分钟）",
        ),
        (
            Change("allowance", "data", "GB", Decimal("0.5"), Decimal(15)),
            "Data included: 15 GB instead of 0.5 GB",
            "资费内含流量：15 GB（目前 0.5 GB）",
        ),
    ],
)
def test_each_change_is_a_phrase_in_both_languages(change: Change, english: str, chinese: str) -> None:
    """Ids, units and nothing at all are said as people say them."""
    assert change_words(PLAYBOOK, change, "en") == english
    assert change_words(PLAYBOOK, change, "zh-CN") == chinese


def test_every_component_of_a_bill_has_its_titles() -> None:
    """What the engine adds up can be shown in both languages."""
    assert set(COMPONENT_TITLES) == set(COMPONENTS)
    assert {component_title(each, "zh-CN") for each in COMPONENTS} >= {"月费", "漫游"}


def test_how_it_was_found_says_only_what_happened() -> None:
    """The local order and issued bills are spoken of where they had a say."""

    def told(language: str, *, issued: bool, ordered: bool) -> list[str]:
        return how_found(
            PLAYBOOK, months=1, data_until="2030-02", today=date(2030, 3, 4), issued=issued, ordered=ordered,
            language=language,
        )  # fmt: skip

    assert [len(told("en", issued=each, ordered=False)) for each in (False, True)] == [3, 4]
    assert [len(told("zh-CN", issued=True, ordered=each)) for each in (False, True)] == [4, 5]
    assert "the last 1 month, up to 2030-02" in told("en", issued=False, ordered=False)[0]
    assert "local order" in told("en", issued=False, ordered=True)[3]


def test_a_plan_is_titled_by_its_tariffs() -> None:
    """A tariff with its add-ons is one title, no tariff is none, and a month is written year first."""
    assert plan_title(PLAYBOOK, "plus-15", ["data-5"], "zh-CN") == "畅享 15 + 5GB 包"
    assert plan_title(PLAYBOOK, None, [], "en") == ""
    assert month_text(2030 * 12 + 1) == "2030-02"
