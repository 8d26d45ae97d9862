"""Whatever is wrong with a file, ``contact`` says in one line where it stands and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from tests.acceptance.commands import Run, typed_here
from tests.servers import ROOT

pytestmark = pytest.mark.processes

EXAMPLE = ROOT / "docs/examples/ibm_telco"
PEOPLE = "cust_id,monthly\nC1,50\nC2,60.5\n"
MAPPING = """kind: customers
mode: snapshot
columns:
  id: cust_id
  arpu: {from: monthly, type: money}
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The command line on an empty store that nobody serves."""
    return typed_here(tmp_path_factory.mktemp("wrong") / "home")


def line_of(done: CompletedProcess[str]) -> str:
    """The one line a blocked command leaves."""
    assert (done.returncode, done.stdout) == (1, ""), done
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.parametrize(
    ("was", "wrong", "line"),
    [
        ("from: monthly", "fro: monthly", ":5:10: key.unknown: column 'arpu' has no key 'fro' (did you mean 'from'?)"),
        ("from: monthly", "from: montly", ":5:3: import.column: the file has no column 'montly', from which"),
        ("  id:", "  idd:", ":4:3: key.missing: customers need the column 'id'"),
        ("kind: customers", "kind: custmers", ":1:7: value.choice: there is no kind 'custmers' (did you mean 'customers'?)"),
        ("mode: snapshot", "mode: snapsot", ":2:7: value.choice: there is no mode 'snapsot' (snapshot:"),
        ("kind: customers", "kind customers", ":2:5: yaml.syntax: this is not YAML:"),
        ("type: money", "type: mony", ":5:31: value.choice: column 'arpu' cannot be of type 'mony' (did you mean 'money'?)"),
    ],
)  # fmt: skip
def test_a_wrong_mapping(run: Run, tmp_path: Path, was: str, wrong: str, line: str) -> None:
    """A key, a column, a word or the YAML itself: file, line, column, code and what was meant."""
    mapping, people = tmp_path / "people.yaml", tmp_path / "people.csv"
    mapping.write_text(MAPPING.replace(was, wrong), encoding="utf-8")
    people.write_text(PEOPLE, encoding="utf-8")
    assert line_of(run("import", "customers", people, "--mapping", mapping)).startswith(f"{mapping}{line}")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", ":1:1: import.header: the file has no header row (name the columns in the first row)"),
        (b"cust_id,monthly\n\xff\xfe,5\n", ":2:1: import.encoding: the bytes are not text in utf-8 (save it as UTF-8,"),
        (b"cust_id,monthly\nC1,5,6\n", ":2:6: import.fields: the row has 3 fields, the header 2 (quote fields that contain"),
    ],
    ids=["empty", "not text", "too wide"],
)  # fmt: skip
def test_a_wrong_customer_file(run: Run, tmp_path: Path, content: bytes, line: str) -> None:
    """What is wrong with the structure of a file is said with the line it stands in."""
    mapping, people = tmp_path / "people.yaml", tmp_path / "people.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    people.write_bytes(content)
    assert line_of(run("import", "customers", people, "--mapping", mapping)).startswith(f"{people}{line}")


@pytest.mark.parametrize(
    ("was", "wrong", "line"),
    [
        ("category: retention", "categry: retention", ":5:1: key.unknown: a strategy has no key 'categry'"),
        ("audience: contract", "audience: contrct", ":6:11: condition.field: there is no field 'contrct' (did you mean"),
        ("goal: {event: contract_signed", "goal: {event: contract_sined", ":15:15: reference.unknown:"),
        ("percentage: 20", "percentage: 120", ":7:23: value.percent: 'percentage' cannot be 120 (a number from 0 to 100"),
        ("propensity: 0.12", "propensity: 12", ":22:21: value."),
        ("task_valid: P3D", "task_valid: P1M", ":14:13: value.duration:"),
        ("{tenure_months} months, at", "{tenur_months} months, at", "placeholder.unknown: nothing fills {tenur_months}"),
    ],
)  # fmt: skip
def test_a_wrong_strategy_file(run: Run, tmp_path: Path, was: str, wrong: str, line: str) -> None:
    """A key, a field, an event, a number, a duration, a placeholder: each one line, and each located."""
    draft = tmp_path / "config"
    shutil.copytree(EXAMPLE / "config", draft)
    file = draft / "strategies/contract-upgrade.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count(was) == 1
    file.write_text(text.replace(was, wrong), encoding="utf-8")
    said = line_of(run("check", draft))
    assert said.startswith(f"{file}:")
    assert line in said


def test_an_example_that_fails_says_expected_got_and_what_each_gate_compared(
    run: Run, tmp_path: Path
) -> None:
    """The place of the expectation, both sides, and the trace with file and line."""
    draft = tmp_path / "config"
    shutil.copytree(EXAMPLE / "config", draft)
    file = draft / "strategies/contract-upgrade.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("expect: {refused_by: [strategy.audience]}", "expect: {allowed: true}"), encoding="utf-8"
    )
    first, *rest = run("check", draft).stderr.splitlines()
    assert first.startswith(f"{file}:") and ": example.failed: contract-upgrade-2: " in first
    assert rest[0] == "    allowed: expected true; got false, refused by [strategy.audience]"
    failed = next(line for line in rest if "FAIL audience" in line)
    assert failed.startswith(f"      FAIL audience at {file}:6:11: contract = ")
    assert " is false; " in failed and failed.endswith("; never clears by itself")


def test_what_is_no_playbook_is_not_taken_for_one(run: Run, tmp_path: Path) -> None:
    """The folder above a playbook, one of its files and a mapping are told from it, not read as golden cases."""
    for path in (EXAMPLE, EXAMPLE / "mapping.yaml", EXAMPLE / "config/strategies/contract-upgrade.yaml"):
        line = f"{path} holds neither operator.yaml nor golden cases: give the folder of the playbook"
        assert line_of(run("check", path)) == line


def test_what_was_asked_for_needs_no_place(run: Run, tmp_path: Path) -> None:
    """A day that cannot be planned is said without a path, since it stands on the line just typed."""
    home = {"CONTACT_HOME": str(tmp_path / "home")}
    assert run("publish", EXAMPLE / "config", **home).returncode == 0
    nobody = "there are no customers yet: run `contact import customers FILE --mapping MAPPING`"
    assert line_of(run("plan", "--day", "2030-03-04", **home)) == nobody
    mapping, people = tmp_path / "people.yaml", tmp_path / "people.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    people.write_text(PEOPLE, encoding="utf-8")
    assert run("import", "customers", people, "--mapping", mapping, **home).returncode == 0
    assert line_of(run("plan", "--day", "tomorrow", **home)).startswith("value.date: 'tomorrow' is not a day")
    assert line_of(run("plan", "--day", "2020-01-01", **home)).startswith("value.date: 2020-01-01 is over")


def test_a_home_that_cannot_be_made(run: Run, tmp_path: Path) -> None:
    """The line names the variable to look at."""
    (tmp_path / "file").touch()
    home = tmp_path / "file" / "home"
    line = line_of(run("publish", EXAMPLE / "config", CONTACT_HOME=str(home)))
    assert line == f"CONTACT_HOME cannot be made at {home} (Not a directory)"
    assert line_of(run("serve", "--port", "0", CONTACT_HOME=str(home))) == line


def test_a_file_that_the_system_refuses_is_named(run: Run, tmp_path: Path) -> None:
    """Wherever it is met: a line with its path, no traceback."""
    (tmp_path / "home" / "secret").mkdir(parents=True)
    line = line_of(run("publish", EXAMPLE / "config", CONTACT_HOME=str(tmp_path / "home")))
    assert line == f"{tmp_path}/home/secret cannot be used: Is a directory"


def test_what_cannot_be_asked_is_said(run: Run) -> None:
    """Of a base without customers nothing is told as if all were well; what is about a playbook is not taken for cases."""
    nobody = run("check", ROOT / "config", "--base")
    assert nobody.returncode == 1 and "there are no customers yet" in nobody.stderr, nobody
    both = run("check", ROOT / "config", "--cases", ROOT / "docs" / "examples" / "cases", "--rules")
    assert both.returncode == 1 and "--base and --rules ask about a playbook" in both.stderr, both
