"""The kinds of file an operator delivers: which columns each knows, which are needed, what makes a row unique."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ValueType = Literal[
    "text", "id", "number", "money", "boolean", "date", "instant", "month", "phone", "zone", "list",
    "quantity", "event_month",
]  # fmt: skip
"""What a column is read as; the last two are those of events, which no mapping names."""
VALUE_TYPES: tuple[ValueType, ...] = (
    "text", "id", "number", "money", "boolean", "date", "instant", "month", "phone", "zone", "list",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """A column with a meaning of its own; its first type is the default."""

    types: tuple[ValueType, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. ``one_of`` names columns of which at least one must be mapped and filled in every row."""

    name: str
    columns: Mapping[str, Known]
    key: tuple[str, ...]
    in_generation: bool
    """Kept as Parquet by bucket; the others are rows in SQL."""
    one_of: tuple[str, ...] = ()
    modes: tuple[str, ...] = ("snapshot", "upsert")
    open_columns: bool = True
    """Any further column becomes the source of fields."""
    takes_faulty_rows: bool = True


_ID = Known(("id",))
_NEEDED_ID = Known(("id",), required=True)
_TEXT = Known(("text",))
_NEEDED_TEXT = Known(("text",), required=True)
_DAY = Known(("date", "instant"))
_MONTH = Known(("month",), required=True)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "customers",
            {
                "id": _NEEDED_ID, "account": _ID, "household": _ID, "device": _ID, "name": _TEXT,
                "number": Known(("phone",)), "language": _TEXT, "zone": Known(("zone",)), "unit": _TEXT, "manager": _TEXT,
                "jurisdiction": _TEXT,
            },
            key=("id",), in_generation=True,
        ),
        Kind(
            "lines",
            {
                "id": _NEEDED_ID, "customer": _NEEDED_ID, "number": Known(("phone",)), "tariff": _TEXT,
                "addons": Known(("list",)), "contract_end": Known(("date",)),
            },
            key=("id",), in_generation=True,
        ),
        Kind("usage", {"line": _NEEDED_ID, "month": _MONTH}, key=("line", "month"), in_generation=True),
        Kind(
            "bills", {"line": _ID, "customer": _ID, "month": _MONTH, "total": Known(("money",))},
            key=("customer", "line", "month"), in_generation=True, one_of=("line", "customer"),
        ),
        Kind(
            "products", {"line": _ID, "customer": _ID, "product": _NEEDED_TEXT, "from": _DAY, "to": _DAY},
            key=("customer", "line", "product", "from"), in_generation=True, one_of=("line", "customer"),
        ),
        Kind(
            "complaints",
            {
                "id": _NEEDED_ID, "customer": _NEEDED_ID, "opened": _DAY, "closed": _DAY, "kind": _TEXT,
                "open": Known(("boolean",)),
            },
            key=("id",), in_generation=True,
        ),
        Kind(
            "contacts",
            {
                "id": _NEEDED_ID, "customer": _NEEDED_ID, "channel": _NEEDED_TEXT, "category": _NEEDED_TEXT,
                "at": Known(("instant",), required=True), "result": _TEXT, "strategy": _TEXT, "offer": _TEXT,
                "family": _TEXT, "line": _ID, "state": _TEXT,
            },
            key=("id",), in_generation=False, modes=("upsert",), open_columns=False,
        ),
        Kind(
            "consents",
            {
                "customer": _ID, "number": Known(("phone",)), "given": Known(("boolean",), required=True),
                "channel": _TEXT, "category": _TEXT, "at": Known(("instant",), required=True), "source": _TEXT,
                "evidence": _TEXT, "until": Known(("instant",)),
            },
            key=(), in_generation=False, one_of=("customer", "number"), modes=("upsert",), open_columns=False,
            takes_faulty_rows=False,
        ),
        Kind(
            "calls",
            {
                "call": _ID, "customer": _ID, "number": Known(("phone",)), "at": Known(("instant",), required=True),
                "menu": _TEXT, "node": _TEXT, "key": _TEXT, "seconds": Known(("number",)), "nodes": Known(("list",)),
                "keys": Known(("list",)), "stays": Known(("list",)), "topic": _TEXT, "outcome": _TEXT, "goal": _TEXT,
                "version": _TEXT, "arm": _TEXT, "unit": _TEXT, "segment": _TEXT, "language": _TEXT,
            },
            key=(), in_generation=False, one_of=("node", "nodes", "topic"), modes=("upsert",),
        ),
        Kind(
            "staff",
            {
                "id": _NEEDED_ID, "name": _NEEDED_TEXT, "role": _NEEDED_TEXT, "unit": _TEXT, "team": _TEXT,
                "languages": Known(("list",)), "channels": Known(("list",)),
            },
            key=("id",), in_generation=False, open_columns=False,
        ),
    )
}  # fmt: skip

INTERNAL = frozenset({"bucket", "customer_hash", "number_hash"})
"""Columns that a generation adds by itself; no mapping may name one."""
