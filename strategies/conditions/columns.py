"""Facts of many customers, column by column: what conditions and rules read when they are asked about everybody at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Column:
    """One field of n customers.

    ``values`` by type of field: boolean ``bool``; number ``float64``; money and instant ``int64``; date ``int32`` days
    from 1970; text ``int32`` codes into ``words``; list: see ``members``. Where ``known`` is False the value means nothing.
    """

    values: NDArray[np.generic]
    known: Mask | None = None
    """None: known of everybody."""
    words: tuple[str, ...] = ()
    """Of texts, in order of code point, so that codes compare as the texts do."""
    members: Mapping[str, Mask] = field(default_factory=dict)
    """Of lists: word → who has it. ``values`` then counts the words each has."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Every field that is asked for, of the same n customers in the same order."""

    rows: int
    by_field: Mapping[str, Column]
