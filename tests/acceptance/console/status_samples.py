"""Hand-made answers for the status page."""

from __future__ import annotations

from typing import Any

from contact.clock import real_now
from contact.domain.halt import Halt
from contact.faces.console.doors.in_store import InStore
from contact.ports import Job, Journal, Process, Standing
from contact.ports.audit import LedgerChecked
from contact.ports.standing import Count, GatewayTrouble
from strategies.instants import HOUR, MINUTE, SECOND, Instant


def processes() -> list[Process]:
    """One that lives and one that fell silent with an earlier playbook."""
    now = real_now()
    lives = Process(4711, "db-1", "api", "0.1.0", "23d570dd" * 8, Instant(now - HOUR), Instant(now - SECOND))
    silent = Process(
        4712, "db-2", "worker", "0.1.0", "9b74c989" * 8, Instant(now - 2 * HOUR), Instant(now - HOUR),
        {"journal": Instant(now - 2 * HOUR), "redis": Instant(now - HOUR)},
    )  # fmt: skip
    return [lives, silent]


def in_store(*, full: bool) -> InStore:
    """A store with trouble of every kind, or one that was just begun."""
    now = real_now()
    if not full:
        return InStore(
            Standing(now, False, (), (), (), {}, ()),
            "23d570dd" * 8,
            frozenset(),
            frozenset(),
            [],
            None,
            None,
            None,
            [],
            [],
            [],
        )
    oldest = Instant(now - 3 * HOUR)
    contacts = (Count("sms", "reserved", 48_210, oldest), Count("sms", "unknown", 3, oldest))
    tasks = (Count("outbound_call", "waiting", 212, oldest), Count("outbound_call", "started", 9, oldest))
    trouble = GatewayTrouble("sms", Instant(now - MINUTE), "the gateway answered: 503")
    standing = Standing(now, True, contacts, tasks, (), {"reserved": 5120, "sending": 4870}, (trouble,))
    problems = [{"code": "import.column", "message": "arpu is no column of this file", "path": "customers.yaml", "line": 4,
                 "column": 3, "hint": "…"}] * 5  # fmt: skip
    return InStore(
        standing=standing,
        in_force="23d570dd" * 8,
        by_gateway=frozenset({"sms"}),
        gateways=frozenset({"sms"}),
        halts=[Halt("channel", "sms", Instant(now - HOUR), "A0001", "网关重复发送")],
        checked=LedgerChecked(
            Instant(now - MINUTE),
            Instant(now - HOUR),
            {"orphans": 2, "moves_astray": 0},
            {"orphans": Instant(now - HOUR)},
        ),
        backup=Instant(now - HOUR),
        drill=None,
        open=[_job("plan", "running", now, 400, 1000), _job("simulate", "queued", oldest, 0, None)],
        failed=[
            _job("import", "failed", now, 0, None, problems),
            _job(
                "train",
                "failed",
                oldest,
                3,
                5,
                [{"code": "poison_job", "message": "three workers died of this job"}],
            ),
        ],
        keys_ending=[("ck_7f3k2m9q", "gateway", Instant(now + 9 * 24 * HOUR))],
    )


def _job(
    kind: str, state: str, at: Instant, done: int, total: int | None, problems: list[dict[str, Any]] | None = None
) -> Job:  # fmt: skip
    """A job whose id says nothing but which one it is."""
    id, ended, parked = (
        f"01a202e7-40d6-72bb-88d6-{at % 10**12:012}",
        at if problems else None,
        kind == "train",
    )
    return Job(id, kind, {}, state, done, total, "", at, ended, None, problems or [], parked=parked)


def journal(*, full: bool) -> Journal:
    """A journal on a full disk, or none yet."""
    changed = Instant(real_now() - 2 * HOUR)
    return Journal("opt-outs.jsonl", 20_480, changed, True) if full else Journal("", 0, None, False)
