"""Named passes over a compiled playbook: what is incomplete (an error), and what deserves a second look (a warning)."""

from __future__ import annotations

from collections.abc import Iterator

from strategies.checking.conditions import condition_findings
from strategies.checking.learnt import learnt_warnings
from strategies.checking.menus import menu_problems, menu_warnings
from strategies.checking.rules import rule_warnings
from strategies.checking.strategies import strategy_warnings
from strategies.declared.conditions_tree import may_be_unknown
from strategies.declared.fields import with_built_in
from strategies.declared.playbook import Match, Offer, Playbook, Rule, Strategy
from strategies.instants import MINUTE
from strategies.problems import Hint, Problem, Where

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def completeness(playbook: Playbook) -> list[Problem]:
    """What no single document can see and what yet must not be published."""
    impossible = (each for each in condition_findings(playbook) if each.severity == "error")
    return [*_messages_without_text(playbook), *menu_problems(playbook), *impossible]


def warnings_of(playbook: Playbook) -> list[Problem]:
    """What may be published and yet deserves a second look, in order of the files; severity ``warning``."""
    found = [
        *_unknown_restricts(playbook),
        *_never_open(playbook),
        *_nights_with_gaps(playbook),
        *_matches_nothing(playbook),
        *_missing_languages(playbook),
        *_no_capacity(playbook),
        *_no_consent_default(playbook),
        *rule_warnings(playbook),
        *strategy_warnings(playbook),
        *learnt_warnings(playbook),
        *menu_warnings(playbook),
        *(each for each in condition_findings(playbook) if each.severity == "warning"),
    ]
    return sorted(found, key=lambda problem: (problem.where, problem.code))


def _warning(code: str, message: str, where: Where | None, hint: Hint) -> Problem:
    return Problem(f"warning.{code}", message, where or Where("operator.yaml"), hint, "warning")


def _uses(playbook: Playbook) -> Iterator[tuple[Strategy, Offer]]:
    """Every offer with its strategy."""
    for strategy in playbook.strategies:
        for offer in strategy.offers:
            yield strategy, offer


def _messages_without_text(playbook: Playbook) -> Iterator[Problem]:
    """A message needs a text in at least one language."""
    for _, offer in _uses(playbook):
        for name, use in offer.channels.items():
            if playbook.channels[name].delivery == "gateway" and not any(use.texts.values()):
                message = f"offer '{offer.id}' has no text for channel '{name}'"
                yield Problem("channel.text", message, offer.place, Hint("write text: {en: …} there"))


def _unknown_restricts(playbook: Playbook) -> Iterator[Problem]:
    """A restricting rule applies where its condition is unknown; is that meant?"""
    fields = with_built_in(playbook.fields)
    for rule in playbook.rules:
        segment = playbook.segments.get(rule.segment) if rule.segment else None
        places = [(rule.when, rule.when.place)] if rule.when is not None else []
        places += [(segment.when, rule.place)] if segment is not None else []
        for condition, where in places:
            for name in sorted(may_be_unknown(condition.tree) if condition.tree else ()):
                if fields[name].nullable:
                    message = f"rule '{rule.id}' also restricts where '{name}' is unknown"
                    hint = Hint(
                        "COALESCE(%(name)s, …) or %(name)s IS NULL says what is meant; "
                        "nullable: false if it is always known",
                        name=name,
                    )
                    yield _warning("nullable", message, where, hint)


def _never_open(playbook: Playbook) -> Iterator[Problem]:
    """Hours in which no contact can begin."""
    for rule in playbook.rules:
        lengths = [(each.end_minute - each.start_minute) % 1440 or 1440 for each in rule.open if each.days]
        if rule.effect == "hours" and rule.last_start >= max(lengths, default=0) * MINUTE:
            message = f"the hours of rule '{rule.id}' never open"
            yield _warning("never_open", message, rule.place, Hint("widen 'open', or shorten 'last_start'"))


def _nights_with_gaps(playbook: Playbook) -> Iterator[Problem]:
    """An opening past midnight belongs to the day on which it began: the first morning is closed."""
    for rule in playbook.rules:
        nights = {day for each in rule.open if each.start_minute > each.end_minute for day in each.days - {8}}
        for day in sorted(nights):
            if (day + 5) % 7 + 1 not in nights:
                message = (
                    f"the opening of rule '{rule.id}' begins on {_DAYS[day - 1]} and that morning is closed"
                )
                hint = Hint(
                    "a night belongs to the day it begins on; add %(day)s for the one before",
                    day=_DAYS[(day + 5) % 7][:3].lower(),
                )
                yield _warning("night", message, rule.place, hint)


def _matches_nothing(playbook: Playbook) -> Iterator[Problem]:
    """A rule whose match no offer, channel and category of this playbook can meet."""
    uses = _Uses(playbook)
    for rule in playbook.rules:
        if not _can_match(playbook, rule, uses):
            message = f"rule '{rule.id}' matches nothing that is declared"
            yield _warning(
                "never_matches", message, rule.place, Hint("its 'match' and 'exempt' exclude one another")
            )


class _Uses:
    """Every offer with its strategy, found by each of their names."""

    def __init__(self, playbook: Playbook) -> None:
        self.by_name: dict[tuple[str, str], list[tuple[Strategy, Offer]]] = {}
        for strategy, offer in _uses(playbook):
            for key in (("strategies", strategy.id), ("offers", offer.id), ("families", offer.family)):
                self.by_name.setdefault(key, []).append((strategy, offer))

    def of(self, match: Match) -> Iterator[tuple[Strategy, Offer]]:
        """Those that one list of the match names; the others are to be looked at."""
        key = next(key for key in ("offers", "strategies", "families") if getattr(match, key) is not None)
        for name in getattr(match, key):
            yield from self.by_name.get((key, name), ())


def _can_match(playbook: Playbook, rule: Rule, uses: _Uses) -> bool:
    match = rule.match
    channels = {
        name
        for name, channel in playbook.channels.items()
        if _in(match.channels, name) and match.direction in (None, channel.direction)
    }
    categories = {
        name
        for name, promotional in playbook.operator.categories.items()
        if _in(match.categories, name)
        and match.promotional in (None, promotional)
        and (name not in rule.exempt or name in rule.counts_even_if_exempt)
    }
    if match.strategies is None and match.offers is None and match.families is None:
        return bool(channels and categories)
    return any(
        strategy.category in categories
        and channels & offer.channels.keys()
        and _names_offer(match, strategy, offer)
        for strategy, offer in uses.of(match)
    )


def _names_offer(match: Match, strategy: Strategy, offer: Offer) -> bool:
    return (
        _in(match.strategies, strategy.id)
        and _in(match.offers, offer.id)
        and _in(match.families, offer.family)
    )


def _in(names: frozenset[str] | None, name: str) -> bool:
    return names is None or name in names


def _missing_languages(playbook: Playbook) -> Iterator[Problem]:
    """A text that some customers would read in another language than theirs."""
    languages = playbook.operator.languages
    for _, offer in _uses(playbook):
        texts = {"title": offer.title.keys()}
        texts |= {f"text for '{name}'": use.texts.keys() for name, use in offer.channels.items() if use.texts}
        for what, known in texts.items():
            missing = [language for language in languages if language not in known]
            if missing:
                message = f"offer '{offer.id}' has no {what} in {', '.join(missing)}"
                yield _warning(
                    "language", message, offer.place, Hint("customers of that language read another one")
                )


def _no_capacity(playbook: Playbook) -> Iterator[Problem]:
    """An outgoing channel in which a plan has no places to give."""
    for channel in playbook.channels.values():
        used = any(channel.name in offer.channels for _, offer in _uses(playbook))
        if used and channel.direction == "outgoing" and not any(hour.contacts for hour in channel.capacity):
            message = f"channel '{channel.name}' has no capacity, so nothing is planned for it"
            yield _warning(
                "capacity", message, channel.place, Hint('as [{from: "09:00", to: "20:00", per_hour: 200}]')
            )


def _no_consent_default(playbook: Playbook) -> Iterator[Problem]:
    """Without a word on silence, promotion needs a yes on file everywhere."""
    if not playbook.consent_defaults and any(playbook.operator.categories.values()):
        message = "no legal policy has a 'consent_default', so all promotion needs a consent on file"
        yield _warning(
            "consent_default",
            message,
            None,
            Hint("say what holds without a record, in a policy of layer legal"),
        )
