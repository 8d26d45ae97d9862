"""The promises, and where each is proved."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.place import Place
from tests.faults.row import Row


@dataclass(frozen=True, slots=True)
class Proof:
    """A promise in a few words, the module that proves it, and about how many seconds that takes in the short run."""

    words: str
    module: str
    seconds: float

    def load(self) -> Callable[[Place], Row]:
        """Its function."""
        prove: Callable[[Place], Row] = importlib.import_module(f"tests.faults.{self.module}").prove
        return prove


PROOFS = {
    "G1": Proof("no contact exceeds a cap", "g01_caps", 45),
    "G2": Proof("hours hold at hand-over", "g02_hours", 11),
    "G3": Proof("no hand-over after an opt-out", "g03_opt_outs", 18),
    "G4": Proof("no accepted task is lost", "g04_tasks", 48),
    "G5": Proof("a task goes to a gateway at most once", "g05_at_most_once", 29),
    "G6": Proof("receipts and outcomes apply once", "g06_once", 24),
    "G7": Proof("a retried POST has one effect", "g07_retries", 31),
    "G8": Proof("bad input changes nothing", "g08_bad_input", 16),
    "G9": Proof("a crash leaves old or new, never a mix", "g09_whole", 27),
    "G10": Proof("nobody without the role", "g10_roles", 12),
    "G11": Proof("personal data stays inside", "g11_canaries", 47),
    "G12": Proof("tampering shows", "g12_tampering", 6),
    "G13": Proof("a restore forgets and resends nothing", "g13_restore", 15),
    "G14": Proof("overload degrades, it does not break", "g14_overload", 36),
    "G15": Proof("SIGTERM loses nothing", "g15_restarts", 29),
}
