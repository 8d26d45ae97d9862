"""The JSON Schema of ``strategies/*``."""

from __future__ import annotations

from strategies.declared.results import RESULTS
from strategies.documents import channels as documents_channels
from strategies.documents import strategies as documents_strategies
from strategies.schema.values import (
    ANYTHING,
    BY_LANGUAGE,
    CONDITION,
    DAY,
    FLAG,
    MONEY,
    NAME,
    PERCENT,
    SPAN,
    STEPS,
    TEXT,
    between,
    dated,
    either,
    keys,
    listed,
    named,
    whole,
    words,
)

VALID = keys(
    ("from", "to"), {"from": DAY, "to": {**DAY, "description": "The first day on which it no longer holds."}}
)
ATTEMPTS = keys(
    documents_channels.ATTEMPT_KEYS,
    {
        "total": {**whole(1, 100), "description": "Of one task, the first included."},
        "per_number": {**whole(1, 100), "description": "Of one task to one number."},
        "after": {
            "type": "object",
            "properties": {
                result: keys(
                    ("times", "wait"), {"times": whole(1, 100), "wait": SPAN}, needed=("times", "wait")
                )
                for result in RESULTS
            },
            "additionalProperties": {"type": "object"},
            "description": "After which result how many more attempts follow, with which wait.",
        },
    },
    needed=("total",),
)
_LEVER = dated(between(-100, 10_000))
WAY = keys(
    documents_strategies.CHANNEL_KEYS,
    {
        "propensity": either(NAME, dated(between(0, 1))),
        "best_hour": NAME,
        "text": {**BY_LANGUAGE, "description": "A message by language; {field} is filled in."},
        "script": {**STEPS, "description": "Steps of a script by language."},
        "why": {**STEPS, "description": "What the agent is told of the reasons, by language."},
    },
)
OFFER = keys(
    documents_strategies.OFFER_KEYS,
    {
        "offer": NAME,
        "family": NAME,
        "title": BY_LANGUAGE,
        "value": dated(MONEY),
        "lever": _LEVER,
        "suitable": CONDITION,
        "channels": named(WAY),
        "per_line": FLAG,
    },
    needed=("offer", "title"),
)
STRATEGY = keys(
    documents_strategies.KEYS,
    {
        "strategy": NAME,
        "title": BY_LANGUAGE,
        "owner": TEXT,
        "category": NAME,
        "valid": VALID,
        "audience": either(CONDITION, keys(("segment",), {"segment": NAME}, needed=("segment",))),
        "control": keys(
            ("percentage", "salt"), {"percentage": dated(PERCENT), "salt": TEXT}, needed=("percentage",)
        ),
        "value": dated(MONEY),
        "levers": keys(("category", "family"), {"category": _LEVER, "family": _LEVER}),
        "switched_off": listed(words(documents_strategies.FACTORS)),
        "context": listed(
            keys(
                ("name", "when", "weight"),
                {"name": TEXT, "when": CONDITION, "weight": _LEVER},
                needed=("name", "when", "weight"),
            )
        ),
        "task_valid": SPAN,
        "goal": keys(("event", "within"), {"event": NAME, "within": SPAN}, needed=("event", "within")),
        "channels": named(WAY),
        "offers": {**listed(OFFER), "minItems": 1},
        "examples": listed(ANYTHING),
        "attempts": ATTEMPTS,
        "explores": dated(
            {**PERCENT, "description": "Percent who see an offer whose propensity is not known yet."}
        ),
    },
    needed=("strategy", "title", "category", "audience", "goal", "offers"),
)
