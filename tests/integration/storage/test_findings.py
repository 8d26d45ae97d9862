"""Scores and advice become part of the next generation, and survive every import beside them."""

from __future__ import annotations

import asyncio

import pandas as pd
import pytest

from contact.faults import Conflict, NotFound
from contact.storage.generations.files import Generation
from contact.storage.generations.switching import current_generation, switch
from contact.storage.learning.findings import findings_table, write_findings
from tests.integration.storage.operator import CUSTOMERS, LINES, USAGE, Desk

SCORES = {"churn_risk": "number", "churn_reasons": "list"}
ADVICE = {"tariff": "text", "worth": "money", "addons": "list"}


def scores(**risks: float) -> pd.DataFrame:
    """A risk each, with two reasons."""
    reasons = pd.Series([("arpu", "tenure")] * len(risks), dtype=object)
    return pd.DataFrame(
        {"customer": list(risks), "churn_risk": list(risks.values()), "churn_reasons": reasons}
    )


def advice(**worth: float) -> pd.DataFrame:
    """A line's worth and a tariff named after it."""
    return pd.DataFrame({
        "customer": [{"L3": "C2"}.get(line, "C1") for line in worth], "line": list(worth), "worth": list(worth.values()),
        "tariff": [f"tariff-{line}" for line in worth],
        "addons": pd.Series([("data-5",) for _ in worth], dtype=object),
    })  # fmt: skip


async def test_a_score_is_a_fact_of_its_customer(filled: Desk) -> None:
    """Whoever has no row has no score; a list keeps its order, strongest reason first."""
    before = (await filled.profile("C1")).generation
    assert (
        await filled.stores.learning.write("scores", scores(C1=0.75, C3=float("nan")), SCORES) == before + 1
    )
    first, second, third = [(await filled.profile(each)).facts for each in ("C1", "C2", "C3")]
    assert (first["churn_risk"], first["churn_reasons"]) == (0.75, ("arpu", "tenure"))
    assert (second["churn_risk"], second["churn_reasons"], third["churn_risk"]) == (None, None, None)
    assert {name: each.facts["churn_risk"] for name, each in (await filled.everybody()).items()} == {
        "C1": 0.75,
        "C2": None,
        "C3": None,
    }


async def test_advice_is_a_fact_of_each_line_and_an_aggregate_of_the_customer(filled: Desk) -> None:
    """The customer's worth is that of the best line; each line has its own."""
    await filled.stores.learning.write("advice", advice(L1=12000, L2=400, L3=float("nan")), ADVICE)
    profile = await filled.profile("C1")
    assert (profile.facts["tariff_worth"], profile.facts["best_tariff"]) == (12000, "tariff-L2")
    assert {line.id: line.facts["tariff_worth"] for line in profile.lines} == {"L1": 12000, "L2": 400}
    assert {line.id: line.facts["best_tariff"] for line in profile.lines} == {
        "L1": "tariff-L1",
        "L2": "tariff-L2",
    }
    assert (await filled.profile("C2")).facts["tariff_worth"] is None


async def test_what_is_written_again_replaces_what_was_there(filled: Desk) -> None:
    """A customer who is scored no more has no score left over from before; types may change."""
    await filled.stores.learning.write("scores", scores(C1=0.5, C2=0.25), SCORES)
    await filled.stores.learning.write(
        "scores", scores(C2=0.75).drop(columns="churn_reasons"), {"churn_risk": "number"}
    )
    facts = [(await filled.profile(each)).facts for each in ("C1", "C2")]
    assert [each["churn_risk"] for each in facts] == [None, 0.75]
    assert dict(await filled.stores.learning.sources())["scores"] == {"churn_risk": "number"}


async def test_an_import_keeps_scores_and_advice_of_who_is_still_there(filled: Desk) -> None:
    """A customer or line that left takes its rows along; one that changed hands or account is found under the new."""
    await filled.stores.learning.write("scores", scores(C1=0.1, C2=0.2, C3=0.3), SCORES)
    await filled.stores.learning.write("advice", advice(L1=100, L2=200, L3=300), ADVICE)
    kept = CUSTOMERS.replace("C2,A1", "C2,A9").rsplit("C3", 1)[0]
    await filled.deliver("customers", kept)
    await filled.deliver(
        "lines", LINES.replace("L2,C1", "L2,C2").replace("L3,C2,13800000002,5\n", ""), confirm_shrink=True
    )
    await filled.deliver("usage", USAGE.replace("L3,2025-12,9\n", ""))
    first, second = await filled.profile("C1"), await filled.profile("C2")
    assert (first.facts["churn_risk"], second.facts["churn_risk"]) == (0.1, 0.2)
    assert (first.facts["tariff_worth"], second.facts["tariff_worth"]) == (100, 200)
    frame = await filled.stores.learning.table(filled.playbook, ["churn_risk", "tariff_worth"])
    assert frame.to_dict("index") == {
        "C1": {"churn_risk": 0.1, "tariff_worth": 100.0},
        "C2": {"churn_risk": 0.2, "tariff_worth": 200.0},
    }


async def test_a_line_with_another_tariff_has_no_advice_left(filled: Desk) -> None:
    """What was worth it beside the old tariff, add-ons or contract says nothing of the new: it is unknown again."""
    more = {"plan_gb: {from: gb": 'tariff: tariff, addons: {from: addons, type: list, separator: "|"}, '
            "contract_end: {from: end, type: date}, plan_gb: {from: gb"}  # fmt: skip
    head = "id,customer,number,gb,tariff,addons,end\n"
    rows = [
        f"L{place},C{max(1, place - 3)},1380000001{place},1,basic,data|talk,2026-12-31"
        for place in range(1, 6)
    ]
    await filled.deliver("lines", head + "\n".join(rows), changes=more)
    await filled.stores.learning.write("advice", advice(L1=1, L2=2, L4=4, L5=5, L3=3), ADVICE)
    rows[1] = rows[1].replace("basic", "plus")
    rows[2] = rows[2].replace("data|talk", "data")
    rows[4] = rows[4].replace("2026-12-31", "")
    rows[3] = rows[3].replace("1,basic", "9,basic")
    await filled.deliver("lines", head + "\n".join(reversed(rows)), changes=more)
    lines = [line for each in ("C1", "C2") for line in (await filled.profile(each)).lines]
    assert {line.id: line.facts["tariff_worth"] for line in lines} == {
        "L1": 1, "L2": None, "L3": None, "L4": 4, "L5": None
    }  # fmt: skip


async def test_rows_of_nobody_are_left_out(filled: Desk) -> None:
    """Who left between reading and writing is not written back."""
    await filled.stores.learning.write("scores", scores(C1=0.5, C9=0.9), SCORES)
    await filled.stores.learning.write("advice", advice(L1=1, L9=9), ADVICE)
    generation = await filled.stores.database.read(current_generation)
    generations = filled.stores.learning.generations
    assert generations.whole(generation.files["scores"])["customer"].to_pylist() == ["C1"]
    assert generations.whole(generation.files["advice"])["line"].to_pylist() == ["L1"]


async def test_writing_and_importing_at_once_loses_neither(filled: Desk) -> None:
    """Whoever comes second builds on the first: the scores, the advice and both files are in force at the end."""
    await asyncio.gather(
        filled.stores.learning.write("scores", scores(C1=0.5), SCORES),
        filled.deliver("bills", "line,customer,month,total\n,C1,2026-03,12.50\n"),
        filled.stores.learning.write("advice", advice(L1=7), ADVICE),
        filled.deliver("complaints", "id,customer,opened,closed,kind\nT1,C1,2026-02-01,,network\n"),
    )
    facts = (await filled.profile("C1")).facts
    assert (facts["churn_risk"], facts["tariff_worth"], facts["bill_sum"]) == (0.5, 7, 1250)
    assert facts["complaint_open"] is True


async def test_findings_on_a_generation_that_was_replaced_are_refused(filled: Desk) -> None:
    """The pointer moves only from the generation that was built on, so an import in between is never undone."""
    stores = filled.stores
    base: Generation = await stores.database.read(current_generation)
    table = findings_table("scores", scores(C1=0.5), SCORES)
    files = write_findings(stores.learning.generations, base, "scores", table, SCORES)
    await filled.deliver("bills", "line,customer,month,total\n,C1,2026-03,12.50\n")
    with pytest.raises(Conflict):
        await switch(stores.database, stores.learning.generations, base, files)
    assert (await filled.profile("C1")).facts["bill_sum"] == 1250


async def test_nothing_is_written_before_the_first_import(desk: Desk) -> None:
    """There is nobody to score."""
    with pytest.raises(NotFound, match="import customers first"):
        await desk.stores.learning.write("scores", scores(C1=0.5), SCORES)


@pytest.mark.parametrize(
    ("kind", "frame", "types"),
    [
        ("customers", scores(C1=1), SCORES),
        ("scores", scores(C1=1), {"churn_risk": "number"}),
        ("scores", pd.concat([scores(C1=1), scores(C1=2)]), SCORES),
        ("scores", scores(C1=1), {**SCORES, "churn_risk": "float"}),
    ],
    ids=["kind", "columns", "twice", "type"],
)
def test_a_frame_of_another_shape_is_an_error(kind: str, frame: pd.DataFrame, types: dict[str, str]) -> None:
    """Whoever calls it wrongly hears so, and nothing of it is written."""
    with pytest.raises(ValueError):
        findings_table(kind, frame, types)
