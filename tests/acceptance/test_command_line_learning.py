"""Models, scores, tariffs and trials on the terminal: what they print, and what blocks them in one line."""

from __future__ import annotations

import csv
import gzip
import json
import random
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from openpyxl import load_workbook

from contact.domain.model_answers import WarningRow, WarningsAnswer
from contact.faces.cli.terminal.workbook import write_warnings
from strategies.instants import parse_instant, to_datetime
from tests.acceptance.commands import Run, complaint, typed_apart, typed_here
from tests.servers import ROOT

pytestmark = pytest.mark.processes

FILES = {
    "operator.yaml": """\
name: {en: Sample}
currency: USD
zone: America/New_York
plausible_zones: [America/New_York]
week_start: monday
languages: [en]
categories: {marketing: {promotional: true}}
contacts_per_day: 1
""",
    "units.yaml": "units: [{id: HQ, kind: head_office, title: {en: Head office}}]\n",
    "channels.yaml": """\
channels:
  web:
    title: {en: Web}
    direction: incoming
    delivery: interactive
    needs_number: false
    cost: 0.01
    stale_after: PT1H
    receipt_wait: PT1H
    reserve_for: PT15M
""",
    "policies/law.yaml": "policy: law\nlayer: legal\ntitle: {en: Law}\nowner: us\nconsent_default: [{is: opt_out}]\n",
    "fields.yaml": """\
fields:
  tenure: {type: number, source: customers.tenure, title: {en: Months with us}}
  contract: {type: text, source: customers.contract, title: {en: Contract}}
  calls: {type: number, source: customers.calls, title: {en: Calls to care}}
  gone: {type: boolean, source: customers.gone, known_at: outcome, title: {en: Has left}}
  all_gone: {type: boolean, source: customers.all_gone, known_at: outcome, title: {en: Everybody left}}
  nowhere: {type: number, source: customers.nowhere, title: {en: Not delivered}}
""",
    "counters.yaml": """\
counters:
  minutes: {service: voice, reach: home, unit: min, title: {en: Calls}}
""",
    "tariffs/small.yaml": "tariff: small\nkind: base\ntitle: {en: Small}\nfee: 10\nrates: {minutes: 0.10}\n",
    "tariffs/large.yaml": """\
tariff: large
kind: base
title: {en: Large}
fee: 30
allowances: [{counters: [minutes], amount: 1000}]
rates: {minutes: 0.05}
""",
    "models/churn.yaml": """\
model: churn
learns: churn
title: {en: Risk of leaving}
label: {field: gone}
features: [tenure, contract, calls]
segments: [contract]
""",
    "models/one-class.yaml": """\
model: one-class
learns: churn
title: {en: Everybody leaves}
label: {field: all_gone}
features: [tenure]
score: nobody_stays
""",
    "models/missing.yaml": """\
model: missing
learns: churn
title: {en: Of what is not there}
label: {field: gone}
features: [tenure, nowhere]
score: missing_risk
""",
}
MAPPINGS = {
    "customers": """\
kind: customers
mode: snapshot
columns:
  id: id
  tenure: {from: tenure, type: number}
  contract: {from: contract, type: text}
  calls: {from: calls, type: number}
  gone: {from: gone, type: boolean}
  all_gone: {from: all_gone, type: boolean}
""",
    "lines": "kind: lines\nmode: snapshot\ncolumns: {id: id, customer: customer, tariff: tariff}\n",
    "usage": "kind: usage\nmode: upsert\ncolumns: {line: line, month: month, minutes: {from: minutes, type: number}}\n",
    "bills": "kind: bills\nmode: upsert\ncolumns: {line: line, month: month, total: {from: total, type: money}}\n",
}
MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")


def people(count: int, seed: int = 3) -> list[Mapping[str, object]]:
    """Customers of whom the new ones without a contract leave."""
    drawn = random.Random(seed)
    found: list[Mapping[str, object]] = []
    for number in range(count):
        tenure, contract, calls = drawn.randint(0, 70), drawn.choice(["month", "year"]), drawn.randint(0, 5)
        chance = 0.05 + 0.5 * (tenure < 24) * (contract == "month") + 0.03 * calls
        gone = "yes" if drawn.random() < chance else "no"
        found.append(
            {"id": f"C{number:04d}", "tenure": tenure, "contract": contract, "calls": calls, "gone": gone, "all_gone": "yes"}
        )  # fmt: skip
    return found


def sheet(path: Path, rows: list[Mapping[str, object]]) -> Path:
    """The rows as a .csv file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A playbook with models and tariffs, mappings, and files that go with them."""
    made = tmp_path_factory.mktemp("learning")
    for path, text in FILES.items():
        (made / "config" / path).parent.mkdir(parents=True, exist_ok=True)
        (made / "config" / path).write_text(text, encoding="utf-8")
    for kind, text in MAPPINGS.items():
        (made / f"{kind}.yaml").write_text(text, encoding="utf-8")
    sheet(made / "customers.csv", people(400))
    sheet(made / "twenty.csv", people(20))
    lines = [("C0000", "small", 900), ("C0001", "large", 900), ("C0002", "other", 10)]
    sheet(made / "lines.csv", [{"id": f"L{id}", "customer": id, "tariff": tariff} for id, tariff, _ in lines])
    sheet(
        made / "usage.csv",
        [{"line": f"L{id}", "month": month, "minutes": used} for id, _, used in lines for month in MONTHS],
    )
    sheet(made / "bills.csv", [{"line": "LC0000", "month": month, "total": "101.50"} for month in MONTHS])
    sheet(
        made / "trial.csv",
        [
            {"got": arm, "came": 1 if number < came else 0, "spent": number % 7}
            for arm, size, came in (("mail", 200, 60), ("none", 100, 20))
            for number in range(size)
        ],
    )
    return made


def take(run: Run, folder: Path, kind: str, file: str = "") -> None:
    done = run("import", kind, folder / (file or f"{kind}.csv"), "--mapping", folder / f"{kind}.yaml")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def run(folder: Path) -> Run:
    """A store with 400 customers, three lines and the playbook; nothing was trained yet, and nobody serves it."""
    command = typed_here(folder / "home")
    done = command("publish", folder / "config")
    assert done.returncode == 0, done.stderr
    for kind in MAPPINGS:
        take(command, folder, kind)
    return command


@pytest.fixture(scope="module")
def trained(run: Run) -> str:
    """What `contact train churn` printed."""
    for words in (("score",), ("list", "warnings")):
        before = run(*words)
        assert before.returncode == 1 and "train" in before.stderr, before
    done = run("train", "churn")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_training_prints_its_verdict_first(trained: str) -> None:
    """The first line says whether it is in force and why; contenders, segments, leaks and data follow."""
    lines = trained.splitlines()
    assert lines[0].startswith("churn-1: ") and "AUC 0." in lines[0]
    order = [
        next(number for number, line in enumerate(lines) if line.startswith(each))
        for each in (
            "compared", "candidate", "logistic regression", "time is not known", "segment, worst first", "no leak found",
            "feature", "learnt from 400 rows",
        )
    ]  # fmt: skip
    assert order == sorted(order)


def test_models_are_listed_and_shown(run: Run, trained: str) -> None:
    """The list names what is in force and what nobody trained; the report is there again, as text and as JSON."""
    listed = run("models")
    assert "churn-1" in listed.stdout and "declared and not trained: missing, one-class" in listed.stdout
    assert json.loads(run("models", "--json").stdout)["models"][0]["id"] == "churn-1"
    shown = run("models", "show", "churn-1").stdout
    assert trained.splitlines()[5] in shown
    assert json.loads(run("models", "show", "churn-1", "--json").stdout)["report"]["data"]["rows"] == 400


@pytest.mark.parametrize(
    ("model", "code"),
    [("one-class", "model.one_class"), ("missing", "model.field_missing")],
)
def test_what_cannot_be_learnt_is_told_with_its_place(run: Run, trained: str, model: str, code: str) -> None:
    """A label of one class and a feature without a column: file, line, code, and what to do."""
    line = complaint(run("train", model))
    assert line.startswith(f"models/{model}.yaml:") and f": {code}: " in line


def test_training_everything_tells_what_could_not_be_trained(run: Run, trained: str) -> None:
    """One that can be trained is trained though others cannot; each failure is a line of its own, and the exit code 1."""
    done = run("train", "--all", "--json")
    assert done.returncode == 1
    assert [each["model"] for each in json.loads(done.stdout)] == ["churn"]
    assert {line.split(":")[0] for line in done.stderr.splitlines()} == {"missing", "one-class"}


def test_several_models_are_trained_by_one_command(run: Run, trained: str) -> None:
    """Each is tried though the one before it could not be trained, and each failure names its model."""
    done = run("train", "one-class", "missing", "--json")
    assert done.returncode == 1 and json.loads(done.stdout) == []
    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["one-class", "missing"]


def test_twenty_rows_are_too_few(folder: Path, tmp_path: Path) -> None:
    """Nothing is learnt from twenty customers, and the line says how many are needed."""
    fresh = typed_here(tmp_path / "home")
    assert fresh("publish", folder / "config").returncode == 0
    assert complaint(fresh("train", "churn")).startswith(
        "there are no customers yet: run `contact import customers"
    )
    take(fresh, folder, "customers", "twenty.csv")
    line = complaint(fresh("train", "churn"))
    assert "model.too_few_rows" in line and "200" in line


def test_scores_of_all_and_of_one(run: Run, trained: str) -> None:
    """Everybody is scored into the next generation; one customer's risk comes with three reasons in words."""
    everybody = json.loads(run("score", "--json").stdout)
    assert everybody["customers"] == 400 and "churn_risk" in everybody["columns"]
    assert run("score").stdout.startswith("400 customers scored, generation ")
    one = run("score", "--customer", "C0007").stdout
    assert "risk of leaving " in one and "Months with us" in one
    assert json.loads(run("score", "--customer", "C0007", "--json").stdout)["customer"] == "C0007"


def test_the_warning_list_is_a_table_and_a_workbook(run: Run, trained: str, tmp_path: Path) -> None:
    """Highest risk first, reasons in words; the workbook has all of them with a column for each reason."""
    assert run("score").returncode == 0
    answer = json.loads(run("list", "warnings", "--above", "0.3", "--limit", "400", "--json").stdout)
    risks = [row["risk"] for row in answer["rows"]]
    assert risks and risks == sorted(risks, reverse=True) and min(risks) >= 0.3
    text = run("list", "warnings", "--above", "0.3", "--limit", "3").stdout
    assert text.startswith(f"{answer['total']} customers with a risk of at least 0.3")
    assert "Contract: month" in text and f"({answer['total'] - 3} more: --limit)" in text
    path = tmp_path / "warnings.xlsx"
    assert run("list", "warnings", "--above", "0.3", "--xlsx", path).returncode == 0
    rows = list(load_workbook(path)["warnings"].values)
    assert rows[0][:3] == ("customer", "risk", "reason 1")
    assert [row[1] for row in rows[1:]] == pytest.approx(risks)
    assert len(risks) == answer["total"]


def test_nothing_in_a_workbook_of_warnings_runs(tmp_path: Path) -> None:
    """Whatever an operator's file calls a unit or a manager, Excel shows it as text."""
    row = WarningRow(
        customer="-C1", risk=0.9, reasons=["=HYPERLINK(1)", "+1"], value_tier="@a", unit="=1+1", manager="\t=2",
        allowed=False, until=None,
    )  # fmt: skip
    answer = WarningsAnswer(
        at=to_datetime(parse_instant("2026-03-02T00:00Z")), above=0.6, total=1, rows=[row]
    )
    write_warnings(answer, tmp_path / "w.xlsx", "UTC")
    cells = list(load_workbook(tmp_path / "w.xlsx")["warnings"].values)[1]
    assert all(not str(cell).startswith(("=", "+", "-", "@", "\t")) for cell in cells if cell is not None)


def test_a_workbook_of_warnings_can_be_worked_with(tmp_path: Path) -> None:
    """A filter, a frozen head, wide columns, the risk as a percentage, and real dates of the operator's clock."""
    until = to_datetime(parse_instant("2026-03-03T01:30Z"))
    row = WarningRow(
        customer="C1", risk=0.912, reasons=["Contract still runs: 1 month"], value_tier="A", unit="HQ", manager="m1",
        allowed=False, until=until,
    )  # fmt: skip
    write_warnings(
        WarningsAnswer(at=until, above=0.6, total=1, rows=[row]), tmp_path / "w.xlsx", "Asia/Shanghai"
    )
    book = load_workbook(tmp_path / "w.xlsx")
    sheet = book["warnings"]
    assert (sheet.auto_filter.ref, sheet.freeze_panes) == ("A1:H2", "A2")
    assert sheet["B2"].number_format == "0.0%" and sheet["H1"].value == "possible from (Asia/Shanghai)"
    assert sheet["H2"].is_date and str(sheet["H2"].value) == "2026-03-03 09:30:00"
    assert sheet.column_dimensions["C"].width > 28
    assert str(book["about"]["C2"].value) == "2026-03-03 09:30:00"


def test_lines_are_matched_with_tariffs(run: Run) -> None:
    """900 minutes are cheaper under the large tariff; whoever has it has the cheapest; an undeclared one is unknown."""
    answer = json.loads(run("match-tariffs", "--json").stdout)
    assert answer["by_verdict"] == {"cheaper": 1, "cheapest": 1, "unknown_tariff": 1}
    assert (answer["best"], answer["saving_minor"]) == ({"large": 1}, 7000)
    text = run("match-tariffs").stdout
    assert "saved by those who follow: 70.00 USD a month" in text
    shown = run("match-tariffs", "--customer", "C0000").stdout
    assert "line LC0000 has Small" in shown and "70.00" in shown and "101.50" in shown
    cheapest = json.loads(run("match-tariffs", "--customer", "C0001", "--json").stdout)
    assert cheapest["lines"][0]["verdict"] == "cheapest"


def test_every_bill_is_written_down(run: Run, tmp_path: Path) -> None:
    """A row a line, month and tariff: re-rated to the cent, beside the bill that was issued."""
    path = tmp_path / "bills.csv"
    done = run("match-tariffs", "--bills", path, "--months", "12")
    assert done.returncode == 0, done.stderr
    assert "issued and re-rated bills differ by 1.50 on average" in done.stdout
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["month"] == "2026-04"]
    assert [(row["line"], row["tariff"], row["present"], row["bill"], row["issued"]) for row in rows] == [
        ("LC0000", "small", "yes", "100.00", "101.50"),
        ("LC0000", "large", "no", "30.00", "101.50"),
        ("LC0001", "large", "yes", "30.00", ""),
        ("LC0001", "small", "no", "100.00", ""),
        ("LC0002", "large", "no", "30.00", ""),
        ("LC0002", "small", "no", "11.00", ""),
    ]


def test_a_trial_is_judged_also_packed(run: Run, folder: Path, tmp_path: Path) -> None:
    """Thirty of a hundred against twenty of a hundred: ten points, with Newcombe's interval; a figure by Welch's."""
    packed = tmp_path / "trial.csv.gz"
    with gzip.open(packed, "wb") as file:
        file.write((folder / "trial.csv").read_bytes())
    words = ("--arm", "got", "--control", "none")
    text = run("evaluate", "--trial", packed, *words, "--goal", "came").stdout
    assert "mail  200   60     100      20     +0.100000" in text
    (arm,) = json.loads(
        run("evaluate", "--trial", folder / "trial.csv", *words, "--goal", "came", "--json").stdout
    )["arms"]
    assert arm["effect"]["low"] < 0.1 < arm["effect"]["high"]
    figure = run("evaluate", "--trial", folder / "trial.csv", *words, "--goal", "spent").stdout
    assert "control mean" in figure


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("train",), "say which model: `contact train MODEL`, or"),
        (("train", "churn", "--all"), "say which model: `contact train MODEL`, or"),
        (("train", "nope"), "there is no model nope in the playbook: choose one of churn, missing, one-class"),
        (("models", "show", "churn-99"), "there is no trained model churn-99: `contact models` lists them"),
        (("models", "promote", "churn-99", "--why", "x"), "there is no trained model churn-99: `contact models`"),
        (("models", "promote", "churn-1", "--why", " "), "say why, for the record: --why REASON"),
        (("models", "roll-back", "nope", "--why", "x"), "there is no model nope in the playbook: choose one of churn,"),
        (("models", "roll-back", "one-class", "--why", "x"), "no model one-class is in force: run `contact train"),
        (("score", "--customer", "C9999"), "there is no customer C9999: check the id"),
        (("match-tariffs", "--customer", "C9999"), "there is no customer C9999: check the id"),
        (("match-tariffs", "--months", "3"), "--months goes with --customer or --bills"),
        (("match-tariffs", "--customer", "C0000", "--bills", "x.csv"), "--customer shows one customer, --bills"),
        (("match-tariffs", "--bills", "/nowhere/x.csv"), "/nowhere/x.csv cannot be written: "),
        (("list", "warnings", "--above", "0.1", "--xlsx", "/nowhere/x.xlsx"), "/nowhere/x.xlsx cannot be written: "),
        (("evaluate",), "say what: `contact evaluate STRATEGY`, or"),
        (("evaluate", "--arm", "got"), "--arm, --control and --goal say how to read a trial"),
        (("evaluate", "--trial", "{folder}/trial.csv"), "say how to read {folder}/trial.csv: --arm and"),
        (("evaluate", "x", "--trial", "{folder}/trial.csv"), "a trial file is judged by itself"),
        (("evaluate", "--trial", "no.csv", "--arm", "a", "--control", "b", "--goal", "c"), "there is no file no.csv"),
        (("evaluate", "--trial", "{folder}/trial.csv", "--arm", "a", "--control", "b", "--goal", "came"), "{folder}/tr"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_what_blocks_a_command_is_one_line(
    run: Run, trained: str, folder: Path, words: tuple[str, ...], line: str
) -> None:
    """Each says what is wrong and what to do, with exit code 1."""
    done = run(*(word.format(folder=folder) for word in words))
    assert complaint(done).startswith(line.format(folder=folder))


def test_a_model_file_that_was_changed_is_refused(run: Run, trained: str, folder: Path) -> None:
    """One changed byte, and nobody is scored: the line names the model and what to do; with the byte back it goes on."""
    (file,) = [
        path for path in (folder / "home/models").rglob("*") if path.is_file() and "churn-1" in path.name
    ]
    good = file.read_bytes()
    mode = file.stat().st_mode
    file.chmod(0o600)
    file.write_bytes(good[:-9] + bytes([good[-9] ^ 1]) + good[-8:])
    try:
        line = complaint(typed_apart(folder / "home")("score"))  # this one has read the file already
        assert "churn-1" in line and "Traceback" not in line
    finally:
        file.write_bytes(good)
        file.chmod(mode)
    assert run("score").returncode == 0


@pytest.mark.parametrize(
    "words",
    [
        "train", "learn", "score", "match-tariffs", "models", "models list", "models show", "models promote",
        "models roll-back", "list warnings",
    ],
)  # fmt: skip
def test_help_teaches(run: Run, words: str) -> None:
    """Beside its usage every page of help has examples that can be pasted."""
    shown = run(*words.split(), "--help").stdout
    assert shown.count(f"contact {words}") >= 3, shown


def test_a_data_scientist_gets_a_key(run: Run) -> None:
    """The role that trains and promotes."""
    assert len(run("key", "create", "data_scientist").stdout.strip()) > 20


def test_a_playbook_without_models_or_tariffs_says_so(folder: Path, tmp_path: Path) -> None:
    """Each command names the folder in which something must be declared."""
    plain = tmp_path / "config"
    for path, text in FILES.items():
        if not path.startswith(("models/", "tariffs/", "counters")):
            (plain / path).parent.mkdir(parents=True, exist_ok=True)
            (plain / path).write_text(text, encoding="utf-8")
    fresh = typed_here(tmp_path / "home")
    assert fresh("publish", plain).returncode == 0
    assert complaint(fresh("train", "--all")).startswith(
        "the playbook declares no model: write models/NAME.yaml"
    )
    assert complaint(fresh("score")).startswith("the playbook declares no model: write models/NAME.yaml")
    assert complaint(fresh("match-tariffs")).startswith(
        "the playbook declares no tariff: write tariffs/NAME.yaml"
    )


def test_a_folder_of_tariffs_alone_is_taken_for_a_playbook(run: Run, tmp_path: Path) -> None:
    """`contact check` says what a playbook lacks instead of looking for golden cases."""
    (tmp_path / "tariffs").mkdir()
    (tmp_path / "tariffs/small.yaml").write_text(FILES["tariffs/small.yaml"], encoding="utf-8")
    done = run("check", tmp_path)
    assert done.returncode == 1 and "operator.yaml" in done.stderr


def test_the_command_line_loads_no_learning_library() -> None:
    """Help, checks and the start of the service do not wait for pandas, LightGBM and their kin."""
    heavy = ("lightgbm", "sklearn", "pandas", "numba", "scipy")
    code = (
        "import sys, contact.faces.cli.main, contact.faces.cli.keeping.serving, contact.faces.http.application;"
        "import contact.wiring;"
        f"print(*[name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
