"""Imported lists as a column: who stands on which."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from contact.storage.base.columns import coded, list_column
from contact.storage.base.identity import Identity
from contact.storage.databases.transaction import Transaction
from strategies.conditions.columns import Column

Listed = tuple[Any, ...]


def lists_known(tx: Transaction) -> Listed:
    """What the lists are as of now; another answer means that they have to be read again."""
    return tuple((row["name"], row["imported_us"]) for row in tx.rows("lists"))


def lists_column(tx: Transaction, identity: Identity) -> Column:
    """The lists of everybody; who stands on none has none, which is known."""
    rows = tx.columns("list_members")
    places = identity.places(pa.array(rows["customer_id"], pa.string()))
    codes, words = coded(pa.array(rows["name"], pa.string()))
    here = places >= 0
    known = np.ones(identity.count, dtype=np.bool_)
    return list_column(codes[here].astype(np.int64), words, places[here].astype(np.int64), known)


def no_lists(count: int) -> Column:
    """Nobody stands on any list."""
    nobody = np.zeros(0, dtype=np.int64)
    return list_column(nobody, (), nobody, np.ones(count, dtype=np.bool_))
