"""Delete what is older than ``operator.yaml`` lets it be: once a day by itself, or when somebody asks."""

from __future__ import annotations

from contact.clock import real_now
from contact.domain.acts import Act
from contact.domain.privacy_answers import RetentionAnswer
from contact.ports import Periods, Ports
from strategies.declared.playbook import Operator
from strategies.documents.privacy import RETENTION
from strategies.instants import DAY, Instant, to_datetime

EVERY = 1 * DAY
BY_ITSELF = "daily run"


async def retain(ports: Ports, *, author: str, role: str, dry_run: bool) -> RetentionAnswer:
    """What is, or in a dry run would be, deleted. Raises NotFound where no playbook was published."""
    playbook, now = await ports.playbooks.current(), (await ports.clock.now()).at
    kept = kept_for(playbook.operator)
    periods = Periods(
        before={kind: Instant(now - period) for kind, period in kept.items()},
        files_before={kind: Instant(real_now() - period) for kind, period in kept.items()},
        look_back=ports.profiles.looks_back(playbook, now),
        watched=playbook.events_watched(),
    )
    if dry_run:
        records = await ports.retention.due(periods)
    else:
        await ports.erasures.replay()
        await ports.erasures.forget()
        records = await ports.retention.run(periods, Act(author, role, "retention.run"))
    return RetentionAnswer(
        at=to_datetime(now),
        deleted=not dry_run,
        records=dict(sorted(records.items())),
        days={kind: period / DAY for kind, period in sorted(kept.items())},
    )


async def retain_if_due(ports: Ports) -> bool:
    """The daily run, where a day has passed since the last; whether it ran. Raises NotFound where nothing is published."""
    last, now = await ports.retention.last_run(), (await ports.clock.now()).at
    if last is not None and now - last < EVERY:
        return False
    await retain(ports, author=BY_ITSELF, role="worker", dry_run=False)
    return True


def kept_for(operator: Operator) -> dict[str, int]:
    """Kind of record → how long this operator keeps it, in microseconds."""
    return {kind: operator.retention.get(kind, usual) for kind, usual in RETENTION.items()}
