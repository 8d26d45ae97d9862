"""What is installed is what was tested: every dependency is locked by hash, and no lock names a place of its own."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _locked(lock: str) -> dict[str, str]:
    text = (ROOT / "requirements" / lock).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", text, re.MULTILINE))


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!; ]", requirement)[0].lower().replace("_", "-")


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_hashes_and_no_addresses(lock: Path) -> None:
    """Each package stands with its hashes; where it comes from is the installing machine's matter."""
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text and "file:" not in text
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)
    assert [
        entry.splitlines()[0] for entry in entries if "==" in entry and "--hash=sha256:" not in entry
    ] == []


def test_every_dependency_is_locked() -> None:
    """A dependency that was added without `make lock` would be missing on the next machine."""
    assert {_name(each) for each in PROJECT["project"]["dependencies"]} <= _locked("main.lock").keys()
    for group in ("dev", "bench"):
        assert {_name(each) for each in PROJECT["dependency-groups"][group]} <= _locked(
            f"{group}.lock"
        ).keys()


@pytest.mark.parametrize(("wider", "lock"), [("dev.lock", "main.lock"), ("bench.lock", "dev.lock")])
def test_locks_agree(wider: str, lock: str) -> None:
    """Tests run on the versions that operators install, benches on those that tests run on."""
    found = _locked(wider)
    assert {
        name: (version, found.get(name))
        for name, version in _locked(lock).items()
        if found.get(name) != version
    } == {}
