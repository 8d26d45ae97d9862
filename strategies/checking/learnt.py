"""What deserves a second look in counters, tariffs and models, and in the fields that name what is learnt."""

from __future__ import annotations

from collections.abc import Iterator

from strategies.declared.playbook import Playbook
from strategies.declared.score_columns import columns_of
from strategies.documents.strategies import BEST_TARIFF
from strategies.problems import Hint, Problem, Where
from strategies.texts.meant import suggestion


def learnt_warnings(playbook: Playbook) -> Iterator[Problem]:
    """Everything of these that may be published and yet is probably not meant."""
    yield from _counters_for_nothing(playbook)
    yield from _addons_nobody_can_have(playbook)
    yield from _allowances_of_unlike_units(playbook)
    yield from _titles(playbook)
    yield from _scores_nobody_fills(playbook)
    yield from _best_of_none(playbook)


def _warning(code: str, message: str, where: Where | None, hint: Hint) -> Problem:
    return Problem(f"warning.{code}", message, where or Where("tariffs/"), hint, "warning")


def _counters_for_nothing(playbook: Playbook) -> Iterator[Problem]:
    """A counter whose usage changes no bill, whatever the tariff."""
    charged = {
        counter
        for tariff in playbook.tariffs.values()
        for counter, rates in tariff.rates.items()
        if any(tier.price for _, rate in rates for tier in rate.tiers)
    }
    for counter in playbook.counters.values():
        if counter.id not in charged:
            message = f"no tariff charges anything for counter '{counter.id}'"
            yield _warning(
                "counter", message, counter.place, Hint("price it in a base tariff, or leave it out")
            )


def _addons_nobody_can_have(playbook: Playbook) -> Iterator[Problem]:
    listed = {addon for tariff in playbook.tariffs.values() for addon in tariff.addons}
    for tariff in playbook.tariffs.values():
        if not tariff.is_base and tariff.id not in listed:
            message = f"no base tariff lists add-on '{tariff.id}', so nobody can have it"
            yield _warning("addon", message, tariff.place, Hint("write it under 'addons' of a base tariff"))


def _allowances_of_unlike_units(playbook: Playbook) -> Iterator[Problem]:
    """An amount that is counted down in minutes and gigabytes alike."""
    for tariff in playbook.tariffs.values():
        for allowance in tariff.allowances:
            units = sorted({playbook.counters[counter].unit for counter in allowance.counters})
            if allowance.amount is not None and len(units) > 1:
                message = (
                    f"an allowance of tariff '{tariff.id}' is shared by counters in {' and '.join(units)}"
                )
                yield _warning(
                    "allowance", message, tariff.place, Hint("give each unit an allowance of its own")
                )


def _titles(playbook: Playbook) -> Iterator[Problem]:
    """A title that somebody would read in another language than theirs."""
    titled = [
        *((f"tariff '{each.id}'", each.title, each.place) for each in playbook.tariffs.values()),
        *((f"counter '{each.id}'", each.title, each.place) for each in playbook.counters.values()),
        *((f"model '{each.id}'", each.title, each.place) for each in playbook.models.values()),
    ]
    for what, title, place in titled:
        missing = [language for language in playbook.operator.languages if language not in title]
        if missing:
            message = f"{what} has no title in {', '.join(missing)}"
            yield _warning("language", message, place, Hint("who reads that language is shown another one"))


def _scores_nobody_fills(playbook: Playbook) -> Iterator[Problem]:
    """A field that stays unknown because no model fills its column."""
    filled = {
        column
        for model in playbook.models.values()
        for column in columns_of(model, playbook.strategies, playbook.channels)
    }
    for field in playbook.fields.values():
        kind, _, column = field.source.partition(".")
        if kind == "scores" and column not in filled:
            message = f"no model fills {field.source}, so field '{field.name}' stays unknown"
            yield _warning("score", message, field.place, suggestion(column, filled))


def _best_of_none(playbook: Playbook) -> Iterator[Problem]:
    """The offer of the best tariff where there is none to choose, or one that only sounds like it."""
    for strategy in playbook.strategies:
        for offer in strategy.offers:
            if offer.id != BEST_TARIFF and offer.id.lower().replace("-", "_") == BEST_TARIFF:
                message = f"'{offer.id}' is an offer like any other"
                yield _warning(
                    "tariffs",
                    message,
                    offer.place,
                    Hint("the best tariff of a line is '%(name)s'", name=BEST_TARIFF),
                )
            if offer.id == BEST_TARIFF and not any(each.is_base for each in playbook.tariffs.values()):
                message = f"'{BEST_TARIFF}' is offered and there is no base tariff"
                yield _warning(
                    "tariffs", message, offer.place, Hint("write one file for each, as tariffs/plus.yaml")
                )
