# ruff: noqa: E501
"""The models' pages: what they say for given reports, and how a model is put in force and taken back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from contact.domain.model_answers import ModelsAnswer
from contact.faces.console.models.findings import fall_finding, head, of_charts, verdict
from contact.faces.console.models.page import list_view
from contact.faces.console.models.view import Place, place_of, report_view
from contact.faces.console.shared import labels
from contact.faces.console.shared.charts import BOTTOM, TOP, Mark, scale_of, thinned, vertical
from contact.faces.console.shared.figures import TABLES, as_csv
from contact.faces.console.shared.pages import Look, look_for
from contact.faces.console.shared.words import words_in
from scoring.report import Importance, ModelReport, Stability
from tests.acceptance.console import model_samples, samples
from tests.acceptance.console.conftest import Operator, log_in
from tests.acceptance.console.test_pages import drawn


@pytest.fixture
def look() -> Look:
    return look_for(words_in("en"), samples.demo_playbook())


def page(look: Look, report: ModelReport, state: str = "candidate", may_decide: bool = True) -> str:
    model = model_samples.model(4, state=state, found=report)
    return drawn(
        look, "model.html", report_view(look, model, Place("churn-5", "churn-3"), may_decide=may_decide)
    )


def test_the_first_line_is_the_verdict_with_its_figures(look: Look) -> None:
    """Promoted or not, AUC with interval against the others, calibration, leaks, and a fall in time where there is one."""
    report = model_samples.report(promoted=False)
    assert head(look, report) == "Not promoted"
    assert verdict(look, report) == (
        "AUC 0.831 [0.823, 0.839] against 0.837 in force and 0.812 of the logistic baseline; calibration error 1.8%; "
        "no leak found, 1 feature looked at; falls to 0.826 in time"
    )
    first = msgspec.structs.replace(
        model_samples.report(timed=False), contenders=[model_samples.contender("candidate", 0.84), model_samples.contender("logistic", 0.81)]
    )  # fmt: skip
    assert verdict(look, first) == (
        "AUC 0.840 [0.832, 0.848] against 0.810 of the logistic baseline; calibration error 0.9%; no leak found"
    )
    chinese = look_for(words_in("zh-CN"), samples.demo_playbook())
    assert head(chinese, report) == "未上线"
    assert (
        verdict(chinese, first) == "AUC 0.840 [0.832, 0.848]，逻辑回归基线 0.810；校准误差 0.9%；未发现泄漏"
    )


def test_every_chart_says_what_it_shows(look: Look) -> None:
    """One sentence each, computed from the same figures as the drawing."""
    said = of_charts(look, model_samples.report())
    assert said["contenders"].startswith(
        "+0.009 AUC against the best of the others (in force at that time); the intervals overlap"
    )
    assert (
        said["by_time"] == "AUC from 0.831 (Feb 2026) to 0.851 (Sept 2025); the last stretch is the weakest."
    )
    assert said["calibration"].startswith(
        "In 1 of 10 groups the predicted share lies outside; furthest: 56.1%"
    )
    assert said["lift"] == "The best-scored 10% hold 35.7% of all cases, 3.6 times as many as by chance."
    assert said["stability"] == "Moved between the earlier and the later rows: bill_rise."
    assert said["segments"] == "Weakest in Tier = C1: AUC 0.794 among 2,400 rows."
    untimed = of_charts(look, model_samples.report(timed=False))
    assert untimed["by_time"] == "The rows have no time, so nothing can be said about it."
    once = model_samples.report()
    once = msgspec.structs.replace(once, by_time=once.by_time[:1])
    assert of_charts(look, once)["by_time"] == "Only one stretch of time could be tried (Aug 2025)."
    assert untimed["stability"] == "There are no earlier rows to compare with."


@pytest.mark.parametrize(
    ("folds", "words"),
    [
        (0.836, "The fall of 0.010 is within chance."),
        (0.840, "The fall of 0.014 is too small to count."),
        (0.826, "Nothing was lost on the last rows."),
    ],
)
def test_a_lower_figure_on_the_last_rows_is_not_called_no_fall(look: Look, folds: float, words: str) -> None:
    """Within its interval it is chance; outside but small it does not count; only an equal one is nothing lost."""
    found = model_samples.report().time_check
    assert found is not None
    assert fall_finding(look, msgspec.structs.replace(found, auc_folds=folds, cause="none")) == words


def test_a_report_holds_every_chart_with_its_table_and_its_files(look: Look) -> None:
    """Seven figures, each with a caption and a table, its CSV and its JSON."""
    text = page(look, model_samples.report())
    figures = text.split("<figure>")[1:]
    assert len(figures) == len(TABLES) == 7
    for figure in figures:
        inside = figure.partition("</figure>")[0]
        assert "<figcaption>" in inside and "<table" in inside
    for chart in TABLES:
        assert f"/models/churn-4/data/{chart}.csv" in text and f"/models/churn-4/data/{chart}.json" in text
    assert 'data-key="["' in text and 'data-key="]"' in text


def test_the_largest_report_stays_small(look: Look) -> None:
    """D1: with 36 stretches, 36 segments, 20 features and 60 inputs the page is at most 300 kB, sent as it is."""
    names = [f"2023-{month:02d}" for month in range(1, 13)] * 3
    report = msgspec.structs.replace(
        model_samples.report(), by_time=model_samples.parts(names, [0.8] * 36, 900),
        segments=model_samples.parts([f"value_tier = {place}" for place in range(36)], [0.8] * 36, 900),
        importance=[Importance(feature=f"feature_{place}", gain=0.05, contribution=0.1) for place in range(20)],
        stability=[Stability(feature=f"feature_{place}", psi=place / 100, state="stable") for place in range(60)],
    )  # fmt: skip
    size = len(page(look, report).encode())
    print(f"largest report {size} bytes, sample {len(page(look, model_samples.report()).encode())}")
    assert size <= 300_000


def test_a_page_of_a_model_against_the_rule_warns_before_the_decision(look: Look) -> None:
    """Who may decide sees what it does; who may not sees whose decision it is."""
    refused = page(look, model_samples.report(promoted=False))
    assert (
        "The rule of promotion was against it." in refused and 'action="/models/churn-4/promote"' in refused
    )
    assert "The rule of promotion was against it." not in page(look, model_samples.report())
    other = page(look, model_samples.report(), may_decide=False)
    assert "data_scientist" in other and '<form method="post" action="/models' not in other
    text = page(look, model_samples.report(), state="in_force")
    assert "none was before it to roll back to" in text


def test_neighbours_follow_the_list() -> None:
    """Previous and next are those beside it in the list; a model the list does not hold has none."""
    listed = model_samples.listed().models
    assert place_of(listed[1], listed) == Place("churn-4", "churn-2", True)
    assert place_of(listed[0], listed).newer is None and place_of(listed[-1], listed).older is None
    assert place_of(model_samples.model(9), listed) == Place(None, None, True)


def test_the_list_says_what_to_type_and_what_went_wrong(look: Look) -> None:
    """Untrained models with their command, the newest failed training with its first problem, running ones with progress."""
    view = list_view(model_samples.listed(), model_samples.RULES, model_samples.trainings())
    text = drawn(look, "models.html", view)
    for part in ("contact train reach", "models/accepts.yaml:4:10", "look at the label (churned): both outcomes must have happened", "and 1 more problem", "7 / 18",
                 "Not promoted: not better than the one in force", 'href="/models/churn-3"'):  # fmt: skip
        assert part in text
    [failed, running] = model_samples.trainings()
    again = list_view(
        model_samples.listed(),
        {},
        [replace(failed, state="done"), failed, running],
    )
    assert again["failed"] == []
    empty = drawn(look, "models.html", list_view(ModelsAnswer(models=[], untrained=[]), {}, []))
    assert "No model is declared" in empty and "contact train --all" in empty


def test_a_long_list_says_how_to_see_the_rest(look: Look) -> None:
    """Fifty are shown; the others are a command away."""
    many = ModelsAnswer(models=[model_samples.model(number) for number in range(53, 0, -1)], untrained=[])
    text = drawn(look, "models.html", list_view(many, {each.id: "better" for each in many.models}, []))
    assert text.count('<th scope="row">') == 50 and "3 older ones are listed by" in text


def test_csv_has_a_heading_and_no_formulas() -> None:
    """Intervals become columns; a value that a spreadsheet would run is written as text."""
    report = model_samples.report()
    rows = list(csv.DictReader(io.StringIO(as_csv(TABLES["by_time"](report)))))
    assert rows[0]["name"] == "2025-08" and float(rows[0]["auc_low"]) < float(rows[0]["auc"]) < float(
        rows[0]["auc_high"]
    )
    parts = model_samples.parts(["=cmd|' /C calc'!A0"], [0.8], 900)
    text = as_csv(TABLES["segments"](msgspec.structs.replace(report, segments=parts)))
    assert next(csv.DictReader(io.StringIO(text)))["name"].startswith("'=")


def test_a_scale_holds_every_value_with_round_steps() -> None:
    """Three to seven steps, none passed by a value, shares never above one."""
    for values in ([0.831, 0.851], [0.001, 0.0013], [0.2], [0.0, 0.0], [-3.0, 12.0], [0.5, 0.99]):
        scale = scale_of(values, 0, 100)
        assert scale.low <= min(values) and max(values) <= scale.high and 2 <= len(scale.steps) <= 7
        assert all(0 <= scale.at(value) <= 100 for value in values)
    assert vertical([0.4, 0.999], ceiling=1).high == 1
    up = vertical([0.0, 1.0])
    assert (up.at(0), up.at(1)) == (BOTTOM, TOP)


def test_labels_are_thinned_until_they_fit() -> None:
    """The last one stays; a second line stands only where it changes."""
    marks = [Mark(place, "Sept", "2025" if place < 12 else "2026") for place in range(24)]
    kept = thinned(marks)
    assert 2 <= len(kept) <= 8 and kept[-1].at == 23
    assert [each.under for each in kept if each.under] == ["2025", "2026"]


def test_codes_of_reports_all_have_a_name() -> None:
    """What training may write is said in words."""
    assert labels.MODEL_RULES.keys() == labels.VERDICTS.keys() == {
        "first", "better", "not_better_than_in_force", "not_better_than_logistic", "calibration_worse",
    }  # fmt: skip
    assert labels.CAUSES.keys() == {"none", "base_rate", "inputs", "unexplained"}
    assert labels.MODEL_STATES.keys() == {"in_force", "candidate", "retired"}


@pytest.fixture
def scientist(operator: Operator, context: BrowserContext) -> Iterator[Page]:
    """A data scientist's session, with every policy violation noted."""
    context.add_init_script(
        """window.violations = []; addEventListener('securitypolicyviolation',
           event => violations.push(event.violatedDirective + ' ' + event.blockedURI));"""
    )
    yield log_in(context, operator, "data_scientist")


def in_force(operator: Operator) -> str:
    """The model in force by the service's own word."""
    models = json.loads(operator.service.contact("models", "list", "--json").stdout)["models"]
    return next(str(each["id"]) for each in models if each["state"] == "in_force")


@pytest.mark.browser
@pytest.mark.processes
def test_a_model_is_put_in_force_in_two_steps_and_taken_back(scientist: Page, operator: Operator) -> None:
    """The decision opens first, asks why, happens once however often it is sent, and is on record with its reason."""
    assert scientist.url == f"{operator.url}/models"
    scientist.get_by_role("link", name="churn-3").click()
    assert scientist.locator("#why").is_hidden()
    scientist.get_by_text("Put it in force …").click()
    scientist.evaluate("document.getElementById('why').required = false")
    scientist.get_by_role("button", name="Put in force").click()
    assert "Say why" in scientist.inner_text(".problems")
    scientist.fill("#why", "wins where it matters")
    form = scientist.evaluate("Object.fromEntries(new FormData(document.querySelector('.decide form')))")
    scientist.get_by_role("button", name="Put in force").click()
    scientist.wait_for_url("**/models/churn-3?said=promoted")
    assert "churn-3 is in force" in scientist.inner_text(".said")
    assert "wins where it matters" in scientist.inner_text(".verdict")
    again = scientist.request.post(f"{operator.url}/models/churn-3/promote", form=form, max_redirects=0)
    assert again.status == 303
    assert operator.ask("SELECT count(*), max(author) FROM promotion WHERE model_id = 'churn-3'") == [
        (1, "data_scientist")
    ]
    assert in_force(operator) == "churn-3"
    for back in ("churn-2", "churn-1"):
        scientist.get_by_text("Roll back to the one before …").click()
        scientist.fill("#why", "worse on the phone")
        scientist.get_by_role("button", name="Roll back").click()
        scientist.wait_for_url(f"**/models/{back}?said=rolled_back")
    scientist.get_by_text("Roll back to the one before …").click()
    scientist.fill("#why", "once more")
    scientist.get_by_role("button", name="Roll back").click()
    assert "No other model was in force before this one." in scientist.inner_text(".problems")
    assert in_force(operator) == "churn-1"
    assert scientist.evaluate("window.violations") == []


@pytest.mark.browser
@pytest.mark.processes
def test_a_changed_model_file_is_not_put_in_force(scientist: Page, operator: Operator) -> None:
    """Hash and signature are asked at that moment; the page says what is wrong, and nothing changes."""
    before = in_force(operator)
    path = operator.service.home / "models" / "churn-3.json"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + b" ")
    try:
        scientist.goto(f"{operator.url}/models/churn-3")
        scientist.get_by_text("Put it in force …").click()
        scientist.fill("#why", "looks fine")
        scientist.get_by_role("button", name="Put in force").click()
        assert "not as it was written" in scientist.inner_text("h1")
    finally:
        path.write_bytes(whole)
    assert in_force(operator) == before


@pytest.mark.browser
@pytest.mark.processes
def test_keys_turn_over_reports_and_open_tables(scientist: Page, operator: Operator) -> None:
    """``]`` and ``[`` go to the neighbours, ``D`` opens the data of the chart that has the focus, none in a text."""
    scientist.goto(f"{operator.url}/models/churn-2")
    scientist.keyboard.press("]")
    scientist.wait_for_url("**/models/churn-1")
    scientist.keyboard.press("[")
    scientist.wait_for_url("**/models/churn-2")
    scientist.keyboard.press("[")
    scientist.wait_for_url("**/models/churn-3")
    assert scientist.locator("figure details[open]").count() == 0
    scientist.locator("#calibration").evaluate("e => e.closest('figure').querySelector('summary').focus()")
    scientist.keyboard.press("d")
    assert scientist.locator("figure:has(#calibration) details[open] table").is_visible()
    assert scientist.locator("figure details[open]").count() == 1
    scientist.get_by_text("Put it in force …").click()
    scientist.focus("#why")
    scientist.keyboard.type("d][")
    assert scientist.input_value("#why") == "d][" and scientist.url.endswith("/models/churn-3")


@pytest.mark.browser
@pytest.mark.processes
def test_a_report_is_read_without_a_script_and_its_figures_are_files(
    browser: Browser, operator: Operator
) -> None:
    """X8 and D1 on the service: no script, one page far below 300 kB, no drawing left out; others read and do not decide."""
    context = browser.new_context(java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(operator.link("strategist"))
    page.locator("main button").click()
    answer = page.goto(f"{operator.url}/models/churn-2")
    assert answer is not None and answer.status == 200 and len(answer.body()) <= 300_000
    assert page.inner_text("h1").startswith("已上线：AUC 0.841")
    assert page.locator("figure").count() == 7 and page.locator("svg.plot circle").count() > 20
    page.locator("figure:has(#lift) summary").click()
    assert page.locator("figure:has(#lift) table").is_visible()
    assert page.locator(".decide form").count() == 0
    refused = page.request.post(f"{operator.url}/models/churn-3/promote", form={"why": "mine"})
    assert refused.status == 403
    found = page.request.get(f"{operator.url}/models/churn-2/data/lift.csv")
    assert (
        found.headers["content-type"].startswith("text/csv")
        and found.text().splitlines()[0] == "share,captured,lift"
    )
    whole = page.request.get(f"{operator.url}/models/churn-2/data/report.json").json()
    assert whole["rule"] == "better"
    for gone in ("churn-2/data/rows.csv", "churn-2/data/lift.exe", "churn-9"):
        assert page.request.get(f"{operator.url}/models/{gone}").status == 404
    context.close()


@pytest.mark.browser
def test_a_printed_report_holds_no_controls(context: BrowserContext, stage: str) -> None:
    """On paper there are no menu, keys or forms, the paper is white, and closed tables are there."""
    page = context.new_page()
    page.goto(f"{stage}/model/full?theme=dark")
    page.emulate_media(media="print")
    for hidden in (".top", ".decide", ".turning", ".files", "kbd"):
        assert page.locator(hidden).first.is_hidden()
    assert page.eval_on_selector(".pane", "e => getComputedStyle(e).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("figure:has(#lift) table").is_visible()
