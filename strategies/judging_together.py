"""Verdicts of several candidates of one customer: candidates that no rule can tell apart are judged once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from strategies.applying import Applying, applying
from strategies.asking import Asking
from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.judging import judged, rule_refusal, validity_allows_from
from strategies.playbook import Playbook, Rule
from strategies.profile import Profile
from strategies.verdict import Refusal, Verdict

_ANY_PART = ("strategy", "offer", "family")
_EVERY_PART = (*_ANY_PART, "channel", "category", "direction", "promotional", "number_hash")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a verdict of these rules can depend on beside channel, category, direction, line and number."""

    applying: Applying
    """Held, so that its identity stays its own."""
    rules: tuple[int, ...]
    attributes: tuple[str, ...]


_KINDS: dict[int, _Kind] = {}
_MOST_KINDS = 20_000


class _Said:
    """What rules have said of one customer at one instant, by all of the candidate that each can see."""

    __slots__ = ("reads", "refusals")

    def __init__(self) -> None:
        self.reads: dict[int, tuple[str, ...]] = {}
        self.refusals: dict[tuple[object, ...], Refusal | None] = {}

    def refuse(self, rule: Rule, asking: Asking, at: Instant, slices: Sequence[Rule]) -> Refusal | None:
        """As ``rule_refusal``; rules that follow one another in time are asked each time."""
        if slices:
            return rule_refusal(rule, asking, at, slices)
        reads = self.reads.get(id(rule))
        if reads is None:
            reads = self.reads[id(rule)] = _reads(rule)
        candidate = asking.candidate
        key: tuple[object, ...] = (id(rule), candidate.line)
        if reads:
            key = (*key, *(getattr(candidate, name) for name in reads))
        try:
            return self.refusals[key]
        except KeyError:
            found = self.refusals[key] = rule_refusal(rule, asking, at)
            return found


def _reads(rule: Rule) -> tuple[str, ...]:
    """What a rule's answer depends on beside the line: hours on the channel's lead time, caps on the number they count."""
    if rule.pair is not None:
        return _EVERY_PART
    found = ("channel",) if rule.effect == "hours" else ()
    if rule.subject == "number" and rule.effect in ("cap", "suppress"):
        found = ("number_hash",)
    same = rule.suppression.same if rule.suppression is not None else rule.same
    return found if same == "any" else (*found, same)


def judge_each(
    playbook: Playbook, candidates: Iterable[Candidate], profile: Profile, now: Instant
) -> list[Verdict]:
    """What ``judge`` says of each of the candidates at the instant, in their order."""
    playbook = playbook.at(now)
    known: dict[tuple[object, ...], Verdict] = {}
    asking: Asking | None = None
    said = _Said()
    verdicts = []
    for candidate in candidates:
        found = applying(playbook, candidate, profile)
        kind = _kind(found)
        strategy = found.strategy
        key: tuple[object, ...] = (
            kind.rules, candidate.channel, candidate.category, candidate.number_hash, candidate.line,
            candidate.direction, candidate.promotional, found.gone,
        )  # fmt: skip
        if strategy is not None:
            # the refusal of a strategy that is not valid names where the strategy stands
            outside = validity_allows_from(strategy, now) != now
            key = (*key, strategy.valid_from, strategy.valid_until, strategy.id if outside else "")
        if kind.attributes:
            key = (*key, *(getattr(candidate, name) for name in kind.attributes))
        verdict = known.get(key)
        if verdict is None:
            if asking is None or asking.candidate.line != candidate.line:
                asking = Asking(playbook, candidate, profile)
            asking.candidate = candidate
            verdict = known[key] = judged(asking, now, said.refuse)
        verdicts.append(verdict)
    return verdicts


def _kind(found: Applying) -> _Kind:
    kind = _KINDS.get(id(found))
    if kind is None or kind.applying is not found:
        if len(_KINDS) >= _MOST_KINDS:
            _KINDS.clear()
        attributes = {name for rule in found.rules for name in _asks(rule)}
        kind = _KINDS[id(found)] = _Kind(
            found, tuple(id(rule) for rule in found.rules), tuple(sorted(attributes))
        )
    return kind


def _asks(rule: Rule) -> tuple[str, ...]:
    """The attributes of a candidate that a rule's answer depends on, once it is clear that it applies."""
    same = rule.suppression.same if rule.suppression is not None else rule.same
    if rule.pair is not None:
        return _ANY_PART
    return (same,) if same in _ANY_PART else ()
