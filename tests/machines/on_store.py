"""What the state machines share: a store of their own for each run, and a loop to ask it with."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from contact.storage.open import open_stores
from tests.contracts.conftest import settings as of_home
from tests.migrated import copy_migrated


class OnStore(RuleBasedStateMachine):
    """A machine whose ``open`` rule begins with ``open_store``."""

    def open_store(self) -> None:
        """An empty store that was migrated before."""
        self.runner = asyncio.Runner()
        self.home = Path(tempfile.mkdtemp())
        self.stores = open_stores(of_home(self.home, f"sqlite:///{copy_migrated(self.home / 'contact.db')}"))

    def do(self, work: Any) -> Any:
        """What the store answers."""
        return self.runner.run(work)

    def teardown(self) -> None:
        """Nothing of the run is left."""
        if hasattr(self, "stores"):
            self.do(self.stores.close())
            self.runner.close()
            shutil.rmtree(self.home)
