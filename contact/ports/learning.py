"""What flow needs to learn and to score: columns of customers, usage by month, outcomes, model files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from contact.ports.access import Scope
from strategies.declared.playbook import Playbook
from strategies.declared.tariff import Counter
from strategies.instants import Instant
from strategies.profile import CustomerId

if TYPE_CHECKING:  # they cost half a second, and every command reads the ports
    import numpy as np
    import numpy.typing as npt
    import pandas as pd


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One trained model: its file's hash, what it is now, and its report."""

    id: str
    """``churn-3``: model and number."""
    model: str
    number: int
    state: str
    """``candidate`` (not promoted), ``in_force`` or ``retired``."""
    hash: str
    created: Instant
    report: Mapping[str, Any] = field(repr=False)
    """A ``scoring.report.ModelReport`` as plain values."""
    promoted: Instant | None = None
    author: str = ""
    why: str = ""


class ModelPort(Protocol):
    """Model files with hash and HMAC, and which of them is in force."""

    async def save(self, model: str, content: bytes, report: Mapping[str, Any]) -> ModelRow:
        """Keep a trained model as the next number, as a candidate."""
        ...

    async def list(self, model: str | None = None) -> list[ModelRow]:
        """Newest first."""
        ...

    async def get(self, id: str) -> ModelRow:
        """Raises NotFound."""
        ...

    async def content(self, id: str) -> bytes:
        """The file's bytes, after its hash and HMAC were checked. Raises NotFound, ModelBroken."""
        ...

    async def in_force(self, model: str) -> ModelRow | None: ...
    async def promote(self, id: str, *, author: str, why: str, over: str | None = None) -> ModelRow:
        """Put it in force in place of the one before, which must be ``over`` where that is said ("" for none).

        Raises NotFound, ModelBroken; Conflict if it is in force already or another than ``over`` is.
        """
        ...

    async def roll_back(self, model: str, *, author: str, why: str) -> ModelRow:
        """Put the one before in force again. Raises NotFound where nothing is in force, Conflict where none was before."""
        ...


@dataclass(frozen=True, slots=True)
class LineMonths:
    """Usage of lines by month. Arrays by line, month, counter; a month without a row on file is not there."""

    lines: Sequence[str]
    customers: Sequence[str]
    units: Sequence[str | None]
    tariffs: Sequence[str | None]
    """``lines.tariff``."""
    addons: Sequence[tuple[str, ...]]
    """``lines.addons``; empty where the file has none."""
    contract_ends: Sequence[str | None]
    """``lines.contract_end``, as 2026-12-31."""
    months: Sequence[int]
    """year × 12 + month − 1, ascending."""
    quantities: npt.NDArray[np.float64]
    """[line, month, counter]; an empty cell of a month on file is 0."""
    there: npt.NDArray[np.bool_]
    """[line, month]: whether the month is on file."""
    issued: npt.NDArray[np.int64]
    """[line, month]: the bill as issued in minor units, −1 where none is on file for the line (a bill kept by customer
    is the line's where the customer has one line)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A contact that was attempted, or a place held back for control (``arm`` says which), and how it ended."""

    customer: CustomerId
    strategy: str
    offer: str
    channel: str
    arm: str
    at: Instant
    attempted: bool
    connected: bool
    accepted: bool
    """Accepted in the contact, or a showing said so; goal events are laid over it by flow."""
    final: bool
    """Nothing more can come: a final receipt or result is there, or the wait for it is over."""


class LearningPort(Protocol):
    """Columns for models and tariffs, and the place where what they find is kept."""

    def within(self, scope: Scope) -> LearningPort:
        """For a caller of this scope: the table holds their customers only."""
        ...

    async def table(
        self, playbook: Playbook, fields: Sequence[str], *, as_of: int | None = None
    ) -> pd.DataFrame:
        """One row a customer, indexed by id, one column a field, each value as the fact of that field would be.

        number, money (minor units), boolean (0/1), date (days since 1970), instant: float64, NaN unknown; text: object,
        None unknown; list: object of tuples. ``as_of`` (a month) reads usage, bills, complaints and products as they
        were known at that month's end.
        """
        ...

    async def sources(self) -> Mapping[str, Mapping[str, str]]:
        """Kind → column → type of what the generation in force holds; empty before the first import."""
        ...

    async def months(self) -> list[int]:
        """Months with usage or bills on file, ascending."""
        ...

    async def usage(
        self,
        counters: Sequence[Counter],
        *,
        months: int,
        customer: CustomerId | None = None,
        until: int | None = None,
    ) -> LineMonths:
        """The last so many delivered months of usage, none later than ``until``, of everybody or one customer.

        A newest month in which nobody has a number for a counter that earlier months have is not delivered yet. Raises
        ProblemsFound (``tariff.counter_missing``) for a counter whose column the usage file does not have.
        """
        ...

    async def outcomes(self) -> list[Outcome]:
        """Every contact and every place held back, own and imported, oldest first."""
        ...

    async def write(self, kind: str, columns: pd.DataFrame, types: Mapping[str, str]) -> int:
        """Make ``scores`` (one row a customer) or ``advice`` (one row a line) part of the next generation; its number.

        ``columns`` has ``customer`` (and ``line`` for advice); ``types`` gives our value type of every other column.
        Replaces what that kind held before; an import that was faster is built upon, not lost.
        """
        ...
