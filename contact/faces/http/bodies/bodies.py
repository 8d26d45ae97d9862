"""What callers send: strict structs, unknown fields refused; each field's bounds stand beside it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from contact.domain.phone_number import E164
from contact.domain.task import TaskState
from contact.ports.work import DeliveryKind

# The look-ahead refuses the trailing newline that Python's ``$`` lets through; other dialects do not need it.
ID_PATTERN = r"^[A-Za-z0-9._-]{1,64}$(?!\n)"
Id = Annotated[str, Meta(pattern=ID_PATTERN, description="1–64 of A–Z a–z 0–9 . _ -")]
Number = Annotated[
    str,
    Meta(
        pattern=rf"^{E164}$(?!\n)",
        description="a phone number in E.164: + and 7–15 digits",
        examples=["+8613800000001"],
    ),
]
When = Annotated[
    datetime,
    Meta(
        tz=True, description="an instant of 2000–2099 in ISO 8601 with offset, like 2026-03-02T10:00:00+08:00"
    ),
]
Language = Annotated[
    str, Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$(?!\n)", description="a language like zh-CN")
]
Note = Annotated[str, Meta(max_length=2000, description="up to 2,000 characters")]
Short = Annotated[str, Meta(max_length=200, description="up to 200 characters")]
Words = Annotated[
    str, Meta(min_length=1, max_length=64, pattern=r"^[a-z0-9_]+$(?!\n)", description="a_lower_case_word")
]
Fence = Annotated[int, Meta(ge=0, le=2**62, description="the task's fence as last answered")]


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything a caller sends as JSON, form or query."""


class DecisionBody(Body, frozen=True, kw_only=True):
    """What next for this customer in this channel? Exactly one of ``customer`` and ``number``."""

    channel: Id
    customer: Id | None = None
    number: Number | None = None
    reserve: bool = False
    """Take a place durably and answer its task; needs an Idempotency-Key."""
    strategies: Annotated[list[Id], Meta(min_length=1, max_length=100)] | None = None
    limit: Annotated[int, Meta(ge=1, le=50)] = 3
    language: Language | None = None


class ShowingBody(Body, frozen=True, kw_only=True):
    """What became of a decision; ``id`` is the caller's, applied once."""

    id: Id
    type: Literal["shown", "clicked", "accepted", "rejected"]
    customer: Id
    strategy: Id
    offer: Id
    channel: Id
    at: When


class NextBody(Body, frozen=True, kw_only=True):
    """A pull for work."""

    channel: Id = "outbound_call"
    language: Language = "en"


class StartBody(Body, frozen=True, kw_only=True):
    """The agent is about to contact the customer: ask for the permit."""

    fence: Fence
    language: Language | None = None


class CompleteBody(Body, frozen=True, kw_only=True):
    """What came of it."""

    fence: Fence
    result: Words
    """A standard result or one of the operator's own; another is answered with those there are."""
    note: Note = ""
    do_not_contact: Literal["number", "marketing_calls", "marketing"] | None = None
    """An opt-out the customer stated, stored in the same transaction."""
    language: Language | None = None


class GiveBackBody(Body, frozen=True, kw_only=True):
    """The agent cannot work this task."""

    fence: Fence
    reason: Annotated[str, Meta(min_length=1, max_length=200, description="why, in up to 200 characters")]
    language: Language | None = None


class LookupBody(Body, frozen=True, kw_only=True):
    """Whose number is this? In a body, because a number never stands in a URL."""

    number: Number


class ConsentBody(Body, frozen=True, kw_only=True):
    """A consent given or withdrawn; ``channel`` and ``category`` may be ``all``."""

    given: bool
    channel: Id
    category: Id
    source: Short
    evidence: Annotated[str, Meta(max_length=500, description="up to 500 characters")] = ""
    until: When | None = None


class OptOutBody(Body, frozen=True, kw_only=True):
    """What a customer no longer wants, by exactly one of ``customer`` and ``number``; left out: all promotional contact."""

    customer: Id | None = None
    number: Number | None = None
    channel: Id = "all"
    category: Id = "promotional"
    source: Short
    evidence: Annotated[str, Meta(max_length=500, description="up to 500 characters")] = ""


class OptOutLinkQuery(Body, frozen=True, kw_only=True):
    """Which channel the link withdraws from promotional contact, ``all`` without it."""

    channel: Id = "all"


class PlanBody(Body, frozen=True, kw_only=True):
    """Which day to plan, as the operator's calendar has it."""

    day: date


class SimulationBody(Body, frozen=True, kw_only=True):
    """Which playbook to try on which days: exactly one of ``draft``, ``version`` and ``texts``."""

    draft: Id | None = None
    version: (
        Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="a playbook version")] | None
    ) = None
    texts: Annotated[dict[str, str], Meta(min_length=1, max_length=2000)] | None = None
    days: Annotated[int, Meta(ge=1, le=366)] = 30
    first_day: date | None = None
    """Left out: the days end with the last one on which there was a contact, or begin today where there was none."""


class PlaybookBody(Body, frozen=True, kw_only=True):
    """A whole ``config/`` as texts, published on top of ``base`` (null for the first)."""

    texts: Annotated[dict[str, str], Meta(min_length=1, max_length=2000)]
    base: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="a playbook version")] | None
    why: Annotated[str, Meta(min_length=1, max_length=500, description="a reason of up to 500 characters")]


class ReceiptBody(Body, frozen=True, kw_only=True):
    """A gateway's report on one contact; ``id`` is the gateway's, applied once."""

    id: Id
    contact: Id
    state: Literal["delivered", "undelivered", "sent", "not_sent"]
    at: When
    result: Words | None = None


class ReplyBody(Body, frozen=True, kw_only=True):
    """A message a customer sent; ``id`` is the gateway's, applied once."""

    id: Id
    sender: Number = msgspec.field(name="from")
    text: Note
    at: When


class EventBody(Body, frozen=True, kw_only=True):
    """Something happened to a customer or a unit (exactly one of the two); ``id`` is the caller's, applied once."""

    id: Id
    type: Id
    at: When
    customer: Id | None = None
    unit: Id | None = None
    data: Annotated[dict[Words, Short | bool | int | float | None], Meta(max_length=50)] = {}


class WhyBody(Body, frozen=True, kw_only=True):
    """A person's word that puts a model in force or takes it back."""

    why: Annotated[str, Meta(min_length=1, max_length=500, description="a reason of up to 500 characters")]


class ClockBody(Body, frozen=True, kw_only=True):
    """Where a simulated clock shall stand."""

    to: When


class ImportForm(Body, frozen=True, kw_only=True):
    """A file an operator delivers, with the mapping that names its columns."""

    kind: DeliveryKind
    mapping: Annotated[str, Meta(min_length=1, max_length=200_000, description="the mapping's YAML")]
    file: Annotated[
        str,
        Meta(
            description="CSV, Parquet or XLSX; its name's ending says which",
            extra_json_schema={"contentMediaType": "application/octet-stream"},
        ),
    ]
    """Once received: the path it was written to."""
    confirm_shrink: bool = False


class TaskQuery(Body, frozen=True, kw_only=True):
    """Which tasks; ``after`` is the ``next`` of the page before."""

    channel: Id | None = None
    state: TaskState | None = None
    customer: Id | None = None
    day: date | None = None
    after: Annotated[str, Meta(max_length=200)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


class LanguageQuery(Body, frozen=True, kw_only=True):
    """In which language titles and texts are wanted."""

    language: Language = "en"


class TariffsQuery(Body, frozen=True, kw_only=True):
    """In which language the finding is wanted, and how many months back it looks."""

    language: Language = "en"
    months: Annotated[int, Meta(ge=3, le=24)] = 6


class WarningsQuery(Body, frozen=True, kw_only=True):
    """Whose risk is high enough to be listed, and how many of them."""

    above: Annotated[float, Meta(ge=0, le=1)] = 0.6
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    language: Language = "en"


class ExplanationQuery(Body, frozen=True, kw_only=True):
    """Which candidates to explain, all without a filter; now, at another instant, or in a past decision."""

    strategy: Id | None = None
    channel: Id | None = None
    at: When | None = None
    decision: Id | None = None
