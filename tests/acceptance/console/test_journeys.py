"""Journeys through the voice menu: what the page says of given calls, and the page in Chromium."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from contact.domain.journey_answers import JourneysAnswer
from contact.faces.console.journeys.data import TABLES
from contact.faces.console.journeys.figures import boxes_figure, flow_figure, heat_table, matrix_table, shade
from contact.faces.console.journeys.names import Names
from contact.faces.console.journeys.topics import topics_view
from contact.faces.console.journeys.view import Asked, asked_of, journeys_view
from contact.faces.console.shared.figures import as_csv
from contact.faces.console.shared.pages import Look, look_for
from contact.faces.console.shared.words import words_in
from ivr.journeys import Spread
from tests.acceptance.console import journey_samples, samples, topic_samples
from tests.acceptance.console.conftest import Operator, log_in
from tests.acceptance.console.test_pages import drawn

pytestmark = [pytest.mark.browser, pytest.mark.processes]


@pytest.fixture
def look() -> Look:
    return look_for(words_in("en"), samples.demo_playbook())


def page(look: Look, found: JourneysAnswer | None, asked: Asked | None = None) -> str:
    return drawn(look, "journeys.html", journeys_view(look, asked or Asked(), found, units=["P1", "B01"]))


def test_every_picture_has_its_sentence_its_table_and_its_file(look: Look) -> None:
    """Flows, seconds, places, matrix, paths, both comparisons and topics, each with CSV under the same filters."""
    text = html.unescape(page(look, journey_samples.answer(), Asked(unit="B01", split="2026-02-15")))
    figures = text.split("<figure>")[1:]
    assert len(figures) == 8
    for figure in figures:
        inside = figure.partition("</figure>")[0]
        assert re.search(r"<figcaption>.*?<p>\S", inside, re.DOTALL) and "<table" in inside
    for name in TABLES:
        assert f"/ivr/data/{name}.csv?days=30&unit=B01&split=2026-02-15" in text
    assert "From Main menu most callers go on to: For bills and payments" in text
    assert re.search(r"\d+\.\d s to the goal against \d+\.\d s: −\d+\.\d%", text)


def test_going_back_makes_no_circle(look: Look) -> None:
    """Nodes are places of one step, so that every link leads to a later column; ECharts draws no circles."""
    found = journey_samples.answer()
    chart = json.loads(flow_figure(look, Names(look, None), found.sankey)["chart"])
    depth = {node["name"]: node["depth"] for node in chart["nodes"]}
    assert len(depth) == len(chart["nodes"])
    assert all(depth[link["target"]] == depth[link["source"]] + 1 for link in chart["links"])
    assert sum(link["value"] for link in chart["links"] if depth[link["source"]] == 0) == found.calls


def test_an_unequal_draw_raises_the_alarm_and_few_calls_tell_nothing(look: Look) -> None:
    """A comparison that must not be believed says so; where there is nothing to compare the page says that."""
    assert "Do not believe the comparison" in page(look, journey_samples.answer(unequal=True))
    assert "Do not believe" not in page(look, journey_samples.answer())
    few = page(look, journey_samples.answer(few=True))
    assert "Only one of the two menus was heard" in few and "Choose a day above" in few


def test_an_empty_page_says_what_to_do_next(look: Look) -> None:
    """No menu, no calls, no calls under these filters: three different next steps."""
    assert "ivr/main.yaml" in page(Look(look.formats), None)
    assert "import-log" in page(look, journey_samples.nothing())
    assert "Show all calls" in page(look, journey_samples.nothing(), Asked(unit="B01"))


def test_an_announcement_is_not_called_silent_and_few_calls_get_no_shade(look: Look) -> None:
    """Nobody can press at an announcement; a share of a handful of calls is shown without colour."""
    names = Names(look, samples.demo_playbook().menus["main"])
    table = heat_table(look, names, journey_samples.answer().nodes)
    notice = next(row for row in table["rows"] if row["node"] == "recorded")
    assert notice["cells"][1] == ("–", 0)
    few = matrix_table(look, names, journey_samples.answer(few=True).transitions)
    assert {level for row in few["rows"] for _, level in row["cells"]} == {0}
    assert [shade(value, 1.0) for value in (0.0, 0.001, 0.5, 1.0)] == [0, 1, 3, 6]


def test_goals_of_a_few_calls_are_drawn_and_not_called_the_quickest(look: Look) -> None:
    """The sentence over the seconds names goals with enough calls, where there are any."""
    names = Names(look, samples.demo_playbook().menus["main"])
    often, once = Spread(40, 9.0, 8.0, 9.0, 10.0, 8.0, 12.0), Spread(1, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    found = boxes_figure(look, names, {"bill": often, "data_left": once})
    assert len(found["rows"]) == 2 and "Data left" not in found["finding"]
    assert "Data left" in boxes_figure(look, names, {"data_left": once})["finding"]


def test_filters_that_cannot_be_meant_are_left_out() -> None:
    """An address that somebody typed opens the page."""
    assert asked_of({"days": "999", "split": "soon", "unit": " B01 "}) == Asked(unit="B01")
    assert asked_of({"days": "7", "split": "2026-02-15"}) == Asked(days=7, split="2026-02-15")


def test_figures_are_given_out_as_rows_by_ids() -> None:
    """The CSV of the places adds up to what the page shows; nothing in it names a customer."""
    found = journey_samples.answer()
    text = as_csv(TABLES["nodes"](found))
    read: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(text)))
    assert next(int(row["calls"]) for row in read if row["node"] == "main") == found.calls
    every = "".join(as_csv(rows(found)) for rows in TABLES.values())
    assert not re.search(r"C\d{5}", every)


def test_topics_say_what_each_group_asks_what_comes_and_what_is_ready(look: Look) -> None:
    """One sentence a group, the day furthest above the usual, and the share of calls whose answer was ready."""
    text = html.unescape(drawn(look, "topics.html", topics_view(look, "", topic_samples.answer())))
    assert "120 answers are ready; 25 of 40 calls since found theirs (62.5%)." in text
    assert "Most above the usual: What the bill is on 5 Mar, 55 calls instead of 30." in text
    assert "Asked 3.0 times as often as by everybody: Pay." in text
    assert "/ivr/topics/groups.csv?month=2026-03" in text
    empty = drawn(look, "topics.html", topics_view(look, "", topic_samples.answer(full=False)))
    assert "No topic in this month" in empty and "import-log" in empty


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_charts_are_drawn_when_they_are_seen(browser: Browser, stage: str, language: str) -> None:
    """Tables first; each chart when it comes into view, its table then folded; no error, and a wheel's turn asks nothing."""
    page = browser.new_context(viewport={"width": 1366, "height": 700}).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{stage}/journeys/full?lang={language}")
    assert page.locator(".jn-chart").count() == 2
    for name in ("flows", "goals"):
        figure = page.locator(f"figure:has(#jn-{name})")
        figure.locator(".jn-chart").scroll_into_view_if_needed()
        page.wait_for_selector(f"figure:has(#jn-{name}) canvas")
        assert not figure.locator("details[open]").count()
        figure.locator("summary").click()
        assert figure.locator("tbody tr").count() >= 7
    names = page.locator(".forest tbody th").evaluate_all("each => each.map(one => one.offsetWidth)")
    assert names and min(names) >= 60, "names of measures stand sign below sign"
    assert errors == []
    page.context.close()


def test_the_page_shows_calls_of_the_service_and_its_files(
    operator: Operator, context: BrowserContext
) -> None:
    """A year's log is on file: filters stay in the address, a file comes with its heading, unknown ones do not."""
    page = log_in(context, operator, "supervisor")
    page.click("text=Voice menu")
    page.wait_for_url("**/ivr")
    page.select_option("[name=days]", "366")
    page.click("text=Show")
    page.wait_for_url("**days=366**")
    shown = page.inner_text(".figures dd.number")
    answer = page.request.get(f"{operator.url}/ivr/data/calls.csv?days=366")
    rows = list(csv.DictReader(io.StringIO(answer.text())))
    assert answer.status == 200 and f"{int(rows[0]['calls']):,}" == shown and shown != "0"
    page.click("nav.tabs >> text=Topics")
    page.wait_for_selector("#tp-forecast")
    assert page.request.get(f"{operator.url}/ivr/data/nothing.csv").status == 404
