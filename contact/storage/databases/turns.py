"""Writers of several processes take turns at a lock file, and wait for one that does not end its turn only so long."""

from __future__ import annotations

import fcntl
import os
import threading

from contact.faults import StoreUnavailable

TURN_SECONDS = 60.0
"""Longer than any commit of ours, an import's included; whoever holds the turn longer is stopped or stuck."""


class Turns:
    """One process's place in the queue at ``PATH.lock``; its writer takes and ends turns."""

    def __init__(self, path: str, seconds: float = TURN_SECONDS) -> None:
        self._path, self._seconds = path, seconds
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._waiter: _Waiter | None = None

    def take(self) -> None:
        """Returns holding the turn. Raises StoreUnavailable where another process does not end its own."""
        while True:
            if self._waiter is None or self._waiter.gone:
                self._waiter = None
                try:
                    fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except BlockingIOError:
                    self._waiter = _Waiter(self._file)
            if self._waiter.got(self._seconds):
                self._waiter = None
                return
            if not self._waiter.gone:
                break
        detail = (
            f"another process has held {self._path} for {self._seconds:g} seconds: it is stopped or stuck; "
            "find it with fuser and end it"
        )
        raise StoreUnavailable(detail)

    def end(self) -> None:
        """Lets the next one in."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Gives up the place in the queue."""
        if self._waiter is not None:
            self._waiter.leave()
        os.close(self._file)


class _Waiter:
    """Waits in a thread of its own, for the kernel's queue knows no time limit.

    A lock belongs to the file as opened, not to a thread: while one waits nobody else here may lock it. One that was given
    up goes on waiting, and ends its turn at once if nobody has asked again by then.
    """

    def __init__(self, file: int) -> None:
        self._has_it = threading.Event()
        self._door = threading.Lock()
        self._wanted = True
        self._left = False
        self.gone = False
        """The turn came when nobody wanted it, and was ended."""
        threading.Thread(target=self._wait, args=(file,), daemon=True, name="store-turn").start()

    def got(self, seconds: float) -> bool:
        """Whether the turn came within so many seconds; asking again goes on waiting for the same turn."""
        with self._door:
            if self.gone:
                return False
            self._wanted = True
        if self._has_it.wait(seconds):
            return True
        with self._door:
            self._wanted = self._has_it.is_set()
            return self._wanted

    def leave(self) -> None:
        """The file is about to be closed, which ends whatever turn would still come."""
        with self._door:
            self._left = True

    def _wait(self, file: int) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError:  # closed meanwhile
            return
        with self._door:
            if self._wanted:
                self._has_it.set()
            elif not self._left:
                fcntl.flock(file, fcntl.LOCK_UN)
                self.gone = True
