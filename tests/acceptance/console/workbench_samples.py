"""Hand-made answers for the stage of the workbench and the selection."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from contact.domain.answers import ExplainedCandidate, ExplanationAnswer, GateAnswer
from contact.domain.selection_answers import (
    ClusterAnswer,
    ClustersAnswer,
    ExclusionAnswer,
    ListAnswer,
    SegmentAnswer,
    SelectionAnswer,
)
from contact.domain.workbench_answers import (
    ApprovalAnswer,
    ChangeAnswer,
    CheckAnswer,
    ConflictAnswer,
    DiffAnswer,
    DraftAnswer,
    ExampleAnswer,
    FindingAnswer,
    LoadAnswer,
    PartAnswer,
    RefusedAnswer,
    SimulationAnswer,
    TextChangeAnswer,
    VersionAnswer,
)
from contact.flow.publishing.check_texts import Found
from contact.ports import Job
from strategies.instants import to_instant
from strategies.problems import NO_HINT, Hint, Problem, Where
from tests.acceptance.console.samples import NOW

BASE, LIVE, HASH = "1a2b3c4d" * 8, "9f8e7d6c" * 8, "5e6f7a8b" * 8
PATH = "policies/company/contact-caps.yaml"
TEXT = "# 联系频率\npolicy: contact-caps\nrules:\n  - {rule: two-a-week, effect: cap, max: 2}\n"


def draft(**given: Any) -> DraftAnswer:
    """A draft of two changed files, on what is live unless said otherwise."""
    found: dict[str, Any] = {
        "draft": "draft-7", "title": "", "author": "AG01", "base": LIVE, "live": LIVE, "hash": HASH,
        "created": NOW, "updated": NOW, "files": [PATH, "operator.yaml"], "changed": [PATH], "conflicts": [],
        "approvals": [], "approvals_needed": 1, "state": "open",
    }  # fmt: skip
    return DraftAnswer(**{**found, **given})


def merging() -> DraftAnswer:
    """A draft under which another version went live."""
    return draft(base=BASE, conflicts=[PATH], approvals=[ApprovalAnswer("AG02", NOW)])


def clashes() -> list[ConflictAnswer]:
    return [ConflictAnswer(PATH, 4, ["    max: 2"], ["    max: 3"], ["    max: 1"])]


UNKNOWN_FIELD = Problem(
    "condition.field",
    "there is no field 'data_gbb'",
    Where("condition", 1, 1),
    Hint("did you mean '%(name)s'?", name="data_gb"),
)


def check(*, wrong: bool = True) -> Found:
    """An error, a warning and a failed example, or nothing but one that passes."""
    passes = ExampleAnswer("caps-1", "two calls are allowed", f"{PATH}:9:5", passed=True)
    if not wrong:
        return Found(CheckAnswer(problems=[], examples=[passes], files=2, seconds=0.02), ())
    problems = (
        _problem(4, "value.type", "2.5 is no whole number", Hint("write %(number)s", number=2), "error"),
        _problem(
            2,
            "warning.shadowed",
            "this rule refuses nothing that another one lets through",
            NO_HINT,
            "warning",
        ),
    )
    fails = ExampleAnswer(
        "caps-2", "the third call is refused", f"{PATH}:14:5", passed=False,
        differences=["refused_by: expected contact-caps.two-a-week, got nothing"],
        trace=["audience: passed", "contact-caps.two-a-week: passed, 2 of 3 within 7 days"],
    )  # fmt: skip
    printed = [each.as_json() for each in problems]
    return Found(CheckAnswer(problems=printed, examples=[passes, fails], files=2, seconds=0.02), problems)


def _problem(
    line: int, code: str, message: str, hint: Hint, severity: Literal["error", "warning"]
) -> Problem:
    return Problem(code, message, Where(PATH, line, 5), hint, severity)


def explanation() -> ExplanationAnswer:
    """Three candidates: one passes everything, one is refused by a cap, one is not in the audience."""

    def gate(name: str, passed: bool | None, **given: Any) -> GateAnswer:
        return GateAnswer(gate=name, passed=passed, place="strategies/retention.yaml:7:11", **given)

    compared = [
        {"text": "tenure_months > 3", "field": "tenure_months", "value": 30, "shown": "30", "outcome": True}
    ]
    outer = [gate("validity", True), gate("audience", True, compared=compared), gate("suitable", True)]
    cap = GateAnswer(
        gate="contact-caps.two-a-week", passed=False, place=f"{PATH}:4:5", until=NOW, detail="2 of 2 within 7 days"
    )  # fmt: skip
    outside = [
        gate("validity", True),
        gate("audience", False, compared=[{**compared[0], "value": 1, "shown": "1", "outcome": False}]),
    ]
    ranked = gate("ranking", True, detail="place 1: 12.5 = propensity 0.25 × context 1 × value 50 × lever 1")

    def way(strategy: str, channel: str, gates: list[GateAnswer]) -> ExplainedCandidate:
        allowed = all(each.passed for each in gates)
        return ExplainedCandidate(
            strategy=strategy, offer="data-20", channel=channel, line=None, gates=gates, allowed=allowed, until=None,
            factors=None,
        )  # fmt: skip

    return ExplanationAnswer(
        customer="C00042", at=NOW, simulated_time=True, playbook=LIVE,
        candidates=[
            way("data-upgrade", "outbound_call", [*outer, ranked, cap]),
            way("data-upgrade", "sms", [*outer, ranked, gate("control", True)]),
            way("retention", "outbound_call", outside),
        ],
    )  # fmt: skip


def simulation() -> SimulationAnswer:
    """Two rules refuse differently, and the call channel is over its capacity at ten."""
    load = [
        LoadAnswer("outbound_call", hour, before=40 + 3 * (hour % 5), after=60 + 7 * (hour % 5), capacity=80)
        for hour in range(9, 20)
    ] + [LoadAnswer("sms", hour, before=20, after=24, capacity=50) for hour in range(9, 20)]
    return SimulationAnswer(
        old=LIVE, new=HASH, first_day="2026-02-01", days=30, customers=48210, before=12000, after=15120,
        newly_allowed={"contact-caps.two-a-week": 3120}, newly_refused={"quiet-hours": 12},
        refusals=[RefusedAnswer("contact-caps.two-a-week", 5400, 2280, f"{PATH}:4:5"),
                  RefusedAnswer("contact-caps.one-a-day", 800, 950), RefusedAnswer("consent", 300, 300)],
        load=load, value_before_minor=120_000_00, value_after_minor=131_000_00, capped_later=940,
        parts=[PartAnswer("strategy", "data-upgrade", 4000, 5200, 4_000_000, 5_000_000)],
        words=["3,120 more contacts in 30 days: 12000 before, 15120 after, 26%.",
               "contact-caps.two-a-week refuses no more: 3,120 customer-days, 104.0 a day.",
               "outbound_call has no place left from 09:00 to 10:00."], seconds=12.5,
        findings=[
            FindingAnswer("contacts_more", {"difference": 3120, "before": 12000, "after": 15120, "days": 30}),
            FindingAnswer("allowed_days", {"rule": "contact-caps.two-a-week", "customers": 3120, "daily": 104.0}),
            FindingAnswer("full_hour", {"channel": "outbound_call", "hour": 9, "until_hour": 10}),
        ],
    )  # fmt: skip


def job(state: str = "done") -> Job:
    """The simulation's job."""
    result = msgspec.to_builtins(simulation()) if state == "done" else None
    at = to_instant(NOW)
    return Job(
        "job-1", "simulate", {"draft": "draft-7", "days": 30}, state, 12, 30, "day 12", at, at, result, []
    )


def diff() -> DiffAnswer:
    lines = [
        [" ", "rules:"],
        ["-", "  - {rule: two-a-week, effect: cap, max: 2}"],
        ["+", "  - {rule: two-a-week, effect: cap, max: 3}"],
    ]
    return DiffAnswer(
        old=LIVE, new="draft-7",
        changes=[
            ChangeAnswer("weekly call cap 2 → 3", "loosened", "rule contact-caps.two-a-week", f"{PATH}:4:5", f"{PATH}:4:5"),
            ChangeAnswer("a rule for complaints", "added", "rule complaints.pause", None, f"{PATH}:60:5"),
        ],
        texts=[TextChangeAnswer(PATH, "changed", [{"old": at, "new": at, "lines": lines} for at in (3, 60)])],
    )  # fmt: skip


def versions() -> list[VersionAnswer]:
    predicted = {
        "days": 30,
        "before": 12000,
        "after": 15120,
        "refusals": {"contact-caps.two-a-week": [5400, 2280]},
    }
    return [
        VersionAnswer(
            version=LIVE, base=BASE, published=datetime(2026, 3, 1, 10, tzinfo=UTC), author="AG01",
            why="too few calls reach their customers", state="in_force", approved_by=["AG02"],
            words=["weekly call cap 2 → 3"], predicted=predicted,
            actual={"contacts": 1510, "refusals": {"contact-caps.two-a-week": 240}}, swept=12,
        ),
        VersionAnswer(
            version=BASE, base=None, published=datetime(2026, 2, 1, 10, tzinfo=UTC), author="AG01", why="the first",
            state="past", until=datetime(2026, 3, 1, 10, tzinfo=UTC),
        ),
    ]  # fmt: skip


def selection() -> SelectionAnswer:
    return SelectionAnswer(
        condition="data_gb > 20", total=1_000_000, found=213_410, left=98_004, base_at=NOW, age_seconds=14.0,
        playbook=LIVE, seconds=0.62, sample=["C00042", "C00043"],
        exclusions=[
            ExclusionAnswer("state", 12_400, 201_010, {"complaints.pause": 12_400}),
            ExclusionAnswer("do_not_disturb", 40_006, 161_004, {"consent": 40_006}),
            ExclusionAnswer("frequency", 48_000, 113_004, {"contact-caps.two-a-week": 48_000}),
            ExclusionAnswer("control", 14_000, 99_004),
            ExclusionAnswer("key_account", 1_000, 98_004),
        ],
    )  # fmt: skip


def segments() -> list[SegmentAnswer]:
    return [
        SegmentAnswer("heavy-users", "Heavy users", "data_gb > 20", 213_410, "segments/heavy-users.yaml:1:1")
    ]


def lists() -> list[ListAnswer]:
    return [ListAnswer("vip-2026", 1200, 1188, 12, "vip-2026.set-aside.csv", NOW)]


def clusters() -> ClustersAnswer:
    portrait: list[dict[str, object]] = [
        {"field": "data_gb", "mean": 31.5, "mean_of_all": 9.1, "deviations": 2.3},
        {"field": "arpu", "mean": 120.0, "mean_of_all": 80.0, "deviations": 1.1},
    ]
    return ClustersAnswer(
        fields=["data_gb", "arpu"], customers=98_004, seconds=1.2,
        clusters=[ClusterAnswer(1, 60_000, portrait, "data_gb > 21.5", 0.94, 0.9),
                  ClusterAnswer(2, 38_004, portrait[::-1], "data_gb <= 21.5 AND arpu < 60", 0.91, 0.88)],
    )  # fmt: skip


def everything() -> list[object]:
    """All of it, for those who look for texts that come from answers."""
    return [
        draft(), merging(), clashes(), check().answer, explanation(), simulation(), diff(), versions(), selection(),
        segments(), lists(), clusters(), ["strategies", "retention.yaml", "operator.yaml", "AG02"], UNKNOWN_FIELD.as_json(),
    ]  # fmt: skip
