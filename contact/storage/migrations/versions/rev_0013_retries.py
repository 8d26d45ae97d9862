"""A parked job may be tried again: from then on its runs are counted anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("job", sa.Column("runs_before", sa.Integer(), server_default="0", nullable=False))
