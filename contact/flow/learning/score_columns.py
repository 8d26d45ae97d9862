"""What models say of many customers at once; one customer is the same with one row.

Columns of answers: each one-value model's ``score``; for churn also ``<score>_reasons``; ``p_OFFER_CHANNEL`` and
``best_hour_CHANNEL`` (hour on the customer's clock) with ``-`` and ``.`` written ``_``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from contact.flow.deciding.capacity import local_hours
from contact.flow.learning.loaded_models import InForce, Loaded
from contact.flow.progress import InThread
from strategies.candidate import OUTGOING
from strategies.declared.calendar import local_datetime
from strategies.declared.model import LeavingLabel
from strategies.declared.playbook import Offer, Playbook, Strategy
from strategies.declared.score_columns import ASKED_ABOUT, column_of
from strategies.instants import Instant
from strategies.profile import FieldValue

REASONS = 3
AT_ONCE = 50_000
"""Rows asked in one call."""

Floats = npt.NDArray[np.float64]


def features_of(loaded: Loaded) -> list[str]:
    """The fields a model in force reads; what a model of outcomes is asked about is no field."""
    asked = ASKED_ABOUT if loaded.of_outcomes else ()
    return [name for name in loaded.scoring.features if name not in asked]


def offers_by_channel(playbook: Playbook) -> Iterator[tuple[Strategy, Offer, str]]:
    """Every offer of every strategy in every channel it may be made in."""
    for strategy in playbook.strategies:
        for offer in strategy.offers:
            for channel in offer.channels:
                yield strategy, offer, channel


def one_row(playbook: Playbook, facts: Mapping[str, FieldValue], names: Sequence[str]) -> pd.DataFrame:
    """One customer's facts as the one row that ``design`` would make of their columns."""
    found: dict[str, Any] = {}
    for name in names:
        value = facts.get(name)
        if playbook.fields[name].type == "text":
            found[name] = pd.Categorical([value])
        else:
            found[name] = np.array([float(value) if isinstance(value, bool | int | float) else np.nan])
    return pd.DataFrame(found)


def risks(loaded: Loaded, frame: pd.DataFrame, gone: npt.NDArray[np.bool_] | None = None) -> Floats:
    """A one-value model's score of each row, NaN for those who have left already."""
    found = _predicted(loaded, frame)
    if gone is not None:
        found[gone] = np.nan
    return found


def who_left(loaded: Loaded, left: Floats | None, today: int) -> npt.NDArray[np.bool_] | None:
    """Who has left by ``today`` (days since 1970), where the model foretells leaving; None where it does not."""
    if left is None or not isinstance(loaded.declared.label, LeavingLabel):
        return None
    return np.asarray(left <= today, dtype=np.bool_)


def reasons(loaded: Loaded, frame: pd.DataFrame) -> list[tuple[tuple[str, float], ...]]:
    """For each row the features that raise its score most, with their contributions in log-odds, three at most.

    Where none raises it, those that move it most.
    """
    found: list[tuple[tuple[str, float], ...]] = []
    for start in range(0, len(frame), AT_ONCE):
        names, weights = loaded.scoring.contributions(frame.iloc[start : start + AT_ONCE])
        raised = np.argsort(-weights, axis=1, kind="stable")[:, :REASONS]
        moved = np.argsort(-np.abs(weights), axis=1, kind="stable")[:, :REASONS]
        rises = weights.max(axis=1, initial=0.0) > 0
        chosen = np.where(rises[:, None], raised, moved)
        for row, places in enumerate(chosen.tolist()):
            kept = [(names[place], float(weights[row, place])) for place in places]
            found.append(tuple(each for each in kept if each[1] > 0 or (not rises[row] and each[1])))
    return found


@dataclass(frozen=True, slots=True)
class Hour:
    """A capacity hour of a channel as one customer's clock shows it."""

    channel: str
    hour: int
    weekday: int


def hours_on(playbook: Playbook, zone: str, now: Instant) -> list[Hour]:
    """Every capacity hour of every outgoing channel today, on a clock of that zone."""
    found = []
    for channel in playbook.channels.values():
        if channel.direction == OUTGOING:
            for at in local_hours(channel, playbook.operator.zone, now):
                local = local_datetime(zone, at)
                found.append(Hour(channel.name, local.hour, local.isoweekday()))
    return found


def propensities(loaded: Loaded, frame: pd.DataFrame, pairs: Sequence[tuple[str, str]]) -> Floats:
    """[pair, row]: the chance that an offer in a channel is accepted."""
    asked: dict[str, list[Any]] = {
        "offer": [offer for offer, _ in pairs],
        "channel": [channel for _, channel in pairs],
    }
    return _crossed(loaded, frame, asked, len(pairs))


def best_hours(loaded: Loaded, frame: pd.DataFrame, hours: Sequence[Hour]) -> dict[str, Floats]:
    """Channel → for each row the hour in which the person is reached likeliest; the earliest of equals."""
    asked: dict[str, list[Any]] = {
        "channel": [each.channel for each in hours],
        "hour": [float(each.hour) for each in hours],
        "weekday": [float(each.weekday) for each in hours],
    }
    chances = _crossed(loaded, frame, asked, len(hours))
    found = {}
    for channel in dict.fromkeys(each.channel for each in hours):
        places = [place for place, each in enumerate(hours) if each.channel == channel]
        best = np.argmax(chances[places], axis=0)
        found[channel] = np.array([hours[place].hour for place in places], dtype=np.float64)[best]
    return found


def _crossed(loaded: Loaded, frame: pd.DataFrame, asked: Mapping[str, Sequence[Any]], count: int) -> Floats:
    """[question, row]: every row asked every question, in as few calls as fit into memory."""
    mine = frame[features_of(loaded)]
    found = np.empty((count, len(frame)), dtype=np.float64)
    for first in range(0, len(frame), AT_ONCE):
        part = mine.iloc[first : first + AT_ONCE]
        at_once = max(1, AT_ONCE // len(part))
        for start in range(0, count, at_once):
            chosen = range(start, min(start + at_once, count))
            block = _asked(part, asked, chosen)
            found[start : start + len(chosen), first : first + len(part)] = _predicted(loaded, block).reshape(
                len(chosen), len(part)
            )
    return found


def _asked(rows: pd.DataFrame, asked: Mapping[str, Sequence[Any]], chosen: range) -> pd.DataFrame:
    """These rows once for each of the chosen questions."""
    block = rows.take(np.tile(np.arange(len(rows)), len(chosen)))
    for name, values in asked.items():
        some = [values[place] for place in chosen]
        is_text = isinstance(some[0], str)
        column = np.repeat(np.asarray(some, dtype=object if is_text else np.float64), len(rows))
        block[name] = pd.Categorical(column) if is_text else column
    return block


def _predicted(loaded: Loaded, frame: pd.DataFrame) -> Floats:
    parts = [
        loaded.scoring.predict(frame.iloc[start : start + AT_ONCE]) for start in range(0, len(frame), AT_ONCE)
    ]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Everybody:
    """What is needed to score all: their features, and of each the zone of the clock and the day they left, if ever."""

    customers: npt.NDArray[np.object_]
    frame: pd.DataFrame
    """As ``design`` makes it."""
    zones: Sequence[str]
    left: Mapping[str, Floats]
    today: int
    now: Instant


def score_columns(
    playbook: Playbook, in_force: InForce, all_: Everybody, said: InThread
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The ``scores`` of everybody, one row a customer, and the value type of every column."""
    columns: dict[str, Any] = {"customer": all_.customers}
    types: dict[str, str] = {}
    steps = len(in_force.models)
    for step, loaded in enumerate(in_force.models):
        said(step, steps, f"scoring by {loaded.row.id}")
        for name, values, type_ in _columns_of(playbook, loaded, all_):
            columns[name], types[name] = values, type_
    return pd.DataFrame(columns), types


def _columns_of(
    playbook: Playbook, loaded: Loaded, all_: Everybody
) -> Iterator[tuple[str, npt.NDArray[Any], str]]:
    if not loaded.of_outcomes:
        yield from _of_customers(loaded, all_)
    elif loaded.declared.learns == "propensity":
        pairs = [
            pair
            for pair in dict.fromkeys(
                (offer.id, channel) for _, offer, channel in offers_by_channel(playbook)
            )
            if _is_read(playbook, column_of("p", *pair))
        ]
        found = propensities(loaded, all_.frame, pairs)
        for (offer, channel), values in zip(pairs, found, strict=True):
            yield column_of("p", offer, channel), values, "number"
    else:
        yield from _best_hours(playbook, loaded, all_)


def _is_read(playbook: Playbook, column: str) -> bool:
    """Whether a field names the column; what nobody reads is not asked of everybody."""
    return any(field.source == f"scores.{column}" for field in playbook.fields.values())


def _of_customers(loaded: Loaded, all_: Everybody) -> Iterator[tuple[str, npt.NDArray[Any], str]]:
    """The score of everybody, and why those leave whose risk is above the average: contributions cost most of a scoring."""
    score = loaded.declared.score
    if not score:
        return
    gone = who_left(loaded, all_.left.get(loaded.declared.id), all_.today)
    found = risks(loaded, all_.frame, gone)
    yield score, found, "number"
    if loaded.declared.learns == "churn":
        names = np.empty(len(found), dtype=object)
        known = found[~np.isnan(found)]
        at_risk = np.flatnonzero(found >= known.mean()) if len(known) else np.empty(0, dtype=np.int64)
        for row, each in zip(at_risk.tolist(), reasons(loaded, all_.frame.iloc[at_risk]), strict=True):
            names[row] = tuple(name for name, _ in each)
        yield f"{score}_reasons", names, "list"


def _best_hours(
    playbook: Playbook, loaded: Loaded, all_: Everybody
) -> Iterator[tuple[str, npt.NDArray[Any], str]]:
    zones = np.asarray(all_.zones, dtype=object)
    columns: dict[str, Floats] = {}
    for zone in sorted(set(all_.zones)):
        rows = np.flatnonzero(zones == zone)
        hours = [
            each
            for each in hours_on(playbook, zone, all_.now)
            if _is_read(playbook, column_of("best_hour", each.channel))
        ]
        for channel, values in best_hours(loaded, all_.frame.iloc[rows], hours).items():
            columns.setdefault(channel, np.full(len(zones), np.nan))[rows] = values
    for channel, values in columns.items():
        yield column_of("best_hour", channel), values, "number"
