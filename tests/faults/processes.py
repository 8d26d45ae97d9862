"""Processes to be hurt: forked from one that has loaded what they run, so that a restart takes moments, not seconds."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from contact.faces.worker.children import die_with_parent

_context = multiprocessing.get_context("forkserver")


class Child:
    """A running function of a module, in a process that dies with us."""

    def __init__(self, target: str, *words: object, environment: Mapping[str, str], log: Path) -> None:
        self._again = (target, words, dict(environment), log)
        _context.set_forkserver_preload(
            [target.partition(":")[0]]
        )  # heard of the first child of a proof alone
        self.start()

    def start(self) -> None:
        """Start, or start again after it was killed."""
        self.process = _context.Process(target=_run, args=self._again, daemon=True)
        self.process.start()

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.is_alive()

    def send(self, how: signal.Signals) -> None:
        """SIGSTOP, SIGCONT, SIGTERM."""
        assert self.process.pid is not None
        os.kill(self.process.pid, how)

    def kill(self) -> None:
        """kill -9, whatever it is doing."""
        self.process.kill()
        self.process.join()

    def join(self, seconds: float) -> int | None:
        """Its exit code, None where it still runs after so long."""
        self.process.join(seconds)
        return self.process.exitcode


def _run(target: str, words: tuple[object, ...], environment: Mapping[str, str], log: Path) -> None:
    die_with_parent()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, sys.stdout.fileno())
    os.dup2(output, sys.stderr.fileno())
    os.environ.update(environment)
    module, name = target.split(":")
    getattr(importlib.import_module(module), name)(*words)
