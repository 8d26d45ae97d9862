"""From what the rules say to what faces show: refusals, options, tasks in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from contact.domain.answers import FactorsAnswer, OptionAnswer, RefusalAnswer, TaskAnswer
from contact.flow.gather import Gathered, facts_of, placed
from contact.flow.wording import in_language, sentences, titled, wording
from contact.ports import Identity, TaskRow
from strategies.candidate import Candidate, Priority, Ranked
from strategies.instants import Instant, to_datetime
from strategies.verdict import Refusal, Verdict


def moment_or_none(instant: Instant | None) -> datetime | None:
    """An instant as answers carry it."""
    return None if instant is None else to_datetime(instant)


def refusal_answer(refusal: Refusal) -> RefusalAnswer:
    """One refusal, with the place of its rule as ``file:line:column``."""
    return RefusalAnswer(
        reason=refusal.reason,
        rule=refusal.rule,
        until=moment_or_none(refusal.until),
        place=str(refusal.place) if refusal.place is not None else None,
        field=refusal.field,
        detail=refusal.detail,
    )


def refusal_answers(refusals: Iterable[Refusal]) -> list[RefusalAnswer]:
    """Every refusal once, in the order the rules were asked."""
    once = {(refusal.reason, refusal.rule, refusal.field): refusal for refusal in refusals}
    return [refusal_answer(refusal) for refusal in once.values()]


def factors_answer(priority: Priority) -> FactorsAnswer:
    """Priority with its factors."""
    return FactorsAnswer(
        total=priority.total,
        propensity=priority.propensity,
        context=priority.context,
        value=priority.value_major,
        lever=priority.lever,
    )


def stored_factors(reasons: Mapping[str, Any]) -> FactorsAnswer | None:
    """The factors kept on a task."""
    kept = reasons.get("factors")
    if not isinstance(kept, Mapping):
        return None
    return FactorsAnswer(
        total=float(kept["total"]),
        propensity=float(kept["propensity"]),
        context=float(kept["context"]),
        value=float(kept["value"]),
        lever=float(kept["lever"]),
    )


def said(
    gathered: Gathered, candidate: Candidate, identity: Identity, language: str | None
) -> tuple[str, list[str], list[str]]:
    """Title, text and why of a candidate in one language; sentences with a hole are dropped."""
    playbook, known = gathered.playbook, gathered.playbook.operator.languages
    found = placed(playbook, candidate)
    if found.offer is None:
        return candidate.offer, [], []
    title = titled(found.offer.title, language, known, candidate.offer)
    if found.way is None:
        return title, [], []
    facts = facts_of(gathered.playbook, gathered.profile, candidate.line)
    customers = identity.language or gathered.profile.language
    spoken, texts = in_language(found.way.texts, language, customers, known)
    reader, whys = in_language(found.way.why, language, customers, known)
    words = wording(
        playbook, facts, spoken, name=identity.name, offer=titled(found.offer.title, spoken, known, "")
    )
    why_words = (
        words if reader == spoken else wording(playbook, facts, reader, name=identity.name, offer=title)
    )
    return title, sentences(texts, words), sentences(whys, why_words)


def option_answer(
    gathered: Gathered, ranked: Ranked, verdict: Verdict, identity: Identity, language: str | None,
    channels_now: list[str],
) -> OptionAnswer:  # fmt: skip
    """One candidate with its rank, words and verdict."""
    candidate = ranked.candidate
    title, text, why = said(gathered, candidate, identity, language)
    return OptionAnswer(
        rank=ranked.rank,
        strategy=candidate.strategy,
        offer=candidate.offer,
        family=candidate.family,
        channel=candidate.channel,
        category=candidate.category,
        line=candidate.line,
        title=title,
        text=text,
        why=why,
        priority=factors_answer(ranked.priority),
        arm=ranked.arm,
        allowed=verdict.allowed,
        refusals=refusal_answers(verdict.refusals),
        until=moment_or_none(verdict.until),
        channels_now=channels_now,
    )


def task_answer(
    gathered: Gathered, row: TaskRow, identity: Identity, language: str | None, number: str | None = None
) -> TaskAnswer:
    """A task as its worker sees it, with script and reasons filled in from the profile as it is now."""
    candidate = row.candidate
    title, text, why = said(gathered, candidate, identity, language)
    channel = gathered.playbook.channels.get(candidate.channel)
    total = channel.attempts_total if channel is not None else 1
    return TaskAnswer(
        task=row.id,
        customer=row.customer,
        line=candidate.line,
        strategy=candidate.strategy,
        offer=candidate.offer,
        channel=candidate.channel,
        category=candidate.category,
        title=title,
        state=row.state,
        fence=row.fence,
        priority=row.priority,
        not_before=to_datetime(row.not_before),
        valid_until=to_datetime(row.valid_until),
        attempts=row.attempts,
        attempts_left=max(0, total - row.attempts),
        leased_to=row.leased_to,
        contact=row.contact,
        reason=row.reason,
        text=text,
        why=why,
        number=number,
    )
