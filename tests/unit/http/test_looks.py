"""Whoever is told something about one named customer has looked at them: each route counts that, or says why it does not."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from contact.faces.console.routes import Row, pages
from contact.faces.http.edge.row import Reach, Route
from contact.faces.http.table.routes import ROUTES

NAMES = {"customer", "number", "from", "old", "contact", "task", "decision", "call"}
"""Words that name a customer, or one thing of one customer's."""
A_WAY_OUT = "withdrawing is never refused, and tells how many tasks that cancelled"
A_REPORT = "a report of what happened, of which the answer says no more than that it was taken"
HANDED_OUT = "the queue says whose task it is, and whoever works it sees what belongs to it"
ON_RECORD = "changes something, with a reason in the audit trail"
COUNTED_BEFORE = "goes on with a call that was counted when it was picked up; nobody makes up its state"
TWO_PEOPLE = "ids and counts; a file needs two people"
MANY = "of all whom the caller may see, ids or counts: docs/security.md says what that tells"
EXCUSED = {
    "POST /v1/decisions/{decision}/events": A_REPORT,
    "POST /v1/receipts": A_REPORT,
    "GET /v1/receipts": A_REPORT,
    "POST /v1/replies": A_REPORT,
    "GET /v1/replies": A_REPORT,
    "POST /v1/events": A_REPORT,
    "POST /v1/customers/{customer}/consents": A_WAY_OUT,
    "POST /v1/opt-outs": A_WAY_OUT,
    "POST /v1/agents/{agent}/next": HANDED_OUT,
    "POST /v1/tasks/{task}/start": HANDED_OUT,
    "POST /v1/tasks/{task}/complete": HANDED_OUT,
    "POST /v1/tasks/{task}/give-back": HANDED_OUT,
    "POST /v1/contacts/{contact}/correct": ON_RECORD,
    "POST /v1/contacts/{contact}/reconcile": ON_RECORD,
    "POST /v1/customers/merge": ON_RECORD,
    "POST /v1/numbers/recycled": ON_RECORD,
    "POST /v1/customers/{customer}/erase": ON_RECORD,
    "POST /v1/ivr/calls/{call}/keys": COUNTED_BEFORE,
    "POST /v1/ivr/calls/{call}/end": COUNTED_BEFORE,
    "POST /v1/ivr/voicexml/calls/{call}/keys": COUNTED_BEFORE,
    "POST /v1/ivr/voicexml/calls/{call}/end": COUNTED_BEFORE,
    "GET /v1/playbooks/diff": "`from` is a version here, and not a number",
    "POST /v1/exports": TWO_PEOPLE,
    "GET /v1/exports": TWO_PEOPLE,
    "POST /v1/exports/{export}/approve": TWO_PEOPLE,
    "POST /v1/exports/{export}/refuse": TWO_PEOPLE,
    "GET /v1/exports/{export}/file": TWO_PEOPLE,
    "GET /v1/contacts/unknown": MANY,
    "GET /v1/warnings": MANY,
    "POST /v1/selections": MANY,
    "GET /v1/segments": MANY,
    "POST /v1/clusters": MANY,
    "GET /v1/ivr/journeys": MANY,
    "GET /v1/ivr/topics": MANY,
    "GET /v1/overview": MANY,
}
COUNTING_PAGES = {
    "POST /customers",
    "GET /customers/{customer}",
    "POST /customers/{customer}/reveal",
    "GET /customers/{customer}/tariffs",
    "GET /customers/{customer}/tariffs/bill",
    "POST /ivr/keypad",
}
"""Held to it by tests/integration/test_looks.py."""
EXCUSED_PAGES = {
    "GET /customers": "a form",
    "POST /customers/{customer}/consents": A_WAY_OUT,
    "GET /desk": HANDED_OUT,
    "POST /desk/next": HANDED_OUT,
    "GET /desk/tasks/{task}": HANDED_OUT,
    "POST /desk/tasks/{task}/start": HANDED_OUT,
    "POST /desk/tasks/{task}/complete": HANDED_OUT,
    "POST /desk/tasks/{task}/give-back": HANDED_OUT,
    "GET /ivr/keypad": "a form",
    "POST /ivr/keypad/keys": COUNTED_BEFORE,
    "GET /exports": TWO_PEOPLE,
    "POST /exports": TWO_PEOPLE,
    "POST /exports/{export}/approve": TWO_PEOPLE,
    "POST /exports/{export}/refuse": TWO_PEOPLE,
    "GET /exports/{export}/file": TWO_PEOPLE,
    "GET /selection": MANY,
    "POST /selection": MANY,
    "POST /selection/check": MANY,
    "POST /selection/clusters": MANY,
    "GET /overview": MANY,
    "GET /ivr": MANY,
    "GET /ivr/data/{chart}.csv": MANY,
    "GET /ivr/topics": MANY,
    "GET /ivr/topics/{chart}.csv": MANY,
}


def named(row: Route) -> str:
    return f"{row.method} {row.path}"


def counts(row: Route) -> bool:
    """Routes that count a look may answer that it was one too many; tests/integration/test_looks.py asks each of them."""
    return 429 in row.statuses


def may_name_somebody(row: Route) -> bool:
    """Bounded by whose customers they are, or a customer is named in what is sent or in what is answered."""
    sent = set(row.ids)
    for struct in (row.query, row.body):
        sent |= (
            {field.encode_name for field in msgspec.structs.fields(struct)} if struct is not None else set()
        )
    return row.reach is Reach.UNIT or not NAMES.isdisjoint(sent | told(row))


def told(row: Route) -> set[str]:
    """Words of the answer, of all that it is made of."""
    if row.answer is None:
        return set()
    _, parts = msgspec.json.schema_components([row.answer])
    return {name for part in parts.values() for name in properties(part)} & {"customer"}


def properties(part: dict[str, Any]) -> set[str]:
    return set(part.get("properties", ()))


@pytest.mark.parametrize("row", [row for row in ROUTES if not row.open], ids=named)
def test_a_route_that_names_a_customer_counts_a_look_or_is_excused(row: Route) -> None:
    """A new route of that kind fails here until its looks are counted, or somebody says why they need not be."""
    if may_name_somebody(row):
        assert counts(row) != (named(row) in EXCUSED)
    else:
        assert not counts(row)
        assert named(row) not in EXCUSED


def test_no_excuse_is_left_of_a_route_that_is_gone() -> None:
    """Each excuse is of a route or page that stands."""
    assert set(EXCUSED) <= {named(row) for row in ROUTES}
    assert {page_named(row) for row in pages()} >= COUNTING_PAGES | set(EXCUSED_PAGES)


def page_named(row: Row) -> str:
    return f"{row.method} {row.address}"


@pytest.mark.parametrize("row", [row for row in pages() if row.reach is Reach.UNIT], ids=page_named)
def test_a_page_about_customers_counts_a_look_or_is_excused(row: Row) -> None:
    """The same of the console's pages, of those bounded by whose customers they are."""
    assert (page_named(row) in COUNTING_PAGES) != (page_named(row) in EXCUSED_PAGES)
