"""``contact`` on a store that nobody serves: typed in this process, or each command in a process of its own."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

from contact.faces.cli import main
from tests.servers import ROOT, contact

Run = Callable[..., CompletedProcess[str]]


def typed_here(home: Path) -> Run:
    """As the program runs them, but in this process: what a command imports is loaded once for all of them."""

    def run(*words: object, **settings: str) -> CompletedProcess[str]:
        printed, complained, code = io.StringIO(), io.StringIO(), 0
        arguments, collected_after = ["contact", *map(str, words)], gc.get_threshold()
        with (
            mock.patch.dict(os.environ, {**_environment(home), **settings}, clear=True),
            mock.patch.object(sys, "argv", arguments),
            redirect_stdout(printed),
            redirect_stderr(complained),
        ):
            try:
                main.run()
            except SystemExit as ending:
                code = int(ending.code or 0)
            finally:  # a program would end here and leave its garbage to the system; this process goes on
                gc.unfreeze()
                gc.set_threshold(*collected_after)
        return CompletedProcess(arguments, code, printed.getvalue(), complained.getvalue())

    return run


def typed_apart(home: Path) -> Run:
    """As a person types them, for what only a process shows: its exit code, its start, its two streams."""

    def run(*words: object, **settings: str) -> CompletedProcess[str]:
        environment = {**_environment(home), "PYTHONPATH": str(ROOT), **settings}
        return contact(*map(str, words), environment=environment, check=False)

    return run


def complaint(done: CompletedProcess[str]) -> str:
    """The one line on stderr of a command that could not be done."""
    assert done.returncode == 1, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.strip()


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_")}
    return {**kept, "CONTACT_HOME": str(home), "COLUMNS": "200"}
