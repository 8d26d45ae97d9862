"""A trained model: how it scores and explains, and the file it is kept in (JSON, nothing executable)."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import lightgbm
import msgspec
import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.baseline import Line
from scoring.calibration import Calibration, chance
from scoring.drift import Spread
from scoring.inputs import Input, Matrix, matrix
from scoring.settings import Settings
from scoring.trees import Trees
from strategies.problems import Hint, Problem, ProblemsFound, Where

FORMAT = 1

Numbers = npt.NDArray[np.float64]


class ModelDocument(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file's content. It holds no row and nobody's data: texts of categories are those of at least ten rows."""

    format: int
    model: str
    learns: str
    settings: Settings
    inputs: tuple[Input, ...]
    line: Line | None
    """What the trees started from."""
    trees: str
    """LightGBM's own text."""
    trees_hash: str
    """SHA-256 of ``trees``: a damaged text never reaches LightGBM's reader."""
    calibration: Calibration
    spreads: tuple[Spread, ...]
    """How each input was spread over the rows learnt from, to notice when it moves."""
    time_name: str
    last: int | None
    """Time of the latest row learnt from."""


@dataclass(frozen=True, slots=True)
class ScoringModel:
    """A model ready to score: its trees stay loaded."""

    document: ModelDocument = field(repr=False)
    trees: Trees = field(repr=False)

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns it reads."""
        return tuple(each.name for each in self.document.inputs)

    @property
    def intercept(self) -> float:
        """Raw log-odds of the average row."""
        return self.trees.intercept

    def predict(self, frame: pd.DataFrame) -> Numbers:
        """Calibrated chance of each row. A category never seen in training is unknown; so is a column that is missing."""
        return chance(self.document.calibration.apply(self.raw(frame)))

    def raw(self, frame: pd.DataFrame) -> Numbers:
        """Log-odds before calibration: what ``intercept`` and ``contributions`` add up to."""
        return self.trees.raw(matrix(frame, self.document.inputs))

    def contributions(self, frame: pd.DataFrame) -> tuple[tuple[str, ...], Matrix]:
        """Features, and [row, feature] how much each moves the raw log-odds from the average row's."""
        return self.features, self.trees.contributions(matrix(frame, self.document.inputs))


def model_of(document: ModelDocument) -> ScoringModel:
    """The model of a document; raises lightgbm.basic.LightGBMError if its trees cannot be read."""
    return ScoringModel(document, Trees(lightgbm.Booster(model_str=document.trees), document.line))


def write_model(model: ScoringModel) -> bytes:
    """The file's bytes; the same model gives the same bytes."""
    return msgspec.json.encode(model.document)


def hash_of(trees: str) -> str:
    """SHA-256 in hexadecimal."""
    return sha256(trees.encode()).hexdigest()


_READING = msgspec.json.Decoder(ModelDocument)
"""Made once: where several threads read the first model of a process at once, a type that is only half known ends it."""


def read_model(content: bytes) -> ScoringModel:
    """The model of a file's bytes. Raises ProblemsFound (``model.unreadable``) for anything else."""
    try:
        document = _READING.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(f"it is not a model of this program: {error}") from error
    if document.format != FORMAT:
        raise _unreadable(f"it has format {document.format}, and this program reads format {FORMAT}")
    if hash_of(document.trees) != document.trees_hash:
        raise _unreadable("its trees are damaged: their hash is another one", document.model)
    try:
        model = model_of(document)
    except lightgbm.basic.LightGBMError as error:
        raise _unreadable(f"its trees cannot be read: {error}", document.model) from error
    if model.trees.booster.num_feature() != len(document.inputs):
        raise _unreadable("its trees and its features do not fit together", document.model)
    return model


def _unreadable(why: str, model: str = "model file") -> ProblemsFound:
    hint = Hint("train the model again, or roll back to the one before")
    return ProblemsFound(
        [Problem("model.unreadable", f"the model file cannot be used: {why}", Where(model), hint)]
    )


def settings_in_words(settings: Settings) -> dict[str, Any]:
    """The settings as a report shows them."""
    shape = msgspec.to_builtins(settings.shape)
    plain = msgspec.to_builtins(settings)
    return {
        "size": plain.pop("size"),
        **shape,
        **{key: value for key, value in plain.items() if key != "shape"},
    }
