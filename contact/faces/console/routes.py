"""The console's addresses, added to the application that also serves the API."""

from __future__ import annotations

from aiohttp import web

from contact.faces.console import (
    customer,
    desk,
    entrance,
    models,
    overview,
    selection,
    selection_clusters,
    selection_lists,
    tariffs,
    workbench,
    workbench_checks,
    workbench_drafts,
    workbench_jobs,
    workbench_texts,
    workbench_words,
)
from contact.faces.console.bundle import serve_asset
from contact.faces.console.guard import Console, Page, behind_door
from contact.ports import Ports
from contact.settings import Settings

_EVERYBODY = frozenset(
    {"agent", "strategist", "analyst", "admin", "portal", "ivr", "gateway", "data_scientist"}
)


Row = tuple[str, str, Page, frozenset[str]]


def _workbench() -> list[Row]:
    """What strategists and admins do; analysts look on."""
    see, edit = workbench_texts.ROLES, workbench_texts.EDIT_ROLES
    return [
        ("GET", "/workbench", workbench.go_to_work, see),
        ("POST", "/workbench/drafts", workbench_drafts.begin, edit),
        ("POST", "/workbench/roll-back", workbench_drafts.roll_back, edit),
        ("GET", "/workbench/{draft}", workbench.show, see),
        ("GET", "/workbench/{draft}/text", workbench.read_text, see),
        ("GET", "/workbench/{draft}/{tab:explain|changes|history|simulate}", workbench.show_tab, see),
        ("GET", "/workbench/{draft}/{tab:roll-back}", workbench.show_tab, edit),
        ("GET", "/workbench/{draft}/words", workbench_words.words, see),
        ("GET", "/workbench/{draft}/spread/{field}", workbench_words.show_spread, see),
        ("POST", "/workbench/{draft}/check", workbench_checks.check, see),
        ("POST", "/workbench/{draft}/simulate", workbench_jobs.run, edit),
        ("GET", "/workbench/{draft}/simulate/{job}", workbench_jobs.watch, see),
        ("GET", "/workbench/{draft}/simulate/{job}/{chart}.csv", workbench_jobs.show_data, see),
        ("POST", "/workbench/{draft}/simulate/{job}/cancel", workbench_jobs.cancel, edit),
        ("POST", "/workbench/{draft}/file", workbench.save, edit),
        ("POST", "/workbench/{draft}/new", workbench_drafts.new_file, edit),
        ("POST", "/workbench/{draft}/remove", workbench_drafts.remove_file, edit),
        ("POST", "/workbench/{draft}/merge", workbench_drafts.merge, edit),
        ("POST", "/workbench/{draft}/approve", workbench_drafts.approve, edit),
        ("POST", "/workbench/{draft}/publish", workbench_drafts.publish, edit),
        ("POST", "/workbench/{draft}/discard", workbench_drafts.discard, edit),
    ]


def add_console(app: web.Application, ports: Ports, settings: Settings) -> None:
    """Add every page of the console; each answers by itself who may see it."""
    console = Console(ports, settings)
    pages = [
        ("GET", "/", entrance.go_home, _EVERYBODY),
        ("POST", "/logout", entrance.log_out, _EVERYBODY),
        ("GET", "/desk", desk.seated(desk.show_desk), desk.ROLES),
        ("POST", "/desk/next", desk.seated(desk.pull), desk.ROLES),
        ("GET", "/desk/tasks/{task}", desk.seated(desk.show_task), desk.ROLES),
        ("POST", "/desk/tasks/{task}/start", desk.seated(desk.start), desk.ROLES),
        ("POST", "/desk/tasks/{task}/complete", desk.seated(desk.complete), desk.ROLES),
        ("POST", "/desk/tasks/{task}/give-back", desk.seated(desk.give_back), desk.ROLES),
        ("GET", "/customers", customer.show_search, customer.ROLES),
        ("POST", "/customers", customer.find, customer.ROLES),
        ("GET", "/customers/{customer}", customer.show_card, customer.ROLES),
        ("POST", "/customers/{customer}/consents", customer.store_consent, customer.RECORD_ROLES),
        ("GET", "/customers/{customer}/tariffs", tariffs.show_tariffs, tariffs.ROLES),
        ("GET", "/customers/{customer}/tariffs/bill", tariffs.show_bill, tariffs.ROLES),
        ("GET", "/models", models.show_list, models.ROLES),
        ("GET", "/models/{model}", models.show_report, models.ROLES),
        ("GET", "/models/{model}/data/{chart}", models.show_data, models.ROLES),
        ("POST", "/models/{model}/promote", models.promote, models.DECIDE_ROLES),
        ("POST", "/models/{model}/roll-back", models.roll_back, models.DECIDE_ROLES),
        *_workbench(),
        ("GET", "/selection", selection.show, selection.ROLES),
        ("POST", "/selection", selection.count, selection.ROLES),
        ("POST", "/selection/check", selection.check, selection.ROLES),
        ("POST", "/selection/segments", selection.save_segment, selection.EDIT_ROLES),
        ("POST", "/selection/lists", selection_lists.take, selection.EDIT_ROLES),
        ("POST", "/selection/clusters", selection_clusters.show, selection.ROLES),
        ("GET", "/overview", overview.overview_page(), overview.ROLES),
    ]
    for method, address, page, roles in pages:
        app.router.add_route(method, address, behind_door(console, page, roles))
    app.router.add_get("/session", entrance.show_link(console))
    app.router.add_post("/session", entrance.use_link(console))
    app.router.add_get("/assets/{name}", serve_asset)
