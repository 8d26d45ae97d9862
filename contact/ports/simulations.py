"""What flow needs to try a playbook on history: where the days go that are finished, and where history ends."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from strategies.instants import Instant


class SimulationPort(Protocol):
    """Keeps what a simulation has worked out, so that another process can go on with it."""

    def folder(self, name: str, run: int = 1) -> Path:
        """The folder of one run of a simulation, which nobody else may read; made where it is not there.

        What an earlier run finished is moved into it: whoever still works for that one finds its folder gone.
        """
        ...

    def drop(self, name: str, run: int = 1) -> None:
        """Forget all of that run."""
        ...

    def keep_texts(self, texts: Mapping[str, str]) -> str:
        """Keep a full set of texts until a simulation of them ends; the name to ask for them by."""
        ...

    def texts(self, name: str) -> Mapping[str, str]:
        """Raises NotFound."""
        ...

    async def last_contact(self) -> Instant | None:
        """When the latest contact that happened was planned for; None where there was none yet."""
        ...
