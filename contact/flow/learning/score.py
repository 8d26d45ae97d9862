"""What the models in force say: of everybody, as columns of the next generation; of one customer, now."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from contact.domain.model_answers import ChanceAnswer, ChurnAnswer, ReasonAnswer, ScoredAnswer, ScoresAnswer
from contact.flow.gather import Gathered, gather
from contact.flow.learning.known_columns import is_there, require_fields
from contact.flow.learning.loaded_models import InForce, Loaded, models_in_force
from contact.flow.learning.outcome_labels import clock_hours
from contact.flow.progress import Progress, in_thread, say
from contact.flow.wording import reason_words, titled
from contact.ports import Moment, Ports
from strategies.declared.calendar import EPOCH_ORDINAL, local_datetime, local_day
from strategies.declared.model import LeavingLabel
from strategies.declared.playbook import Playbook
from strategies.instants import to_datetime
from strategies.judging.asking import zone_of
from strategies.problems import Hint, Problem, ProblemsFound, Where

if TYPE_CHECKING:
    import pandas as pd

    from contact.flow.learning.score_columns import Everybody


async def score_all(ports: Ports, progress: Progress | None = None) -> ScoredAnswer:
    """Score every customer and make it the next generation's ``scores``.

    Raises ProblemsFound where no model is in force, nothing was imported or a column that a model reads is not on file;
    ModelBroken for a file that is not as it was written.
    """
    from contact.flow.learning.score_columns import score_columns

    began = time.perf_counter()
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    in_force = await models_in_force(ports, playbook)
    await say(progress, 0, None, "reading columns")
    everybody = await _everybody(ports, playbook, in_force, moment)
    columns, types = await in_thread(
        lambda said: score_columns(playbook, in_force, everybody, said), progress
    )
    await say(progress, len(in_force.models), len(in_force.models), "writing scores")
    generation = await ports.learning.write("scores", columns, types)
    return ScoredAnswer(
        generation=generation,
        customers=len(columns),
        columns=list(types),
        models=in_force.ids,
        missing=list(in_force.missing),
        seconds=round(time.perf_counter() - began, 3),
    )


async def _everybody(ports: Ports, playbook: Playbook, in_force: InForce, moment: Moment) -> Everybody:
    import numpy as np

    from contact.flow.learning.score_columns import Everybody, features_of
    from scoring.examples import design

    sources = await ports.learning.sources()
    for each in in_force.models:
        require_fields(playbook, each.declared, features_of(each), sources)
    wanted = list(dict.fromkeys(name for each in in_force.models for name in features_of(each)))
    labels = {
        each.declared.id: each.declared.label.field
        for each in in_force.models
        if isinstance(each.declared.label, LeavingLabel)
        and is_there(playbook.fields[each.declared.label.field], sources)
    }
    table = await ports.learning.table(playbook, list(dict.fromkeys([*wanted, *labels.values()])))
    zones: Mapping[str, str] = {}
    if in_force.of_outcomes("reach") is not None:
        zones = await clock_hours(ports, playbook)
    operator = playbook.operator.zone
    return Everybody(
        customers=table.index.to_numpy(dtype=object),
        frame=await asyncio.to_thread(design, table[wanted]),
        zones=[zones.get(customer, operator) for customer in table.index],
        left={model: table[field].to_numpy(dtype=np.float64) for model, field in labels.items()},
        today=_today(playbook, moment),
        now=moment.at,
    )


def _today(playbook: Playbook, moment: Moment) -> int:
    """The operator's day, counted from 1970."""
    return local_day(playbook.operator.zone, moment.at) - EPOCH_ORDINAL


async def scores_of(ports: Ports, customer: str, language: str = "en") -> ScoresAnswer:
    """What the models in force say of one customer as they are now; nothing is stored.

    Raises NotFound for an unknown customer, ProblemsFound where no model is in force, ModelBroken.
    """
    gathered = await gather(ports, customer)
    in_force = await models_in_force(ports, gathered.playbook)
    return await asyncio.to_thread(_scores, gathered, in_force, language)


def _scores(gathered: Gathered, in_force: InForce, language: str) -> ScoresAnswer:
    from contact.flow.learning import score_columns

    playbook, facts = gathered.playbook, gathered.profile.facts
    wanted = {name for each in in_force.models for name in score_columns.features_of(each)}
    unknown = sorted(wanted - playbook.fields.keys())
    if unknown:
        hint = Hint("train them again: contact train --all")
        message = f"a model in force reads {', '.join(unknown)}, which fields.yaml no longer declares"
        raise ProblemsFound([Problem("model.field_missing", message, Where("fields.yaml"), hint)])
    row = score_columns.one_row(playbook, facts, sorted(wanted))
    scores = {
        each.declared.score: float(score_columns.risks(each, row)[0])
        for each in in_force.of_customers
        if not _has_left(gathered, each)
    }
    return ScoresAnswer(
        customer=gathered.profile.customer,
        at=to_datetime(gathered.moment.at),
        simulated_time=gathered.moment.simulated,
        scores=scores,
        churn=_churn(gathered, in_force.churn, scores, row, language),
        chances=_chances(gathered, in_force, row, language),
        models=in_force.ids,
    )


def _has_left(gathered: Gathered, loaded: Loaded) -> bool:
    """Whether the model foretells leaving and the customer is gone already."""
    label = loaded.declared.label
    left = gathered.profile.facts.get(label.field) if isinstance(label, LeavingLabel) else None
    today = local_datetime(gathered.playbook.operator.zone, gathered.moment.at).date()
    return isinstance(left, str) and left <= today.isoformat()


def _churn(
    gathered: Gathered, churn: Loaded | None, scores: Mapping[str, float], row: pd.DataFrame, language: str
) -> ChurnAnswer | None:
    from contact.flow.learning.score_columns import reasons

    if churn is None or churn.declared.score not in scores:
        return None
    playbook, facts = gathered.playbook, gathered.profile.facts
    found = []
    for name, weight in reasons(churn, row)[0]:
        title, value = reason_words(playbook, name, facts.get(name), language)
        found.append(ReasonAnswer(field=name, title=title, value=value, raises=weight > 0, weight=weight))
    return ChurnAnswer(risk=scores[churn.declared.score], model=churn.row.id, reasons=found)


def _chances(gathered: Gathered, in_force: InForce, row: pd.DataFrame, language: str) -> list[ChanceAnswer]:
    """Every offer in every channel, highest expected value first; none where no model foretells acceptance."""
    from contact.flow.learning.score_columns import offers_by_channel, propensities

    playbook, loaded = gathered.playbook.at(gathered.moment.at), in_force.of_outcomes("propensity")
    offered = list(offers_by_channel(playbook))
    if loaded is None or not offered:
        return []
    chances = propensities(loaded, row, [(offer.id, channel) for _, offer, channel in offered])[:, 0]
    hours = _best_hours(gathered, in_force, row)
    found = []
    for (strategy, offer, channel), chance in zip(offered, chances.tolist(), strict=True):
        cost = playbook.channels[channel].cost_minor
        found.append(
            ChanceAnswer(
                strategy=strategy.id,
                offer=offer.id,
                channel=channel,
                title=titled(offer.title, language, playbook.operator.languages, offer.id),
                propensity=chance,
                best_hour=hours.get(channel),
                value_minor=offer.value_minor,
                cost_minor=cost,
                expected_minor=round(chance * offer.value_minor) - cost,
            )
        )
    return sorted(found, key=lambda each: (-each.expected_minor, each.strategy, each.offer, each.channel))


def _best_hours(gathered: Gathered, in_force: InForce, row: pd.DataFrame) -> dict[str, int]:
    from contact.flow.learning.score_columns import best_hours, hours_on

    loaded, zone = in_force.of_outcomes("reach"), zone_of(gathered.playbook, gathered.profile)
    if loaded is None:
        return {}
    clock = zone or gathered.playbook.operator.zone
    hours = hours_on(gathered.playbook, clock, gathered.moment.at)
    return (
        {channel: int(best[0]) for channel, best in best_hours(loaded, row, hours).items()} if hours else {}
    )
