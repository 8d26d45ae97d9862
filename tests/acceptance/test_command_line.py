"""``contact`` on the terminal: it does what it says, and what blocks it is one line that says what to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from tests.acceptance.commands import Run, complaint, typed_apart, typed_here
from tests.servers import ROOT

pytestmark = pytest.mark.processes
PEOPLE = "cust_id,monthly,msisdn\nC1,50,13800000001\nC2,60.5,\nC3,=1+1,\n"
MAPPING = "kind: customers\nmode: snapshot\nmax_faulty: 50\ncolumns:\n  id: cust_id\n  arpu: {from: monthly, type: money}\n"
MAPPING += "  number: {from: msisdn, type: phone, region: CN}\n"
FILE = "{folder}/people.csv"
BY = ("--mapping", "{folder}/people.yaml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("cli")
    (made / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (made / "people.yaml").write_text(MAPPING, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """Commands on a store with the demonstration's playbook and two customers; nobody serves it."""
    command = typed_here(folder / "home")
    assert command("publish", ROOT / "config", "--why", "test").returncode == 0
    done = command("import", "customers", folder / "people.csv", "--mapping", folder / "people.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(
        "customers: 2 of 3 rows taken in, generation 1\n1 set aside, each with its reason: "
    )
    return command


def test_an_import_without_any_worker_is_done_by_the_command(run: Run) -> None:
    """Nobody serves this store, and yet the job's row says it was done."""
    (job,) = json.loads(run("jobs", "--json").stdout)
    assert (job["kind"], job["state"], job["result"]["accepted"]) == ("import", "done", 2)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("explain", "C9"), "there is no customer C9: check the id, as the customers file spells it"),
        (("explain", "C1", "--strategy", "nope"), "there is no strategy nope in the playbook: choose one of before-"),
        (("explain",), "say whom: `contact explain CUSTOMER`, or `contact explain --ivr CALLER`"),
        (("explain", "C1", "--ivr", "C1"), "--ivr explains a voice menu: only --menu, --at and --json go with it"),
        (("explain", "C1", "--channel", "pigeon"), "there is no channel pigeon: choose one of agent, field, ivr,"),
        (("evaluate", "nope"), "there is no strategy nope in the playbook: choose one of before-"),
        (("explain",), "say whom: `contact explain CUSTOMER`, or `contact explain --ivr CALLER`"),
        (("explain", "C1", "--ivr", "C1"), "--ivr explains a voice menu: only --menu, --at and --json go with it"),
        (("check", "nowhere"), "there is no folder nowhere: check the path"),
        (("import", "customers", "nowhere.csv", *BY), "there is no file nowhere.csv: check the path"),
        (("import", "customers", FILE, "--mapping", "nowhere.yaml"), "there is no mapping nowhere.yaml: check the path"),
        (("import", "cats", FILE, *BY), "there is no kind 'cats': choose one of customers,"),
        (("plan", "--day", "tomorrow"), ""),
        (("simulate", "config", "--first-day", "yesterday"), "'yesterday' is no day: write it as 2026-03-02"),
        (("key", "create", "agent", "--person", "X1"), "there is nobody X1 on the staff file: run `contact import staff"),
        (("number-recycled", "13800138001", "--why", "x"), "value.type: this is no number in E.164"),
        (("number-recycled", "+8613800138001", "--at", "2099-01-01T00:00Z", "--why", "x"), "value.instant: "),
        (("clock", "--to", "soon"), "'soon' is no instant: write it with an offset, 2026-03-05T10:00+08:00"),
        (("clock", "--to", "2099-01-01T00:00Z"), ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_blocks_a_command_is_one_line(run: Run, folder: Path, words: tuple[str, ...], line: str) -> None:
    """Each says what is wrong and what to do, with exit code 1."""
    assert complaint(run(*(word.format(folder=folder) for word in words))).startswith(line)


def test_a_wrong_mapping_is_told_with_its_place(run: Run, folder: Path) -> None:
    """File, line, column, code and a hint."""
    wrong = folder / "wrong.yaml"
    wrong.write_text(MAPPING.replace("type: money", "typ: money"), encoding="utf-8")
    line = complaint(run("import", "customers", folder / "people.csv", "--mapping", wrong))
    assert line.startswith(f"{wrong}:6:") and "key.unknown" in line and "type" in line


def test_a_wrong_strategy_file_is_told_with_its_place(run: Run, folder: Path) -> None:
    """The path is as the person would type it, the hint names the field that was meant."""
    draft = folder / "config"
    for path in (ROOT / "config").rglob("*.yaml"):
        target = draft / path.relative_to(ROOT / "config")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(
            path.read_text(encoding="utf-8").replace("tenure_months > 3", "tenur_months > 3"),
            encoding="utf-8",
        )
    line = complaint(run("check", draft))
    assert line.startswith(f"{draft}/strategies/data-upgrade.yaml:7:")
    assert "condition.field" in line and "tenure_months" in line
    assert complaint(run("publish", draft)) == line


def test_an_example_that_cannot_be_read_is_told_once(run: Run, folder: Path) -> None:
    """Its problem stands among the others of the file, and is not said again where examples are told."""
    draft = folder / "examples"
    shutil.copytree(ROOT / "config", draft)
    path = draft / "policies/company/contact-caps.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("allowed: true", "allowd: true", 1), encoding="utf-8"
    )
    line = complaint(run("check", draft))
    assert "policies/company/contact-caps.yaml:" in line and "'allowd' (did you mean 'allowed'?)" in line


def test_a_new_store_says_what_to_do_first(tmp_path: Path) -> None:
    """Without a playbook, and without customers, the line names the command that is missing."""
    fresh = typed_apart(tmp_path / "home")
    for words in (("explain", "C1"), ("plan", "--day", "2030-01-01")):
        assert "`contact publish config/` begins one" in complaint(fresh(*words))
    assert fresh("key", "create", "admin").returncode == 0
    for words in (("explain", "C1"), ("plan", "--day", "2030-01-01")):
        assert complaint(fresh(*words)) == "no playbook is published yet: run `contact publish config/`"
    assert fresh("publish", ROOT / "config").returncode == 0
    assert complaint(fresh("explain", "C1")).startswith(
        "there are no customers yet: run `contact import customers FILE"
    )


def test_a_store_that_cannot_be_meant_or_reached_is_one_line(tmp_path: Path) -> None:
    """A database URL of another kind and one where nobody listens."""
    for url in ("mysql://somewhere/x", "postgresql://contact@127.0.0.1:1/contact"):
        said = typed_apart(tmp_path)("jobs", CONTACT_DATABASE_URL=url)
        assert "CONTACT_DATABASE_URL" in complaint(said)


def test_a_delivery_is_taken_in_folder_and_all(tmp_path: Path) -> None:
    """People before what is known of them; the first refused file ends the run and says what was not tried."""
    run, night = typed_here(tmp_path / "home"), tmp_path / "night"
    assert run("publish", ROOT / "config", "--why", "test").returncode == 0
    night.mkdir()
    assert "holds no file to take in" in complaint(run("import-folder", night))
    (night / "customers.csv").write_text(PEOPLE, encoding="utf-8")
    assert "there is no mapping" in complaint(run("import-folder", night))
    (night / "customers.yaml").write_text(MAPPING, encoding="utf-8")
    for kind in ("usage", "complaints"):
        shutil.copy(ROOT / "demo" / "mappings" / f"{kind}.yaml", night)
        (night / f"{kind}.csv").write_text("nothing,of,use\n1,2,3\n", encoding="utf-8")
    done = run("import-folder", night, "--here")
    assert done.returncode == 1 and done.stdout.startswith("customers: 2 of 3 rows taken in, generation 1\n")
    assert done.stderr.splitlines()[-1] == "usage.csv was refused and changed nothing; not tried: complaints"
    again = run("import-folder", night, "--only", "customers", "--here")
    assert again.returncode == 0 and "generation 2" in again.stdout, again.stderr


def test_what_was_not_understood_exits_with_two(folder: Path) -> None:
    """A misuse of the command line is not a problem of the store."""
    for words in (
        ("import", "customers"),
        ("nonsense",),
        ("key", "create", "king"),
        ("serve", "--port", "x"),
    ):
        assert typed_apart(folder / "home")(*words).returncode == 2


def test_a_playbook_is_tried_on_history(run: Run, tmp_path: Path) -> None:
    """Findings, then bars; the same as JSON; what is not there and what cannot be ended is one line."""
    shown = run("simulate", ROOT / "config", "--days", "2", "--here")
    assert shown.returncode == 0, shown.stderr
    assert "2 customers, 2 days from " in shown.stdout and "nothing changes" in shown.stdout
    assert "Load by hour" in shown.stdout
    latest = json.loads(run("jobs", "--limit", "1", "--json").stdout)[0]
    assert (latest["kind"], latest["state"]) == ("simulate", "done")
    assert "has ended already" in complaint(run("jobs", "cancel", latest["job"]))
    version = latest["result"]["new"]
    as_json = run("simulate", version, "--days", "1", "--here", "--json")
    assert json.loads(as_json.stdout)["days"] == 1
    assert "no folder, draft or version nowhere" in complaint(run("simulate", "nowhere"))


def test_several_keys_are_made_at_once(run: Run) -> None:
    """One line a key, which says whose it is; one alone is printed bare, as scripts take it."""
    lines = [line.split(" ") for line in run("key", "create", "portal", "ivr").stdout.splitlines()]
    assert [words[:-1] for words in lines] == [["portal"], ["ivr"]]
    assert len({words[-1] for words in lines}) == 2 and all(len(words[-1]) > 20 for words in lines)
    assert len(run("key", "create", "portal").stdout.split()) == 1


@pytest.mark.parametrize(
    "words",
    [
        "serve",
        "import",
        "check",
        "publish",
        "plan",
        "explain",
        "simulate",
        "jobs",
        "evaluate",
        "clock",
        "key create",
        "console link",
    ],
)
def test_help_teaches(run: Run, words: str) -> None:
    """Beside its usage every page of help has an example that can be pasted."""
    shown = run(*words.split(), "--help").stdout
    assert shown.count(f"contact {words}") >= 2, shown


def test_the_way_back_is_asked_why(run: Run) -> None:
    """What a new version is for is asked of a publication only."""
    assert "what this version is for" in run("publish", "--help").stdout
    assert "why the way back" in run("rollback", "--help").stdout


def test_answers_for_machines_are_json(run: Run, folder: Path) -> None:
    """``--json`` prints one document and nothing else."""
    assert json.loads(run("explain", "C1", "--json").stdout)["customer"] == "C1"
    assert json.loads(run("explain", "--ivr", "C1", "--json").stdout)["menu"] == "main"
    assert json.loads(run("evaluate", "data-upgrade", "--json").stdout)["strategy"] == "data-upgrade"
    assert json.loads(run("check", ROOT / "config", "--json").stdout) == []
    assert len(json.loads(run("versions", "--json").stdout)) == 1


def test_a_caller_is_explained_by_number(run: Run) -> None:
    """The same menu as by id; of a number that nobody has it is told what such a caller hears."""
    by_id, by_number = (
        json.loads(run("explain", "--ivr", caller, "--json").stdout) for caller in ("C1", "+8613800000001")
    )
    assert by_number["customer"] == "C1" and by_number["levels"] == by_id["levels"]
    told = complaint(run("explain", "--ivr", "+8613800000009"))
    assert told == "nobody has this number: such a caller hears everybody's menu"


def test_an_evaluation_becomes_a_workbook(run: Run, folder: Path) -> None:
    """Sheets for effect, funnel, refusals and each breakdown."""
    path = folder / "out.xlsx"
    assert run("evaluate", "data-upgrade", "--xlsx", path).returncode == 0
    assert {"effect", "funnel", "refusals", "branch", "about"} <= set(load_workbook(path).sheetnames)


def test_golden_cases_run_from_a_folder_alone(run: Run) -> None:
    """``contact check tests/cases`` runs cases that carry their own rules."""
    done = run("check", ROOT / "tests/cases")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no problems" in done.stdout


def test_a_bank_of_cases_answers_machines_with_one_object_a_case(run: Run, tmp_path: Path) -> None:
    """Of folders below too: what differs, with both sides and the trace; exit 1; against a playbook where it is named."""
    bank = tmp_path / "bank/deeper"
    bank.mkdir(parents=True)
    (bank / "late.yaml").write_text(
        """
use: [law]
cases:
  - id: late
    name: a call at night
    customer: {zone: Asia/Shanghai, complaint_open: false}
    ask: {at: 2026-03-02T22:15+08:00, channel: outbound_call, category: marketing}
    expect: {allowed: true}
  - {id: torn, name: no ask}
""",
        encoding="utf-8",
    )
    done = run("check", ROOT / "config", "--cases", tmp_path / "bank", "--json")
    late, torn = json.loads(done.stdout)
    assert (done.returncode, late["id"], late["passed"], late["line"]) == (1, "late", False, 4)
    assert [(each["name"], each["expected"], each["got"]) for each in late["differences"]] == [
        ("allowed", True, False)
    ]
    failed = [each for each in late["trace"] if not each["passed"]]
    assert [(each["gate"], each["until"]) for each in failed] == [("law.quiet-hours", "2026-03-03T00:30:00Z")]
    assert failed[0]["file"].endswith("config/policies/legal/consent.yaml") and failed[0]["line"] == 11
    assert [problem["code"] for problem in torn["problems"]] == ["key.conflict"]
    assert torn["file"].endswith("bank/deeper/late.yaml")


def test_the_ledger_checks_itself(run: Run) -> None:
    """Independent SQL finds nothing to complain about in a young store."""
    done = run("ledger", "check")
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("0 violations\n")
