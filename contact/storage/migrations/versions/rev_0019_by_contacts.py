"""A task is found by its contact, which is in order by customer and number already."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    for name in ("task_customer", "task_number"):
        op.drop_index(name, "task")
