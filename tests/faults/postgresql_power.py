"""A power cut over PostgreSQL: everything that no sync has brought to the disk is gone, as ``power`` does it for SQLite.

The server runs with ``synced.c`` before the C library, compiled here: what it syncs goes to a second copy of its data
folder, and nothing else does. After kill -9 of all its processes the folder is set back to that copy, and the server
recovers from what a disk would have held.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.servers import PostgreSQL

SOURCE = Path(__file__).with_name("synced.c")
GONE_SECONDS = 60.0
OPTIONS = ("--wal-segsize=1", "--data-checksums")
"""A log in small files is compared fast; a page that was torn is seen."""


def can_be_cut() -> bool:
    """Whether there is a compiler, and what ``synced.c`` asks of Linux."""
    return sys.platform == "linux" and shutil.which("cc") is not None


class CuttablePostgreSQL(PostgreSQL):
    """A cluster on a disk of its own where that can be, whose power may be cut."""

    settings = ("-c", "wal_sync_method=fdatasync", "-c", "wal_writer_delay=10s")
    """A log opened so that every write is a sync would go past us. What nobody waits for is written late, so that a build
    that tells of commits before they are synced is noticed."""

    def __init__(self) -> None:
        super().__init__(own_disk=True)

    def _make_cluster(self, *options: str) -> None:
        """Whoever makes it does so in peace: the copy begins with all of it."""
        super()._make_cluster(*options, *OPTIONS)
        library = self.folder / "synced.so"
        subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl"], check=True)
        self._copies = self.folder / "synced"
        _copy(self._data, self._copies)
        self._environment |= {
            "LD_PRELOAD": str(library), "SYNCED_DATA": str(self._data), "SYNCED_COPIES": str(self._copies),
        }  # fmt: skip

    def cut_power(self) -> None:
        """All of it dies at once, and what was not synced is gone; then it is started again."""
        self.process.send_signal(signal.SIGSTOP)  # it starts nobody any more
        dead = [self.process.pid, *_children_of(self.process.pid)]
        for each in dead:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        self.process.wait()
        deadline = time.monotonic() + GONE_SECONDS
        while any(_runs(each) for each in dead):
            assert time.monotonic() < deadline, f"some of {dead} do not die"
            time.sleep(0.01)
        shutil.rmtree(self._data)
        _copy(self._copies, self._data)
        self.process = self._start()


def _children_of(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _runs(process: int) -> bool:
    """Not gone, nor dead and waiting for somebody to ask after it."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _copy(folder: Path, to: Path) -> None:
    """With owners and rights: the server looks at them."""
    subprocess.run(["cp", "-a", str(folder), str(to)], check=True)
