"""Who is about to leave: customers by the risk that ``contact score`` found, and whether a call is allowed now."""

from __future__ import annotations

from contact.domain.answers import PermissionAnswer
from contact.domain.model_answers import WarningRow, WarningsAnswer
from contact.flow.gather import Gathered, gather, identity_or_none
from contact.flow.learning.known_columns import is_there, with_field
from contact.flow.wording import read_value
from contact.flow.working.show_customer import permissions_of
from contact.ports import Ports
from strategies.candidate import OUTGOING
from strategies.declared.playbook import Field, Playbook
from strategies.instants import to_datetime
from strategies.problems import Hint, Problem, ProblemsFound, Where

ABOVE = 0.6
LIMIT = 100
TIER = "value_tier"
"""The field that says how much a customer is worth, where the playbook declares it."""
_RISK, _REASONS = "warning_risk_", "warning_reasons_"


async def list_warnings(
    ports: Ports, above: float = ABOVE, limit: int = LIMIT, language: str = "en"
) -> WarningsAnswer:
    """Customers whose risk is at least ``above``, highest first, without names or numbers.

    Who opted out stays on the list, as not allowed. Raises ProblemsFound (``model.none``) where nobody was scored yet.
    """
    playbook, moment = await ports.playbooks.current(), await ports.clock.now()
    risk, reasons = _columns(playbook)
    if not is_there(risk, await ports.learning.sources()):
        message, hint = "nobody was scored for churn yet", Hint("train a model of churn, then: contact score")
        raise ProblemsFound([Problem("model.none", message, Where("models/"), hint)])
    table = await ports.learning.table(with_field(playbook, risk, reasons), [risk.name, reasons.name])
    risky = table[table[risk.name] >= above]
    order = sorted(
        zip(risky[risk.name].tolist(), risky.index.tolist(), risky[reasons.name], strict=True),
        key=lambda row: (-row[0], row[1]),
    )
    rows = []
    for score, customer, names in order[:limit]:
        gathered = await gather(ports, customer)
        manager = (await identity_or_none(ports, gathered.profile.customer)).manager
        rows.append(_row(gathered, score, names, reasons, manager, language))
    return WarningsAnswer(at=to_datetime(moment.at), above=above, total=len(risky), rows=rows)


def _columns(playbook: Playbook) -> tuple[Field, Field]:
    """Risk and reasons of the model of churn, as fields of ours."""
    score = next(
        (each.score for each in playbook.models.values() if each.learns == "churn" and each.score), None
    )
    if score is None:
        hint = Hint("declare one as models/churn.yaml")
        raise ProblemsFound(
            [Problem("model.none", "the playbook declares no model of churn", Where("models/"), hint)]
        )
    return (
        Field(_RISK, "number", f"scores.{score}"),
        Field(_REASONS, "list", f"scores.{score}_reasons"),
    )


def _row(
    gathered: Gathered, risk: float, names: tuple[str, ...] | None, reasons: Field, manager: str | None, language: str
) -> WarningRow:  # fmt: skip
    facts = gathered.profile.facts
    words = read_value(names, reasons, facts, gathered.playbook, language)
    tier = facts.get(TIER)
    call = _call(gathered, language)
    return WarningRow(
        customer=gathered.profile.customer,
        risk=risk,
        reasons=list(words) if isinstance(words, tuple) else [],
        value_tier=tier if isinstance(tier, str) else None,
        unit=gathered.profile.unit,
        manager=manager,
        allowed=call is not None and call.allowed,
        until=None if call is None or call.allowed else call.until,
    )


def _call(gathered: Gathered, language: str) -> PermissionAnswer | None:
    """May somebody call this customer now: asked for the first channel that people contact customers in."""
    channels = gathered.playbook.channels.values()
    called = next(
        (each.name for each in channels if each.direction == OUTGOING and each.delivery == "agents"), None
    )
    return next((each for each in permissions_of(gathered, language) if each.channel == called), None)
