"""The console's addresses, added to the application that also serves the API."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from contact.faces.console.desk import customer, desk, tariffs
from contact.faces.console.doors import entrance, exports, overview, status, status_jobs
from contact.faces.console.journeys import keypad
from contact.faces.console.journeys import page as journeys
from contact.faces.console.journeys import topics as journeys_topics
from contact.faces.console.models import page as models
from contact.faces.console.selection import clusters as selection_clusters
from contact.faces.console.selection import lists as selection_lists
from contact.faces.console.selection import page as selection
from contact.faces.console.shared.bundle import serve_asset
from contact.faces.console.shared.guard import Console, Page, behind_door
from contact.faces.console.workbench import checks as workbench_checks
from contact.faces.console.workbench import completion as workbench_completion
from contact.faces.console.workbench import drafts as workbench_drafts
from contact.faces.console.workbench import jobs as workbench_jobs
from contact.faces.console.workbench import page as workbench
from contact.faces.console.workbench import texts as workbench_texts
from contact.faces.http.edge.row import Reach
from contact.ports import Ports
from contact.ports.access import ROLES
from contact.settings import Settings

_EVERYBODY = frozenset(ROLES)
_PEOPLE = _EVERYBODY - {"portal", "ivr", "gateway"}


class Row(NamedTuple):
    """One page: how it is asked for, what makes it, who may see it, and whose customers it tells of."""

    method: str
    address: str
    page: Page
    roles: frozenset[str]
    reach: Reach = Reach.OPERATOR


def _workbench() -> list[tuple[str, str, Page, frozenset[str]]]:
    """What strategists and admins do; analysts look on. Rules are the whole operator's."""
    see, edit = workbench_texts.ROLES, workbench_texts.EDIT_ROLES
    return [
        ("GET", "/workbench", workbench.go_to_work, see),
        ("POST", "/workbench/drafts", workbench_drafts.begin, edit),
        ("POST", "/workbench/roll-back", workbench_drafts.roll_back, edit),
        ("GET", "/workbench/{draft}", workbench.show, see),
        ("GET", "/workbench/{draft}/text", workbench.read_text, see),
        ("GET", "/workbench/{draft}/{tab:explain|changes|history|simulate}", workbench.show_tab, see),
        ("GET", "/workbench/{draft}/{tab:roll-back}", workbench.show_tab, edit),
        ("GET", "/workbench/{draft}/words", workbench_completion.words, see),
        ("GET", "/workbench/{draft}/spread/{field}", workbench_completion.show_spread, see),
        ("POST", "/workbench/{draft}/check", workbench_checks.check, see),
        ("POST", "/workbench/{draft}/simulate", workbench_jobs.run, edit),
        ("GET", "/workbench/{draft}/simulate/{job}", workbench_jobs.watch, see),
        ("GET", "/workbench/{draft}/simulate/{job}/{chart}.csv", workbench_jobs.show_data, see),
        ("POST", "/workbench/{draft}/simulate/{job}/cancel", workbench_jobs.cancel, edit),
        ("POST", "/workbench/{draft}/simulate/{job}/resume", workbench_jobs.resume, edit),
        ("POST", "/workbench/{draft}/file", workbench.save, edit),
        ("POST", "/workbench/{draft}/new", workbench_drafts.new_file, edit),
        ("POST", "/workbench/{draft}/first-strategy", workbench_drafts.first_strategy, edit),
        ("POST", "/workbench/{draft}/remove", workbench_drafts.remove_file, edit),
        ("POST", "/workbench/{draft}/merge", workbench_drafts.merge, edit),
        ("POST", "/workbench/{draft}/approve", workbench_drafts.approve, edit),
        ("POST", "/workbench/{draft}/publish", workbench_drafts.publish, edit),
        ("POST", "/workbench/{draft}/discard", workbench_drafts.discard, edit),
    ]


def pages() -> tuple[Row, ...]:
    """Every page behind the door: the door itself and the tests read this list and nothing else."""
    unit, nobody = Reach.UNIT, Reach.NOBODY
    rows: list[tuple[str, str, Page, frozenset[str]] | tuple[str, str, Page, frozenset[str], Reach]] = [
        ("GET", "/", entrance.go_home, _PEOPLE, nobody),
        ("POST", "/logout", entrance.log_out, _EVERYBODY, nobody),
        ("POST", "/logout/everywhere", entrance.log_out_everywhere, _PEOPLE, nobody),
        ("GET", "/desk", desk.seated(desk.show_desk), desk.ROLES, unit),
        ("POST", "/desk/next", desk.seated(desk.pull), desk.ROLES, unit),
        ("GET", "/desk/tasks/{task}", desk.seated(desk.show_task), desk.ROLES, unit),
        ("POST", "/desk/tasks/{task}/start", desk.seated(desk.start), desk.ROLES, unit),
        ("POST", "/desk/tasks/{task}/complete", desk.seated(desk.complete), desk.ROLES, unit),
        ("POST", "/desk/tasks/{task}/give-back", desk.seated(desk.give_back), desk.ROLES, unit),
        ("GET", "/customers", customer.show_search, customer.ROLES, unit),
        ("POST", "/customers", customer.find, customer.ROLES, unit),
        ("GET", "/customers/{customer}", customer.show_card, customer.ROLES, unit),
        ("POST", "/customers/{customer}/reveal", customer.show_in_full, customer.SEE_MASKED, unit),
        ("POST", "/customers/{customer}/consents", customer.store_consent, customer.RECORD_ROLES, unit),
        ("GET", "/customers/{customer}/tariffs", tariffs.show_tariffs, tariffs.ROLES, unit),
        ("GET", "/customers/{customer}/tariffs/bill", tariffs.show_bill, tariffs.ROLES, unit),
        ("GET", "/models", models.show_list, models.ROLES, nobody),
        ("GET", "/models/{model}", models.show_report, models.ROLES, nobody),
        ("GET", "/models/{model}/data/{chart}", models.show_data, models.ROLES, nobody),
        ("POST", "/models/{model}/promote", models.promote, models.DECIDE_ROLES),
        ("POST", "/models/{model}/roll-back", models.roll_back, models.DECIDE_ROLES),
        *_workbench(),
        ("GET", "/selection", selection.show, selection.ROLES, unit),
        ("POST", "/selection", selection.count, selection.ROLES, unit),
        ("POST", "/selection/check", selection.check, selection.ROLES, unit),
        ("POST", "/selection/segments", selection.save_segment, selection.EDIT_ROLES),
        ("POST", "/selection/lists", selection_lists.take, selection.EDIT_ROLES),
        ("POST", "/selection/clusters", selection_clusters.show, selection.ROLES, unit),
        ("GET", "/exports", exports.show, exports.ROLES, unit),
        ("POST", "/exports", exports.ask, exports.ROLES, unit),
        ("POST", "/exports/{export}/approve", exports.approve, exports.DECIDE_ROLES, unit),
        ("POST", "/exports/{export}/refuse", exports.refuse, exports.DECIDE_ROLES, unit),
        ("GET", "/exports/{export}/file", exports.take, exports.ROLES, unit),
        ("GET", "/overview", overview.overview_page(), overview.ROLES, unit),
        ("GET", "/ivr", journeys.show, journeys.ROLES, unit),
        ("GET", "/ivr/data/{chart}.csv", journeys.show_data, journeys.ROLES, unit),
        ("GET", "/ivr/topics", journeys_topics.show, journeys.ROLES, unit),
        ("GET", "/ivr/topics/{chart}.csv", journeys_topics.show_data, journeys.ROLES, unit),
        ("GET", "/ivr/keypad", keypad.show, keypad.ROLES, unit),
        ("POST", "/ivr/keypad", keypad.call, keypad.ROLES, unit),
        ("POST", "/ivr/keypad/keys", keypad.press, keypad.ROLES, unit),
        ("GET", "/status", status.show, status.ROLES, nobody),
        ("POST", "/status/jobs/retry", status_jobs.retry, status.ACT_ROLES),
        ("POST", "/status/jobs/{job}/cancel", status_jobs.cancel, status.ACT_ROLES),
    ]
    return tuple(Row(*row) for row in rows)


def add_console(app: web.Application, ports: Ports, settings: Settings) -> None:
    """Add every page of the console, and the doors that need no session."""
    console = Console(ports, settings)
    for row in pages():
        door = behind_door(console, row.page, row.roles, row.reach)
        if row.page is status.show:
            door = status.without_store(console, door)
        app.router.add_route(row.method, row.address, door)
    app.router.add_get("/session", entrance.show_link(console))
    app.router.add_post("/session", entrance.use_link(console))
    app.router.add_post("/login", entrance.log_in(console))
    app.router.add_get("/password", entrance.show_password(console))
    app.router.add_post("/password", entrance.set_password(console))
    app.router.add_get("/assets/{name}", serve_asset)
