"""From what the rules say to what faces show: refusals, options, tasks in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from contact.domain.answers import FactorsAnswer, JobAnswer, OptionAnswer, RefusalAnswer, TaskAnswer
from contact.flow.gather import Gathered, facts_of, placed
from contact.flow.wording import in_language, sentences, titled, wording
from contact.ports import Identity, Job, TaskRow
from strategies.candidate import Candidate, Priority, Ranked
from strategies.declared.playbook import Playbook
from strategies.instants import Instant, to_datetime
from strategies.judging.attempts import attempts_for
from strategies.problems import printed
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
        explored=priority.explored,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """A candidate in words: title and why for the reader, text for the customer."""

    title: str
    text: list[str]
    why: list[str]
    language: str | None
    """Of the text; None where there is none."""


def said(
    gathered: Gathered, candidate: Candidate, identity: Identity, reader: str | None, spoken: str | None
) -> Said:
    """Title and why in the reader's language, the text in the one asked for, else the customer's.

    Sentences with a hole are dropped.
    """
    playbook, known = gathered.playbook, gathered.playbook.operator.languages
    found = placed(playbook, candidate)
    if found.offer is None:
        return Said(candidate.offer, [], [], None)
    title = titled(found.offer.title, reader, known, candidate.offer)
    if found.way is None:
        return Said(title, [], [], None)
    facts = facts_of(playbook, gathered.profile, candidate.line)
    customers = identity.language or gathered.profile.language
    language, texts = in_language(found.way.texts, spoken, customers, known)
    why_language, whys = in_language(found.way.why, reader, customers, known)
    offer = titled(found.offer.title, language, known, candidate.offer)
    words = wording(playbook, facts, texts, language, name=identity.name, offer=offer)
    why_words = wording(playbook, facts, whys, why_language, name=identity.name, offer=title)
    return Said(title, sentences(texts, words), sentences(whys, why_words), language if texts else None)


def option_answer(
    gathered: Gathered, ranked: Ranked, verdict: Verdict, identity: Identity, language: str | None,
    channels_now: list[str],
) -> OptionAnswer:  # fmt: skip
    """One candidate with its rank, words and verdict."""
    candidate = ranked.candidate
    words = said(gathered, candidate, identity, language, language)
    return OptionAnswer(
        rank=ranked.rank,
        strategy=candidate.strategy,
        offer=candidate.offer,
        family=candidate.family,
        channel=candidate.channel,
        category=candidate.category,
        line=candidate.line,
        title=words.title,
        text=words.text,
        why=words.why,
        priority=factors_answer(ranked.priority),
        arm=ranked.arm,
        allowed=verdict.allowed,
        refusals=refusal_answers(verdict.refusals),
        until=moment_or_none(verdict.until),
        channels_now=channels_now,
    )


def plain_task(playbook: Playbook, row: TaskRow, title: str) -> TaskAnswer:
    """A task as stored, without any customer's words or numbers."""
    candidate = row.candidate
    total = attempts_for(playbook, candidate.channel, candidate.strategy).total
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
    )


def job_answer(job: Job) -> JobAnswer:
    """A job as faces show it."""
    return JobAnswer(
        job=job.id,
        kind=job.kind,
        state=job.state,
        done=job.done,
        total=job.total,
        message=job.message,
        created=to_datetime(job.created),
        finished=moment_or_none(job.finished),
        result=None if job.result is None else dict(job.result),
        problems=[printed(each) for each in job.problems],
        parked=job.parked,
    )


def task_answer(
    gathered: Gathered, row: TaskRow, identity: Identity, language: str | None, number: str | None = None
) -> TaskAnswer:
    """A task as its worker sees it, filled in from the profile as it is now.

    The script is in the customer's language, for it is said to the customer; title and reasons in the reader's.
    """
    words = said(gathered, row.candidate, identity, language, row.reasons.get("language"))
    return msgspec.structs.replace(
        plain_task(gathered.playbook, row, words.title),
        text=words.text,
        text_language=words.language,
        why=words.why,
        number=number,
    )
