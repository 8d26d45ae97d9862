"""Which columns of the scores a model fills, so that fields may name them and no two models fill the same."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from strategies.declared.model import Model, OutcomeLabel
from strategies.declared.playbook import Channel, FieldType, Strategy

ASKED_ABOUT = ("offer", "channel", "hour", "weekday")
"""What a model of outcomes knows beside its fields: the contact it is asked about."""
_NOT_IN_NAMES = re.compile(r"[^a-z0-9_]")


def columns_of(
    model: Model, strategies: Collection[Strategy], channels: Mapping[str, Channel]
) -> dict[str, FieldType]:
    """Column → type: the ``score`` (of churn also its reasons), or one for each offer and channel, or each channel."""
    if not isinstance(model.label, OutcomeLabel):
        reasons: dict[str, FieldType] = {f"{model.score}_reasons": "list"} if model.learns == "churn" else {}
        return {model.score: "number", **reasons}
    if model.learns == "reach":
        outgoing = [each.name for each in channels.values() if each.direction == "outgoing"]
        return {column_of("best_hour", name): "number" for name in outgoing}
    return {
        column_of("p", offer.id, name): "number"
        for strategy in strategies
        for offer in strategy.offers
        for name in offer.channels
    }


def column_of(*words: str) -> str:
    """The column of an offer in a channel, ``p_data_20_sms``, or of a channel, ``best_hour_sms``."""
    return _NOT_IN_NAMES.sub("_", "_".join(words).lower())
