"""An effect and the word that it happened are one commit: a request repeated after a crash never does it twice."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import TypeVar

from contact.faults import Conflict
from contact.ports.claims import Claim
from contact.storage.transaction import Transaction

_T = TypeVar("_T")


def claimed(work: Callable[[Transaction], _T], claim: Claim) -> Callable[[Transaction], _T]:
    """The unit of work, refused where the claim was taken away, and noted with its answer where it is done.

    The result raises Conflict inside the transaction, so that nothing of the unit stands.
    """

    def work_and_note(tx: Transaction) -> _T:
        named = {"scope": claim.scope, "key": claim.key}
        if not tx.run("hold_idempotent", **named, since_us=claim.since):
            raise Conflict("this request took so long that a repeat of it was begun")
        result = work(tx)
        made = claim.answer(result) if claim.answer is not None else None
        if made is not None:
            status, body = made
            tx.run("finish_idempotent", **named, status=status, body=b64encode(body).decode())
            claim.kept = True
        return result

    return work_and_note
