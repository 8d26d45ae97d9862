"""A public operator's calls, sessions and messages, billed: the figures that were published for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from scoring.tariff_bills import bills_many
from scoring.tariff_prices import price_list
from strategies.declared.tariff import Counter
from strategies.instants import Instant
from strategies.problems import Where
from tests.unit.scoring.tariff_samples import includes, price, tariff

COUNTERS = tuple(
    Counter(name, service, "home", unit, f"usage.{name}", Where("counters.yaml"))
    for name, service, unit in (
        ("minutes", "voice", "min"),
        ("megabytes", "data", "MB"),
        ("texts", "sms", "piece"),
    )
)


def used(folder: Path) -> pd.DataFrame:
    """By user and month: calls rounded up to a minute each, megabytes as they are, messages counted."""
    calls = pd.read_csv(folder / "megaline_calls.csv.gz")
    sessions = pd.read_csv(folder / "megaline_internet.csv.gz")
    texts = pd.read_csv(folder / "megaline_messages.csv.gz")
    columns = [
        calls.assign(month=calls.call_date.str[:7], minutes=np.ceil(calls.duration)),
        sessions.assign(month=sessions.session_date.str[:7], megabytes=sessions.mb_used),
        texts.assign(month=texts.message_date.str[:7], texts=1),
    ]
    sums = [
        each.groupby(["user_id", "month"])[name].sum()
        for each, name in zip(columns, ("minutes", "megabytes", "texts"), strict=True)
    ]
    months = pd.concat(sums, axis=1).fillna(0.0).reset_index()
    return months.merge(pd.read_csv(folder / "megaline_users.csv")[["user_id", "plan"]], on="user_id")


def test_the_published_figures(shared_folder: Path) -> None:
    """Mean revenue of both plans, Welch's t between them, and how often the other plan would have been cheaper."""
    surf = tariff(
        "surf", 2000, includes("500", "minutes"), includes("15360", "megabytes"), includes("50", "texts"),
        rates={
            "minutes": price("0.03"), "megabytes": price("0.009765625", "1024"), "texts": price("0.03"),
        },
    )  # fmt: skip
    ultimate = tariff(
        "ultimate", 7000, includes("3000", "minutes"), includes("30720", "megabytes"), includes("1000", "texts"),
        rates={
            "minutes": price("0.01"), "megabytes": price("0.0068359375", "1024"), "texts": price("0.01"),
        },
    )  # fmt: skip
    prices = price_list({"surf": surf, "ultimate": ultimate}, COUNTERS, Instant(0), 100)
    months = used(shared_folder / "data/megaline")
    bills = bills_many(prices, months[["minutes", "megabytes", "texts"]].to_numpy()) / 100
    on_surf = (months["plan"] == "surf").to_numpy()
    first, second = bills[on_surf, 0], bills[~on_surf, 1]
    assert (len(first), len(second)) == (1573, 720)
    assert first.mean() == pytest.approx(60.7064, abs=5e-5)
    assert second.mean() == pytest.approx(72.3139, abs=5e-5)
    error = np.sqrt(first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second))
    assert (first.mean() - second.mean()) / error == pytest.approx(-7.952095, abs=5e-7)
    cheaper = [(bills[on_surf, 1] < first).mean(), (bills[~on_surf, 0] < second).mean()]
    assert [round(100 * each, 1) for each in cheaper] == [31.2, 66.5]
