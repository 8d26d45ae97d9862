"""Verdicts of several candidates of one customer: candidates that no rule can tell apart are judged once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from strategies.applying import Applying, applying
from strategies.asking import Asking
from strategies.candidate import Candidate
from strategies.instants import Instant
from strategies.judging import judged, validity_allows_from
from strategies.playbook import Playbook, Rule
from strategies.profile import Profile
from strategies.verdict import Verdict

_ANY_PART = ("strategy", "offer", "family")


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a verdict of these rules can depend on beside channel, category, direction, line and number."""

    applying: Applying
    """Held, so that its identity stays its own."""
    rules: tuple[int, ...]
    attributes: tuple[str, ...]


_KINDS: dict[int, _Kind] = {}
_MOST_KINDS = 20_000


def judge_each(
    playbook: Playbook, candidates: Iterable[Candidate], profile: Profile, now: Instant
) -> list[Verdict]:
    """What ``judge`` says of each of the candidates at the instant, in their order."""
    playbook = playbook.at(now)
    known: dict[tuple[object, ...], Verdict] = {}
    asking: Asking | None = None
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
            verdict = known[key] = judged(asking, now)
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
