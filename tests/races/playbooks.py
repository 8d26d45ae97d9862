"""The rules that races run under: caps of a day that fill up for good, and caps of two seconds that open again."""

from __future__ import annotations

from tests.contracts.situations import CHANNELS, CONSENT, OPERATOR

MAX = 2
DAILY = "daily"
HOT = "hot"
_CAP = (
    "  - {{rule: {subject}-{category}, effect: cap, subject: {subject}, match: {{categories: [{category}]}}, "
)
_CAP += f"window: {{{{sliding: {{length}}}}}}, max: {MAX}}}}}\n"


def texts() -> dict[str, str]:
    """A playbook whose hand-overs are given up for unknown after a second."""
    rules = "".join(
        _CAP.format(subject=subject, category=category, length=length)
        for category, length in ((DAILY, "PT24H"), (HOT, "PT2S"))
        for subject in ("customer", "account", "number")
    )
    operator = OPERATOR.replace(
        "categories: {", f"categories: {{{DAILY}: {{promotional: true}}, {HOT}: {{promotional: true}}, "
    )
    channels = CHANNELS["channels.yaml"].replace("stale_after: PT2M", "stale_after: PT1S")
    return {
        "operator.yaml": operator, "fields.yaml": "fields: {}\n", "events.yaml": "events: {complaint_closed: {}}\n",
        "policies/law.yaml": CONSENT, "channels.yaml": channels,
        "policies/caps.yaml": f"policy: caps\nlayer: company\nrules:\n{rules}",
    }  # fmt: skip
