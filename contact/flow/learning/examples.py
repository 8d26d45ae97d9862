"""Labelled rows for a model: of customers, of customers at the ends of past months, or of contacts and control places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from contact.flow.learning.known_columns import fields_read, is_there, require_fields
from contact.flow.learning.outcome_labels import Labelled, clock_hours, days_until_known, labelled_outcomes
from contact.flow.progress import Progress, say
from scoring.examples import Examples, design
from strategies.declared.calendar import EPOCH_ORDINAL, local_datetime, local_day
from strategies.declared.model import FieldLabel, LeavingLabel, Model, OutcomeLabel
from strategies.declared.playbook import Field, Playbook
from strategies.problems import Hint, Problem, ProblemsFound

if TYPE_CHECKING:
    from contact.ports import Ports

NO_CHANNEL = "none"
"""The channel of a place that was held back: what happens without any contact."""
READING = "reading columns"
TimeName = Literal["month", "order", "day", ""]


async def examples_of(
    ports: Ports, playbook: Playbook, model: Model, retired: Sequence[str] = (), progress: Progress | None = None
) -> Examples:  # fmt: skip
    """Everything on file that the model may learn from.

    ``retired`` are fields that only the model in force reads; those no longer declared or on file are left out.
    Raises ProblemsFound: ``model.field_missing`` at the feature whose column no file holds, ``model.too_few_months``.
    """
    sources = await ports.learning.sources()
    require_fields(playbook, model, fields_read(model), sources)
    await say(progress, 0, None, READING)
    also = [
        name
        for name in retired
        if name not in model.features and name in playbook.fields and is_there(playbook.fields[name], sources)
    ]
    match model.label:
        case FieldLabel(field):
            return await _of_customers(ports, playbook, model, field, also)
        case LeavingLabel():
            return await _of_months(ports, playbook, model, model.label, also, progress)
        case OutcomeLabel():
            return await _of_outcomes(ports, playbook, model, model.label, also)


async def _of_customers(
    ports: Ports, playbook: Playbook, model: Model, label: str, also: Sequence[str]
) -> Examples:
    """One row a customer whose label is known, and whose place in time is where the model names an order."""
    table = await ports.learning.table(playbook, _each_once(fields_read(model), also))
    known = table[label].notna()
    if model.order is not None:
        known &= table[model.order].notna()
    table = table[known]
    time: npt.NDArray[np.int64] | None = None
    time_name: TimeName = ""
    if model.order is not None:
        time = table[model.order].to_numpy(dtype=np.float64).astype(np.int64)
        time_name = "day" if playbook.fields[model.order].type == "date" else "order"
    return Examples(
        frame=design(table[list(model.features)]),
        label=(table[label].to_numpy(dtype=np.float64) != 0).astype(np.int8),
        customers=_ids(table.index),
        time=time,
        time_name=time_name,
        segments=_segments(table, model),
        retired=design(table[list(also)]) if also else None,
    )


async def _of_months(
    ports: Ports, playbook: Playbook, model: Model, label: LeavingLabel, also: Sequence[str],
    progress: Progress | None,
) -> Examples:  # fmt: skip
    """One row a customer and month-end, of those who were there: not left by then, and with a month on file by then
    where the model reads months. Features as they were known at that end."""
    today = local_day(playbook.operator.zone, (await ports.clock.now()).at) - EPOCH_ORDINAL
    over = [month for month in await ports.learning.months() if first_day_after(month) <= today]
    months = as_of_months(over, label)
    if not months:
        message = f"no month on file is {label.within_months} months before the last one that is over"
        hint = Hint("import usage or bills of more months, or lower within_months")
        raise ProblemsFound([Problem("model.too_few_months", message, model.place, hint)])
    left = (await ports.learning.table(playbook, [label.field]))[label.field]
    monthly = [name for name in model.features if _is_monthly(playbook.fields[name])]
    wanted = _each_once(model.features, model.segments, also)
    tables, labels, times = [], [], []
    for number, month in enumerate(months):
        table = await ports.learning.table(playbook, wanted, as_of=month)
        gone = left.reindex(table.index).to_numpy(dtype=np.float64)
        there = ~(gone < first_day_after(month))
        if monthly:
            there &= table[monthly].notna().any(axis=1).to_numpy()
        tables.append(table[there])
        labels.append(gone[there] < first_day_after(month + label.within_months))
        times.append(np.full(int(there.sum()), month, dtype=np.int64))
        await say(progress, number + 1, len(months), READING)
    table = pd.concat(tables)
    return Examples(
        frame=design(table[list(model.features)]),
        label=np.concatenate(labels).astype(np.int8),
        customers=_ids(table.index),
        time=np.concatenate(times),
        time_name="month",
        known_after=label.within_months,
        segments=_segments(table, model),
        retired=design(table[list(also)]) if also else None,
    )


def _is_monthly(field: Field) -> bool:
    """Whether the field is unknown of somebody without a month on file."""
    kind = field.source.partition(".")[0]
    return kind in ("usage", "bills") and field.aggregate not in ("count", "any")


def as_of_months(on_file: Sequence[int], label: LeavingLabel) -> list[int]:
    """The month-ends looked at: the last so early that its label is known by the last month on file, which is over."""
    if not on_file:
        return []
    last = on_file[-1] - label.within_months
    return [month for month in on_file if last - label.months < month <= last]


def first_day_after(month: int) -> int:
    """Days since 1970 of the first day after a month (year × 12 + month − 1)."""
    return date((month + 1) // 12, (month + 1) % 12 + 1, 1).toordinal() - EPOCH_ORDINAL


async def _of_outcomes(
    ports: Ports, playbook: Playbook, model: Model, label: OutcomeLabel, also: Sequence[str]
) -> Examples:
    """One row a contact, and for acceptance one a place held back; features are the facts as they are now."""
    found = await labelled_outcomes(ports, playbook, label)
    wanted = _each_once(model.features, model.segments, also)
    table = await ports.learning.table(playbook, wanted)
    places = table.index.get_indexer(pd.Index([each.outcome.customer for each in found], dtype=object))
    kept = [each for each, place in zip(found, places, strict=True) if place >= 0]
    table = table.take(places[places >= 0])
    operator = playbook.operator.zone
    return Examples(
        frame=design(
            table[list(model.features)].assign(**await _circumstances(ports, playbook, label, kept))
        ),
        label=np.array([each.label for each in kept], dtype=np.int8),
        customers=_ids(table.index),
        time=np.array(
            [local_day(operator, each.outcome.at) - EPOCH_ORDINAL for each in kept], dtype=np.int64
        ),
        time_name="day",
        known_after=days_until_known(playbook, label, (each.outcome for each in kept)),
        segments=_segments(table, model),
        retired=design(table[list(also)]) if also else None,
    )


async def _circumstances(
    ports: Ports, playbook: Playbook, label: OutcomeLabel, kept: Sequence[Labelled]
) -> Mapping[str, Any]:
    """What is asked about beside the customer: offer and channel, or channel and the hour on the customer's clock."""
    channels = _texts([NO_CHANNEL if each.held_back else each.outcome.channel for each in kept])
    if label.moment == "accepted":
        return {"offer": _texts([each.outcome.offer for each in kept]), "channel": channels}
    zones = await clock_hours(ports, playbook)
    local = [
        local_datetime(zones.get(each.outcome.customer, playbook.operator.zone), each.outcome.at)
        for each in kept
    ]
    hours = np.array([each.hour for each in local], dtype=np.float64)
    weekdays = np.array([each.isoweekday() for each in local], dtype=np.float64)
    return {"channel": channels, "hour": hours, "weekday": weekdays}


def _each_once(*names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name for some in names for name in some))


def _texts(values: Sequence[str]) -> npt.NDArray[np.object_]:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _ids(index: pd.Index[Any]) -> npt.NDArray[np.object_]:
    return np.asarray(index, dtype=object)


def _segments(table: pd.DataFrame, model: Model) -> Mapping[str, npt.NDArray[np.object_]]:
    return {name: table[name].to_numpy(dtype=object) for name in model.segments}
