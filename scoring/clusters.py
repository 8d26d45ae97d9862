"""Clusters of customers over a few numbers, each with its portrait and a rule that describes it.

Numbers are brought to one scale by their quantiles (so that a few large bills do not make a cluster of their own), then
k-means with a seed finds the clusters; how many is the number with the best silhouette on a sample (Rousseeuw 1987). A
small decision tree tells each cluster from all others, and the path to its largest pure leaves becomes the rule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

SEED = 20260302
LEAST_CLUSTERS, MOST_CLUSTERS = 2, 8
_SILHOUETTE_ROWS = 4_000
_FIT_ROWS = 200_000
_TREE_ROWS = 100_000
_TREE_DEPTH = 4
_LEAST_SHARE = 0.01
"""Of a cluster: a leaf with fewer of it describes nothing."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """How one field looks in a cluster, beside all customers."""

    field: str
    mean: float
    mean_of_all: float
    deviations: float
    """How far apart the two are, in standard deviations of all."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a rule: ``field`` above (or at most) a threshold."""

    field: str
    above: bool
    threshold: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """One cluster; ``rule`` is a list of alternatives, each of bounds that hold together."""

    customers: int
    portrait: tuple[Portrait, ...]
    rule: tuple[tuple[Bound, ...], ...]
    precision: float
    recall: float


def clustered(fields: Sequence[str], numbers: Numbers, k: int | None = None) -> tuple[list[Cluster], Labels]:
    """Clusters of the rows, largest first, and the cluster of each row; ``k`` None: as many as suit best.

    ``numbers`` is [customer, field] without NaN and with at least two different rows; thresholds of rules have four
    significant digits.
    """
    scaled = _scaled(numbers)
    labels = _labels(scaled, k)
    order = np.argsort(-np.bincount(labels), kind="stable")
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    labels = rank[labels]
    means, spreads = numbers.mean(axis=0), numbers.std(axis=0)
    found = [_cluster(fields, numbers, labels, each, means, spreads) for each in range(int(labels.max()) + 1)]
    return found, labels


def _scaled(numbers: Numbers) -> Numbers:
    """Each field as its place between the 1st and 99th percentile, and what lies beyond at the edge."""
    low, high = np.quantile(numbers, (0.01, 0.99), axis=0)
    width = np.where(high > low, high - low, 1.0)
    scaled: Numbers = np.clip((numbers - low) / width, 0.0, 1.0)
    return scaled


def _spread_over(rows: int, most: int) -> npt.NDArray[np.int64]:
    """All rows, or so many of them at even distances: customers stand in no order that means anything."""
    return np.arange(rows) if rows <= most else np.linspace(0, rows - 1, most).astype(np.int64)


def _labels(scaled: Numbers, k: int | None) -> Labels:
    from sklearn.cluster import MiniBatchKMeans  # a second to load, which only those who cluster pay
    from sklearn.metrics import silhouette_score
    from threadpoolctl import threadpool_limits

    learnt = scaled[_spread_over(len(scaled), _FIT_ROWS)]
    different = len(np.unique(learnt[:_FIT_ROWS], axis=0))
    tried = [k] if k is not None else range(LEAST_CLUSTERS, MOST_CLUSTERS + 1)
    judged = learnt[_spread_over(len(learnt), _SILHOUETTE_ROWS)]
    best: tuple[float, Labels] | None = None
    with threadpool_limits(1):
        for count in tried:
            if count > different:
                break
            model = MiniBatchKMeans(count, random_state=SEED, n_init=3, batch_size=4096).fit(learnt)
            of_judged = model.predict(judged)
            several = 1 < len(np.unique(of_judged)) < len(judged)
            score = float(silhouette_score(judged, of_judged)) if several and k is None else 0.0
            if best is None or score > best[0]:
                best = score, model.predict(scaled).astype(np.int32)
    assert best is not None  # there are two different rows, so two clusters can be made
    return np.unique(best[1], return_inverse=True)[1].astype(np.int32)


def _cluster(
    fields: Sequence[str], numbers: Numbers, labels: Labels, label: int, means: Numbers, spreads: Numbers
) -> Cluster:
    inside = labels == label
    own = numbers[inside].mean(axis=0)
    portrait = [
        Portrait(name, float(mine), float(mean), float((mine - mean) / spread) if spread else 0.0)
        for name, mine, mean, spread in zip(fields, own, means, spreads, strict=True)
    ]
    rule = _rule(fields, numbers, inside)
    hit = _holds(fields, numbers, rule)
    both = int((hit & inside).sum())
    return Cluster(
        customers=int(inside.sum()),
        portrait=tuple(sorted(portrait, key=lambda each: -abs(each.deviations))),
        rule=rule,
        precision=both / max(int(hit.sum()), 1),
        recall=both / int(inside.sum()),
    )


def _rule(
    fields: Sequence[str], numbers: Numbers, inside: npt.NDArray[np.bool_]
) -> tuple[tuple[Bound, ...], ...]:
    """The leaves of a small tree in which the cluster is in the majority, each as the bounds on the way to it."""
    from sklearn.tree import DecisionTreeClassifier

    rows = _spread_over(len(numbers), _TREE_ROWS)
    tree = DecisionTreeClassifier(
        max_depth=_TREE_DEPTH, min_samples_leaf=max(1, len(rows) // 500), random_state=SEED
    )
    tree.fit(numbers[rows], inside[rows])
    if len(tree.classes_) < 2:
        return ((),)
    shape, least = tree.tree_, _LEAST_SHARE * float(inside[rows].sum())
    found: list[tuple[float, tuple[Bound, ...]]] = []

    def walk(node: int, way: tuple[Bound, ...]) -> None:
        left, right = int(shape.children_left[node]), int(shape.children_right[node])
        share = float(shape.value[node][0][1])
        if left < 0:
            held = share * float(shape.n_node_samples[node])
            if share > 0.5 and held >= least:
                found.append((held, way))
            return
        name, threshold = fields[int(shape.feature[node])], _rounded(float(shape.threshold[node]))
        walk(left, (*way, Bound(name, False, threshold)))
        walk(right, (*way, Bound(name, True, threshold)))

    walk(0, ())
    ranked = sorted(found, key=lambda each: -each[0])
    return tuple(_narrowest(way) for _, way in ranked)


def _narrowest(way: tuple[Bound, ...]) -> tuple[Bound, ...]:
    """Of several bounds of one side of a field the one that says most."""
    kept: dict[tuple[str, bool], Bound] = {}
    for bound in way:
        key = (bound.field, bound.above)
        known = kept.get(key)
        if known is None or (bound.threshold > known.threshold) is bound.above:
            kept[key] = bound
    return tuple(kept.values())


def _rounded(threshold: float) -> float:
    return float(f"{threshold:.4g}")


def _holds(fields: Sequence[str], numbers: Numbers, rule: Sequence[Sequence[Bound]]) -> npt.NDArray[np.bool_]:
    """Of whom the rule is true."""
    found = np.zeros(len(numbers), dtype=np.bool_)
    for way in rule:
        each = np.ones(len(numbers), dtype=np.bool_)
        for bound in way:
            column = numbers[:, list(fields).index(bound.field)]
            each &= (column > bound.threshold) if bound.above else (column <= bound.threshold)
        found |= each
    return found
