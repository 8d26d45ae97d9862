"""Topics of a month as they are answered, for the page with and without them."""

from __future__ import annotations

from datetime import timedelta

from contact.domain.topic_answers import (
    ForecastDayAnswer,
    GroupTopicsAnswer,
    ReadyAnswersAnswer,
    TopicCountAnswer,
    TopicForecastAnswer,
    TopicsAnswer,
)
from tests.acceptance.console.samples import NOW

_TITLES = {
    "bill": ("What the bill is", "账单查询"),
    "outage": ("No network", "网络故障"),
    "pay": ("Pay", "充值缴费"),
}


def answer(language: str = "en", *, full: bool = True) -> TopicsAnswer:
    """Two groups, a forecast with a bill day, and answers fetched the evening before; or a month without calls."""
    place = 1 if language == "zh-CN" else 0
    groups = [
        ("everybody", ("Everybody", "全部客户")),
        ("frequent", ("Called three times or more", "频繁来电客户")),
    ]
    return TopicsAnswer(
        month="2026-03", at=NOW, simulated_time=True, calls=900 if full else 0, more=False, launches=["2026-03-05"],
        groups=[_group(name, titles[place], place, number) for number, (name, titles) in enumerate(groups)] if full else [],
        forecast=[_forecast(topic, titles[place]) for topic, titles in _TITLES.items()] if full else [],
        answers=ReadyAnswersAnswer(ready=120, since=NOW, calls=40, found=25, hit_rate=0.625)
        if full else ReadyAnswersAnswer(ready=0, since=None, calls=0, found=0, hit_rate=None),
    )  # fmt: skip


def _group(name: str, title: str, place: int, number: int) -> GroupTopicsAnswer:
    topics = [
        TopicCountAnswer(topic=topic, title=titles[place], calls=90 - 30 * rank, callers=70 - 20 * rank,
                         share=0.5 - 0.15 * rank, times=1.0 + number * rank)
        for rank, (topic, titles) in enumerate(_TITLES.items())
    ]  # fmt: skip
    return GroupTopicsAnswer(group=name, title=title, callers=160, calls=180, topics=topics)


def _forecast(topic: str, title: str) -> TopicForecastAnswer:
    days = [
        ForecastDayAnswer(
            day=(NOW.date() + timedelta(days=ahead)).isoformat(),
            expected=30.0 + 25 * (ahead == 3),
            peak=ahead == 3,
        )
        for ahead in range(31)
    ]
    return TopicForecastAnswer(topic=topic, title=title, usual=29.5, days=days, error=0.18, naive_error=0.31)
