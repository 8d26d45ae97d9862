"""The models in force, read once and kept by the hash of their file."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING

from contact.flow.learning.train import read
from contact.ports import ModelRow, Ports
from strategies.declared.model import Model, OutcomeLabel
from strategies.declared.playbook import Playbook
from strategies.problems import Hint, Problem, ProblemsFound, Where

if TYPE_CHECKING:
    from scoring.model_file import ScoringModel

KEPT = 32
_ROOT = Where("models/")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in force with its declaration."""

    declared: Model
    row: ModelRow
    scoring: ScoringModel

    @property
    def of_outcomes(self) -> bool:
        return isinstance(self.declared.label, OutcomeLabel)


@dataclass(frozen=True, slots=True)
class InForce:
    """Every declared model that is in force, by name, and those that are not yet."""

    models: tuple[Loaded, ...]
    missing: tuple[str, ...]

    def of_outcomes(self, learns: str) -> Loaded | None:
        """The model over outcomes of that kind."""
        return next(
            (each for each in self.models if each.of_outcomes and each.declared.learns == learns), None
        )

    @property
    def of_customers(self) -> Sequence[Loaded]:
        """Models that give one value a customer."""
        return [each for each in self.models if not each.of_outcomes and each.declared.score]

    @property
    def churn(self) -> Loaded | None:
        """The model whose risk and reasons are shown."""
        return next((each for each in self.of_customers if each.declared.learns == "churn"), None)

    @property
    def ids(self) -> dict[str, str]:
        """Model → id in force."""
        return {each.declared.id: each.row.id for each in self.models}


class _Kept:
    """Models read, least recently used first."""

    def __init__(self) -> None:
        self._models: OrderedDict[str, ScoringModel] = OrderedDict()
        self._lock = Lock()

    def get(self, hash: str) -> ScoringModel | None:
        with self._lock:
            found = self._models.get(hash)
            if found is not None:
                self._models.move_to_end(hash)
            return found

    def put(self, hash: str, model: ScoringModel) -> None:
        with self._lock:
            self._models[hash] = model
            while len(self._models) > KEPT:
                self._models.popitem(last=False)


_kept = _Kept()


async def models_in_force(ports: Ports, playbook: Playbook) -> InForce:
    """The declared models in force, ready to be asked.

    Raises ProblemsFound (``model.none``) where there is none, ModelBroken for a file whose hash or signature does not fit.
    """
    if not playbook.models:
        raise ProblemsFound(
            [_none("the playbook declares no model", Hint("declare one as models/churn.yaml"))]
        )
    rows = {name: await ports.models.in_force(name) for name in sorted(playbook.models)}
    models = [
        Loaded(playbook.models[name], row, await _loaded(ports, row)) for name, row in rows.items() if row
    ]
    if not models:
        raise ProblemsFound([_none("no declared model is in force", Hint("train them: contact train --all"))])
    return InForce(tuple(models), tuple(name for name, row in rows.items() if row is None))


async def _loaded(ports: Ports, row: ModelRow) -> ScoringModel:
    found = _kept.get(row.hash)
    if found is None:
        found = await read(ports, row)
        _kept.put(row.hash, found)
    return found


def _none(message: str, hint: Hint) -> Problem:
    return Problem("model.none", message, _ROOT, hint)
