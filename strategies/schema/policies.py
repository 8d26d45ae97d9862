"""The JSON Schema of ``policies/**``: each effect has its own keys."""

from __future__ import annotations

from strategies.declared.results import RESULTS
from strategies.documents import policies as documents_policies
from strategies.documents import rules as documents_rules
from strategies.schema.strategies import VALID
from strategies.schema.values import (
    ANYTHING,
    BY_LANGUAGE,
    CONDITION,
    DAY,
    FLAG,
    NAME,
    SPAN,
    TEXT,
    TIME,
    Schema,
    dated,
    either,
    keys,
    listed,
    whole,
    words,
)

_RESULT: Schema = {"anyOf": [words(RESULTS), NAME]}
_COUNT = dated(whole(1, 1_000_000))
_MATCH = {
    "channels": listed(NAME),
    "direction": words(("outgoing", "incoming")),
    "categories": listed(NAME),
    "promotional": FLAG,
    "strategies": listed(NAME),
    "offers": listed(NAME),
    "families": listed(NAME),
    "units": listed(NAME),
    "jurisdictions": {**listed(TEXT), "description": "As CN, US or US-FL."},
}
MATCH = keys((*documents_rules.MATCH_KEYS, "segment"), {**_MATCH, "segment": NAME})
LAW = keys(
    documents_policies.LAW_KEYS,
    {
        "reference": TEXT,
        "status": words(documents_policies.STATUSES),
        "date": DAY,
        "source": {
            **TEXT,
            "description": "Where the value was published; without one it is practice, and off.",
        },
    },
    needed=("reference", "status"),
)
WINDOW = either(
    words(("lifetime",)),
    keys(
        (*documents_rules.WINDOWS, "zone", "closed"),
        {
            "sliding": dated(SPAN),
            "calendar": words(("day", "week", "month")),
            "lifetime": {"const": True},
            "since": NAME,
            "zone": {**TEXT, "description": "customer, operator or an IANA zone."},
            "closed": FLAG,
        },
    ),
)
OPENING = keys(
    ("days", "from", "to"),
    {"days": listed(words(documents_rules.DAYS)), "from": TIME, "to": TIME},
    needed=("from", "to"),
)
_KINDS: dict[str, Schema] = {
    "rule": NAME,
    "effect": words(documents_policies.EFFECTS),
    "title": BY_LANGUAGE,
    "owner": TEXT,
    "match": MATCH,
    "when": CONDITION,
    "on_hit": either(
        words(documents_rules.ON_HIT),
        keys(("reroute",), {"reroute": listed(NAME)}, needed=("reroute",)),
    ),
    "exempt": listed(NAME),
    "valid": VALID,
    "law": LAW,
    "subject": words(documents_policies.SUBJECTS),
    "count": words(documents_rules.MOMENTS),
    "not_counted": listed(_RESULT),
    "counts_even_if_exempt": listed(NAME),
    "window": WINDOW,
    "max": dated(either(whole(1, 1_000_000), words(["unlimited"]))),
    "same": words(documents_rules.SAME),
    "zone": {**TEXT, "description": "customer, operator or an IANA zone."},
    "open": dated({**listed(OPENING), "minItems": 1}),
    "last_start": dated(SPAN),
    "results": listed(_RESULT),
    "times": _COUNT,
    "lasts": either(words(["forever"]), dated(SPAN)),
    "first": keys(documents_rules.CONTACT_KEYS, {key: _MATCH[key] for key in documents_rules.CONTACT_KEYS}),
    "within": dated(SPAN),
    "order": words(("then", "either")),
    "event": NAME,
}
_NEEDED = {
    "cap": ("window", "max"),
    "hours": ("open",),
    "suppress": ("lasts",),
    "pair": ("first", "within"),
    "cooldown": ("event", "lasts"),
}


def _of_effect(effect: str) -> Schema:
    known = (*documents_policies.COMMON, *documents_policies.BY_EFFECT[effect])
    kinds = {**{key: _KINDS[key] for key in known}, "effect": {"const": effect}}
    return keys(known, kinds, needed=("rule", "effect", *_NEEDED.get(effect, ())))


RULE: Schema = {
    "type": "object",
    "properties": {key: _KINDS[key] for key in documents_policies.RULE_KEYS},
    "required": ["rule", "effect"],
    "oneOf": [_of_effect(effect) for effect in documents_policies.EFFECTS],
}
POLICY = keys(
    documents_policies.KEYS,
    {
        "policy": NAME,
        "layer": words(documents_policies.LAYERS),
        "title": BY_LANGUAGE,
        "owner": TEXT,
        "adopt": {**FLAG, "description": "Whether values without a published source hold too."},
        "consent_default": listed(
            keys(
                documents_policies.CONSENT_KEYS,
                {
                    "channels": listed(NAME),
                    "categories": listed(NAME),
                    "jurisdictions": listed(TEXT),
                    "is": words(("opt_in", "opt_out")),
                    "law": LAW,
                },
                needed=("is",),
            )
        ),
        "rules": listed(RULE),
        "examples": listed(ANYTHING),
    },
    needed=("policy", "layer"),
)
