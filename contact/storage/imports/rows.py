"""Checked rows of the kinds that live in SQL, and the identities that customers and lines leave there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from contact.domain.outcome import disposition, results_known
from contact.storage.generations.arrow import cells
from contact.storage.imports.checking import LINE, CheckedFile
from contact.storage.imports.mapping import FileMapping
from contact.storage.imports.news import Parameters
from contact.storage.keys.numbers import NumberHasher
from strategies.declared.playbook import Playbook
from strategies.instants import Instant
from strategies.profile import Consent

_STATES = ("sent", "delivered", "undelivered", "not_sent")
_IDENTITY = (
    "account",
    "household",
    "device",
    "name",
    "number",
    "number_hash",
    "language",
    "zone",
    "unit",
    "manager",
)


def identities(changed: pa.Table, mapping: FileMapping) -> Iterator[Parameters]:
    """Rows for the identity table, not sealed yet; in a snapshot what the file does not tell becomes empty."""
    whole = mapping.mode == "snapshot"
    told = {
        f"has_{name}": int(whole or mapping.column(name) is not None)
        for name in ("name", "number", "manager")
    }
    for row in _rows(changed, "customer", "customer_hash", "bucket", *_IDENTITY):
        yield {
            "customer_id": row["customer"],
            "customer_hash": row["customer_hash"],
            "bucket": row["bucket"],
            "account_id": row["account"] or row["customer"],
            "household_id": row["household"],
            "device_id": row["device"],
            **{name: row[name] for name in _IDENTITY[3:]},
            **told,
        }


def line_identities(changed: pa.Table, mapping: FileMapping) -> Iterator[Parameters]:
    """Rows for the line_identity table, not sealed yet."""
    has_number = int(mapping.mode == "snapshot" or mapping.column("number") is not None)
    for row in _rows(changed, "id", "customer", "number", "number_hash"):
        yield {
            "line_id": row["id"],
            "customer_id": row["customer"],
            "number": row["number"],
            "number_hash": row["number_hash"],
            "has_number": has_number,
        }


def staff(checked: CheckedFile) -> list[Parameters]:
    """Rows of the staff table."""
    return [
        {
            **{name: row[name] for name in ("id", "name", "role", "unit", "team")},
            "languages": json.dumps(row["languages"] or []),
            "channels": json.dumps(row["channels"] or []),
        }
        for row in _rows(checked.table, "id", "name", "role", "unit", "team", "languages", "channels")
    ]


def scopes_unknown(checked: CheckedFile, playbook: Playbook) -> None:
    """Set aside rows of consents for a channel or category there is not: a withdrawal that is misspelt would bind nobody."""
    known = {
        "channel": {*playbook.channels, "all"},
        "category": {*playbook.operator.categories, "all", "promotional"},
    }
    checked.set_aside_each(
        [
            (row[LINE], _theirs(checked, name), f"is no {name} of the playbook")
            for row in _rows(checked.table, LINE, *known)
            for name, allowed in known.items()
            if row[name] is not None and row[name] not in allowed
        ]
    )


def _theirs(checked: CheckedFile, name: str) -> str:
    """What the file calls a column of ours."""
    column = checked.mapping.column(name)
    return name if column is None else column.source or name


def consents(checked: CheckedFile, hasher: NumberHasher) -> list[Consent]:
    """The consent records of a file; where two disagree about the same scope and instant, the withdrawal stands."""
    found: dict[tuple[Any, ...], Consent] = {}
    for row in _rows(
        checked.table, "customer", "number", "given", "channel", "category", "at", "source", "evidence", "until"
    ):  # fmt: skip
        number_hash = None if row["number"] is None else hasher(row["number"])
        for customer, number in _bound(row["customer"], number_hash, given=row["given"]):
            consent = Consent(
                given=row["given"],
                at=Instant(row["at"]),
                channel=row["channel"] or "all",
                category=row["category"] or "all",
                customer=customer,
                number_hash=number,
                source=row["source"] or "import",
                evidence=row["evidence"] or "",
                until=None if row["until"] is None else Instant(row["until"]),
            )
            scope = (customer, number, consent.channel, consent.category, consent.at)
            if scope not in found or _is_stricter(consent, found[scope]):
                found[scope] = consent
    return list(found.values())


def _bound(customer: str | None, number: str | None, *, given: bool) -> list[tuple[str | None, str | None]]:
    """Whom a row binds: a withdrawal the person and the number, a grant the person if there is one."""
    if customer is not None and number is not None:
        return [(customer, None)] if given else [(customer, None), (None, number)]
    return [(customer, number)]


def _is_stricter(consent: Consent, other: Consent) -> bool:
    if consent.given != other.given:
        return other.given
    longer = (consent.until or 1 << 62) > (other.until or 1 << 62)
    return longer != consent.given and consent.until != other.until


def natural_key(consent: Consent) -> str:
    """What makes a consent record of a file the same when the file is imported again."""
    parts = (
        consent.customer, consent.number_hash, consent.channel, consent.category, consent.given, consent.at,
        consent.until, consent.source,
    )  # fmt: skip
    return "import:" + blake2b(json.dumps(parts).encode(), digest_size=16).hexdigest()


def past_contacts(
    checked: CheckedFile, customers: pa.Table, lines: pa.Table | None, playbook: Playbook | None
) -> list[Parameters]:
    """Rows of the contact table, each in its final state; faulty ones are set aside in ``checked``.

    Without a published playbook nobody says what is promotional or incoming: all counts as promotional and outgoing.
    """
    people = _by_id(customers, "customer", ("account", "household", "device", "number_hash"))
    numbers = {} if lines is None else _by_id(lines, "id", ("customer", "number_hash"))
    wanted = (
        "id",
        "customer",
        "channel",
        "category",
        "at",
        "result",
        "strategy",
        "offer",
        "family",
        "line",
        "state",
    )
    found = []
    faults: list[tuple[int, str, str]] = []
    for row in _rows(checked.table, LINE, *wanted):
        fault = _contact_fault(row, people, playbook)
        if fault is None:
            found.append(_past_contact(row, people[row["customer"]], numbers.get(row["line"]), playbook))
        else:
            faults.append((row[LINE], *fault))
    checked.set_aside_each([(line, _theirs(checked, name), reason) for line, name, reason in faults])
    return found


def _contact_fault(
    row: Parameters, people: Mapping[str, Any], playbook: Playbook | None
) -> tuple[str, str] | None:
    if row["customer"] not in people:
        return "customer", "belongs to no imported customer"
    operator = playbook.operator if playbook is not None else None
    if row["result"] is not None and row["result"] not in results_known(operator):
        return "result", f"is none of {', '.join(results_known(operator))}"
    if row["state"] is not None and row["state"] not in _STATES:
        return "state", f"is none of {', '.join(_STATES)}"
    if playbook is not None and row["channel"] not in playbook.channels:
        return "channel", "is no channel of the playbook"
    if playbook is not None and row["category"] not in playbook.operator.categories:
        return "category", "is no category of the playbook"
    return None


def _past_contact(
    row: Parameters, person: Parameters, line: Parameters | None, playbook: Playbook | None
) -> Parameters:
    channel = playbook.channels[row["channel"]] if playbook is not None else None
    direction = "outgoing" if channel is None else channel.direction
    promotional = True if playbook is None else playbook.operator.categories[row["category"]]
    operator = playbook.operator if playbook is not None else None
    moments = disposition(row["result"], operator).moments if row["result"] else frozenset[str]()
    number = line["number_hash"] if line is not None and line["customer"] == row["customer"] else None
    state = row["state"] or "sent"
    return {
        "id": f"past-{row['id']}",
        "customer_id": row["customer"],
        "account_id": person["account"] or row["customer"],
        "household_id": person["household"],
        "device_id": person["device"],
        "number_hash": number or person["number_hash"],
        "line_id": row["line"],
        **{name: row[name] or "" for name in ("strategy", "offer", "family")},
        "channel": row["channel"],
        "direction": direction,
        "category": row["category"],
        "promotional": int(promotional),
        "state": state,
        "result": row["result"],
        "at_us": row["at"],
        "delivered_us": row["at"] if state == "delivered" else None,
        "shown_us": row["at"] if direction == "incoming" else None,
        **{
            f"{name}_us": row["at"] if name in moments else None
            for name in ("connected", "accepted", "rejected")
        },
    }


def _by_id(table: pa.Table, key: str, names: tuple[str, ...]) -> dict[str, Parameters]:
    return {row[key]: row for row in _rows(table, key, *names)}


def _rows(table: pa.Table, *names: str) -> Iterator[Parameters]:
    """Rows as dicts; a column that is not there is NULL."""
    columns: list[list[Any]] = [
        cells(table[name]) if name in table.column_names else [None] * table.num_rows for name in names
    ]
    return (dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True))
