"""Training and scoring beside bare LightGBM: ``python -m bench.models [--rows 60000]``.

Data are made up: fifteen features, some of them texts, some cells unknown. *Bare* is LightGBM itself on numbers that are
ready, with the settings that the service chose; the service's own figure is from columns as a store delivers them. Each
figure is the best of several runs.
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable

import lightgbm
import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.examples import Examples, design
from scoring.inputs import matrix
from scoring.model_file import ScoringModel, read_model
from scoring.settings import SCORING_THREADS, TRAINING_THREADS, parameters
from scoring.training import train
from strategies.declared.model import FieldLabel, Model
from strategies.problems import Where

SMALL_ROWS = 7_000
LARGE_ROWS = 60_000
CATEGORIES = {"tier": 4, "district": 12, "tariff": 40, "device": 5}


def made(rows: int, seed: int = 1) -> tuple[pd.DataFrame, npt.NDArray[np.int8]]:
    """Columns and labels: eleven numbers, four texts, a tenth of one column unknown."""
    draw = np.random.default_rng(seed)
    columns: dict[str, npt.NDArray[np.float64] | npt.NDArray[np.object_]] = {
        f"usage_{at}": draw.normal(size=rows) for at in range(9)
    }
    columns["tenure"] = np.floor(draw.gamma(2, 15, rows))
    columns["arpu"] = draw.lognormal(4, 0.5, rows)
    for name, levels in CATEGORIES.items():
        columns[name] = np.asarray([f"{name} {at}" for at in range(levels)], dtype=object)[
            draw.integers(0, levels, rows)
        ]
    frame = pd.DataFrame(columns)
    odds = (
        -1.5 + 0.8 * (frame["usage_0"] > 0.5) - 0.03 * frame["tenure"].clip(upper=30) + 0.4 * frame["usage_1"]
    )
    odds += 0.6 * ((frame["tier"] == "tier 2") & (frame["arpu"] > 60))
    happened = draw.random(rows) < 1 / (1 + np.exp(-odds.to_numpy()))
    frame.loc[draw.random(rows) < 0.1, "usage_2"] = np.nan
    return frame, happened.astype(np.int8)


def best(run: Callable[[], object], runs: int = 5) -> float:
    """Seconds of the fastest of several runs."""
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        run()
        taken.append(time.perf_counter() - start)
    return min(taken)


def training(rows: int) -> ScoringModel:
    """Time a whole training, and the fit of its one model against bare LightGBM."""
    frame, label = made(rows)
    people = np.asarray([f"c{at}" for at in range(rows)], dtype=object)
    declared = Model("churn", "churn", {}, FieldLabel("left"), tuple(frame.columns), Where("churn.yaml"))
    start = time.perf_counter()
    trained = train(declared, Examples(design(frame), label, people))
    whole = time.perf_counter() - start
    document = trained.model.document
    numbers = matrix(frame, document.inputs)
    given = dict(parameters(document.settings.shape, len(document.inputs), document.settings.seed))
    texts = [at for at, each in enumerate(document.inputs) if each.levels is not None]

    def bare() -> lightgbm.Booster:
        held = lightgbm.Dataset(numbers, label, categorical_feature=texts, params=given)
        return lightgbm.train(given, held, document.settings.rounds)

    once = best(bare, 3)
    fits = len(trained.report.contenders[0].folds)
    print(f"training {rows:,} rows × {len(document.inputs)} features ({document.settings.size} settings)")
    print(f"  whole, {fits} folds, everything chosen inside: {whole:.1f} s, {rows / whole:,.0f} rows/s")
    print(
        f"  bare LightGBM, one fit of {document.settings.rounds} trees: {once:.2f} s, {rows / once:,.0f} rows/s"
    )
    print(f"  ratio: {whole / once:.0f} fits; {trained.report.verdict}")
    return read_model(trained.content)


def scoring(model: ScoringModel, rows: int) -> None:
    """Time scoring in columns and of one customer against bare LightGBM."""
    frame, _ = made(rows, seed=2)
    columns = design(frame)
    inputs = model.document.inputs
    numbers = matrix(columns, inputs)
    bare = best(lambda: model.trees.booster.predict(numbers, num_threads=SCORING_THREADS))
    ours = best(lambda: model.predict(columns))
    reasons = best(lambda: model.contributions(columns), 2)
    print(f"scoring {rows:,} rows in columns")
    print(f"  ours {ours:.3f} s, {rows / ours:,.0f} rows/s; bare {bare:.3f} s, {rows / bare:,.0f} rows/s")
    print(f"  ratio {ours / bare:.2f}; reasons {reasons:.3f} s, {rows / reasons:,.0f} rows/s")
    one, ready = frame.iloc[[3]], numbers[[3]]
    bare = best(lambda: model.trees.booster.predict(ready, num_threads=1), 200) * 1000
    chance = best(lambda: model.predict(one), 200) * 1000
    both = best(lambda: (model.predict(one), model.contributions(one)), 200) * 1000
    print("scoring one customer")
    print(
        f"  chance {chance:.2f} ms, with reasons {both:.2f} ms; bare {bare:.2f} ms; ratio {chance / bare:.1f}"
    )


def main() -> None:
    """Print every figure with the machine it was taken on."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--rows", type=int, default=LARGE_ROWS)
    rows = given.parse_args().rows
    load = os.getloadavg()[0]
    print(
        f"machine: {platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, LightGBM {lightgbm.__version__}, load {load:.1f},"
        f" threads {TRAINING_THREADS} to learn and {SCORING_THREADS} to score"
    )
    training(SMALL_ROWS)
    scoring(training(rows), rows)


if __name__ == "__main__":
    main()
