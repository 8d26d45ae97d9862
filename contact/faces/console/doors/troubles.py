"""What is wrong now, since when, and what to do, in the reader's words: the first thing the status page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contact.domain.halt import Halt
from contact.faces.console.doors.in_store import InStore
from contact.faces.console.doors.runbooks import RUNBOOKS
from contact.faces.console.shared.labels import N_
from contact.faces.console.shared.pages import Look
from contact.ports import Process
from contact.ports.standing import Count, GatewayTrouble
from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant, to_datetime

SILENT_AFTER = 20 * SECOND
"""A process that has not said for so long that it lives is shown as silent."""
CHECK_OLD, LATE, QUEUE_OLD, JOB_WAITS = 10 * MINUTE, 5 * MINUTE, 4 * HOUR, 10 * MINUTE
"""From here on the shipped alerts speak, and so does the page."""
WORKERS = ("all", "worker")
DATABASE = N_(
    "Look at CONTACT_DATABASE_URL, its log and its disk. Requests are refused until it is back; nothing is lost."
)
JOURNAL = N_(
    "Make room there at once. As soon as nothing more can be written every opt-out is refused, and whoever asks is told so."
)
NO_GATEWAY = N_(
    "No gateway is set here for this channel: is CONTACT_SMS_URL set, for the workers too? Until then nobody is sent "
    "anything."
)
SILENT = N_(
    "It was killed or hangs: look at its log, and start it again if nobody did. What it had in hand is taken over; an hour "
    "after its last sign of life it leaves this page."
)
GATEWAY = N_(
    "Look at CONTACT_SMS_URL and the log of the gateway. What it refused for now is tried again each minute; what nobody "
    "knows of is counted and not sent again: `contact reconcile`."
)
MESSAGE = N_(
    "The gateway had no part in it, and the contact counts nowhere: mend the text, the field or the number of the customer."
)
RESUME = N_("When the reason is gone: `contact resume %(named)s--why …`. What is reserved waits.")
QUARANTINE = N_("Look through what the restore said, then `contact quarantine end --why …`.")
FAILED = N_("Each is below with its reason. Mend the input and ask again, or try it again there.")
BACKUP = N_(
    "Nothing could be brought back: `contact backup DIR`, and keep the file `secret` in a safe of its own."
)
KEY = N_("`contact key rotate %(prefix)s` makes the next one.")


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, since when, how many seconds ago that is, and what to do; commands stand between backticks."""

    what: str
    since: datetime | None
    seconds: int
    todo: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What the page sees, from which troubles are told."""

    look: Look
    found: InStore | None
    bell: bool
    processes: Sequence[Process]
    journal_full: bool
    now: Instant

    def say(self, text: str, **values: object) -> str:
        """In the reader's language."""
        said = self.look.formats.words.gettext(text)
        return said % values if values else said

    def trouble(
        self, what: str, since: Instant | None, todo: str, now: Instant | None = None, **values: object
    ) -> Trouble:
        """One trouble; ``now`` of the store's clock where ``since`` is."""
        seconds = 0 if since is None else max(0, ((now or self.now) - since) // SECOND)
        return Trouble(what, None if since is None else to_datetime(since), seconds, self.say(todo, **values))

    def missed(self, name: str) -> Instant | None:
        """Since when the processes that live miss something, as far as one of them has noticed."""
        return min((each.misses[name] for each in self.processes if name in each.misses), default=None)


def troubles(seen: Seen) -> list[Trouble]:
    """All of them, what stops most first; without the database those that are known without it."""
    told = list(_of_the_house(seen))
    if seen.found is not None:
        told += [
            *_of_the_ledger(seen, seen.found),
            *_halted(seen, seen.found),
            *_of_gateways(seen, seen.found),
        ]
        told += [*_waiting(seen, seen.found), *_of_jobs(seen, seen.found), *_of_safety(seen, seen.found)]
    return told


def lives(process: Process, now: Instant) -> bool:
    """Whether it has said so lately."""
    return now - process.beat < SILENT_AFTER


def _of_the_house(seen: Seen) -> Iterator[Trouble]:
    if seen.found is None:
        yield seen.trouble(seen.say(N_("The database does not answer")), seen.missed("database"), DATABASE)
    if not seen.bell:
        yield seen.trouble(
            seen.say(N_("Redis does not answer; jobs are done one after another")),
            seen.missed("redis"),
            RUNBOOKS["ContactRedisDown"],
        )
    if seen.journal_full:
        yield seen.trouble(
            seen.say(N_("The disk of the journal of opt-outs is full, or nearly so")),
            seen.missed("journal"),
            JOURNAL,
        )
    workers = [each for each in seen.processes if each.role in WORKERS]
    if not any(lives(each, seen.now) for each in workers):
        last = max((each.beat for each in workers), default=None)
        what = seen.say(N_("No worker lives: nothing is handed over, swept or planned"))
        yield seen.trouble(what, last, RUNBOOKS["ContactNoWorker"])
    for each in seen.processes:
        if not lives(each, seen.now):
            role = seen.look.named("process_roles", each.role)
            what = seen.say(
                N_("A process is silent: %(role)s %(place)s"), role=role, place=_place(seen, each)
            )
            yield seen.trouble(what.rstrip(), each.beat, SILENT)


def _place(seen: Seen, process: Process) -> str:
    """Where it runs; a stranger is not told."""
    return f"{process.host} {process.pid}" if seen.found is not None else ""


def _of_the_ledger(seen: Seen, found: InStore) -> Iterator[Trouble]:
    checked, at = found.checked, found.standing.at
    if checked is None or seen.now - checked.at > CHECK_OLD:
        old = N_("Nobody has looked at the ledger for ten minutes")
        what = seen.say(N_("Nobody has looked at the ledger yet") if checked is None else old)
        yield seen.trouble(what, None if checked is None else checked.at, RUNBOOKS["ContactLedgerNotChecked"])
    for name, count in sorted(checked.found.items()) if checked is not None else ():
        if count and checked is not None:
            what = seen.say(N_("The ledger is not as promised: %(check)s %(count)s"), check=name, count=count)
            yield seen.trouble(
                what, checked.since.get(name, checked.at), RUNBOOKS["ContactLedgerNotAsPromised"]
            )
    for each in found.standing.contacts:
        if each.state == "unknown" and each.count:
            what = seen.say(
                N_("%(channel)s: contacts of which nobody knows whether they were sent: %(count)s"),
                **_named(seen, each),
            )
            yield seen.trouble(what, each.oldest, RUNBOOKS["ContactUnknownContacts"], at)


def _halted(seen: Seen, found: InStore) -> Iterator[Trouble]:
    for halt in found.halts:
        what = seen.say(N_("Halted: %(what)s, by %(author)s: %(why)s"), what=_covered(seen, halt),
                        author=halt.author, why=halt.why)  # fmt: skip
        if halt.kind == "quarantine":
            yield seen.trouble(what, halt.since, QUARANTINE, found.standing.at)
        else:
            named = f"--{halt.kind} {halt.key} " if halt.key else ""
            yield seen.trouble(what, halt.since, RESUME, found.standing.at, named=named)


def _covered(seen: Seen, halt: Halt) -> str:
    if halt.kind == "channel":
        return seen.look.channel(halt.key)
    if halt.kind == "strategy":
        return seen.look.strategy(halt.key)
    return seen.say(N_("everything, after a restore") if halt.kind == "quarantine" else N_("everything"))


def _of_gateways(seen: Seen, found: InStore) -> Iterator[Trouble]:
    put_off = {each.of: each.oldest for each in found.standing.contacts if each.state == "reserved"}
    at = found.standing.at
    for each in found.standing.troubles:
        oldest = put_off.get(each.channel) if each.channel in found.by_gateway else None
        since = each.at if oldest is None else min(oldest, each.at)
        what = seen.say(N_(": ")).join((seen.look.channel(each.channel), seen.look.why_not(each.why)))
        yield seen.trouble(what, since, _advice(each), at)
    for count in found.standing.contacts:
        late = count.state == "reserved" and count.of in found.by_gateway
        if late and count.oldest is not None and at - count.oldest > LATE:
            what = seen.say(
                N_(
                    "%(channel)s: the gateway should have had the oldest of these contacts long ago: %(count)s"
                ),
                **_named(seen, count),
            )
            todo = RUNBOOKS["ContactHandOverLate"] if count.of in found.gateways else NO_GATEWAY
            yield seen.trouble(what, count.oldest, todo, at)


def _advice(trouble: GatewayTrouble) -> str:
    of_the_message = ("no_text", "no_number", "number_changed", "unknown_field")
    return MESSAGE if trouble.why.startswith(of_the_message) else GATEWAY


def _waiting(seen: Seen, found: InStore) -> Iterator[Trouble]:
    at = found.standing.at
    for each in found.standing.tasks:
        by_person = each.state == "waiting" and each.of not in found.by_gateway
        if by_person and each.oldest is not None and at - each.oldest > QUEUE_OLD:
            what = seen.say(
                N_("%(channel)s: nobody takes the oldest of these tasks: %(count)s"), **_named(seen, each)
            )
            yield seen.trouble(what, each.oldest, RUNBOOKS["ContactQueueOld"], at)


def _of_jobs(seen: Seen, found: InStore) -> Iterator[Trouble]:
    waiting = [each.created for each in found.open if each.state == "queued"]
    if waiting and seen.now - min(waiting) > JOB_WAITS:
        what = seen.say(N_("Jobs that wait for a worker: %(count)s"), count=len(waiting))
        yield seen.trouble(what, min(waiting), RUNBOOKS["ContactJobsWait"])
    failed = [each.finished or each.created for each in found.failed if seen.now - each.created < DAY]
    if failed:
        what = seen.say(N_("Jobs that failed within a day: %(count)s"), count=len(failed))
        yield seen.trouble(what, min(failed), FAILED)


def _of_safety(seen: Seen, found: InStore) -> Iterator[Trouble]:
    if found.backup is None:
        yield seen.trouble(seen.say(N_("There is no backup")), None, BACKUP)
    for prefix, role, end in found.keys_ending:
        when = seen.look.formats.zoned(to_datetime(end))
        what = seen.say(N_("The key %(prefix)s (%(role)s) ends on %(when)s"), prefix=prefix,
                        role=seen.look.named("roles", role), when=when)  # fmt: skip
        yield seen.trouble(what, None, KEY, prefix=prefix)


def _named(seen: Seen, count: Count) -> Mapping[str, object]:
    return {"channel": seen.look.channel(count.of), "count": seen.look.formats.number(count.count)}
