"""Calls of voice menus, what each leaves behind for the caller's next one, what was learnt; events of a unit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

_SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=key, nullable=null)


def _big(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=null)


def _sequence() -> sa.Column[int]:
    return sa.Column("seq", _SEQUENCE, primary_key=True, autoincrement=True)


def upgrade() -> None:
    op.create_table(
        "call", _text("id", key=True), _text("customer_id", null=True), _big("at_us"), _text("menu"), _text("version"),
        _text("arm"), _text("source"), _text("outcome"), _text("goal", null=True), _text("unit", null=True),
        _text("segment", null=True), _text("language"), sa.Column("steps", sa.Integer(), nullable=False), _text("path"),
        _text("heard"), _text("facts", null=True), _big("ended_us", null=True),
    )  # fmt: skip
    op.create_index("call_at", "call", ["at_us"])
    op.create_index("call_customer", "call", ["customer_id", "at_us"])
    op.create_table(
        "caller",
        _text("customer_id", key=True),
        _text("menu", key=True),
        _text("goals"),
        _text("heard"),
        _big("at_us"),
    )
    op.create_table("menu_learnt", _sequence(), _text("menu"), _big("at_us"), _text("learnt"))
    op.create_index("menu_learnt_menu", "menu_learnt", ["menu", "seq"])
    op.create_table(
        "unit_change", _sequence(), _text("unit"), _text("fields"), _big("at_us"), _big("until_us", null=True),
        _text("event_id"),
    )  # fmt: skip
    op.create_index("unit_change_unit", "unit_change", ["unit"])
