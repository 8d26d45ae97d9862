"""Calls whose id another call has say under which id they were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_MOST_OF_ONE_ID = 20
"""As often an id was told apart from others of its instant."""
_SAID = sa.text("told_as IS NOT NULL")


def upgrade() -> None:
    op.add_column("call", sa.Column("told_as", sa.Text(), nullable=True))
    op.create_index("call_told_as", "call", ["told_as"], sqlite_where=_SAID, postgresql_where=_SAID)
    ending = "'@' || CAST(at_us AS TEXT)"
    for name in ("id", *["told_as"] * _MOST_OF_ONE_ID):
        without = f"substr({name}, 1, length({name}) - length({ending}))"
        op.execute(f"UPDATE call SET told_as = {without} WHERE {name} LIKE '%' || {ending}")
