"""Cluster customers over chosen fields, and say of each cluster what it looks like and which condition finds it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import numpy as np

from contact.domain.selection_answers import ClusterAnswer, ClustersAnswer
from contact.flow.gather import unknown
from contact.flow.selecting.select import compiled
from contact.ports import BaseView, Ports
from strategies.conditions.columns_masks import is_true
from strategies.declared.fields import with_built_in
from strategies.declared.playbook import Condition, Field, FieldType, Playbook
from strategies.problems import Hint, Problem, ProblemsFound, Where

MOST = 20
"""Clusters that can be asked for."""
LEAST_CUSTOMERS = 50
_TYPES: tuple[FieldType, ...] = ("number", "money")


async def cluster(
    ports: Ports, fields: Sequence[str], k: int | None = None, when: str | None = None
) -> ClustersAnswer:
    """Clusters over number and money fields of everybody, or of whom a condition finds; ``k`` None finds how many.

    Customers of whom one of the fields is unknown are left out. Raises ProblemsFound for fields that cannot be clustered,
    and where too few customers are left.
    """
    begun = time.perf_counter()
    playbook = (await ports.playbooks.current()).at((await ports.clock.now()).at)
    declared = [_field(playbook, name) for name in dict.fromkeys(fields)]
    condition = None if when is None else compiled(playbook, when)
    read = {field.name for field in declared} | (set() if condition is None else condition.fields)
    view = await ports.base.view(sorted(read), playbook, people=False)
    return await asyncio.to_thread(_clusters, playbook, declared, view, condition, k, begun)


def _field(playbook: Playbook, name: str) -> Field:
    field = with_built_in(playbook.fields).get(name)
    if field is None:
        raise ProblemsFound([unknown("field", name, playbook.fields)])
    if field.type not in _TYPES:
        hint = Hint("choose fields of type number or money")
        raise ProblemsFound(
            [Problem("cluster.field", f"'{name}' is {field.type} and has no mean", Where("fields"), hint)]
        )
    return field


def _clusters(
    playbook: Playbook,
    fields: Sequence[Field],
    view: BaseView,
    condition: Condition | None,
    k: int | None,
    begun: float,
) -> ClustersAnswer:
    from scoring.clusters import clustered

    chosen = np.ones(view.columns.rows, dtype=np.bool_)
    if view.within is not None:
        chosen &= view.within
    if condition is not None:
        chosen &= is_true(condition, view.columns, view.now)
    columns = [view.columns.by_field[field.name] for field in fields]
    for column in columns:
        if column.known is not None:
            chosen &= column.known
    minor = playbook.operator.minor_per_major
    numbers = np.column_stack(
        [
            column.values[chosen].astype(np.float64) / (minor if field.type == "money" else 1)
            for field, column in zip(fields, columns, strict=True)
        ]
    )
    if len(numbers) < LEAST_CUSTOMERS or not (numbers != numbers[:1]).any():
        message = f"{len(numbers)} customers have all of these fields, or all have the same values"
        hint = Hint(
            "choose fields that at least %(count)s customers have, with different values",
            count=LEAST_CUSTOMERS,
        )
        raise ProblemsFound([Problem("cluster.too_few", message, Where("fields"), hint)])
    found, _ = clustered([field.name for field in fields], numbers, k)
    return ClustersAnswer(
        fields=[field.name for field in fields],
        customers=len(numbers),
        clusters=[
            ClusterAnswer(
                number=number,
                customers=each.customers,
                portrait=[
                    {"field": one.field, "mean": one.mean, "mean_of_all": one.mean_of_all, "deviations": one.deviations}
                    for one in each.portrait
                ],
                rule=_condition(each.rule, condition),
                precision=each.precision,
                recall=each.recall,
            )
            for number, each in enumerate(found, 1)
        ],
        seconds=time.perf_counter() - begun,
    )  # fmt: skip


def _condition(rule: Sequence[Sequence[object]], within: Condition | None) -> str:
    """The rule as a condition, inside the one the customers were chosen by."""
    from scoring.clusters import Bound

    ways = []
    for way in rule:
        parts = [
            f"{each.field} {'>' if each.above else '<='} {_number(each.threshold)}"
            for each in way
            if isinstance(each, Bound)
        ]
        ways.append(" AND ".join(parts) or "TRUE")
    text = " OR ".join(f"({way})" if len(ways) > 1 and " AND " in way else way for way in ways) or "FALSE"
    if within is None:
        return text
    return f"({within.text}) AND ({text})" if " OR " in text else f"({within.text}) AND {text}"


def _number(value: float) -> str:
    return format(value, "f").rstrip("0").rstrip(".") if "e" in repr(value) else f"{value:g}"
