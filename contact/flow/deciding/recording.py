"""What a decision leaves behind so that it can be taken again: what was asked, seen and answered, without anybody's words.

Facts are found again by generation and profile change; contacts move on and consents are added, so the record keeps both
as they were seen. Names, numbers and texts said to customers are not kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, Protocol

import msgspec

from contact.domain.answers import DecisionAnswer, OptionAnswer
from contact.domain.halt import Halted
from contact.faults import NotFound
from contact.flow.gather import Gathered
from contact.ports import Identity, Ports, Reserved, Wish, WouldHave
from strategies.profile import Consent, CustomerId, PastContact, PastEvent, Profile, Subject
from strategies.verdict import Verdict

LISTS = "lists"
"""The built-in field that lists of customers fill; the one fact that neither a generation nor an event holds."""
SOMEBODY = "…"
"""Stands for a name that was known and is not kept."""
Attempt = Reserved | Verdict


class Places(Protocol):
    """Where a decision asks for places, and writes down those that control groups do not take."""

    async def reserve(self, wish: Wish) -> Attempt: ...
    async def would_have(self, entry: WouldHave) -> None: ...


@dataclass(slots=True)
class LedgerPlaces:
    """The ledger itself; what it answered is remembered for the record."""

    ports: Ports
    permits: str | None = None
    """Channel whose places are handed over in the transaction that reserves them."""
    answers: list[Attempt] = field(default_factory=list)

    async def reserve(self, wish: Wish) -> Attempt:
        answer = await self.ports.ledger.reserve(replace(wish, permit=wish.candidate.channel == self.permits))
        self.answers.append(answer)
        return answer

    async def would_have(self, entry: WouldHave) -> None:
        await self.ports.plans.would_have(entry)


@dataclass(slots=True)
class RecordedPlaces:
    """What the ledger answered then, in its order; nothing is taken. Raises NotFound where it was never asked so."""

    answers: list[Attempt]

    async def reserve(self, wish: Wish) -> Attempt:
        if not self.answers:
            raise NotFound(f"the ledger was not asked for {wish.candidate.strategy} at this step")
        return self.answers.pop(0)

    async def would_have(self, entry: WouldHave) -> None:
        """Nothing: it was written down then."""


def attempts_record(answers: Sequence[Attempt]) -> list[dict[str, Any]]:
    """What the ledger answered, as plain values."""
    return [{("reserved" if isinstance(each, Reserved) else "refused"): compact(each)} for each in answers]


def attempts_of(record: Sequence[Mapping[str, Any]]) -> list[Attempt]:
    """The same back."""
    return [
        msgspec.convert(each["reserved"], Reserved)
        if "reserved" in each
        else msgspec.convert(each["refused"], Verdict)
        for each in record
    ]


def seen_record(gathered: Gathered, identity: Identity) -> dict[str, Any]:
    """What was read of the customer beside the facts of the generation."""
    profile = gathered.profile
    return {
        "bucket": profile.bucket,
        "contacts": [compact(each) for each in profile.contacts],
        "consents": [compact(replace(each, evidence="")) for each in profile.consents],
        "events": [compact(each) for each in profile.events],
        "lists": compact(profile.facts.get(LISTS)),
        "history_reachable": profile.history_reachable,
        "named": identity.name is not None,
        "language": identity.language,
        "simulated": gathered.moment.simulated,
        "halted": sorted(gathered.halted),
    }


def profile_of(record: Mapping[str, Any], facts: Profile) -> Profile:
    """The profile as it was gathered, on the facts found again."""
    seen = record["seen"]
    lists = {} if seen["lists"] is None else {LISTS: tuple(seen["lists"])}
    return replace(
        facts,
        facts={**facts.facts, **lists},
        contacts=tuple(msgspec.convert(seen["contacts"], list[PastContact])),
        consents=tuple(msgspec.convert(seen["consents"], list[Consent])),
        events=tuple(msgspec.convert(seen["events"], list[PastEvent])),
        epochs={Subject(kind, key): epoch for kind, key, epoch in record["epochs"]},
        last_profile_change=record["last_profile_change"],
        last_unit_change=record.get("last_unit_change", 0),  # records from before units had events have none
        ledger_sequence=record["ledger_sequence"],
        history_reachable=seen["history_reachable"],
    )


def halted_of(record: Mapping[str, Any]) -> Halted:
    """What was halted then."""
    return frozenset((kind, key) for kind, key in record["seen"].get("halted", ()))


def identity_of(record: Mapping[str, Any], customer: str) -> Identity:
    """Who it was, as far as a decision depends on it: whether a name was known, and the language."""
    seen = record["seen"]
    name = SOMEBODY if seen["named"] else None
    return Identity(CustomerId(customer), name, None, seen["language"], None)


def answer_record(answer: DecisionAnswer) -> dict[str, Any]:
    """The answer without the words that were filled in from the customer's record."""
    options = [_wordless(each) for each in answer.options]
    chosen = None if answer.chosen is None else _wordless(answer.chosen)
    kept: dict[str, Any] = msgspec.to_builtins(
        msgspec.structs.replace(answer, options=options, chosen=chosen)
    )
    return kept


def _wordless(option: OptionAnswer) -> OptionAnswer:
    return msgspec.structs.replace(option, text=[], why=[])


def compact(value: Any) -> Any:
    """A dataclass as plain values, fields that hold their default left out; tuples and mappings likewise inside."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            each.name: compact(held)
            for each in fields(value)
            if (held := getattr(value, each.name)) != each.default and not (held == {} or held == ())
        }
    if isinstance(value, tuple | list):
        return [compact(each) for each in value]
    if isinstance(value, Mapping):
        return {str(key): compact(each) for key, each in value.items()}
    return value
