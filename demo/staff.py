"""Who works for the operator: outbound and hotline agents, account managers, managers of grids."""

from __future__ import annotations

import numpy as np

from demo.history import Row
from demo.names import chinese_name, english_name
from demo.territory import units

OUTBOUND_AGENTS = tuple(f"a{number:02}" for number in range(1, 5))
HOTLINE_AGENTS = ("h01",)


def staff_rows(seed: int) -> list[Row]:
    """One row a person."""
    random = np.random.default_rng([seed, 8])
    rows = [_row(random, id, "agent", "P1", "outbound", "outbound_call") for id in OUTBOUND_AGENTS]
    rows += [_row(random, id, "agent", "P1", "hotline", "agent") for id in HOTLINE_AGENTS]
    for unit in units():
        if unit.kind == "branch":
            rows.append(_row(random, f"v-{unit.id}", "account_manager", unit.id, "field", "field"))
        if unit.kind == "grid":
            rows.append(_row(random, f"m-{unit.id}", "grid_manager", unit.id, "field", "field"))
    return rows


def _row(random: np.random.Generator, id: str, role: str, unit: str, team: str, channels: str) -> Row:
    name = english_name(random) if random.random() < 0.2 else chinese_name(random)
    return {
        "emp_no": id, "emp_name": name, "post": role, "unit_cd": unit, "team": team,
        "langs": "zh-CN;en", "chans": channels,
    }  # fmt: skip
