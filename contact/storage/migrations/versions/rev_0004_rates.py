"""How many contacts a channel has handed over lately is asked before each batch."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("contact_handed", "contact", ["channel", "attempt_us"])
