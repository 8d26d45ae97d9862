"""What the state machines share: a store of their own for each run, on either database, and a loop to ask it with."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from contact.storage.open import open_stores
from tests.contracts.conftest import settings as of_home
from tests.migrated import copy_migrated
from tests.servers import PostgreSQL


@dataclass(frozen=True)
class Place:
    """Where a machine's stores are: in a file each, or in databases of a server, copied from an empty migrated one."""

    server: PostgreSQL | None = None
    template: str = ""

    def make(self, home: Path, name: str) -> str:
        """The URL of an empty database that was migrated before."""
        if self.server is None:
            return f"sqlite:///{copy_migrated(home / 'contact.db')}"
        return self.server.create(name, template=self.template)

    def drop(self, name: str) -> None:
        """Away with it."""
        if self.server is not None:
            self.server.drop(name)


class OnStore(RuleBasedStateMachine):
    """A machine whose ``open`` rule begins with ``open_store``."""

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place, self.name = place, f"machine_{uuid.uuid4().hex}"

    def open_store(self) -> None:
        """An empty store."""
        self.runner = asyncio.Runner()
        self.home = Path(tempfile.mkdtemp())
        self.stores = open_stores(of_home(self.home, self.place.make(self.home, self.name)))

    def do(self, work: Any) -> Any:
        """What the store answers."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """Nothing of the run is left."""
        if hasattr(self, "stores"):
            self.do(self.stores.close())
            self.runner.close()
            self.place.drop(self.name)
            shutil.rmtree(self.home)


def run(machine: type[OnStore], place: Place, *, examples: int, steps: int) -> None:
    """So many runs of so many steps, the same each time."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        lambda: machine(place),
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )  # fmt: skip
