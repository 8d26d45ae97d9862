"""JSON Schema of every file of ``config/``, for editors: keys and closed words are the readers' own.

A schema says less than the loader: names, units, conditions and what one key asks of another are checked there.
"""

from __future__ import annotations

from collections.abc import Mapping

from strategies.compiling.files import FOLDERS, SINGLE
from strategies.declared.fields import AGGREGATES, TYPES
from strategies.declared.model import KNOWN_AT
from strategies.declared.results import RESULTS
from strategies.declared.tariff import REACHES, SERVICES
from strategies.documents import channels as documents_channels
from strategies.documents import fields as documents_fields
from strategies.documents import models as documents_models
from strategies.documents import operator as documents_operator
from strategies.documents import privacy as documents_privacy
from strategies.documents import rates as documents_rates
from strategies.documents import segments as documents_segments
from strategies.documents import tariffs as documents_tariffs
from strategies.schema.menus import MENU
from strategies.schema.policies import POLICY
from strategies.schema.strategies import ATTEMPTS, STRATEGY, VALID
from strategies.schema.values import (
    BY_LANGUAGE,
    CONDITION,
    DAY,
    FLAG,
    MONEY,
    NAME,
    NUMBER,
    PERCENT,
    SPAN,
    TEXT,
    TIME,
    Schema,
    between,
    dated,
    either,
    keys,
    listed,
    named,
    whole,
    words,
)
from strategies.texts.currencies import MINOR_PER_MAJOR

DIALECT = "https://json-schema.org/draft/2020-12/schema"

OPERATOR = keys(
    documents_operator.KEYS,
    {
        "name": BY_LANGUAGE,
        "currency": words(MINOR_PER_MAJOR, description="Three letters of ISO 4217."),
        "zone": {**TEXT, "description": "An IANA zone, as Asia/Shanghai."},
        "plausible_zones": listed(TEXT),
        "week_start": words(documents_operator.WEEKDAYS),
        "languages": {**listed(TEXT), "minItems": 1},
        "categories": named(
            keys(
                ("promotional", "reserved_places"),
                {"promotional": FLAG, "reserved_places": PERCENT},
                needed=("promotional",),
            )
        ),
        "universal_control": PERCENT,
        "contacts_per_day": whole(1, 100),
        "jurisdiction": {**TEXT, "description": "Of customers whose own is not on file, as CN or US-FL."},
        "holidays": keys(
            ("country", "subdivision", "days"),
            {"country": TEXT, "subdivision": either(TEXT, {"type": "null"}), "days": listed(DAY)},
        ),
        "results": named(keys(("means", "title"), {"means": words(RESULTS), "title": BY_LANGUAGE})),
        "approvals": whole(0, 10),
        "zone_of_customer": listed(TEXT),
        "retention": keys(
            tuple(documents_privacy.RETENTION), dict.fromkeys(documents_privacy.RETENTION, SPAN)
        ),
        "card_views_per_day": whole(1, 100_000),
    },
    needed=("name", "currency", "zone", "languages", "categories"),
)
UNIT = keys(
    ("id", "kind", "parent", "title"),
    {"id": NAME, "kind": words(documents_operator.UNIT_KINDS), "parent": NAME, "title": BY_LANGUAGE},
    needed=("id", "kind"),
)
FIELD = keys(
    documents_fields.FIELD_KEYS,
    {
        "type": words(TYPES),
        "source": {**TEXT, "description": "KIND.column, as customers.arpu or usage.data_gb."},
        "nullable": FLAG,
        "range": {**listed(NUMBER), "minItems": 2, "maxItems": 2},
        "title": BY_LANGUAGE,
        "on_card": FLAG,
        "unit": TEXT,
        "aggregate": words(AGGREGATES),
        "months": whole(1, 120),
        "known_at": words(KNOWN_AT),
    },
    needed=("type",),
)
EVENT = keys(("sets", "lasts"), {"sets": {"type": "object"}, "lasts": SPAN})
CAPACITY = keys(
    documents_channels.CAPACITY_KEYS,
    {
        "from": TIME, "to": TIME, "per_hour": whole(1, 100_000_000), "agents": whole(1, 1_000_000),
        "handling": {**SPAN, "description": "How long one contact keeps an agent, as PT5M."},
    },
    needed=("from", "to"),
)  # fmt: skip
CHANNEL = keys(
    documents_channels.KEYS,
    {
        "title": BY_LANGUAGE,
        "direction": words(documents_channels.DIRECTIONS),
        "delivery": words(documents_channels.DELIVERIES),
        "needs_number": FLAG,
        "capacity": dated(listed(CAPACITY)),
        "cost": dated(MONEY),
        "rate": dated({**between(0.001, 10_000), "description": "Due tasks let go in a second, at most."}),
        "lead_time": {**SPAN, "description": "From the hand-over until the customer is reached."},
        "stale_after": SPAN,
        "receipt_wait": SPAN,
        "reserve_for": SPAN,
        "attempts": ATTEMPTS,
    },
    needed=("title", "direction", "delivery"),
)
COUNTER = keys(
    documents_rates.COUNTER_KEYS,
    {"service": words(SERVICES), "reach": words(REACHES), "unit": TEXT, "source": TEXT, "title": BY_LANGUAGE},
)
RATE = either(
    NUMBER,
    keys(
        documents_rates.RATE_KEYS,
        {
            "price": NUMBER,
            "tiers": listed(keys(("up_to", "price"), {"up_to": NUMBER, "price": NUMBER}, needed=("price",))),
            "step": NUMBER,
        },
    ),
)
TARIFF = keys(
    documents_tariffs.KEYS,
    {
        "tariff": NAME,
        "kind": words(documents_tariffs.KINDS),
        "title": BY_LANGUAGE,
        "valid": VALID,
        "fee": dated(MONEY),
        "allowances": listed(
            keys(
                ("counters", "amount"),
                {"counters": listed(NAME), "amount": either(NUMBER, words(["unlimited"]))},
            )
        ),
        "rates": named(dated(RATE)),
        "eligible": CONDITION,
        "contract": keys(
            ("months", "penalty"),
            {
                "months": whole(1, documents_tariffs.LONGEST_CONTRACT),
                "penalty": keys(("fixed", "per_month_left"), {"fixed": MONEY, "per_month_left": MONEY}),
            },
        ),
        "addons": listed(NAME),
        "excludes": listed(NAME),
        "priority": named(whole(-documents_tariffs.HIGHEST_PRIORITY, documents_tariffs.HIGHEST_PRIORITY)),
    },
    needed=("tariff", "kind", "fee"),
)
MODEL = keys(
    documents_models.KEYS,
    {
        "model": NAME,
        "learns": words(documents_models.LEARNS),
        "title": BY_LANGUAGE,
        "label": keys(
            documents_models.LABEL_KEYS,
            {
                "field": NAME,
                "left": NAME,
                "within_months": whole(1, documents_models.MOST_MONTHS),
                "months": whole(1, documents_models.MOST_MONTHS),
                "outcomes": words(set(documents_models.MOMENTS.values())),
            },
        ),
        "features": listed(NAME),
        "score": NAME,
        "order": NAME,
        "segments": listed(NAME),
    },
    needed=("model", "learns"),
)
SEGMENT = keys(
    documents_segments.KEYS,
    {"segment": NAME, "title": BY_LANGUAGE, "owner": TEXT, "when": CONDITION},
    needed=("segment", "title", "when"),
)

_BELOW_ONE_KEY = {
    "units": listed(UNIT), "fields": named(FIELD), "events": named(EVENT), "channels": named(CHANNEL),
    "counters": named(COUNTER),
}  # fmt: skip
_IN_FOLDERS = {
    "policies": POLICY, "strategies": STRATEGY, "tariffs": TARIFF, "models": MODEL, "segments": SEGMENT,
    "ivr": MENU,
}  # fmt: skip


def schemas() -> Mapping[str, Schema]:
    """File or folder of ``config/`` without its ending, as ``operator`` or ``strategies`` → its JSON Schema."""
    found = {"operator": OPERATOR}
    found |= {key: keys((key,), {key: inner}, needed=(key,)) for key, inner in _BELOW_ONE_KEY.items()}
    found |= _IN_FOLDERS
    return {
        kind: {"$schema": DIALECT, "$id": f"{kind}.schema.json", "title": _title(kind), **schema}
        for kind, schema in found.items()
    }


def kind_of(path: str) -> str | None:
    """Whose schema a file follows by its path relative to ``config/``; None for what nothing reads."""
    folder = path.partition("/")[0]
    return SINGLE.get(path) or (folder if folder in FOLDERS and path != folder else None)


def _title(kind: str) -> str:
    return f"{kind}/*.yaml" if kind in FOLDERS else f"{kind}.yaml"
