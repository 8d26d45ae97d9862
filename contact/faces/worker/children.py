"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

NOT_NOW = 75
"""How the process of a job ends where the store was away: no fault of the job, nor of the program."""
_PR_SET_PDEATHSIG = 1

# Runs in the child before the real program: asks the kernel for SIGKILL at the parent's death, then becomes the program.
# The parent may have died before that, so its pid is compared afterwards.
_BECOME = (
    "import ctypes,os,sys\n"
    f"ctypes.CDLL(None).prctl({_PR_SET_PDEATHSIG},{int(signal.SIGKILL)})\n"
    "sys.exit(1) if os.getppid()!=int(sys.argv[1]) else os.execv(sys.argv[2],sys.argv[2:])"
)


def start_child(
    command: Sequence[str], *, environment: Mapping[str, str] | None = None, output: Path | None = None
) -> subprocess.Popen[bytes]:
    """Start a program that the kernel ends with us, even after kill -9. Call it from the main thread.

    ``output``: file its output is appended to; None: our own. Its interrupts come from us, not from the terminal.
    """
    if sys.platform == "linux":
        command = [sys.executable, "-I", "-S", "-c", _BECOME, str(os.getpid()), *command]
    where = output.open("ab") if output else None
    try:
        return subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=where, stderr=where, process_group=0
        )
    finally:
        if where:
            where.close()


def die_with_parent() -> None:
    """Ask the kernel to end this process with its parent; for programs somebody else starts for us."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def end_child(process: subprocess.Popen[bytes], patience_seconds: float) -> None:
    """SIGTERM, and SIGKILL where patience ends; returns when the process is gone."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(patience_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
