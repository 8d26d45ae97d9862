"""Customers who were erased, whose cards each person looked at, and that an empty store has nothing left to seal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "erased_customer",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )
    op.create_table(
        "erased_line",
        sa.Column("line_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("line_hash"),
    )
    op.create_table(
        "card_view",
        sa.Column("viewer", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("viewer", "day", "customer_id"),
    )
    op.create_table(
        "card_allowance",
        sa.Column("viewer", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("more", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("viewer", "day"),
    )
    op.execute(
        "INSERT INTO pointer (name, value) SELECT 'sealed', '1' WHERE NOT EXISTS (SELECT 1 FROM identity) "
        "AND NOT EXISTS (SELECT 1 FROM line_identity)"
    )
