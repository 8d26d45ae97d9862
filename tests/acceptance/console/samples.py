# ruff: noqa: E501
"""Answers as flow gives them, made by hand, for pages in every state: empty, full and wrong. All names are invented."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from contact.domain.answers import (
    CardAnswer,
    CardField,
    JobAnswer,
    LikelyTopicAnswer,
    NextAnswer,
    OverviewAnswer,
    PermissionAnswer,
    QueueAnswer,
    RefusalAnswer,
    TaskAnswer,
    TimelineEntry,
)
from contact.domain.export_answers import ExportAnswer
from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Playbook

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
NAME, NUMBER = "王芳", "+8613800132741"


@cache
def demo_playbook() -> Playbook:
    """The demonstration operator's playbook."""
    folder = ROOT / "config"
    return compile_playbook(
        {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in folder.rglob("*.yaml")}
    )


def refusals() -> list[RefusalAnswer]:
    return [
        RefusalAnswer(reason="hours", rule="law.quiet-hours", until=NOW + timedelta(hours=5), place="policies/legal/law.yaml:12:5"),
        RefusalAnswer(
            reason="cap", rule="contact-caps.call-attempts", until=NOW + timedelta(days=3), detail="2 of 2 in 7 days",
            place="policies/company/contact-caps.yaml:31:5",
        ),
    ]  # fmt: skip


def permission(channel: str = "outbound_call", allowed: bool = True) -> PermissionAnswer:
    if allowed:
        return PermissionAnswer(
            channel=channel,
            allowed=True,
            until=NOW + timedelta(hours=9),
            used=["1 of 2 in 7 days (call attempts)"],
        )
    return PermissionAnswer(
        channel=channel, allowed=False, until=NOW + timedelta(days=3), refusals=refusals()
    )


def timeline() -> list[TimelineEntry]:
    rows = [
        (1, "contact", "sms", "delivered", None, "20 GB pack"),
        (4, "contact", "ivr", "sent", "shown", "Self-care app"),
        (8, "event", "web", "sent", "clicked", "50 GB pack"),
        (12, "contact", "outbound_call", "sent", "no_answer", "20 GB pack"),
        (20, "complaint", None, "closed", None, "Bill too high"),
        (31, "contact", "agent", "sent", "wants_time", "Roaming pack"),
        (44, "consent", None, "given", None, ""),
    ]
    return [
        TimelineEntry(
            at=NOW - timedelta(days=days), kind=kind, channel=channel, strategy="data-upgrade" if kind == "contact" else None,
            offer=None, title=title, state=state, result=result, contact=f"c{days}",
            moves=[{"from": "sending", "to": "sent", "at": NOW - timedelta(days=days), "why": "submitted"}] if days == 12 else [],
        )
        for days, kind, channel, state, result, title in rows
    ]  # fmt: skip


def card(*, full: bool = True, allowed: bool = True, language: str = "en") -> CardAnswer:
    playbook = demo_playbook()
    values: dict[str, Any] = {
        "tenure_months": 41, "arpu": 12057, "value_tier": "C4", "device_5g": True, "churn_risk": 0.71, "data_plan_gb": 10,
        "data_gb": 9.53, "voice_minutes": 212.4, "roaming_days": None, "bill_mean": 11910, "complaint_open": False,
    }  # fmt: skip
    fields = [
        CardField(
            name=each.name,
            title=each.title.get(language, each.name),
            value=values.get(each.name),
            type=each.type,
            unit=each.unit,
        )
        for each in playbook.fields.values()
        if each.on_card
    ]
    return CardAnswer(
        customer="C00042", name=NAME if full else None, number="+86•••••••2741" if full else None,
        language="zh-CN", zone="Asia/Shanghai" if full else "Asia/Urumqi", local_time="10:30",
        unit="G0104" if full else None, unit_title="East 04" if full else None, branch="B01", manager="M017" if full else None,
        account="A00042", at=NOW, simulated_time=True, fields=fields if full else [],
        lines=[{"line": "L1", "fields": [{"name": "data_gb", "title": "Data", "value": 9.5, "type": "number", "unit": "GB"}]}] if full else [],
        permissions=[permission("outbound_call", allowed), permission("sms", False), permission("field")] if full else [],
        timeline=timeline() if full else [],
        consents=[
            {"given": True, "channel": "all", "category": "marketing", "scope": "customer", "at": NOW - timedelta(days=44), "until": None, "source": "agent", "evidence": ""},
            {"given": False, "channel": "sms", "category": "promotional", "scope": "number", "at": NOW - timedelta(days=2), "until": None, "source": "reply", "evidence": ""},
        ] if full else [],
        topics=[
            LikelyTopicAnswer(topic="bill", title="账单查询", probability=0.58, answer="您上月账单为188.50元。", fetched=NOW - timedelta(hours=9)),
            LikelyTopicAnswer(topic="data_pack", title="流量加油包", probability=0.12, answer=None),
        ] if full else [],
    )  # fmt: skip


def task(*, started: bool = False, language: str = "en") -> TaskAnswer:
    playbook = demo_playbook()
    strategy = playbook.strategy("data-upgrade")
    assert strategy is not None
    offer = strategy.offers[0]
    way = offer.channels["outbound_call"]
    figures = {
        "name": "王女士",
        "data_gb": "9.5",
        "data_plan_gb": "10",
        "tenure_months": "41",
        "bill_mean": "119.10",
    }
    return TaskAnswer(
        task="01930000-0000-7000-8000-000000000042", customer="C00042", line="L1", strategy="data-upgrade", offer=offer.id,
        channel="outbound_call", category="marketing", title=offer.title[language], state="started" if started else "leased",
        fence=3, priority=12.5, not_before=NOW - timedelta(hours=1), valid_until=NOW + timedelta(days=2), attempts=0,
        attempts_left=2, leased_to="AG01", contact="c1", text=[each.format(**figures) for each in way.texts[language]],
        why=[each.format(**figures) for each in way.why[language]], number=NUMBER if started else None,
    )  # fmt: skip


def advice(*, language: str = "en") -> NextAnswer:
    """A task that tells a customer of a cheaper tariff."""
    given = found(language=language)
    assert given.task is not None
    why = {
        "en": ["Bills rose in 3 months", "Contract ends in 2 months"],
        "zh-CN": ["近 3 个月账单上升", "合约 2 个月后到期"],
    }
    task = msgspec.structs.replace(given.task, offer="best_tariff", title="Data 89", why=why[language])
    return msgspec.structs.replace(given, task=task)


def found(*, full: bool = True, started: bool = False, language: str = "en") -> NextAnswer:
    return NextAnswer(
        task=task(started=started, language=language), card=card(full=full, language=language), waiting=37,
        permission=permission(),
    )  # fmt: skip


def nothing(*, blocked: bool = True) -> NextAnswer:
    rows = [
        {"rule": "law.quiet-hours", "reason": "hours", "tasks": 212, "until": NOW + timedelta(hours=7)},
        {
            "rule": "contact-caps.call-attempts",
            "reason": "cap",
            "tasks": 31,
            "until": NOW + timedelta(days=2),
        },
        {"rule": "queue.language", "reason": "language", "tasks": 14, "until": None},
    ]
    return NextAnswer(task=None, card=None, waiting=37 if not blocked else 0, blocked=rows if blocked else [])


def overview(*, full: bool = True) -> OverviewAnswer:
    stages = [
        ("planned", 412),
        ("handed_over", 366),
        ("delivered", 341),
        ("reached", 188),
        ("accepted", 61),
        ("goals", 44),
    ]
    before, funnel = 0, []
    for name, count in stages:
        funnel.append({"stage": name, "count": count, "lost": max(0, before - count), "why": []})
        before = count
    reasons = [
        ("hours", "law.quiet-hours", 811), ("cap", "contact-caps.call-attempts", 402), ("control_group", "control.strategy", 377),
        ("no_consent", "consent.none", 121), ("no_capacity", "plan.capacity", 96),
    ]  # fmt: skip
    job = JobAnswer(
        job="j1",
        kind="plan",
        state="running",
        done=1204,
        total=2000,
        message="verdicts",
        created=NOW,
        finished=None,
    )
    failed = JobAnswer(
        job="j2", kind="import", state="failed", done=10, total=10, message="usage", created=NOW, finished=NOW,
        problems=[{"message": "m.yaml:3:5: unknown column 'cst_id' (did you mean 'cust_id'?)"}],
    )  # fmt: skip
    queues = [
        QueueAnswer(channel="outbound_call", waiting=124, in_hand=6, done_today=61, oldest=NOW - timedelta(hours=5), expiring_today=3, opens_at=None, refused_now=12),
        QueueAnswer(channel="sms", waiting=38, in_hand=0, done_today=163, oldest=NOW - timedelta(hours=1), expiring_today=0, opens_at=NOW + timedelta(hours=22), refused_now=38),
        QueueAnswer(channel="field", waiting=19, in_hand=1, done_today=2, oldest=NOW - timedelta(days=2), expiring_today=0, opens_at=None, refused_now=0),
    ]  # fmt: skip
    return OverviewAnswer(
        at=NOW, simulated_time=True, playbook="66faa628deadbeef" if full else "", generation=7 if full else 0,
        customers=2000 if full else 0, day="2026-03-02" if full else None, funnel=funnel if full else [],
        queues=queues if full else [], jobs=[job, failed] if full else [],
        refusals=[{"reason": a, "rule": b, "count": c, "until": None} for a, b, c in reasons] if full else [],
        strategies=[{"strategy": "data-upgrade", "title": "Data upgrade", "treated": 240, "control": 121}] if full else [],
    )  # fmt: skip


def exports() -> list[ExportAnswer]:
    """One request in every state: own and of others."""
    asked = {"kind": "selection", "condition": "arpu >= 100", "channel": "sms", "category": "service"}
    states = [
        ("asked", "AG02", asked), ("asked", "AG01", {"kind": "list", "list": "vip"}), ("approved", "AG01", asked),
        ("refused", "AG02", {"kind": "warnings", "above": 0.6}), ("expired", "AG02", asked),
    ]  # fmt: skip
    return [
        ExportAnswer(
            export=f"e{number}", asked=dict(what), columns=["customer", "name", "number"], customers=number,
            asked_by=who, why="letters about the new shop", asked_at=NOW, state=state,
            decided_by=None if state == "asked" else "AG03", decided_at=None, until=NOW,
        )
        for number, (state, who, what) in enumerate(states, 1)
    ]  # fmt: skip
