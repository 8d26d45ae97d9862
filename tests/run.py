"""Runs the parts of ``make check`` and ``make test``, each with its seconds: ``python tests/run.py check|test``.

Two parts run at a time, so that no processor waits for a test that waits, the longest first, so that both are busy to the
end; the last one, whose processes race one another, has the machine to itself. What a long part says is shown as it is
said, behind its name; of a quick one where it fails.
A failed test is named at once (`tests/conftest.py`), and again at the end, before the sum of all tests, alone on a line.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
AT_ONCE = 2
COMPILED_ONCE = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""Tests start hundreds of processes: a machine that keeps no compiled files would compile us in each of them."""


@dataclass
class Part:
    """One command with a name; ``tests`` where pytest counts."""

    name: str
    command: list[str]
    live: bool = False
    seconds: float = 0.0
    failed: bool = False
    output: str = ""
    counts: Counter[str] = field(default_factory=Counter)


def _tool(name: str, *words: str) -> list[str]:
    return [str(BIN / name), *words]


def _tests(*words: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "-rfEs",
        "--durations=5",
        "--durations-min=2",
        *words,
    ]


def _folders(*names: str) -> list[str]:
    return [f"tests/{name}" for name in names if any((ROOT / "tests" / name).rglob("test_*.py"))]


def _has_tests(part: Part) -> bool:
    return "pytest" not in part.command or any(word.startswith("tests/") for word in part.command)


SERVERLESS = "not processes and not postgres and not redis and not browser"
QUICK = [
    Part("types", _tool("mypy")),
    Part("format", _tool("ruff", "format", "--check", "--quiet", ".")),
    Part("lint", _tool("ruff", "check", "--quiet", ".")),
    Part("import floors", _tool("lint-imports", "--no-logo")),
    Part("unit, twins, architecture", _tests("-n", "2", *_folders("unit", "twins", "architecture"))),
    Part("docs without a server", _tests("-m", SERVERLESS, *_folders("docs"))),
]
LONG = [
    Part(
        "acceptance",
        # One file on one worker, files in their order: each shares its store, and the demonstration is not begun last.
        _tests(
            "-m",
            "not races",
            "-n",
            "2",
            "--dist",
            "loadfile",
            "--no-loadscope-reorder",
            *_folders("acceptance"),
        ),
        live=True,
    ),
    Part(
        "contracts, integration",
        _tests(
            "-n",
            "2",
            "--dist",
            "loadgroup",
            *_folders("contracts", "integration", "machines", "cases", "bad_input"),
        ),
        live=True,
    ),
    Part(
        "docs with a server",
        _tests("-m", f"not ({SERVERLESS})", "-n", "2", "--dist", "loadfile", *_folders("docs")),
        live=True,
    ),
]
ALONE = Part("promises under fire", _tests("-m", "races", "-s", *_folders("races")), live=True)


async def _run(part: Part, seats: asyncio.Semaphore) -> None:
    async with seats:
        began = time.monotonic()
        process = await asyncio.create_subprocess_exec(
            *part.command,
            cwd=ROOT,
            env=COMPILED_ONCE,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdout is not None
        lines: list[str] = []
        async for raw in process.stdout:
            lines.append(raw.decode(errors="replace"))
            if part.live:
                print(f"    {part.name:<22} {lines[-1]}", end="", flush=True)
        code = await process.wait()
        part.seconds = time.monotonic() - began
        part.output = "".join(lines)
        _judge(part, code)


def _judge(part: Part, code: int) -> None:
    testing = "pytest" in part.command
    if testing:
        last = next(
            (line for line in reversed(part.output.splitlines()) if re.search(r"\d+ \w+.* in [\d.]+s", line)),
            "",
        )
        part.counts.update(
            {word: int(number) for number, word in re.findall(r"(\d+) (passed|failed|skipped|error)", last)}
        )
    # pytest's 5 is "no tests here", which a part may have while the others have theirs.
    part.failed = code not in ((0, 5) if testing else (0,))
    if not part.live and (part.failed or part.counts["skipped"]):
        print(part.output, end="", flush=True)
    counted = ", ".join(f"{number} {word}" for word, number in part.counts.items())
    print(
        f"{'FAILED' if part.failed else 'ok':>6}  {part.seconds:6.1f} s  {part.name}{'  ' + counted if counted else ''}",
        flush=True,
    )


async def _all(long: bool) -> bool:
    began = time.monotonic()
    seats = asyncio.Semaphore(AT_ONCE)
    parts = [part for part in (*(LONG if long else ()), *QUICK) if _has_tests(part)]
    await asyncio.gather(*(_run(part, seats) for part in parts))
    if long and _has_tests(ALONE):
        await _run(ALONE, seats)
        parts.append(ALONE)
    total: Counter[str] = sum((part.counts for part in parts), Counter())
    print(f"\n{'seconds':>8}  part")
    for part in parts:
        print(f"{part.seconds:8.1f}  {part.name}{'  FAILED' if part.failed else ''}")
    print(f"{time.monotonic() - began:8.1f}  in all\n")
    for part in parts:
        for line in re.findall(r"^(?:FAILED|ERROR) tests/.*", part.output, re.M):
            print(line)
    failed = total["failed"] + total["error"] + sum(part.failed and not part.counts for part in parts)
    print(f"{total['passed']} passed, {failed} failed, {total['skipped']} skipped", flush=True)
    return not any(part.failed for part in parts)


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(_all(long=sys.argv[1:] == ["test"])) else 1)
