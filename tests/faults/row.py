"""One row of the table: a promise on a database, as its judges counted it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

FIGURES = ("attempts", "grants", "unknown", "kills", "violations", "lost", "mutants", "mutants_caught")


@dataclass
class Row:
    """Counts of one proof. ``kills`` are also stops, cuts and crashes that were injected, whatever was hit."""

    promise: str
    database: str
    attempts: int = 0
    grants: int = 0
    unknown: int = 0
    kills: int = 0
    violations: int = 0
    lost: int = 0
    tried: list[str] = field(default_factory=list)
    """Mutants that were switched on."""
    caught: list[str] = field(default_factory=list)
    seconds: float = 0.0
    remarks: list[str] = field(default_factory=list)
    """What was counted besides, and where a violation was seen."""
    left_out: list[str] = field(default_factory=list)
    """What was not injected because this machine cannot, which whoever reads the row is told."""
    thin: str = ""
    """Why the proof has too little behind it to count: a run in which nothing happened proves nothing."""

    @property
    def kept(self) -> bool:
        """Nothing violated, nothing lost, every mutant caught, and enough has happened."""
        return not (self.violations or self.lost or self.missed or self.thin)

    @property
    def missed(self) -> list[str]:
        """Mutants that nobody noticed."""
        return sorted(set(self.tried) - set(self.caught))

    def try_mutant(self, name: str, *, caught: bool) -> None:
        """Note what became of one mutant."""
        self.tried.append(name)
        if caught:
            self.caught.append(name)

    def need(self, what: str, count: int, least: int) -> None:
        """The run must have had so much of something to prove anything."""
        if count < least:
            self.thin = f"only {count} {what}, at least {least} are needed"

    def as_json(self) -> dict[str, Any]:
        """As ``--json`` writes it."""
        plain = asdict(self)
        told = {name: plain[name] for name in ("promise", "database")}
        told |= {name: plain.get(name, 0) for name in FIGURES}
        told |= {"mutants": len(self.tried), "mutants_caught": len(self.caught)}
        return told | {
            "kept": self.kept, "seconds": round(self.seconds, 1), "missed": self.missed, "thin": self.thin,
            "tried": self.tried, "remarks": self.remarks, "left_out": self.left_out,
        }  # fmt: skip

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Row:
        """A row that another process wrote."""
        plain = {name: told[name] for name in ("promise", "database", *FIGURES[:6], "tried", "seconds")}
        caught = [name for name in told["tried"] if name not in told["missed"]]
        heard = {name: list(told[name]) for name in ("remarks", "left_out")}
        return cls(**plain, **heard, caught=caught, thin=told["thin"])


def failed(rows: Iterable[Row]) -> list[Row]:
    """Those that do not show what was promised."""
    return [row for row in rows if not row.kept]
