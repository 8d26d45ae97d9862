"""Keys with prefix, unit and end; sessions that idle out; people with passwords; exports that two people answer for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("api_key", sa.Column("prefix", sa.Text(), nullable=False, server_default=""))
    op.add_column("api_key", sa.Column("unit", sa.Text(), nullable=True))
    op.add_column("api_key", sa.Column("expires_us", sa.BigInteger(), nullable=True))
    op.execute("UPDATE api_key SET prefix = 'old_' || substr(id, 25, 12)")
    op.create_index("api_key_prefix", "api_key", ["prefix"], unique=True)
    op.add_column("console_link", sa.Column("unit", sa.Text(), nullable=True))
    op.add_column("session", sa.Column("unit", sa.Text(), nullable=True))
    op.add_column("session", sa.Column("seen_us", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("session", sa.Column("login", sa.Text(), nullable=True))
    op.execute("UPDATE session SET seen_us = created_us")
    op.create_index("session_person", "session", ["person"], unique=False)
    op.create_table(
        "login",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("set_us", sa.BigInteger(), nullable=True),
        sa.Column("barred", sa.SmallInteger(), nullable=False, server_default="0"),
        sa.PrimaryKeyConstraint("person"),
    )
    op.create_table(
        "password_link",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_table(
        "login_attempt",
        sa.Column("name_hash", sa.Text(), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name_hash"),
    )
    op.create_table(
        "export_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("asked_us", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_us", sa.BigInteger(), nullable=True),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("export_request_asked", "export_request", ["asked_us"], unique=False)
    op.create_table(
        "export_customer",
        sa.Column("export", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("export", "place"),
    )
