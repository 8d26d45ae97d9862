"""Ended calls are looked at once for what they say of their callers: in the order they ended, and up to when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_index("call_ended", "call", ["ended_us", "id"])
    op.create_table(
        "journeys_told",
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    )
