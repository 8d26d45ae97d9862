"""Machines on either database."""

from __future__ import annotations

import pytest

from tests.machines.on_store import Place


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest) -> Place:
    """Where a machine's stores are."""
    if request.param == "sqlite":
        return Place()
    return Place(request.getfixturevalue("postgres_server"), request.getfixturevalue("migrated_postgres"))
