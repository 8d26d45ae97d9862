"""Trained models: a file each in ``CONTACT_HOME/models``, known by hash and HMAC, and a history of what was in force.

The file is written under another name, synced and renamed before its row is committed, so a row always has its file.
The HMAC's key is derived from the installation's secret: whoever can write the folder and the table cannot sign.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contact.domain.acts import Act
from contact.faults import Conflict, ModelBroken, NotFound
from contact.ports import ModelRow
from contact.storage.databases import rows
from contact.storage.databases.chaining import record_in
from contact.storage.databases.database import Database
from contact.storage.databases.durable import sync_to_disk
from contact.storage.databases.transaction import Row, Transaction
from strategies.instants import Instant
from strategies.profile import Subject


class Models:
    """Keeps ModelPort on either database."""

    def __init__(self, database: Database, folder: Path, key: bytes) -> None:
        self.database, self.folder, self._key = database, folder, key

    async def save(self, model: str, content: bytes, report: Mapping[str, Any]) -> ModelRow:
        """Keep a trained model as the next number, as a candidate."""
        hashed, told = hashlib.sha256(content).hexdigest(), rows.json_text(report)

        def work(tx: Transaction) -> ModelRow:
            last = tx.row("last_model_number", model=model)
            number = int(last["number"] if last else 0) + 1
            id, now = f"{model}-{number}", tx.now()
            self._write(id, content)
            tx.run(
                "insert_model", id=id, model=model, number=number, hash=hashed,
                signature=self._signature(id, content), report=told, created_us=now,
            )  # fmt: skip
            return _found(tx, id)

        return await self.database.write(work, _held(model))

    async def list(self, model: str | None = None) -> list[ModelRow]:
        """Newest first."""

        def work(tx: Transaction) -> list[ModelRow]:
            histories = _histories(tx, model)
            found = tx.rows("list_models", model=model)
            return [_model(row, histories.get(row["model"], _History())) for row in found]

        return await self.database.read(work)

    async def get(self, id: str) -> ModelRow:
        """One model. Raises NotFound."""
        return await self.database.read(lambda tx: _found(tx, id))

    async def content(self, id: str) -> bytes:
        """The file's bytes, after its hash and HMAC were checked. Raises NotFound, ModelBroken."""
        row = await self.database.read(lambda tx: _row(tx, id))
        return await asyncio.to_thread(self._checked, row)

    async def in_force(self, model: str) -> ModelRow | None:
        """The model in force, None where none was promoted yet."""

        def work(tx: Transaction) -> ModelRow | None:
            stack = _histories(tx, model).get(model, _History()).stack
            return _found(tx, stack[-1]) if stack else None

        return await self.database.read(work)

    async def promote(self, id: str, *, author: str, why: str, over: str | None = None) -> ModelRow:
        """Put it in force in place of the one before, which must be ``over`` where that is said ("" for none).

        Raises NotFound, ModelBroken; Conflict if it is in force already or another than ``over`` is.
        """
        row = await self.database.read(lambda tx: _row(tx, id))
        await asyncio.to_thread(self._checked, row)
        model: str = row["model"]

        def work(tx: Transaction) -> ModelRow:
            stack = _histories(tx, model).get(model, _History()).stack
            if stack and stack[-1] == id:
                raise Conflict(f"model {id} is in force already")
            if over is not None and (stack[-1] if stack else "") != over:
                raise Conflict(f"another than {over or 'none'} is in force by now: train model {model} again")
            _put_in_force(tx, model, id, author, why, back=False)
            return _found(tx, id)

        return await self.database.write(work, _held(model))

    async def roll_back(self, model: str, *, author: str, why: str) -> ModelRow:
        """Put the one before in force again. Raises NotFound where nothing is in force, Conflict where none was before.

        Going back twice goes back two steps. The file of the one before is checked first (ModelBroken).
        """

        def work(tx: Transaction) -> ModelRow:
            stack = _histories(tx, model).get(model, _History()).stack
            if not stack:
                raise NotFound(f"no model {model} is in force")
            if len(stack) < 2:
                raise Conflict(f"before {stack[-1]} no model {model} was in force")
            self._checked(_row(tx, stack[-2]))
            _put_in_force(tx, model, stack[-2], author, why, back=True)
            return _found(tx, stack[-2])

        return await self.database.write(work, _held(model))

    def _write(self, id: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = self.folder / f".{id}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._path(id))
        sync_to_disk(self.folder)

    def _checked(self, row: Row) -> bytes:
        id, model = row["id"], row["model"]
        advice = (
            f"put the file back from a backup, `contact models roll-back {model}`, or `contact train {model}`"
        )
        try:
            content = self._path(id).read_bytes()
        except OSError as error:
            reason = "is missing" if isinstance(error, FileNotFoundError) else "cannot be read"
            raise ModelBroken(f"the file models/{id}.json {reason}: {advice}") from error
        if hashlib.sha256(content).hexdigest() != row["hash"]:
            raise ModelBroken(f"the file models/{id}.json was changed, its hash does not fit: {advice}")
        if not hmac.compare_digest(self._signature(id, content), row["signature"]):
            message = f"the file models/{id}.json was not signed by this installation's secret"
            raise ModelBroken(f"{message}: bring the `secret` back that it was trained with, or {advice}")
        return content

    def _signature(self, id: str, content: bytes) -> str:
        return hmac.new(self._key, id.encode() + b"\0" + content, hashlib.sha256).hexdigest()

    def _path(self, id: str) -> Path:
        return self.folder / f"{id}.json"


@dataclass(slots=True)
class _History:
    """What a model's promotions come to: ``stack[-1]`` is in force, the one below it was before."""

    stack: list[str] = field(default_factory=list)
    last: dict[str, Row] = field(default_factory=dict)
    """Model id → when, by whom and why it was last put in force."""

    def take(self, row: Row) -> None:
        if row["back"]:
            self.stack.pop()
        else:
            self.stack.append(row["model_id"])
        self.last[row["model_id"]] = row


def _histories(tx: Transaction, model: str | None) -> dict[str, _History]:
    found: dict[str, _History] = {}
    for row in tx.rows("list_promotions", model=model):
        found.setdefault(row["model"], _History()).take(row)
    return found


def _put_in_force(tx: Transaction, model: str, id: str, author: str, why: str, *, back: bool) -> None:
    act = "model.rolled_back" if back else "model.promoted"
    record_in(tx, Act(author, "", act, id, {"model": model}, why))
    tx.run(
        "insert_promotion", model=model, model_id=id, back=int(back), at_us=tx.now(), author=author, why=why
    )


def _held(model: str) -> tuple[Subject, ...]:
    """Whoever numbers or promotes a model holds it until the commit."""
    return (Subject("pointer", f"model {model}"),)


def _row(tx: Transaction, id: str) -> Row:
    row = tx.row("read_model", id=id)
    if row is None:
        raise NotFound(f"there is no model {id}")
    return row


def _found(tx: Transaction, id: str) -> ModelRow:
    row = _row(tx, id)
    return _model(row, _histories(tx, row["model"]).get(row["model"], _History()))


def _model(row: Row, history: _History) -> ModelRow:
    last = history.last.get(row["id"])
    in_force = bool(history.stack) and history.stack[-1] == row["id"]
    return ModelRow(
        id=row["id"],
        model=row["model"],
        number=int(row["number"]),
        state="in_force" if in_force else "retired" if last else "candidate",
        hash=row["hash"],
        created=Instant(row["created_us"]),
        report=json.loads(row["report"]),
        promoted=Instant(last["at_us"]) if last else None,
        author=last["author"] if last else "",
        why=last["why"] if last else "",
    )
