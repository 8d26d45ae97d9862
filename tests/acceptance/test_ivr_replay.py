"""Held-out calls played on the command line, and the voice menu's promise on planted intents at small size."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.ivr_replay import declared_menu, proof
from demo.coming_calls import write_chances
from demo.files import MAPPINGS
from demo.intents import ring
from demo.menu import read_menu
from demo.past_calls import call_columns
from demo.population import populate
from tests.acceptance.commands import Run, complaint, typed_here
from tests.servers import ROOT

pytestmark = pytest.mark.processes
PEOPLE = 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of a few customers and the log of their calls, and where the store lies."""
    made = tmp_path_factory.mktemp("replay")
    people, hotline = populate(2, PEOPLE, datetime.now(UTC).date()), read_menu()
    calls = ring(people, hotline, 0, callers=40)
    rows = "".join(f"{each.id},{each.grid}\n" for each in people.customers)
    (made / "people.csv").write_text("id,grid\n" + rows, encoding="utf-8")
    mapping = "kind: customers\nmode: snapshot\ncolumns: {id: id, unit: grid}\n"
    (made / "people.yaml").write_text(mapping, encoding="utf-8")
    log = call_columns(people, hotline, calls)
    lines = [",".join(log), *(",".join(map(str, row)) for row in zip(*log.values(), strict=True))]
    (made / "calls.csv").write_text("\n".join(lines), encoding="utf-8")
    write_chances(calls, made / "chances.jsonl")
    return made


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """Commands on a store with the demonstration's playbook and these customers."""
    command = typed_here(folder / "home")
    assert command("publish", ROOT / "config", "--why", "test").returncode == 0
    done = command(
        "import", "customers", folder / "people.csv", "--mapping", folder / "people.yaml", "--here"
    )
    assert done.returncode == 0, done.stderr
    return command


def test_a_log_is_played_without_being_kept_and_alike_once_it_is(run: Run, folder: Path) -> None:
    """The same report of a file and of the same calls on file; with the truth, what the best order would have cost."""
    log, truth = (
        (folder / "calls.csv", "--mapping", MAPPINGS / "calls.yaml"),
        ("--truth", folder / "chances.jsonl"),
    )
    of_file = run("ivr", "replay", *log, *truth, "--json")
    assert of_file.returncode == 0, of_file.stderr
    assert "menu.too_few_calls" in complaint(run("ivr", "replay"))
    assert run("ivr", "import-log", *log, "--here").returncode == 0
    on_file = json.loads(run("ivr", "replay", *truth, "--json").stdout)
    found = json.loads(of_file.stdout)
    assert found == on_file
    menus = {each["name"]: each for each in found["menus"]}
    assert list(menus) == ["static", "declared", "personal", "truth"]
    assert menus["personal"]["against_static"]["value"] < 0.9 and found["over_truth"]["value"] < 1.35
    assert (
        menus["personal"]["stability"]["over_limit"] == menus["personal"]["stability"]["moved_too_often"] == 0
    )
    assert found["learnt_loss"] < found["declared_loss"]


def test_the_report_is_a_table_and_needs_no_truth(run: Run, folder: Path) -> None:
    """Seconds, keys and what became of the familiar layout, for people; a wrong truth file is named by its line."""
    log = (folder / "calls.csv", "--mapping", MAPPINGS / "calls.yaml")
    told = run("ivr", "replay", *log).stdout
    assert "everybody's menu" in told and "familiar layout" in told and "planted" not in told
    (folder / "wrong.jsonl").write_text('{"call": "a"}\n', encoding="utf-8")
    assert "wrong.jsonl:1" in complaint(run("ivr", "replay", *log, "--truth", folder / "wrong.jsonl"))
    assert "--mapping" in complaint(run("ivr", "replay", folder / "calls.csv"))


def test_callers_with_planted_intents_hear_what_they_came_for_sooner() -> None:
    """At small size with room for chance: seconds are far below the static menu's and near the planted truth's."""
    answer = proof(400, 1, declared_menu())
    personal = next(each for each in answer.menus if each.name == "personal")
    assert answer.over_truth is not None
    assert personal.against_static.value < 0.78
    assert answer.over_truth.value < 1.2
    assert personal.stability.over_limit == personal.stability.moved_too_often == 0
