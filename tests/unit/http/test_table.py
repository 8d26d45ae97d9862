"""The table of routes is complete, consistent and the only way to serve anything."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import contact.faces.http
from contact import faults
from contact.faces.http.edge.callers import require_role
from contact.faces.http.edge.problems import CODES, RequestProblem, from_fault
from contact.faces.http.edge.row import OPEN, ROLES, Once, Reach, Route
from contact.faces.http.openapi import document, statuses
from contact.faces.http.table.routes import ROUTES
from contact.ports import Key

# agent strategist analyst supervisor account_manager portal ivr gateway data_scientist admin: a dot is a closed cell
CELLS = """
POST /v1/decisions                                 a . . . m p i . . A
POST /v1/decisions/{decision}/events               a . . . m p i . . A
POST /v1/agents/{agent}/next                       a . . . . . . . . A
POST /v1/tasks/{task}/start                        a . . . . . . . . A
POST /v1/tasks/{task}/complete                     a . . . . . . . . A
POST /v1/tasks/{task}/give-back                    a . . . . . . . . A
GET  /v1/tasks                                     a s n v m . . . . A
GET  /v1/tasks/{task}                              a s n v m . . . . A
GET  /v1/customers/{customer}                      a . n v m p i . . A
GET  /v1/customers/{customer}/timeline             a . n v m p i . . A
GET  /v1/customers/{customer}/consents             a . n v m p i . . A
GET  /v1/customers/{customer}/explanation          a s n v m . . . . A
POST /v1/customers/lookup                          a . . v m p i . . A
POST /v1/customers/{customer}/consents             a . . v m p i . . A
POST /v1/imports                                   . . n . . . . . . A
GET  /v1/imports/{job}                             . . n . . . . . . A
POST /v1/plans                                     . s . . . . . . . A
GET  /v1/plans/{job}                               . s . . . . . . . A
GET  /v1/playbooks                                 . s n . . . . . . A
GET  /v1/playbooks/diff                            . s n . . . . . . A
GET  /v1/playbooks/{version}                       . s n . . . . . . A
POST /v1/playbooks                                 . s . . . . . . . A
POST /v1/playbooks/roll-back                       . s . . . . . . . A
POST /v1/check                                     . s n . . . . . . A
GET  /v1/drafts                                    . s n . . . . . . A
POST /v1/drafts                                    . s . . . . . . . A
GET  /v1/drafts/{draft}                            . s n . . . . . . A
GET  /v1/drafts/{draft}/file                       . s n . . . . . . A
POST /v1/drafts/{draft}/file                       . s . . . . . . . A
POST /v1/drafts/{draft}/check                      . s n . . . . . . A
POST /v1/drafts/{draft}/merge                      . s . . . . . . . A
POST /v1/drafts/{draft}/approve                    . s . . . . . . . A
POST /v1/drafts/{draft}/publish                    . s . . . . . . . A
POST /v1/drafts/{draft}/discard                    . s . . . . . . . A
POST /v1/selections                                . s n . . . . . . A
GET  /v1/fields                                    . s n . . . . . . A
GET  /v1/fields/{field}/spread                     . s n . . . . . . A
GET  /v1/segments                                  . s n . . . . . . A
POST /v1/drafts/{draft}/segments                   . s . . . . . . . A
POST /v1/clusters                                  . s n . . . . . . A
GET  /v1/lists                                     . s n . . . . . . A
POST /v1/lists                                     . s n . . . . . . A
POST /v1/lists/{list}/remove                       . s n . . . . . . A
POST /v1/receipts                                  . . . . . . . g . A
GET  /v1/receipts                                  . . . . . . . g . A
POST /v1/replies                                   . . . . . . . g . A
GET  /v1/replies                                   . . . . . . . g . A
POST /v1/opt-outs                                  a . . v m p i g . A
GET  /v1/customers/{customer}/opt-out-link         a s . . . p . . . A
POST /v1/events                                    . . . . . p i g . A
GET  /v1/strategies/{strategy}/evaluation          . s n . . . . . . A
GET  /v1/overview                                  . s n v . . . . . A
GET  /v1/clock                                     a s n v m p i g d A
POST /v1/clock                                     . . . . . . . . . A
POST /v1/models/{model}/train                      . . . . . . . . d A
GET  /v1/models                                    . s n . . . . . d A
GET  /v1/models/{id}                               . s n . . . . . d A
POST /v1/models/{id}/promote                       . . . . . . . . d A
POST /v1/models/{model}/roll-back                  . . . . . . . . d A
POST /v1/learn                                     . . . . . . . . d A
POST /v1/scores                                    . s . . . . . . d A
GET  /v1/customers/{customer}/scores               a s n v m . . . d A
GET  /v1/warnings                                  . s n v m . . . . A
POST /v1/tariffs/match                             . s . . . . . . d A
GET  /v1/customers/{customer}/tariffs              a s n v m p i . d A
GET  /v1/jobs/{job}                                . s n . . . . . d A
POST /v1/jobs/{job}/cancel                         . s . . . . . . . A
POST /v1/simulations                               . s . . . . . . . A
POST /v1/customers/{customer}/reveal               a . . v m . . . . A
POST /v1/customers/{customer}/erase                . . . . . . . . . A
GET  /v1/persons/{person}/card-views               . . . v . . . . . A
POST /v1/persons/{person}/card-views               . . . v . . . . . A
GET  /v1/halts                                     a s n v m . . . . A
POST /v1/halts                                     . s . v . . . . . A
POST /v1/halts/lift                                . s . v . . . . . A
GET  /v1/contacts/unknown                          . . . v . . . . . A
GET  /v1/contacts/{contact}                        a . n v m . . . . A
GET  /v1/jobs                                      . s n . . . . . d A
POST /v1/jobs/{job}/retry                          . s . . . . . . d A
POST /v1/customers/merge                           . . . v . . . . . A
POST /v1/numbers/recycled                          . . . v . . . . . A
POST /v1/contacts/{contact}/correct                a . . v . . . . . A
POST /v1/contacts/{contact}/reconcile              . . . v . . . . . A
POST /v1/exports                                   . s n v . . . . . A
GET  /v1/exports                                   . s n v . . . . . A
POST /v1/exports/{export}/approve                  . . . v . . . . . A
POST /v1/exports/{export}/refuse                   . . . v . . . . . A
GET  /v1/exports/{export}/file                     . s n v . . . . . A
POST /v1/ivr/calls                                 . . . . . . i . . A
POST /v1/ivr/menus                                 . . . . . . i . . A
POST /v1/ivr/calls/{call}/keys                     . . . . . . i . . A
POST /v1/ivr/calls/{call}/end                      . . . . . . i . . A
GET  /v1/ivr/screen-pops                           a . . v m . . . . A
GET  /v1/ivr/journeys                              . s n v . . . . . A
POST /v1/ivr/journeys                              . . . . . . i g . A
GET  /v1/ivr/topics                                . s n v . . . . . A
GET  /v1/ivr/voicexml                              . . . . . . i . . A
POST /v1/ivr/voicexml/calls                        . . . . . . i . . A
POST /v1/ivr/voicexml/calls/{call}/keys            . . . . . . i . . A
POST /v1/ivr/voicexml/calls/{call}/end             . . . . . . i . . A
"""
BY_LINK = "/opt-out/"
"""Addresses whose signature is the permission, and whose only effect may be had any number of times."""
PERMITTED = {
    (method, path): {role for role, cell in zip(ROLES, cells, strict=True) if cell != "."}
    for method, path, *cells in (line.split() for line in CELLS.strip().splitlines())
}


def ids(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_no_two_rows_are_the_same() -> None:
    """Method and path are unique, and so is each operation's id."""
    assert len({ids(route) for route in ROUTES}) == len(ROUTES)
    page = json.loads(document(ROUTES))
    names = [operation["operationId"] for path in page["paths"].values() for operation in path.values()]
    assert len(set(names)) == len(ROUTES)


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_every_changing_post_is_done_once(route: Route) -> None:
    """A POST needs an Idempotency-Key unless it only asks, or its body carries an id of its own."""
    if route.method != "POST" or route.once is not Once.NO or route.path.startswith(BY_LINK):
        return
    assert route.body is not None
    asking = (
        "/v1/customers/lookup",
        "/v1/selections",
        "/v1/clusters",
        "/v1/ivr/calls",
        "/v1/ivr/menus",
        "/v1/ivr/voicexml/calls",
    )
    only_asks = route.path in asking or route.path.endswith(("/check", "/reveal"))
    each_with_its_own = route.path == "/v1/ivr/journeys"
    assert only_asks or each_with_its_own or {"id", "state"} & set(route.body.__struct_fields__)


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_only_health_numbers_and_the_document_are_open(route: Route) -> None:
    """Everything under /v1 needs a key of a role that exists."""
    if route.path.startswith("/v1/"):
        assert route.roles
        assert route.roles <= set(ROLES)
    else:
        assert route.roles == OPEN
        assert route.method == "GET" or route.path.startswith(BY_LINK)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", [route for route in ROUTES if not route.open], ids=ids)
def test_a_role_passes_exactly_where_its_cell_says_so(route: Route, role: str) -> None:
    """Each cell of route × role is written out above; a route that is not there fails."""
    key = Key("k", role, None)
    if role in PERMITTED[route.method, route.path]:
        require_role(route, key)
    else:
        with pytest.raises(RequestProblem) as caught:
            require_role(route, key)
        assert caught.value.status == 403


@pytest.mark.parametrize("route", ROUTES, ids=ids)
def test_a_role_with_bounds_is_let_in_only_where_they_hold(route: Route) -> None:
    """An account manager, whose customers are always only some, may use no route that concerns the whole operator."""
    assert route.reach is not Reach.OPERATOR or "account_manager" not in route.roles


def test_a_row_without_roles_is_nobodys() -> None:
    """What is not permitted is denied, to administrators too."""
    row = Route("GET", "/v1/secret", frozenset(), ROUTES[0].handle, "", None, "x")
    for role in ROLES:
        with pytest.raises(RequestProblem):
            require_role(row, Key("k", role, None))


def test_the_document_is_valid_openapi() -> None:
    """/openapi.json passes the validator of OpenAPI 3.1."""
    page = json.loads(document(ROUTES))
    OpenAPIV31SpecValidator(page).validate()


def test_the_document_says_everything_a_caller_must_know() -> None:
    """Each operation names its problems, its path ids and, where needed, its Idempotency-Key."""
    page = json.loads(document(ROUTES))
    for route in ROUTES:
        operation = page["paths"][route.path][route.method.lower()]
        assert operation["description"]
        assert {str(route.status), *map(str, statuses(route))} == set(operation["responses"])
        named = {parameter["name"]: parameter for parameter in operation.get("parameters", [])}
        assert set(route.ids) <= set(named)
        assert ("Idempotency-Key" in named) == (route.once is not Once.NO)
        assert (operation.get("security") == []) == route.open


def test_the_document_is_the_same_each_time() -> None:
    """Two builds give the same bytes, so that a change shows as a change."""
    assert document(ROUTES) == document(ROUTES)


def test_every_code_in_use_is_on_the_list() -> None:
    """No file of the HTTP face answers a code that the closed list does not hold."""
    folder = Path(contact.faces.http.__file__).parent
    used: set[str] = set()
    for file in folder.rglob("*.py"):
        text = file.read_text(encoding="utf-8")
        used |= set(re.findall(r'(?:RequestProblem|at_parameter|_placed)\(\s*"([a-z_]+)"', text))
    assert used
    assert used <= set(CODES)


def test_every_fault_has_its_code_and_status() -> None:
    """The one map from faults to answers knows each class, with the status the class states."""
    for fault in vars(faults).values():
        if isinstance(fault, type) and issubclass(fault, faults.Fault):
            problem = from_fault(fault())
            assert (problem.code, problem.status) == (fault.code, fault.status)
            assert problem.detail


def test_internal_faults_do_not_repeat_their_detail() -> None:
    """What a 5xx knows about its cause stays in the log."""
    assert "13812345678" not in from_fault(faults.StoreUnavailable("+8613812345678")).detail
