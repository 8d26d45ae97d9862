"""What the sweeper asks for every second is found without reading every row."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for name, table, column, where in (
        ("contact_overdue", "contact", "valid_until_us", "state = 'reserved'"),
        ("contact_receipt", "contact", "receipt_until_us", "final = 0"),
        ("task_lease", "task", "lease_until_us", "state = 'leased'"),
        ("idempotency_at", "idempotency", "at_us", None),
    ):
        only = sa.text(where) if where else None
        op.create_index(name, table, [column], unique=False, sqlite_where=only, postgresql_where=only)
