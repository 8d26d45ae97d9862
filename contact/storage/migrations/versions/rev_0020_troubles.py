"""The newest trouble of a channel's gateway is found at once, however much was handed over or refused beside it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.add_column("contact_move", sa.Column("channel", sa.Text(), nullable=True))
    where = sa.text("channel IS NOT NULL")
    op.create_index(
        "contact_move_trouble",
        "contact_move",
        ["channel", "at_us"],
        sqlite_where=where,
        postgresql_where=where,
    )
