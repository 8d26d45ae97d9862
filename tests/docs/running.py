"""Runs the blocks of a page as a reader would type them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.docs.blocks import ROOT, Block

BLOCK_SECONDS = 300


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The reader's: no settings of ours, the installed programs on PATH."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_")}
    return {**kept, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **(extra or {})}


def shell(code: str, extra: Mapping[str, str] | None = None) -> str:
    """What the code printed; fails with all of it where it did not end well."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code], cwd=ROOT, env=environment(extra), capture_output=True, text=True,
        timeout=BLOCK_SECONDS, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"exit {done.returncode}\n{code}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def run_sh(block: Block, code: str, extra: Mapping[str, str] | None = None) -> None:
    """Every line but those of ``make``, whose targets must exist."""
    lines = code.splitlines()
    for line in lines:
        if line.startswith("make"):
            shell(f"make --dry-run --always-make {line.split('#')[0].removeprefix('make')} >/dev/null")
    rest = "\n".join(line for line in lines if not line.startswith("make"))
    if rest.strip():
        shell(rest, extra)


def run_console(block: Block, code: str, extra: Mapping[str, str] | None = None) -> None:
    """Each ``$ command`` prints what stands below it; ``…`` stands for anything, also for lines."""
    steps: list[tuple[str, list[str]]] = []
    for line in code.splitlines():
        if line.startswith("$ "):
            steps.append((line[2:], []))
        elif steps and steps[-1][0].endswith("\\"):
            steps[-1] = (f"{steps[-1][0]}\n{line}", [])
        else:
            assert steps, f"{block}: a console block begins with a command"
            steps[-1][1].append(line)
    for command, lines in steps:
        printed = shell(command, extra)
        wanted = "\n".join(lines).strip()
        pattern = ".*?".join(re.escape(part.strip()) for part in wanted.split("…"))
        assert re.search(pattern, printed, re.DOTALL), (
            f"{block}: {command}\nshould print\n{wanted}\nbut printed\n{printed}"
        )
