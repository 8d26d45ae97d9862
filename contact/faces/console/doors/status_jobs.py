"""What the status page does about long work: try what failed again, end what nobody waits for."""

from __future__ import annotations

from contextlib import suppress

from aiohttp import web

from contact.faces.console.doors.status import shown
from contact.faces.console.shared.guard import Turn
from contact.faces.console.shared.once import once
from contact.faults import Conflict
from contact.flow.jobs.queue_job import cancel_job, retry_job

LONGEST_REASON = 500


async def retry(turn: Turn) -> web.StreamResponse:
    """The chosen jobs wait for a worker again, for one reason that goes on record."""
    chosen = [str(each) for each in turn.visit.form.getall("job", [])]
    why = turn.visit.text("why", LONGEST_REASON)
    say = turn.visit.words.gettext
    problems = [] if chosen else [("jobs", say("Choose at least one job."))]
    problems += [] if why else [("why", say("Say why, so that others can follow it."))]
    if problems:
        return await shown(turn, problems)
    key = turn.visit.key
    author, role = turn.visit.person or "", key.role if key is not None else ""

    async def act() -> str:
        for job in chosen:
            with suppress(Conflict):  # it waits or runs already, and is shown as it is
                await retry_job(turn.ports, job, author=author or role, role=role, why=why)
        return "retried"

    return _back(await once(turn, act))


async def cancel(turn: Turn) -> web.StreamResponse:
    """End a job that waits, or a simulation that runs. Raises NotFound."""

    async def act() -> str:
        with suppress(Conflict):  # it ended by itself meanwhile, and is shown as it is
            await cancel_job(turn.ports, turn.visit.request.match_info["job"])
        return "ended"

    return _back(await once(turn, act))


def _back(said: str) -> web.Response:
    return web.Response(status=303, headers={"Location": f"/status?said={said}#jobs"})
