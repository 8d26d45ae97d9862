# ruff: noqa: E501
"""Comparisons of bills as flow gives them, made by hand: cheaper, cheapest already, bound by a contract, too new, unknown."""

from __future__ import annotations

from datetime import UTC, datetime

from contact.domain.tariff_answers import BillComponent, LineTariffs, MonthBill, TariffOption, TariffsAnswer

NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
MONTHS = ["2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"]
BEFORE = [11840, 12120, 11390, 13310, 12010, 11460]
TITLES = {
    "en": {"now": "Global 59", "best": "Data 89 with Talk 100", "dear": "All-in 199", "closed": "Student 39", "sentence": "On Data 89 with Talk 100 the last six bills would have been ¥22.18 a month lower, in 1 of 6 months dearer.",
           "cheapest": "Global 59 is already the cheapest for this line; the next one would cost ¥12.40 more a month.", "few": "2 months of usage are on file; a comparison needs 3.", "unknown": "The line's tariff old-38 is not in the price list, so its bills cannot be worked out.",
           "penalty": "Data 89 with Talk 100 would save ¥22.18 a month, but leaving Global 59 before 30 Sep 2026 costs ¥420.00.", "change": "30 GB instead of 10 GB", "change2": "calls abroad ¥1.50 instead of ¥0.80 a minute",
           "how": ["Usage of each month was rated under every tariff at the prices in force today.", "Add-ons: for each tariff the set with the lowest mean bill.", "Roaming is billed by the partner's price and stays the same."],
           "parts": ["Monthly fee", "Add-ons", "Calls", "Data", "Roaming"]},
    "zh-CN": {"now": "全球通 59", "best": "流量王 89＋通话包 100", "dear": "尊享 199", "closed": "校园 39", "sentence": "若使用流量王 89＋通话包 100，近六个月账单平均每月少 ¥22.18，6 个月中有 1 个月更贵。",
              "cheapest": "对该号码而言，全球通 59 已是最便宜的资费；次优资费每月多 ¥12.40。", "few": "仅有 2 个月的使用记录，比较至少需要 3 个月。", "unknown": "该号码的资费 old-38 不在价目表中，无法计算其账单。",
              "penalty": "流量王 89＋通话包 100 每月可省 ¥22.18，但在 2026 年 9 月 30 日前离开全球通 59 需付 ¥420.00。", "change": "流量 30 GB，原为 10 GB", "change2": "国际通话每分钟 ¥1.50，原为 ¥0.80",
              "how": ["每个月的使用量按今日有效价格在所有资费下重新计费。", "叠加包：每个资费取平均账单最低的组合。", "漫游按合作方价格计费，保持不变。"],
              "parts": ["月费", "叠加包", "通话", "流量", "漫游"]},
}  # fmt: skip


def option(
    title: str,
    verdict: str,
    after: list[int],
    parts: list[str],
    changes: list[str],
    *,
    penalty: int = 0,
    binds: int = 0,
) -> TariffOption:
    saved = [before - then for before, then in zip(BEFORE, after, strict=True)]
    mean = sum(saved) // len(saved)
    dearest = max(range(len(after)), key=lambda place: after[place])
    now, then = [5900, 0, 3420, 2310, 160], [8900, 0, 90, 0, 160]
    return TariffOption(
        tariff=title.lower().replace(" ", "-"), addons=[], title=title, verdict=verdict, mean_minor=sum(after) // len(after), saving_minor=mean, spread_minor=1130,
        dearest_month=MONTHS[dearest], dearest_before_minor=BEFORE[dearest], dearest_after_minor=after[dearest], dearer_months=sum(each < 0 for each in saved), months=len(saved),
        penalty_minor=penalty, contract_months=binds, worth_minor=12 * mean - penalty, priority=0, changes=changes,
        bills=[MonthBill(month=month, issued_minor=before + (210 if month == "2025-12" else 0), before_minor=before, after_minor=paid, unexplained_minor=210 if month == "2025-12" else 0) for month, before, paid in zip(MONTHS, BEFORE, after, strict=True)],
        components=[BillComponent(component=part, title=part, before_minor=one, after_minor=two) for part, one, two in zip(parts, now, then, strict=True)],
    )  # fmt: skip


def line(verdict: str, language: str = "en", name: str = "L1") -> LineTariffs:
    """One line by its verdict."""
    words = TITLES[language]
    penalty = 42000 if verdict == "penalty" else 0
    best = option(words["best"], "penalty" if penalty else "cheaper", [8990, 9210, 8990, 13650, 8990, 8990], words["parts"], [words["change"], words["change2"]], penalty=penalty, binds=12)  # fmt: skip
    dear = option(words["dear"], "dearer", [19900] * 6, words["parts"], [])
    near = option(
        words["dear"], "dearer", [each + 1240 for each in BEFORE], words["parts"], [words["change"]]
    )
    closed = option(words["closed"], "not_eligible", [6100, 6420, 6100, 7010, 6100, 6100], words["parts"], [])
    now = option(words["now"], "current", BEFORE, words["parts"], [])
    options = {"cheaper": [best, now, dear, closed], "penalty": [now, best, dear], "cheapest": [now, near, closed]}.get(verdict, [])  # fmt: skip
    return LineTariffs(
        line=name, tariff="global-59", addons=[], title=words["now"] if verdict != "unknown_tariff" else "old-38", contract_end="2026-09-30" if penalty else None, verdict=verdict,
        sentence=words[{"cheaper": "sentence", "too_few_months": "few", "unknown_tariff": "unknown"}.get(verdict, verdict)], best=best if verdict == "cheaper" else None,
        options=options, months=MONTHS if options else MONTHS[-2:],
    )  # fmt: skip


def found(*verdicts: str, language: str = "en") -> TariffsAnswer:
    """A customer with one line for each verdict."""
    lines = [line(verdict, language, f"L{number}") for number, verdict in enumerate(verdicts, 1)]
    return TariffsAnswer(
        customer="C00042", at=NOW, simulated_time=True, currency="CNY", data_until="2026-02" if lines else None, how=TITLES[language]["how"] if lines else [], lines=lines,
    )  # fmt: skip
