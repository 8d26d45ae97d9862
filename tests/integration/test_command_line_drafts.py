"""Drafts, publishing, rolling back, pulling and explaining on the command line, in this process."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess
from unittest import mock

import pytest

from contact.faces.cli import main
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.settings import Settings
from contact.wiring import House, join
from tests.integration.flow.stage import CAPS, customer, deliver, texts

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Commands on a store of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CONTACT_")}
    environment = {**kept, "CONTACT_HOME": str(tmp_path / "home"), "COLUMNS": "200"}

    def command(*words: object) -> CompletedProcess[str]:
        printed, complained, code = io.StringIO(), io.StringIO(), 0
        with (
            mock.patch.dict(os.environ, environment, clear=True),
            mock.patch.object(sys, "argv", ["contact", *map(str, words)]),
            redirect_stdout(printed),
            redirect_stderr(complained),
        ):
            try:
                main.run()
            except SystemExit as ending:
                code = int(ending.code or 0)
        return CompletedProcess([*map(str, words)], code, printed.getvalue(), complained.getvalue())

    return command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The small playbook as files."""
    return written(tmp_path / "config", texts())


def written(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
    return folder


def done(found: CompletedProcess[str]) -> str:
    """What a command printed that could be done."""
    assert (found.returncode, found.stderr) == (0, ""), found
    return found.stdout


def in_store(tmp_path: Path, work: Callable[[House], object]) -> object:
    """Something that needs no command, on the same store."""

    async def inside() -> object:
        house = await join(Settings.from_environment({"CONTACT_HOME": str(tmp_path / "home")}))
        try:
            return await work(house)  # type: ignore[misc]
        finally:
            await house.close()

    return asyncio.run(inside())


def key_of(tmp_path: Path, person: str | None, role: str = "strategist") -> Path:
    """A file with a person's key."""
    secret = in_store(tmp_path, lambda house: house.ports.keys.create(role, person))
    file = tmp_path / f"{person}-{role}.key"
    file.write_text(f"{secret}\n")
    return file


def test_published_told_and_rolled_back(run: Run, folder: Path) -> None:
    """The first needs no reason, each other one does; the way back is one command, and history tells it all."""
    first = json.loads(done(run("publish", folder, "--json")))
    written(folder, texts(caps=CAPS.replace("max: 1", "max: 2")))
    assert done(run("diff", "live", folder, "--no-lines")) == "looser   rule caps.weekly: at most 1 → 2\n"
    assert "a reason is needed" in run("publish", folder).stderr
    assert "  rule caps.weekly: at most 1 → 2\n" in done(run("publish", folder, "--why", "more"))
    assert done(run("rollback", "--why", "too many")).startswith(f"in force: {first['version']}\n")
    told = json.loads(done(run("versions", "--json")))
    assert [(each["why"], each["state"]) for each in told] == [
        ("too many", "in_force"), ("more", "past"), ("first playbook", "past"),
    ]  # fmt: skip
    assert "tightened" not in done(run("versions", "--full")) and "at most 2 → 1" in done(run("versions"))
    assert "is in force already" in run("rollback", first["version"][:8], "--why", "again").stderr


def test_a_second_persons_key_is_needed_where_the_operator_says_so(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    """No key, a key of nobody or of another role: refused; with one of a second person it is in force."""
    files = texts() | {"operator.yaml": texts()["operator.yaml"] + "approvals: 1\n"}
    done(run("publish", written(folder, files)))
    written(folder, {"policies/caps.yaml": CAPS.replace("max: 1", "max: 2")})
    publish = ("publish", folder, "--why", "more")
    assert "the approval of another person" in run(*publish).stderr
    for file in (key_of(tmp_path, None), key_of(tmp_path, "agent7", "agent"), tmp_path / "missing.key"):
        assert run(*publish, "--approved-with", file).returncode == 1
    second = key_of(tmp_path, "tao")
    published = json.loads(done(run(*publish, "--approved-with", second, "--json")))
    assert published["approved_by"] == ["tao"]


def test_a_folder_is_scheduled_rescheduled_and_called_off(run: Run, folder: Path) -> None:
    """Scheduled again with the same texts it is the same draft, with one time: the new one."""
    done(run("publish", folder))
    written(folder, {"policies/caps.yaml": CAPS.replace("max: 1", "max: 2")})
    later = ("publish", folder, "--why", "more", "--at")
    assert "takes force at 2035-01-01 00:00:00Z" in done(run(*later, "2035-01-01T00:00+00:00"))
    assert "(draft-1)" in done(run("publish", "draft-1", "--why", "more", "--at", "2036-01-01T00:00+00:00"))
    assert "(draft-1)" in done(run(*later, "2037-01-01T00:00+00:00"))
    told = [each for each in json.loads(done(run("versions", "--json"))) if each["state"] == "scheduled"]
    assert [each["published"] for each in told] == ["2037-01-01T00:00:00Z"]
    assert "2037-01-01" in done(run("draft", "list"))
    assert "discarded" in done(run("draft", "discard", "draft-1"))
    assert "scheduled" not in done(run("versions"))
    assert "is over" in run(*later, "2001-01-01T00:00+00:00").stderr
    assert "no instant" in run(*later, "tomorrow").stderr


def test_pull_brings_a_folder_up_to_date_and_keeps_what_was_changed_there(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    """A folder of an older version follows; a changed file is kept unless it is to be lost; line ends stay as typed."""
    mine = written(
        tmp_path / "mine", texts() | {"policies/old.yaml": "policy: old\nlayer: company\nrules: []\n"}
    )
    done(run("publish", mine))
    crlf = CAPS.replace("\n", "\r\n").replace("max: 1", "max: 2")
    written(folder, {"policies/caps.yaml": crlf})
    done(run("publish", folder, "--why", "two"))
    said = done(run("pull", mine))
    assert ": 1 written, 1 removed" in said
    assert (mine / "policies/caps.yaml").read_bytes() == crlf.encode() and not (
        mine / "policies/old.yaml"
    ).exists()
    written(mine, {"policies/caps.yaml": CAPS.replace("max: 1", "max: 7"), "policies/own.yaml": "# mine\n"})
    refused = run("pull", mine)
    assert refused.returncode == 1 and "caps.yaml was changed here and would be lost" in refused.stderr
    assert "max: 7" in (mine / "policies/caps.yaml").read_text()
    forced = run("pull", mine, "--force")
    assert forced.returncode == 0 and "own.yaml is not part of it and was left" in forced.stderr
    assert (mine / "policies/caps.yaml").read_bytes() == crlf.encode()


def test_a_draft_is_merged_on_the_command_line(run: Run, folder: Path) -> None:
    """Begun from a folder, checked, merged with what was published meanwhile, or both sides shown."""
    done(run("publish", folder))
    written(folder, {"policies/caps.yaml": CAPS.replace("max: 1", "max: 2")})
    done(run("draft", "new", folder, "--title", "two"))
    assert done(run("draft", "check", "draft-1")).endswith("\n8 files, 0 examples: 2 warnings\n")
    written(folder, {"policies/caps.yaml": CAPS.replace("max: 1", "max: 3")})
    done(run("publish", folder, "--why", "three"))
    assert "(merge first)" in done(run("draft", "list"))
    conflicted = run("draft", "merge", "draft-1")
    assert conflicted.returncode == 1
    assert "  mine      max: 2\n  live      max: 3\n" in conflicted.stdout
    assert "was published since draft-1 was begun" in run("publish", "draft-1", "--why", "two").stderr
    assert "there is no draft-9" in run("draft", "show", "draft-9").stderr


def test_a_customer_is_explained_at_another_instant_and_in_a_past_decision(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    """What is of today is said; a decision is taken again and said to be equal."""
    done(run("publish", folder))

    async def decided(house: House) -> str:
        await deliver(house.ports, tmp_path, [customer(1)])
        return (await decide(house.ports, DecisionRequest("C1", "sms"))).decision

    decision = in_store(tmp_path, decided)
    at = done(run("explain", "C1", "--at", "2035-01-01T12:00+08:00"))
    assert "C1 at 2035-01-01 04:00:00Z" in at and "as they are today: facts, lines, playbook" in at
    assert "comes out again, equal to the byte" in done(run("explain", "C1", "--decision", decision))
    assert run("explain", "C2", "--decision", decision).returncode == 1
