"""The next task is found by walking an index; indexes of contacts hold only the rows that are asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_NARROWED = {
    "contact_household": (["household_id", "planned_us"], "household_id IS NOT NULL"),
    "contact_device": (["device_id", "planned_us"], "device_id IS NOT NULL"),
    "contact_handed": (["channel", "attempt_us"], "attempt_us IS NOT NULL"),
    "contact_receipt": (["receipt_until_us"], "final = 0 AND receipt_until_us IS NOT NULL"),
}


def upgrade() -> None:
    for name, (columns, where) in _NARROWED.items():
        op.drop_index(name, "contact")
        _create(name, "contact", columns, where)
    op.add_column("task", sa.Column("urgency", sa.Float(), server_default="0", nullable=False))
    op.execute("UPDATE task SET urgency = -priority")
    _create("task_ahead", "task", ["channel", "urgency", "valid_until_us", "id"], "state = 'waiting'")
    _create(
        "task_unit", "task", ["channel", "unit", "not_before_us"], "state = 'waiting' AND unit IS NOT NULL"
    )


def _create(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
