"""A tariff comparison in words, in English and Chinese: the finding, how it was found, and what changes besides price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from contact.flow.wording import money_words, tariff_title
from scoring.tariff_changes import Change
from scoring.tariff_comparison import FEWEST_MONTHS, ComparedLine, ComparedOption
from strategies.declared.playbook import Playbook

COMPONENT_TITLES: Mapping[str, tuple[str, str]] = {
    "fee": ("Monthly fee", "月费"),
    "addons": ("Add-ons", "叠加包"),
    "voice": ("Voice", "语音"),
    "data": ("Data", "流量"),
    "sms": ("SMS", "短信"),
    "mms": ("MMS", "彩信"),
    "wlan": ("WLAN", "WLAN"),
    "international": ("International", "国际"),
    "roaming": ("Roaming", "漫游"),
}
_UNIT_ZH = {"min": "分钟", "SMS": "条", "MMS": "条", "messages": "条", "hours": "小时"}


def is_chinese(language: str) -> bool:
    """Whether the reader reads Chinese; everybody else reads English."""
    return language.startswith("zh")


def component_title(component: str, language: str) -> str:
    """A part of a bill: ``Monthly fee``, ``月费``."""
    english, chinese = COMPONENT_TITLES[component]
    return chinese if is_chinese(language) else english


def plan_title(playbook: Playbook, tariff: str | None, addons: Sequence[str], language: str) -> str:
    """A tariff with its add-ons: ``Plus 15 + 5 GB``; empty where the line has none."""
    if tariff is None:
        return ""
    return " + ".join(tariff_title(playbook, each, language) for each in (tariff, *addons))


def month_text(month: int) -> str:
    """``2026-02`` of year × 12 + month − 1."""
    return f"{month // 12:04}-{month % 12 + 1:02}"


def finding(
    playbook: Playbook, line: ComparedLine, *, tariff: str | None, contract_end: str | None, months: int, language: str
) -> str:  # fmt: skip
    """What was found about a line, in one or two sentences."""
    zh = is_chinese(language)
    match line.verdict:
        case "cheaper":
            assert line.best is not None and line.current is not None
            return _cheaper(playbook, line.best, line.current, months, language)
        case "cheapest":
            return "您目前的资费已经是最便宜的。" if zh else "You already have the cheapest tariff."
        case "penalty":
            return _penalty(playbook, line, contract_end, language)
        case "too_few_months":
            if zh:
                return f"只有 {months} 个月的用量记录，至少需要 {FEWEST_MONTHS} 个月才能比较。"
            there = "is" if months == 1 else "are"
            return f"{_months(months)} of usage {there} on file; a comparison needs at least {FEWEST_MONTHS}."
    if tariff is None:
        return (
            "档案中没有这个号码的资费。" if zh else "The lines on file do not say which tariff this line has."
        )
    return (
        f"当前价目中没有这个号码的资费 {tariff} 或其叠加包。" if zh
        else f"The line's tariff {tariff}, or one of its add-ons, is not among those that have prices today."
    )  # fmt: skip


def _cheaper(
    playbook: Playbook, best: ComparedOption, current: ComparedOption, months: int, language: str
) -> str:
    title = plan_title(playbook, best.tariff, best.addons, language)
    saving, after, before, penalty, worth = (
        money_words(minor, playbook, language)
        for minor in (
            best.saving_minor, best.mean_minor, current.mean_minor, best.penalty_minor, best.worth_minor,
        )
    )  # fmt: skip
    if is_chinese(language):
        gap = "" if before.endswith("元") else " "
        told = f"改用「{title}」平均每月可省 {saving}：从 {before}{gap}降到 {after}（{months} 个月平均）。"
        leaving = f"现在离约需一次性支付违约金 {penalty}，一年下来仍可省 {worth}。"
        return told + (leaving if best.penalty_minor else "")
    told = f"{title} would save {saving} a month: {after} instead of {before}, on average over {_months(months)}."
    leaving = f" Leaving the contract now costs {penalty} once; over a year {worth} are still saved."
    return told + (leaving if best.penalty_minor else "")


def _penalty(playbook: Playbook, line: ComparedLine, contract_end: str | None, language: str) -> str:
    best = next(each for each in line.options if each.verdict == "penalty")
    title = plan_title(playbook, best.tariff, best.addons, language)
    saving, penalty = (
        money_words(minor, playbook, language) for minor in (best.saving_minor, best.penalty_minor)
    )
    if is_chinese(language):
        return (
            f"建议保留目前的资费：「{title}」每月便宜 {saving}，但在合约到期（{contract_end}）前更换需支付违约金 {penalty}，"
            "超过一年所省。"
        )
    return (
        f"Keep your tariff: {title} costs {saving} a month less, but leaving before the contract ends on {contract_end} "
        f"costs {penalty}, more than a year saves."
    )


def how_found(
    playbook: Playbook, *, months: int, data_until: str | None, today: date, issued: bool, ordered: bool, language: str
) -> list[str]:  # fmt: skip
    """How the comparison was made, in sentences; ``ordered``: a local order of priority had a say."""
    if is_chinese(language):
        told = [
            f"用每个号码最近 {months} 个月（截至 {data_until}）的实际用量，按每个在售资费及其最省的叠加包重新计费。",
            f"价格为 {today.isoformat()} 的价格；金额为各月平均，精确到最小货币单位。",
            "只有一年所省超过违约金时才会建议更换。",
        ]
        if ordered:
            told.append("能省钱的资费先按本地优先顺序排列，再按所省金额排列。")
        return [
            *told,
            *(["已出账单与重新计费之差，是资费之外的部分，例如优惠和一次性购买。"] if issued else []),
        ]
    told = [
        f"The usage of each line in the last {_months(months)}, up to {data_until}, was billed again under every tariff on "
        "sale, each with the add-ons that make it cheapest.",
        f"Prices are those of {today.isoformat()}; amounts are means of the months, exact to the smallest unit of money.",
        "Another tariff is advised only where twelve months save more than leaving the contract costs.",
    ]
    if ordered:
        told.append("Tariffs that save money stand in the local order of priority first, then by saving.")
    if issued:
        told.append(
            "What the bill issued differs from the one worked out is not explained by tariffs: discounts, purchases."
        )
    return told


def nothing_to_compare(language: str, *, lines: int) -> list[str]:
    """Of a customer without a line, or without a month of usage."""
    if is_chinese(language):
        return ["档案中没有该客户的用量记录。" if lines else "档案中没有该客户的号码。"]
    return ["No usage of this customer is on file." if lines else "No line of this customer is on file."]


def _months(count: int) -> str:
    return f"{count} month{'' if count == 1 else 's'}"


def change_words(playbook: Playbook, change: Change, language: str) -> str:
    """What changes besides price: ``Voice included: 300 min instead of 100 min``."""
    zh = is_chinese(language)
    match change.kind:
        case "addon_added":
            title = tariff_title(playbook, change.subject, language)
            return f"增加叠加包「{title}」" if zh else f'with "{title}"'
        case "addon_dropped":
            title = tariff_title(playbook, change.subject, language)
            return f"取消叠加包「{title}」" if zh else f'without "{title}"'
        case "contract":
            return _contract(change, zh)
    title = component_title(change.subject, language)
    before, after = (_included(amount, change.unit, zh) for amount in (change.before, change.after))
    return (
        f"资费内含{title}：{after}（{_today(before)}）"
        if zh
        else f"{title} included: {after} instead of {before}"
    )


def _contract(change: Change, zh: bool) -> str:
    before, after = int(change.before or 0), int(change.after or 0)
    if zh:
        bound = [f"{months} 个月" if months else "无" for months in (before, after)]
        return f"合约期：{bound[1]}（{_today(bound[0])}）"
    named = [_months(months) if months else "none" for months in (before, after)]
    return f"Contract: {named[1]} instead of {named[0]}"


def _today(words: str) -> str:
    return f"目前 {words}" if words[0].isdigit() else f"目前{words}"


def _included(amount: Decimal | None, unit: str, zh: bool) -> str:
    if amount is None:
        return "不限量" if zh else "unlimited"
    if not amount:
        return "无" if zh else "none"
    return f"{_plain(amount)} {_UNIT_ZH.get(unit, unit) if zh else unit}"


def _plain(amount: Decimal) -> str:
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
