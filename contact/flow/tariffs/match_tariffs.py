"""Every line under every tariff: the advice becomes columns of the next generation."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from contact.domain.tariff_answers import MatchAnswer
from contact.flow.progress import InThread, Progress, in_thread, say
from contact.flow.tariffs.tariff_cases import (
    complete_usage,
    conditional,
    eligible,
    prices_of,
    require_tariffs,
    ways_up,
)
from contact.ports import LineMonths, Ports
from strategies.declared.calendar import local_datetime
from strategies.declared.playbook import Playbook
from strategies.instants import Instant

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Eligible = Mapping[str, npt.NDArray[np.bool_]]
    Columns = dict[str, npt.NDArray[Any]]

MONTHS = 6
"""How far back bills are worked out."""
AT_ONCE = 20_000
"""Lines advised between two words of progress."""
SAY_EVERY = 2_000


async def match_tariffs(ports: Ports, progress: Progress | None = None) -> MatchAnswer:
    """Advise every line and make it the next generation's ``advice``.

    Raises ProblemsFound where no tariff is declared, a counter's column is missing or there are too many plans.
    """
    began = time.perf_counter()
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    require_tariffs(playbook)
    await say(progress, 0, None, "reading usage")
    usage = await complete_usage(ports, playbook, moment.at, months=MONTHS)
    may = await _eligible(ports, playbook, usage, moment.at, progress)
    columns = await in_thread(lambda said: _advised(playbook, usage, may, moment.at, said), progress)
    await say(progress, len(usage.lines), len(usage.lines), "writing advice")
    generation = await _write(ports, usage, columns)
    return _answer(playbook, usage, columns, generation, moment.at, time.perf_counter() - began)


async def _eligible(
    ports: Ports, playbook: Playbook, usage: LineMonths, now: Instant, progress: Progress | None
) -> Eligible:
    """Of each tariff with a condition: the lines it is true of. Customers are read only where there is such a tariff."""
    import numpy as np

    found = {tariff: np.zeros(len(usage.lines), dtype=np.bool_) for tariff, _ in conditional(playbook)}
    if not found:
        return {}
    places = {line: place for place, line in enumerate(usage.lines)}
    read, said, total = 0, 0, await ports.customers.count()
    async for profiles in ports.profiles.all(playbook):
        for profile in profiles:
            for line in profile.lines:
                if line.id in places:
                    for tariff, truth in eligible(playbook, profile, line.id, now).items():
                        found[tariff][places[line.id]] = truth
        read += len(profiles)
        if read - said >= SAY_EVERY:
            said = read
            await say(progress, read, total, "asking who may have which tariff")
    return found


def _advised(playbook: Playbook, usage: LineMonths, may: Eligible, now: Instant, said: InThread) -> Columns:
    """The columns of advice, line by line, in chunks."""
    import numpy as np

    from scoring.tariff_advice import COLUMNS, advise_many

    prices, above = prices_of(playbook, now), ways_up(playbook)
    today = local_datetime(playbook.operator.zone, now).date()
    parts = []
    for start in range(0, max(len(usage.lines), 1), AT_ONCE):
        said(start, len(usage.lines), "comparing tariffs")
        part = slice(start, start + AT_ONCE)
        mine = {tariff: truth[part] for tariff, truth in may.items()}
        parts.append(advise_many(prices, _lines(usage, part), eligible=mine, above=above, today=today))
    return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}


def _lines(usage: LineMonths, part: slice) -> LineMonths:
    """Some of the lines."""
    return replace(
        usage,
        lines=usage.lines[part],
        customers=usage.customers[part],
        units=usage.units[part],
        tariffs=usage.tariffs[part],
        addons=usage.addons[part],
        contract_ends=usage.contract_ends[part],
        quantities=usage.quantities[part],
        there=usage.there[part],
        issued=usage.issued[part],
    )


async def _write(ports: Ports, usage: LineMonths, columns: Columns) -> int:
    import pandas as pd

    from scoring.tariff_advice import COLUMNS

    frame = pd.DataFrame(
        {"customer": pd.Series(list(usage.customers), dtype=object), "line": list(usage.lines), **columns}
    )
    return await ports.learning.write("advice", frame, COLUMNS)


def _answer(
    playbook: Playbook, usage: LineMonths, columns: Columns, generation: int, now: Instant, seconds: float
) -> MatchAnswer:
    import numpy as np

    from contact.flow.tariffs.tariff_words import month_text

    verdicts = columns["verdict"]
    better = verdicts == "cheaper"
    compared = np.isin(verdicts, ["cheaper", "cheapest", "penalty"])
    plans = len(prices_of(playbook, now).plans)
    unexplained = np.abs(columns["unexplained"])
    unexplained = unexplained[~np.isnan(unexplained)]
    return MatchAnswer(
        generation=generation,
        lines=len(verdicts),
        months=[month_text(month) for month in usage.months],
        plans=plans,
        rated=int(usage.there[compared].sum()) * plans,
        by_verdict=dict(Counter(verdicts.tolist()).most_common()),
        best=dict(Counter(columns["tariff"][better].tolist()).most_common()),
        saving_minor=int(columns["saving"][better].sum()),
        unexplained_minor=round(float(unexplained.mean())) if len(unexplained) else None,
        seconds=round(seconds, 3),
    )
