"""A customer file nobody here made goes in by a mapping."""

from __future__ import annotations

from pathlib import Path

from strategies.compiling import compile_playbook
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
