"""An effect and the word that it happened are one commit: a request repeated after a crash never does it twice."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterable, Sequence
from typing import Any

from contact.faults import Conflict
from contact.ports.claims import Claim
from contact.storage.databases.transaction import Transaction
from contact.storage.databases.units import Unit

Kept = tuple[str, str, int, bytes]
"""Scope, key, status and body of an answer that every repeat will get."""


def answers_of(tx: Transaction, units: Sequence[Unit]) -> Sequence[Any]:
    """What the one work of these units answers, refused where a claim was taken away, and noted with each claim's answer.

    What a claim covers raises inside the transaction, so that nothing of it stands, nor of what was done together with it.
    """
    claims = [unit.claim for unit in units if unit.claim is not None]
    if claims:
        _hold(tx, claims)
    answers = units[0].work(tx, [unit.item for unit in units])
    if claims:
        _note(tx, units, answers)
    return answers


def keep_answers(tx: Transaction, kept: Iterable[Kept]) -> None:
    """Each request is done, and this is its answer; of two for one key the later."""
    found = {
        (scope, key): {"scope": scope, "key": key, "status": status, "body": b64encode(body).decode()}
        for scope, key, status, body in kept
    }
    tx.run("finish_idempotent", rows=json.dumps(list(found.values())))


def _hold(tx: Transaction, claims: Sequence[Claim]) -> None:
    named = {(claim.scope, claim.key): claim.since for claim in claims}
    rows = [{"scope": scope, "key": key, "since_us": since} for (scope, key), since in named.items()]
    if len(named) < len(claims) or tx.run("hold_idempotent", rows=json.dumps(rows)) < len(claims):
        raise Conflict("this request took so long that a repeat of it was begun")


def _note(tx: Transaction, units: Sequence[Unit], answers: Sequence[Any]) -> None:
    kept: list[Kept] = []
    for unit, answer in zip(units, answers, strict=True):
        claim = unit.claim
        if claim is None:
            continue
        if isinstance(answer, BaseException):
            raise answer
        made = claim.answer(answer) if claim.answer is not None else None
        if made is not None:
            kept.append((claim.scope, claim.key, *made))
            claim.kept = True
    if kept:
        keep_answers(tx, kept)
