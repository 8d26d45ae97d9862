"""Reader of ``policies/**``: rules, each with its effect, match, window and hours."""

from __future__ import annotations

from typing import Literal, cast

from strategies.documents import ConditionReader, Reading, Section
from strategies.documents_channels import DIRECTIONS, RESULTS
from strategies.documents_values import suggestion, unique
from strategies.playbook import ConsentDefault, Match, Open, Rule, Window
from strategies.problems import Where
from strategies.source import Node

LAYERS = ("legal", "customer", "company", "unit", "business", "strategy")
EFFECTS = ("forbid", "cap", "hours")
SUBJECTS = ("customer", "account", "number", "device", "household")
MOMENTS = ("attempt", "delivered", "connected", "shown", "clicked", "accepted", "rejected")
ON_HIT = ("defer", "reroute", "drop")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BUILT_IN_NAMES = ("consent", "control", "strategy", "offer", "plan", "task", "store")
"""The names before the dot of refusals that no rule is written for."""

_COMMON = ("rule", "effect", "title", "owner", "match", "when", "on_hit", "exempt")
_BY_EFFECT = {
    "forbid": (),
    "cap": ("subject", "count", "not_counted", "window", "max", "counts_even_if_exempt"),
    "hours": ("zone", "open", "last_start"),
}
_ALL_KEYS = (*_COMMON, *(key for keys in _BY_EFFECT.values() for key in keys))
_MATCH_KEYS = (
    "channels",
    "direction",
    "categories",
    "promotional",
    "strategies",
    "offers",
    "families",
    "units",
)


def read_policy(
    reading: Reading, node: Node, conditions: ConditionReader, seen: dict[str, Where]
) -> tuple[list[Rule], list[ConsentDefault]]:
    """One policy's rules and, of a legal one, what holds without a record of consent."""
    keys = ("policy", "layer", "title", "owner", "consent_default", "rules", "examples")
    section = reading.section(node, "a policy", keys)
    if section is None:
        return [], []
    name = section.name("policy", "a policy", BUILT_IN_NAMES)
    if name is not None:
        unique(reading, seen, name, section.where("policy"), "policy")
    section.need("layer", "one of: " + ", ".join(LAYERS))
    layer = section.choice("layer", LAYERS, "company")
    section.languages("title")
    section.text("owner")
    defaults = _consent_defaults(reading, section, layer)
    rules: list[Rule] = []
    names: dict[str, Where] = {}
    for each in section.items("rules"):
        rule = _rule(reading, each, name or "", layer, conditions, names)
        if rule is not None:
            rules.append(rule)
    if not section.items("rules") and not defaults and section.get("rules") is None:
        reading.problem(
            "key.missing",
            "a policy needs 'rules'",
            section.node.where,
            "or, in a legal one, 'consent_default'",
        )
    return rules, defaults


def _consent_defaults(reading: Reading, section: Section, layer: str) -> list[ConsentDefault]:
    """The entries of ``consent_default``."""
    if section.get("consent_default") is not None and layer != "legal":
        message = f"a policy of layer {layer} has no 'consent_default'"
        reading.problem(
            "rule.layer",
            message,
            section.where("consent_default"),
            "only the legal layer says what holds without consent",
        )
    found: list[ConsentDefault] = []
    for each in section.items("consent_default"):
        entry = reading.section(each, "a consent default", ("channels", "categories", "is"))
        if entry is None:
            continue
        entry.need("is", "opt_in or opt_out")
        channels = entry.names("channels", "channel", reading.channels)
        categories = entry.names("categories", "category", reading.categories)
        opt_in = entry.choice("is", ("opt_in", "opt_out"), "opt_in") == "opt_in"
        found.append(ConsentDefault(channels, categories, opt_in, each.where))
    return found


def _rule(
    reading: Reading,
    node: Node,
    policy: str,
    layer: str,
    conditions: ConditionReader,
    names: dict[str, Where],
) -> Rule | None:
    """One rule, its keys checked against its effect."""
    section = reading.section(node, "a rule", _ALL_KEYS)
    if section is None or (name := section.name("rule", "a rule")) is None:
        return None
    unique(reading, names, name, section.where("rule"), "rule")
    section.what = f"rule '{name}'"
    if section.need("effect", "one of: " + ", ".join(EFFECTS)) is None:
        return None
    effect = section.choice("effect", EFFECTS, "")
    if not effect:
        return None
    _check_keys(section, effect)
    when = section.get("when")
    exempt, counting = _exempt(reading, section)
    return Rule(
        id=f"{policy}.{name}",
        effect=cast(Literal["forbid", "cap", "hours"], effect),
        layer=layer,
        place=section.where("rule"),
        match=_match(reading, section),
        when=conditions(when) if when else None,
        subject=section.choice("subject", SUBJECTS, "customer"),
        count=section.choice("count", MOMENTS, "attempt"),
        not_counted=_not_counted(section),
        window=_window(reading, section) if effect == "cap" else None,
        max=_max(section) if effect == "cap" else None,
        open=_openings(section) if effect == "hours" else (),
        zone=_hours_zone(section) if effect == "hours" else "customer",
        last_start=section.duration("last_start", 0, zero=True),
        on_hit=cast(Literal["defer", "reroute", "drop"], section.choice("on_hit", ON_HIT, "defer")),
        exempt=exempt,
        counts_even_if_exempt=counting,
        title=section.languages("title"),
    )


def _exempt(reading: Reading, section: Section) -> tuple[frozenset[str], frozenset[str]]:
    """The categories a rule lets pass, and those of them that count all the same."""
    exempt = section.names("exempt", "category", reading.categories) or frozenset()
    counting = section.names("counts_even_if_exempt", "category", reading.categories) or frozenset()
    for category in sorted(counting - exempt):
        message, where = f"category '{category}' is not exempt", section.where("counts_even_if_exempt")
        reading.problem("key.conflict", message, where, "name it in 'exempt' too, or leave it out")
    return exempt, counting


def _check_keys(section: Section, effect: str) -> None:
    """That no key stands there which this effect does not read."""
    for key in section.entries:
        if key in _ALL_KEYS and key not in _COMMON and key not in _BY_EFFECT[effect]:
            owner = next(each for each, keys in _BY_EFFECT.items() if key in keys)
            message = f"a rule with effect {effect} has no '{key}'"
            section.reading.problem("rule.key", message, section.where(key), f"it belongs to effect {owner}")


def _match(reading: Reading, section: Section) -> Match:
    """What the rule applies to; what is left out matches all."""
    node = section.get("match")
    entry = reading.section(node, "'match'", _MATCH_KEYS) if node else None
    if entry is None:
        return Match()
    for key in ("channels", "categories", "strategies", "offers", "families", "units"):
        listed = entry.get(key)
        if listed is not None and listed.sequence == ():
            reading.problem(
                "value.empty",
                f"'{key}' is empty and would match nothing",
                listed.where,
                "leave the key out to match all",
            )
    return Match(
        channels=entry.names("channels", "channel", reading.channels),
        direction=entry.choice("direction", DIRECTIONS, "") or None,
        categories=entry.names("categories", "category", reading.categories),
        promotional=entry.flag("promotional") if entry.get("promotional") else None,
        strategies=entry.names("strategies", "strategy", reading.declared_strategies),
        offers=entry.names("offers", "offer", reading.declared_offers),
        families=entry.names("families", "family", reading.declared_families),
        units=entry.names("units", "unit", reading.units),
    )


def _not_counted(section: Section) -> frozenset[str]:
    """Results after which a contact does not count."""
    listed = section.names("not_counted", "result", RESULTS)
    return frozenset({"invalid_number"}) if listed is None else listed


def _max(section: Section) -> int | None:
    """An integer of at least 1, or None for ``unlimited``."""
    node = section.need("max", "a whole number of at least 1, or unlimited")
    if node is None or node.broken or node.value == "unlimited":
        return None
    if isinstance(node.value, bool) or not isinstance(node.value, int):
        section.whole("max", 1, 1_000_000, 1)
        return 1
    if node.value == 0:
        message = "'max' is 0, which forbids"
        section.reading.problem("rule.max_zero", message, node.where, "use effect: forbid")
        return 1
    return section.whole("max", 1, 1_000_000, 1)


def _window(reading: Reading, section: Section) -> Window | None:
    """What a cap counts over: exactly one of sliding, calendar and lifetime."""
    node = section.need("window", "as {sliding: P7D}, {calendar: day} or {lifetime: true}")
    if node is not None and node.mapping is None:
        reading.wrong(node, "'window'", "a mapping", "as {sliding: P7D}, {calendar: day} or {lifetime: true}")
        return None
    entry = (
        reading.section(node, "'window'", ("sliding", "calendar", "lifetime", "zone", "closed"))
        if node
        else None
    )
    if entry is None or node is None:
        return None
    kinds = [key for key in ("sliding", "calendar", "lifetime") if key in entry.entries]
    if len(kinds) != 1:
        message = "a window is exactly one of sliding, calendar and lifetime"
        reading.problem(
            "key.conflict", message, node.where, "as {sliding: P7D}, {calendar: day} or {lifetime: true}"
        )
        return None
    kind = kinds[0]
    if kind != "calendar" and "zone" in entry.entries:
        reading.problem("key.conflict", f"a {kind} window has no 'zone'", entry.where("zone"), "leave it out")
    if kind != "sliding" and "closed" in entry.entries:
        reading.problem(
            "key.conflict", f"a {kind} window is never 'closed'", entry.where("closed"), "leave it out"
        )
    if kind == "sliding":
        return Window("sliding", length=entry.duration("sliding", 1), closed=entry.flag("closed"))
    if kind == "lifetime":
        if not entry.flag("lifetime", True):
            reading.problem(
                "value.choice", "'lifetime' cannot be false", entry.where("lifetime"), "write lifetime: true"
            )
        return Window("lifetime")
    period = cast(Literal["day", "week", "month"], entry.choice("calendar", ("day", "week", "month"), "day"))
    zone = entry.zone("zone", "customer", ("customer", "operator"))
    return Window("calendar", period=period, zone=zone, week_start=reading.week_start)


def _hours_zone(section: Section) -> str:
    return section.zone("zone", "customer", ("customer", "operator"))


def _openings(section: Section) -> tuple[Open, ...]:
    """When contact is open."""
    node = section.need("open", 'as [{from: "10:00", to: "21:00"}]')
    found: list[Open] = []
    for each in section.items("open"):
        entry = section.reading.section(each, "an opening", ("days", "from", "to"))
        if entry is None:
            continue
        start, end = entry.minute("from"), entry.minute("to", end=True)
        days = frozenset(range(1, 8)) if entry.get("days") is None else _days(entry)
        if start is None or end is None:
            continue
        if start == end:
            message = "an opening that ends when it begins is never open"
            hint = 'write from: "00:00", to: "24:00" for the whole day'
            section.reading.problem("value.order", message, entry.where("to"), hint)
            continue
        found.append(Open(days, start, end))
    if node is not None and node.sequence == ():
        section.reading.problem(
            "value.empty", "'open' has no opening", node.where, "use effect: forbid to close for good"
        )
    return tuple(found)


def _days(entry: Section) -> frozenset[int]:
    """ISO weekdays."""
    found: set[int] = set()
    for node in entry.items("days"):
        if isinstance(node.value, str) and node.value in DAYS:
            found.add(DAYS.index(node.value) + 1)
        elif isinstance(node.value, str):
            hint = suggestion(node.value, DAYS)
            entry.reading.problem("value.choice", f"'{node.value}' is no day", node.where, hint)
        else:
            entry.reading.wrong(node, "a day", "a word", suggestion("", DAYS))
    if entry.entries["days"].sequence == ():
        entry.reading.problem(
            "value.empty", "'days' is empty", entry.where("days"), "leave it out for all days"
        )
    return frozenset(found)
