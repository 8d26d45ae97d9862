"""The routes about the ledger itself: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import answers, ledger_answers
from contact.faces.http.bodies import ledger as bodies_ledger
from contact.faces.http.edge.row import Once, Reach, Route
from contact.faces.http.routes import contacts, halts, jobs, people

HALTING = frozenset({"strategist", "supervisor", "admin"})
SEEING_HALTS = frozenset({"agent", "strategist", "analyst", "supervisor", "account_manager", "admin"})
CORRECTING = frozenset({"agent", "supervisor", "admin"})
RECONCILING = frozenset({"supervisor", "admin"})
SEEING_CONTACTS = frozenset({"agent", "analyst", "supervisor", "account_manager", "admin"})
MERGING = frozenset({"supervisor", "admin"})
SEEING_JOBS = frozenset({"strategist", "analyst", "data_scientist", "admin"})
RETRYING = frozenset({"strategist", "data_scientist", "admin"})

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("GET", "/v1/halts", SEEING_HALTS, halts.get_halts, "What is halted", ledger_answers.HaltsAnswer, "ledger",
          urgent=True, reach=Reach.NOBODY),
    Route("POST", "/v1/halts", HALTING, halts.post_halt, "Halt contact", ledger_answers.HaltAnswer, "ledger",
          bodies_ledger.HaltBody, statuses=(404, 409, 422), once=Once.ALWAYS, urgent=True),
    Route("POST", "/v1/halts/lift", HALTING, halts.post_lift, "Let contact go on", ledger_answers.HaltsAnswer, "ledger",
          bodies_ledger.HaltBody, statuses=(404, 409, 422), once=Once.ALWAYS, urgent=True),

    Route("GET", "/v1/contacts/unknown", RECONCILING, contacts.get_unknown, "Contacts nobody can tell of",
          ledger_answers.ContactsAnswer, "ledger", query=bodies_ledger.UnknownQuery),
    Route("GET", "/v1/contacts/{contact}", SEEING_CONTACTS, contacts.get_contact, "One contact with its history",
          ledger_answers.ContactAnswer, "ledger", statuses=(404, 429), reach=Reach.UNIT),
    Route("POST", "/v1/contacts/{contact}/correct", CORRECTING, contacts.post_correct, "Correct an outcome",
          ledger_answers.ContactAnswer, "ledger", bodies_ledger.CorrectBody, statuses=(404, 409, 422), once=Once.ALWAYS,
          reach=Reach.UNIT, urgent=True),
    Route("POST", "/v1/contacts/{contact}/reconcile", RECONCILING, contacts.post_reconcile, "Say what became of a contact",
          ledger_answers.ContactAnswer, "ledger", bodies_ledger.ReconcileBody, statuses=(404, 409, 422), once=Once.ALWAYS,
          reach=Reach.UNIT),

    Route("POST", "/v1/customers/merge", MERGING, people.post_merge, "Make two ids one person", ledger_answers.MergedAnswer,
          "customers", bodies_ledger.MergeBody, statuses=(404, 409, 422), once=Once.ALWAYS),
    Route("POST", "/v1/numbers/recycled", MERGING, people.post_recycled, "Say that a number changed hands",
          ledger_answers.RecycledAnswer, "customers", bodies_ledger.RecycledBody, statuses=(422,), once=Once.ALWAYS),

    Route("GET", "/v1/jobs", SEEING_JOBS, jobs.get_jobs, "Jobs, those parked among them", ledger_answers.JobsAnswer, "jobs",
          query=bodies_ledger.JobsQuery),
    Route("POST", "/v1/jobs/{job}/retry", RETRYING, jobs.post_retry, "Try a failed job again", answers.JobAnswer, "jobs",
          bodies_ledger.RetryBody, status=202, statuses=(404, 409, 422), once=Once.ALWAYS),
)
# fmt: on
