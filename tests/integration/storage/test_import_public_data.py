"""Files nobody here made go in by a mapping."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from pathlib import Path

from strategies.compiling.compile import compile_playbook
from strategies.declared.tariff import Counter
from strategies.problems import Where
from tests.integration.storage.operator import PLAYBOOK, Desk, stores
from tests.servers import ROOT

FIELDS = """
fields:
  contract: {type: text, source: customers.contract}
  tenure_months: {type: number, source: customers.tenure_months}
  monthly_charges: {type: money, source: customers.monthly_charges}
  total_charges: {type: money, source: customers.total_charges}
  churned: {type: boolean, source: customers.churned}
"""


async def test_the_public_telco_file_is_imported_whole(tmp_path: Path, shared_folder: Path) -> None:
    """All 7,043 customers are taken, and the 11 blank totals are NULL."""
    desk = Desk(stores(tmp_path / "home"), tmp_path)
    desk.playbook = compile_playbook({**PLAYBOOK, "fields.yaml": FIELDS, "events.yaml": "events: {}\n"})
    mapping = ROOT / "docs/examples/ibm_telco/mapping.yaml"
    file = shared_folder / "data/ibm_telco/Telco-Customer-Churn.csv"
    answer = await desk.stores.imports.take(
        "customers",
        str(file),
        mapping.read_text(encoding="utf-8"),
        mapping_path=str(mapping),
        playbook=desk.playbook,
    )
    assert (answer.rows, answer.accepted, answer.set_aside_file) == (7043, 7043, None)
    everybody = await desk.everybody()
    assert len(everybody) == 7043
    assert sum(profile.facts["total_charges"] is None for profile in everybody.values()) == 11
    assert sum(profile.facts["churned"] is True for profile in everybody.values()) == 1869
    assert everybody["7590-VHVEG"].facts["monthly_charges"] == 2985
    assert (await desk.profile("7590-VHVEG")).facts == everybody["7590-VHVEG"].facts
    await desk.stores.close()


async def test_public_calls_sessions_and_messages_become_counters(
    tmp_path: Path, shared_folder: Path
) -> None:
    """Every event of 500 users is taken as the docs say, and the packed files give what was counted beside us."""
    desk = Desk(stores(tmp_path / "home"), tmp_path)
    mappings, data = ROOT / "docs/examples/megaline", shared_folder / "data/megaline"
    for kind, mapping, file in (
        ("customers", "users", "megaline_users.csv"),
        ("lines", "lines", "megaline_users.csv"),
        ("usage", "calls", "megaline_calls.csv.gz"),
        ("usage", "internet", "megaline_internet.csv.gz"),
        ("usage", "messages", "megaline_messages.csv.gz"),
    ):
        answer = await desk.stores.imports.take(
            kind,
            str(data / file),
            (mappings / f"{mapping}.yaml").read_text(encoding="utf-8"),
            mapping_path=f"{mapping}.yaml",
            playbook=None,
        )
        assert answer.set_aside == 0
    counters = [
        Counter(name, "voice", "home", "", f"usage.{name}", Where(""))
        for name in ("minutes", "megabytes", "messages")
    ]
    found = await desk.stores.learning.usage(counters, months=12)
    months = {
        tariff: int(found.there[[each == tariff for each in found.tariffs]].sum())
        for tariff in ("surf", "ultimate")
    }
    assert months == {"surf": 1573, "ultimate": 720}
    minutes = sum(
        ceil(Decimal(row["duration"])) for row in _packed(data / "megaline_calls.csv.gz")
    )  # each call by itself
    megabytes = sum(Decimal(row["mb_used"]) for row in _packed(data / "megaline_internet.csv.gz"))
    assert found.quantities[:, :, 0].sum() == minutes
    assert Decimal(str(round(found.quantities[:, :, 1].sum(), 2))) == megabytes
    assert found.quantities[:, :, 2].sum() == 76051
    await desk.stores.close()


def _packed(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from csv.DictReader(file)
