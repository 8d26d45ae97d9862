"""A training as a whole: reproducible, ordered in time where time is known, and a report that says what matters."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import lightgbm
import msgspec
import numpy as np
import pandas as pd
import pytest

from scoring.examples import Examples
from scoring.inputs import matrix
from scoring.learning import Known, learn, learn_again, ranked_again
from scoring.measures import auc
from scoring.report import ModelReport
from scoring.settings import LARGE, LARGE_FROM, SMALL, Settings, Shape, Size, size_of
from scoring.time_check import base_rate_moved
from scoring.training import Training, train
from tests.unit.scoring.learning_samples import declared, examples

NAMES = ("arpu", "tenure", "tier", "noise")
MODEL = declared(*NAMES)


@pytest.fixture(scope="module")
def trained() -> Training:
    """One training with segments and months."""
    return train(MODEL, months(900), seeds=(3, 4))


def months(rows: int) -> Examples:
    """Examples of three months, with segments."""
    given = examples(rows)
    month = 24312 + np.arange(rows) * 3 // rows
    tiers = given.frame["tier"].astype(object).where(given.frame["tier"].notna(), None).to_numpy()
    return replace(given, time=month, time_name="month", segments={"tier": tiers})


def test_the_same_examples_and_seeds_give_the_same_bytes(trained: Training) -> None:
    """File and report are reproducible; another seed makes another file."""
    again = train(MODEL, months(900), seeds=(3, 4))
    assert again.content == trained.content
    assert msgspec.json.encode(again.report) == msgspec.json.encode(trained.report)
    assert train(MODEL, months(900), seeds=(4, 3)).content != trained.content


def test_the_report_is_small_and_reads_as_one(trained: Training) -> None:
    """At most 50 kB of JSON that is a ModelReport again, without anybody's identifier."""
    text = msgspec.json.encode(trained.report)
    assert len(text) <= 50_000
    assert msgspec.json.decode(text, type=ModelReport) == trained.report
    assert b"c17" not in text


def test_a_wide_and_long_report_stays_small() -> None:
    """Two hundred features, sixty months and a segment for every tenth row: still at most 50 kB."""
    rows = examples(1200)
    noise = np.random.default_rng(0).normal(size=(1200, 200))
    more = pd.DataFrame(noise, columns=[f"quite_a_long_feature_name_{at}" for at in range(200)])
    wide = pd.concat([rows.frame, more], axis=1)
    segments = {"place": np.asarray([f"district {at % 5}" for at in range(1200)], dtype=object)}
    month = 24252 + np.arange(1200) // 20
    given = replace(rows, frame=wide, time=month, time_name="month", segments=segments)
    report = train(declared(*wide.columns), given, seeds=(1,)).report
    assert len(msgspec.json.encode(report)) <= 50_000
    assert len(report.by_time) == 36 and len(report.importance) == 20


def test_months_are_tried_from_earlier_to_later(trained: Training) -> None:
    """The first month is only learnt from; the others are tried, and shown by month."""
    report = trained.report
    assert report.validation == "time_ordered"
    assert [each.name for each in report.by_time] == ["2026-02", "2026-03"]
    assert (report.data.first, report.data.last) == ("2026-01", "2026-03")
    assert sum(each.rows for each in report.by_time) == 600
    assert [len(each.folds) for each in report.contenders] == [2, 2]
    assert report.seeds == [3]  # folds in time are the same for every seed


def test_segments_are_listed_worst_first_and_only_where_they_can_be_judged(trained: Training) -> None:
    """Each listed segment has fifty rows of both classes; unknown segments are not listed."""
    found = trained.report.segments
    values = [each.auc.value for each in found if each.auc]
    assert found and values == sorted(values)
    assert all(min(each.positives, each.rows - each.positives) >= 50 for each in found)
    assert {each.name for each in found} <= {"tier = gold", "tier = silver", "tier = basic"}


def test_importance_finds_what_made_the_label(trained: Training) -> None:
    """Noise, which made nothing, comes last; shares of gain add up to one."""
    found = trained.report.importance
    assert [each.feature for each in found][-1] == "noise"
    assert sum(each.gain for each in found) == pytest.approx(1.0, abs=1e-4)


def test_progress_is_told_to_the_end() -> None:
    """Every step is told once, in order, and the last one is the whole."""
    told: list[tuple[int, int]] = []
    train(MODEL, examples(300), seeds=(1,), progress=lambda done, total, what: told.append((done, total)))
    assert told == [(done, 7) for done in range(1, 8)]


@pytest.mark.parametrize(
    ("name", "time", "first", "stretches"),
    [
        ("day", 20454 + np.arange(600) // 10, "2026-01-01", ["2026-01", "2026-02", "2026-03"]),
        ("order", np.arange(600), "0", ["120–239", "240–359", "360–479", "480–599"]),
    ],
)
def test_time_is_named_as_people_say_it(
    name: str, time: np.ndarray, first: str, stretches: list[str]
) -> None:
    """Days are shown by month, an order by its numbers."""
    rows = replace(examples(600), time=time, time_name=name)
    report = train(MODEL, rows, seeds=(1,)).report
    assert report.data.first == first
    shown = [each.name for each in report.by_time]
    assert len(shown) >= 2 and (shown[-1] == stretches[-1] or name == "order")
    assert name != "day" or set(shown) <= set(stretches)


def falling(rows: int, kind: str) -> Examples:
    """Examples whose last fifth is another world: other base rate, other inputs, or other reasons."""
    given = examples(rows)
    late = np.arange(rows) >= rows * 4 // 5
    frame, label = given.frame.copy(), given.label.copy()
    draw = np.random.default_rng(1)
    if kind != "held":
        guessed = draw.random(rows) < label.mean()
        label = np.where(late, guessed, label).astype(np.int8)
    if kind == "base_rate":
        label = np.where(late, draw.random(rows) < 0.75, label).astype(np.int8)
    if kind == "inputs":
        frame.loc[late, "noise"] += 5
    return replace(given, frame=frame, label=label, time=np.arange(rows), time_name="order")


@pytest.mark.parametrize(
    ("kind", "cause"),
    [("held", "none"), ("base_rate", "base_rate"), ("inputs", "inputs"), ("reasons", "unexplained")],
)
def test_a_fall_in_time_is_told_with_its_likeliest_cause(kind: str, cause: str) -> None:
    """Base rate before inputs before unexplained; where nothing fell nothing is blamed."""
    check = train(MODEL, falling(1500, kind), seeds=(1,)).report.time_check
    assert check is not None and check.cause == cause
    assert (check.auc_last.value < check.auc_folds - 0.05) == (cause != "none")
    assert f"{check.auc_last.value:.3f}" in check.words


def test_base_rate_moves_only_beyond_chance_and_by_half() -> None:
    """A tenth more in many rows is chance excluded and still the same world; twice as many in few rows is not sure."""

    def rows(positives: int, of: int) -> np.ndarray:
        return (np.arange(of) < positives).astype(np.int8)

    assert base_rate_moved(rows(500, 10_000), rows(1_000, 10_000))
    assert not base_rate_moved(rows(1_000, 10_000), rows(1_100, 10_000))
    assert not base_rate_moved(rows(10, 100), rows(4, 20))


def test_inputs_are_held_against_the_rows_of_the_one_in_force_where_time_is_unknown() -> None:
    """A later generation with other tenures is noticed without any time in it."""
    first = train(MODEL, examples(600), seeds=(1,))
    assert first.report.stability == [] and first.report.time_check is None
    rows = examples(600, seed=8)
    older = replace(rows, frame=rows.frame.assign(tenure=rows.frame["tenure"] + 40))
    second = train(MODEL, older, incumbent=first.model, seeds=(1,)).report
    states = {each.feature: each.state for each in second.stability}
    assert second.stability[0].feature == "tenure"
    assert states == {"arpu": "stable", "tenure": "moved", "tier": "stable", "noise": "stable"}


def test_large_data_have_settings_of_their_own() -> None:
    """From twenty thousand rows on; the report says which."""
    assert size_of(LARGE_FROM - 1) is SMALL and size_of(LARGE_FROM) is LARGE
    report = train(MODEL, examples(LARGE_FROM)).report
    assert report.settings["size"] == "large" and report.seeds == [42]
    assert report.promoted and report.rule == "first"


def test_settings_are_chosen_without_a_look_at_the_rows_tried() -> None:
    """What is learnt from the training rows stays the same, whatever happens in the others."""
    rows = examples(700)
    inputs = train(MODEL, rows, seeds=(1,)).model.document.inputs
    numbers = matrix(rows.frame, inputs)
    known = Known(numbers, rows.label, rows.customers, inputs)
    upside_down = Known(
        numbers, np.where(np.arange(700) < 500, rows.label, 1 - rows.label), rows.customers, inputs
    )
    first, second = (learn(each.part(np.arange(500)), SMALL, 1) for each in (known, upside_down))
    assert first.settings == second.settings
    assert (first.predict(numbers) == second.predict(numbers)).all()


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_shapes_that_clearly_lose_are_left_and_the_same_one_wins(
    size: Size, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fewer trees are grown than when every shape is tried to its end, and what is chosen is the same."""
    rows = examples(2500)
    inputs = train(MODEL, examples(300), seeds=(1,)).model.document.inputs
    known = Known(matrix(rows.frame, inputs), rows.label, rows.customers, inputs)
    flat = replace(size, shapes=(*size.shapes, Shape(leaves=2, learning_rate=0.0005)))
    grown: list[int] = []
    grow = lightgbm.train

    def counted(*given: Any, **more: Any) -> lightgbm.Booster:
        booster = grow(*given, **more)
        grown.append(booster.current_iteration())
        return booster

    monkeypatch.setattr(lightgbm, "train", counted)
    quick, spared = learn(known, flat, 1), sum(grown)
    monkeypatch.setattr("scoring.learning.CLEARLY", inf)
    monkeypatch.setattr("scoring.learning.SLOPE_OVER", size.most_rounds)
    grown.clear()
    assert learn(known, flat, 1).settings == quick.settings
    assert spared < sum(grown) - size.most_rounds // 2


def with_settings(kind: str) -> tuple[Known, Settings]:
    """Rows, and settings found on them, with this calibration in place of theirs."""
    rows = examples(1500)
    inputs = train(MODEL, examples(300), seeds=(1,)).model.document.inputs
    known = Known(matrix(rows.frame, inputs), rows.label, rows.customers, inputs)
    return known, msgspec.structs.replace(learn(known, SMALL, 1).settings, calibration=kind)


@pytest.mark.parametrize("kind", ["none", "platt", "isotonic"])
def test_learning_again_keeps_the_settings(kind: str) -> None:
    """The settings of a file make the same kind of model from other rows, calibration included."""
    known, chosen = with_settings(kind)
    again = learn_again(known, chosen, SMALL)
    assert again.settings == chosen and again.calibration.kind == kind
    assert auc(known.label, again.predict(known.rows)) > 0.7


@pytest.mark.parametrize("kind", ["none", "platt", "isotonic"])
def test_ranking_again_needs_no_calibration(kind: str) -> None:
    """Who ranks above whom is to the last pair what learning again with calibration says."""
    known, chosen = with_settings(kind)
    calibrated, ranked = learn_again(known, chosen, SMALL), ranked_again(known, chosen)
    assert auc(known.label, ranked.trees.raw(known.rows)) == auc(known.label, calibrated.predict(known.rows))
