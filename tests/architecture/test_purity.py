"""Ground floors take values and return values: no I/O, no clock, no randomness, no logging, nothing asynchronous."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GROUND = sorted(
    path
    for folder in ("strategies", "scoring", "ivr", "contact/domain")
    for path in (ROOT / folder).rglob("*.py")
)
FORBIDDEN_CALLS = {
    "open", "print", "input", "breakpoint", "now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter",
    "sleep", "urandom", "getenv", "read_text", "write_text", "read_bytes", "write_bytes", "uuid4", "uuid7", "default_rng",
}  # fmt: skip
FORBIDDEN_NODES = (ast.AsyncFunctionDef, ast.Await, ast.AsyncFor, ast.AsyncWith, ast.Global)


def impurities(tree: ast.AST) -> list[str]:
    """What in this tree is not pure, with its line."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, FORBIDDEN_NODES):
            found.append(f"{node.lineno}: {type(node).__name__}")
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in FORBIDDEN_CALLS and not _makes_a_time_of_day(node):
                found.append(f"{node.lineno}: {name}()")
        elif isinstance(node, ast.Attribute) and node.attr in (
            "environ",
            "argv",
            "stdout",
            "stderr",
            "random",
        ):
            found.append(f"{node.lineno}: .{node.attr}")
    return found


def _makes_a_time_of_day(call: ast.Call) -> bool:
    """``time(9)`` and ``moment.time()`` make a time of day; only ``time.time()`` asks a clock."""
    asked = call.func
    named = asked.attr if isinstance(asked, ast.Attribute) else getattr(asked, "id", "")
    of = asked.value if isinstance(asked, ast.Attribute) else None
    return named == "time" and not (isinstance(of, ast.Name) and of.id == "time")


@pytest.mark.parametrize("path", GROUND, ids=lambda path: str(path.relative_to(ROOT)))
def test_ground_does_nothing_but_compute(path: Path) -> None:
    """No file of a ground package reads, writes, waits, draws or asks the time."""
    assert impurities(ast.parse(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "code",
    [
        "open('x')",
        "datetime.now(UTC)",
        "async def f(): ...",
        "time.time()",
        "np.random.default_rng()",
        "os.environ['A']",
    ],
)
def test_the_detector_sees_what_it_must(code: str) -> None:
    """A detector that finds nothing anywhere would prove nothing."""
    assert impurities(ast.parse(code))
