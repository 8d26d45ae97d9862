"""Who works for the operator: outbound and hotline agents, account managers, managers of grids."""

from __future__ import annotations

import numpy as np

from demo.history import Columns
from demo.names import names
from demo.territory import units

OUTBOUND_AGENTS = tuple(f"a{number:02}" for number in range(1, 5))
HOTLINE_AGENTS = ("h01",)


def staff_columns(seed: int) -> Columns:
    """One row a person."""
    random = np.random.default_rng([seed, 8])
    people = [(id, "agent", "P1", "outbound", "outbound_call") for id in OUTBOUND_AGENTS]
    people += [(id, "agent", "P1", "hotline", "agent") for id in HOTLINE_AGENTS]
    for unit in units():
        if unit.kind == "branch":
            people.append((f"v-{unit.id}", "account_manager", unit.id, "field", "field"))
        if unit.kind == "grid":
            people.append((f"m-{unit.id}", "grid_manager", unit.id, "field", "field"))
    return {
        "emp_no": [each[0] for each in people],
        "emp_name": list(names(random, random.random(len(people)) < 0.8)),
        "post": [each[1] for each in people],
        "unit_cd": [each[2] for each in people],
        "team": [each[3] for each in people],
        "langs": ["zh-CN;en"] * len(people),
        "chans": [each[4] for each in people],
    }
