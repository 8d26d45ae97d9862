"""One customer as people see them: card, timeline, and "may I contact, why not, when"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from contact.domain.answers import CardAnswer, CardField, PermissionAnswer, TimelineEntry
from contact.domain.halt import with_halts
from contact.flow.calls.likely_topics import likely_topics
from contact.flow.gather import Gathered, facts_of, gather, identity_or_none, placed
from contact.flow.present import moment_or_none, refusal_answers
from contact.flow.wording import read_value, titled
from contact.ports import Identity, Ports
from strategies.candidate import OUTGOING, Candidate
from strategies.declared.playbook import Field, Playbook, Rule, Window
from strategies.instants import DAY, HOUR, MINUTE, Instant, to_datetime
from strategies.judging.asking import zone_of
from strategies.judging.judge import cap_uses, hours_close_at, judge
from strategies.profile import Consent, FieldValue
from strategies.verdict import Verdict

TIMELINE = 50


async def card(ports: Ports, customer: str, language: str = "en", masked: bool = True) -> CardAnswer:
    """The customer's card, name and number masked; ``masked=False`` leaves them out. Raises NotFound."""
    gathered = await gather(ports, customer)
    identity = await identity_or_none(ports, gathered.profile.customer)
    name, number = mask_name(identity.name), mask_number(identity.number)
    return await card_of(
        ports, gathered, identity, language, name=name if masked else None, number=number if masked else None
    )


async def timeline(
    ports: Ports, customer: str, language: str = "en", limit: int = TIMELINE
) -> list[TimelineEntry]:
    """Contacts over all channels, consents and events, newest first. Raises NotFound."""
    gathered = await gather(ports, customer)
    rows = await ports.customers.timeline(gathered.profile.customer, limit)
    return [timeline_entry(gathered.playbook, row, language) for row in rows]


async def permissions(ports: Ports, customer: str, language: str = "en") -> list[PermissionAnswer]:
    """For each outgoing channel: allowed now and until when, or why not and from when. Raises NotFound."""
    return permissions_of(await gather(ports, customer), language)


async def card_of(
    ports: Ports, gathered: Gathered, identity: Identity, language: str, *, name: str | None, number: str | None
) -> CardAnswer:  # fmt: skip
    """The card from what was gathered already, with name and number as this reader may see them."""
    profile, playbook = gathered.profile, gathered.playbook
    rows = await ports.customers.timeline(profile.customer, TIMELINE)
    unit = playbook.units.get(profile.unit or "")
    known, zone = playbook.operator.languages, zone_of(playbook, profile)
    return CardAnswer(
        customer=profile.customer,
        name=name,
        number=number,
        language=identity.language or profile.language,
        zone=zone,
        local_time=local_time(zone, gathered.moment.at),
        unit=profile.unit,
        unit_title=titled(unit.title, language, known, unit.id) if unit is not None else None,
        branch=playbook.branch_of(profile.unit),
        manager=identity.manager,
        account=profile.account,
        at=to_datetime(gathered.moment.at),
        simulated_time=gathered.moment.simulated,
        fields=card_fields(gathered, language),
        lines=[
            {
                "line": each.id,
                "fields": [_shown(playbook, name, value, language) for name, value in each.facts.items()],
            }
            for each in profile.lines
        ],
        permissions=permissions_of(gathered, language),
        timeline=[timeline_entry(playbook, row, language) for row in rows],
        consents=[consent_entry(each) for each in sorted(profile.consents, key=lambda each: -each.at)],
        topics=await likely_topics(ports, playbook, profile, facts_of(playbook, profile, None), language),
    )


def permissions_of(gathered: Gathered, language: str) -> list[PermissionAnswer]:
    """One permission for each outgoing channel, asked for the operator's first promotional category."""
    operator = gathered.playbook.operator
    category = next((name for name, sells in operator.categories.items() if sells), None)
    if category is None:
        return []
    answers = []
    for channel in gathered.playbook.channels.values():
        if channel.direction == OUTGOING:
            number = gathered.profile.number_hash if channel.needs_number else None
            candidate = Candidate(channel.name, category, OUTGOING, True, number_hash=number)
            verdict = judge(gathered.playbook, candidate, gathered.profile, gathered.moment.at)
            verdict = with_halts(gathered.halted, candidate, verdict)
            answers.append(permission_of(gathered, candidate, verdict, language))
    return answers


def permission_of(
    gathered: Gathered, candidate: Candidate, verdict: Verdict, language: str, *, excluding: str | None = None
) -> PermissionAnswer:
    """May this be said in this channel now; the caps that apply in words."""
    playbook, profile, now = gathered.playbook, gathered.profile, gathered.moment.at
    until = hours_close_at(playbook, candidate, profile, now) if verdict.allowed else verdict.until
    rules = {rule.id: rule for rule in playbook.rules}
    uses = cap_uses(playbook, candidate, profile, now, excluding=excluding)
    return PermissionAnswer(
        channel=candidate.channel,
        allowed=verdict.allowed,
        until=moment_or_none(until),
        refusals=refusal_answers(verdict.refusals),
        used=[cap_words(rules[use.rule], use.used, language, playbook.operator.languages) for use in uses],
    )


def cap_words(rule: Rule, used: int, language: str, known: tuple[str, ...] = ()) -> str:
    """How far a cap is used up, as an agent may say it aloud: ``1 of 2 in 7 days (weekly calls)``."""
    title = titled(rule.title, language, known, rule.id)
    window = rule.window or Window("lifetime")
    if language.startswith("zh"):
        return f"{_window_zh(window)} {used}/{rule.max} 次（{title}）"
    return f"{used} of {rule.max} {_window_en(window)} ({title})"


def _length(window: Window) -> tuple[int, str]:
    for size, name in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if window.length % size == 0:
            return window.length // size, name
    return window.length // 1_000_000, "second"


def _window_en(window: Window) -> str:
    if window.kind == "lifetime":
        return "ever"
    if window.kind == "calendar":
        return "today" if window.period == "day" else f"this {window.period}"
    number, name = _length(window)
    return f"in {number} {name}{'' if number == 1 else 's'}"


def _window_zh(window: Window) -> str:
    if window.kind == "lifetime":
        return "累计"
    if window.kind == "calendar":
        return {"day": "今日", "week": "本周", "month": "本月"}[window.period]
    number, name = _length(window)
    return f"{number} {'天' if name == 'day' else '小时' if name == 'hour' else '分钟' if name == 'minute' else '秒'}内"


def card_fields(gathered: Gathered, language: str) -> list[CardField]:
    """The facts that ``fields.yaml`` puts on the card."""
    facts = facts_of(gathered.playbook, gathered.profile, None)
    shown = (field for field in gathered.playbook.fields.values() if field.on_card)
    return [card_field(field, facts, gathered.playbook, language) for field in shown]


def card_field(field: Field, facts: Mapping[str, FieldValue], playbook: Playbook, language: str) -> CardField:
    """One fact with its title; money stays in minor units, tariffs and reasons of a score are in words."""
    title = titled(field.title, language, playbook.operator.languages, field.name)
    value = read_value(facts.get(field.name), field, facts, playbook, language)
    return CardField(name=field.name, title=title, value=value, type=field.type, unit=field.unit)


def _shown(playbook: Playbook, name: str, value: FieldValue, language: str) -> dict[str, Any]:
    field = playbook.fields.get(name)
    if field is None:
        return {"name": name, "title": name, "value": value, "type": "text", "unit": None}
    title = titled(field.title, language, playbook.operator.languages, name)
    value = read_value(value, field, {}, playbook, language)
    return {"name": name, "title": title, "value": value, "type": field.type, "unit": field.unit}


def timeline_entry(playbook: Playbook, row: Mapping[str, Any], language: str) -> TimelineEntry:
    """A stored entry with its instants as datetimes and its offer's title in the reader's language."""
    title = str(row.get("title") or "")
    if row.get("offer"):
        asked = Candidate(
            row.get("channel") or "", "", strategy=row.get("strategy") or "", offer=row["offer"]
        )
        offer = placed(playbook, asked).offer
        title = (
            titled(offer.title, language, playbook.operator.languages, offer.id)
            if offer
            else str(row["offer"])
        )
    moves = [{**move, "at": moment_or_none(Instant(move["at"]))} for move in row.get("moves") or ()]
    return TimelineEntry(
        at=to_datetime(row["at"]),
        kind=row["kind"],
        channel=row.get("channel"),
        strategy=row.get("strategy"),
        offer=row.get("offer"),
        title=title,
        state=row.get("state") or "",
        result=row.get("result"),
        contact=row.get("contact"),
        moves=moves,
    )


def consent_entry(consent: Consent) -> dict[str, Any]:
    """A consent record as shown; a number appears as *this number*, never by its digits or hash."""
    return {
        "given": consent.given,
        "channel": consent.channel,
        "category": consent.category,
        "scope": "number" if consent.number_hash is not None else "customer",
        "at": to_datetime(consent.at),
        "until": moment_or_none(consent.until),
        "source": consent.source,
        "evidence": consent.evidence,
    }


def mask_name(name: str | None) -> str | None:
    """A name of which the first sign of each word is read: ``陈••``, ``M•• L••``; how long it is stays hidden."""
    return " ".join(f"{word[0]}••" for word in name.split()) or None if name else None


def mask_number(number: str | None) -> str | None:
    """A number of which only country and last four digits are read: ``+86•••••••0001``."""
    if number is None:
        return None
    head = min(3, max(0, len(number) - 4))
    return number[:head] + "•" * max(0, len(number) - head - 4) + number[-4:]


def local_time(zone: str | None, at: Instant) -> str | None:
    """The customer's wall clock, ``HH:MM``; None where the zone is not known."""
    if zone is None:
        return None
    try:
        return to_datetime(at).astimezone(ZoneInfo(zone)).strftime("%H:%M")
    except (ZoneInfoNotFoundError, ValueError):
        return None
