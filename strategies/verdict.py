"""A verdict is what all rules say of one candidate at one instant; a refusal names its rule and when it clears."""

from __future__ import annotations

from typing import Literal

from strategies.instants import Instant
from strategies.problems import Where
from strategies.quick_values import quick_value

Reason = Literal[
    "cap", "hours", "opted_out", "no_consent", "suppressed", "paired", "cooldown", "forbidden",
    "control_group", "unsuitable", "not_eligible", "unknown_field", "outside_validity",
    "no_capacity", "no_budget", "expired", "cannot_tell",
]  # fmt: skip
OnHit = Literal["defer", "reroute", "drop"]


@quick_value
class Refusal:
    """Business says no. Falsy, so that ``if answer`` reads as *allowed*.

    ``rule`` is ``policy.rule`` or a built-in name; ``until`` the first instant at which this rule alone
    would pass, None where time alone never clears it.
    """

    reason: Reason
    rule: str
    until: Instant | None = None
    place: Where | None = None
    field: str | None = None
    """The unknown field, where the reason is ``unknown_field``."""
    on_hit: OnHit = "defer"
    detail: str = ""
    """The values compared, in words: ``2 of 2 in 7 days``."""
    reroute: tuple[str, ...] = ()
    """With ``on_hit`` reroute: the channels to try instead, in this order; none named: any."""

    def __bool__(self) -> bool:
        return False


@quick_value
class Verdict:
    """Allowed, or every refusal; ``until`` is the first instant at which all rules pass, None if time never helps."""

    refusals: tuple[Refusal, ...] = ()
    until: Instant | None = None

    @property
    def allowed(self) -> bool:
        return not self.refusals

    @property
    def on_hit(self) -> OnHit:
        """Of several failing rules drop beats reroute beats defer."""
        hits = {refusal.on_hit for refusal in self.refusals}
        return "drop" if "drop" in hits else "reroute" if "reroute" in hits else "defer"

    @property
    def reroute(self) -> tuple[str, ...]:
        """The channels that every refusal naming some names, in the first one's order; none where none names any."""
        named = [refusal.reroute for refusal in self.refusals if refusal.reroute]
        return tuple(each for each in named[0] if all(each in other for other in named)) if named else ()

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(refusal.rule for refusal in self.refusals)


ALLOWED = Verdict()
