"""What to do when an alert comes, as the status page says it in the reader's language; the shipped rules say the same."""

from __future__ import annotations

from contact.faces.console.shared.labels import N_

# fmt: off
RUNBOOKS = {
    "ContactLedgerNotAsPromised": N_(
        "Run `contact ledger check`; `contact halt --why …` if contacts go out wrongly; keep the "
        "database as it is."
    ),
    "ContactLedgerNotChecked": N_(
        "Is a worker running? `contact serve --role worker`; its log says why a round failed."
    ),
    "ContactOptOutsSlow": N_(
        "Look at the disk of the database and of the journal, then at requests in flight; opt-outs "
        "have places of their own."
    ),
    "ContactUnknownContacts": N_(
        "Ask the gateway for its report, then `contact reconcile` each; look for time-outs of the "
        "gateway."
    ),
    "ContactHalted": N_(
        "`contact halts` says who set it and why; `contact resume --why …` when the reason is gone."
    ),
    "ContactHandOverLate": N_(
        "Status page: last trouble of the gateway, halts, processes with role worker. Nothing is "
        "lost meanwhile."
    ),
    "ContactReceiptsOfNobody": N_(
        "After a restore they are of contacts made since the backup. Else a gateway sends receipts "
        "to the wrong service: compare its address for them with CONTACT_PUBLIC_URL."
    ),
    "ContactReceiptsRefused": N_(
        "The log's `request` lines of this route say why, by `code`: a key that was revoked, an address of "
        "another service, a form the gateway was not set up for. A STOP among them was not heard: find it in "
        "the gateway's log."
    ),
    "ContactQueueOld": N_(
        "Are agents of this channel, language and unit at work? `contact jobs` and the overview say"
        " what waits."
    ),
    "ContactJobsWait": N_(
        "Is a worker running, does Redis answer (contact_bell_up)? Without Redis jobs are done one "
        "after another."
    ),
    "ContactJobsFailed": N_(
        "`contact jobs --failed` says why; mend the input and ask again, or `contact jobs retry ID "
        "--why …`."
    ),
    "ContactStoreDown": N_(
        "Look at CONTACT_DATABASE_URL, the database's log and the disk. Requests are answered 503 "
        "until it is back."
    ),
    "ContactRedisDown": N_(
        "Start Redis again; the bundled Valkey is started again by the worker by itself."
    ),
    "ContactNoWorker": N_(
        "Start `contact serve --role worker`, or see why it ended in its log."
    ),
    "ContactTurnedAway": N_(
        "Requests in flight and the database's times say which is short; start further processes "
        "with --role api."
    ),
    "ContactConnectionsCutOff": N_(
        "See who holds them (`ss -tn`); raise the limit of open files (LimitNOFILE in systemd's "
        "unit), or start further processes with --role api."
    ),
    "ContactFaults": N_(
        "The log has each with class, frames and request id."
    ),
    "ContactCallsLost": N_(
        "The database does not take calls: look at its log and the disk. What waits is written when it "
        "is back; up to 20,000 calls a process wait."
    ),
    "ContactDecisionsLost": N_(
        "The database does not take records of decisions: look at its log and the disk. What waits is "
        "written when it is back; up to 5,000 records a process wait."
    ),
    "ContactCardViewsRefused": N_(
        "`contact audit list --act card.refused` says who; talk to them, or `contact card-views PERSON "
        "--more 50 --why …`."
    ),
}
# fmt: on
"""Alert → what to do."""
