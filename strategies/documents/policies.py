"""Reader of ``policies/**``: rules, each with its effect, its match, its validity and what it rests on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

from strategies.declared.playbook import ConsentDefault, Law, Rule
from strategies.documents.reading import ConditionReader, Reading, Section
from strategies.documents.rules import (
    MOMENTS,
    SAME,
    Same,
    read_cooldown,
    read_jurisdictions,
    read_match,
    read_max,
    read_on_hit,
    read_openings,
    read_pair,
    read_results,
    read_suppression,
    read_window,
    span,
)
from strategies.documents.values import unique, validity
from strategies.instants import Instant
from strategies.problems import Hint, Where
from strategies.texts.quantities import calendar_day
from strategies.texts.source import Node

LAYERS = ("legal", "customer", "company", "unit", "business", "strategy")
EFFECTS = ("forbid", "cap", "hours", "suppress", "pair", "cooldown")
SUBJECTS = ("customer", "account", "number", "device", "household")
STATUSES = ("law", "guidance", "practice", "draft", "lapsed")
BUILT_IN_NAMES = ("consent", "control", "strategy", "offer", "plan", "task", "store")
"""The names before the dot of refusals that no rule is written for."""

Effect = Literal["forbid", "cap", "hours", "suppress", "pair", "cooldown"]
Status = Literal["law", "guidance", "practice", "draft", "lapsed"]

KEYS = ("policy", "layer", "title", "owner", "adopt", "consent_default", "rules", "examples")
CONSENT_KEYS = ("channels", "categories", "jurisdictions", "is", "law")
LAW_KEYS = ("reference", "status", "date", "source")
COMMON = ("rule", "effect", "title", "owner", "match", "when", "on_hit", "exempt", "valid", "law")
_COUNTING = ("subject", "count", "not_counted", "counts_even_if_exempt")
BY_EFFECT = {
    "forbid": (),
    "cap": (*_COUNTING, "window", "max", "same"),
    "hours": ("zone", "open", "last_start"),
    "suppress": (*_COUNTING, "window", "results", "times", "same", "lasts"),
    "pair": (*_COUNTING, "first", "within", "order"),
    "cooldown": ("event", "lasts"),
}
RULE_KEYS = tuple(dict.fromkeys((*COMMON, *(key for keys in BY_EFFECT.values() for key in keys))))


@dataclass(frozen=True, slots=True)
class _Policy:
    """What a policy says of all its rules."""

    name: str
    layer: str
    owner: str
    adopts: bool
    """Whether values without a published source hold too."""


def read_policy(
    reading: Reading, node: Node, conditions: ConditionReader, seen: dict[str, Where]
) -> tuple[list[Rule], list[ConsentDefault]]:
    """One policy's rules and, of a legal one, what holds without a record of consent."""
    section = reading.section(node, "a policy", KEYS)
    if section is None:
        return [], []
    name = section.name("policy", "a policy", BUILT_IN_NAMES)
    if name is not None:
        unique(reading, seen, name, section.where("policy"), "policy")
    section.need("layer", Hint("one of: %(names)s", names=", ".join(LAYERS)))
    layer = section.choice("layer", LAYERS, "company")
    section.languages("title")
    policy = _Policy(name or "", layer, section.text("owner") or "", section.flag("adopt"))
    defaults = _consent_defaults(reading, section, policy)
    rules: list[Rule] = []
    names: dict[str, Where] = {}
    for each in section.items("rules"):
        rules += _rule(reading, each, policy, conditions, names)
    if not section.items("rules") and not defaults and section.get("rules") is None:
        reading.problem(
            "key.missing",
            "a policy needs 'rules'",
            section.node.where,
            Hint("or, in a legal one, 'consent_default'"),
        )
    return rules, defaults


def _consent_defaults(reading: Reading, section: Section, policy: _Policy) -> list[ConsentDefault]:
    """The entries of ``consent_default``."""
    if section.get("consent_default") is not None and policy.layer != "legal":
        message = f"a policy of layer {policy.layer} has no 'consent_default'"
        reading.problem(
            "rule.layer",
            message,
            section.where("consent_default"),
            Hint("only the legal layer says what holds without consent"),
        )
    found: list[ConsentDefault] = []
    for each in section.items("consent_default"):
        entry = reading.section(each, "a consent default", CONSENT_KEYS)
        if entry is None:
            continue
        entry.need("is", Hint("opt_in or opt_out"))
        channels = entry.names("channels", "channel", reading.channels)
        categories = entry.names("categories", "category", reading.categories)
        opt_in = entry.choice("is", ("opt_in", "opt_out"), "opt_in") == "opt_in"
        jurisdictions, law = read_jurisdictions(entry), read_law(entry)
        if in_force(law, adopt=policy.adopts):
            found.append(ConsentDefault(channels, categories, opt_in, each.where, jurisdictions, law))
    return found


def _rule(
    reading: Reading,
    node: Node,
    policy: _Policy,
    conditions: ConditionReader,
    names: dict[str, Where],
) -> list[Rule]:
    """One rule, its keys checked against its effect; one for each stretch of time where its values are dated."""
    section = reading.section(node, "a rule", RULE_KEYS)
    if section is None or (name := section.name("rule", "a rule")) is None:
        return []
    unique(reading, names, name, section.where("rule"), "rule")
    section.what = f"rule '{name}'"
    if section.need("effect", Hint("one of: %(names)s", names=", ".join(EFFECTS))) is None:
        return []
    effect = section.choice("effect", EFFECTS, "")
    if not effect:
        return []
    _check_keys(section, effect)
    law = read_law(section)
    begins, ends = validity(section)
    when = section.get("when")
    condition = conditions(when) if when else None
    slices = [
        replace(rule, when=condition, law=law)
        for rule in _slices(reading, section, policy, cast(Effect, effect))
    ]
    held = [_within(rule, begins, ends) for rule in slices]
    return [rule for rule in held if rule is not None] if in_force(law, adopt=policy.adopts) else []


def _slices(reading: Reading, section: Section, policy: _Policy, effect: Effect) -> list[Rule]:
    """The rule as its dated values make it, from each of their days on; before the first it does not exist."""
    turns, not_yet = set(reading.turns), reading.not_yet
    reading.turns, reading.read_for, reading.may_be_dated = set(), None, True
    last = _undated(reading, section, policy, effect)
    days, found = sorted(reading.turns), list[Rule]()
    for begins, ends in zip(days, [*days[1:], None], strict=False):
        reading.read_for, reading.not_yet = begins, 0
        rule = _undated(reading, section, policy, effect)
        if not reading.not_yet:
            found.append(replace(rule, valid_from=begins, valid_until=ends))
    reading.turns, reading.read_for, reading.may_be_dated, reading.not_yet = turns, None, False, not_yet
    return found if days else [last]


def _within(rule: Rule, begins: Instant | None, ends: Instant | None) -> Rule | None:
    """The rule held to the validity that is written; None where nothing of it is left."""
    starts = [each for each in (rule.valid_from, begins) if each is not None]
    stops = [each for each in (rule.valid_until, ends) if each is not None]
    since, until = max(starts, default=None), min(stops, default=None)
    if since is not None and until is not None and since >= until:
        return None
    return replace(rule, valid_from=since, valid_until=until)


def _undated(reading: Reading, section: Section, policy: _Policy, effect: Effect) -> Rule:
    """The rule at the instant that the reading is for."""
    exempt, counting = _exempt(reading, section)
    match, segment = read_match(reading, section, "match", segment=True)
    on_hit, reroute = read_on_hit(reading, section)
    keys = BY_EFFECT[effect]
    suppressing = effect == "suppress"
    not_counted = read_results(section, "not_counted")
    return Rule(
        id=f"{policy.name}.{section.entries['rule'].text}",
        effect=effect,
        layer=policy.layer,
        place=section.where("rule"),
        match=match,
        segment=segment,
        subject=section.choice("subject", SUBJECTS, "customer"),
        count=section.choice("count", MOMENTS, "attempt"),
        not_counted=frozenset({"invalid_number"}) if not_counted is None else not_counted,
        window=read_window(reading, section, needed=not suppressing) if "window" in keys else None,
        max=read_max(section) if effect == "cap" else None,
        same=cast(Same, section.choice("same", SAME, "any")) if effect == "cap" else "any",
        open=read_openings(section) if effect == "hours" else (),
        zone=section.zone("zone", "customer", ("customer", "operator")) if effect == "hours" else "customer",
        last_start=span(section, "last_start", zero=True) or 0,
        suppression=read_suppression(section) if suppressing else None,
        pair=read_pair(reading, section) if effect == "pair" else None,
        cooldown=read_cooldown(reading, section) if effect == "cooldown" else None,
        on_hit=on_hit,
        reroute=reroute,
        exempt=exempt,
        counts_even_if_exempt=counting,
        title=section.languages("title"),
        owner=section.text("owner") or policy.owner,
    )


def read_law(section: Section) -> Law | None:
    """What a value rests on; without a published source it is practice."""
    node = section.get("law")
    entry = section.reading.section(node, "'law'", LAW_KEYS) if node else None
    if entry is None:
        return None
    entry.need("reference", Hint('as "47 CFR 64.1200(c)(1)"'))
    entry.need("status", Hint("one of: %(names)s", names=", ".join(STATUSES)))
    status = entry.choice("status", STATUSES, "law")
    date, source = entry.text("date") or "", entry.text("source") or ""
    if date and calendar_day(date) is None:
        message = f"'date' cannot be {date}"
        section.reading.problem("value.date", message, entry.where("date"), Hint("a date, as 2026-01-31"))
    if not source and status in ("law", "guidance"):
        status = "practice"
    return Law(entry.text("reference") or "", cast(Status, status), date, source)


def in_force(law: Law | None, *, adopt: bool) -> bool:
    """Whether what rests on this holds: drafts and what has lapsed never, practice only where it is adopted."""
    if law is None:
        return True
    return adopt if law.status == "practice" else law.status not in ("draft", "lapsed")


def _exempt(reading: Reading, section: Section) -> tuple[frozenset[str], frozenset[str]]:
    """The categories a rule lets pass, and those of them that count all the same."""
    exempt = section.names("exempt", "category", reading.categories) or frozenset()
    counting = section.names("counts_even_if_exempt", "category", reading.categories) or frozenset()
    for category in sorted(counting - exempt):
        message, where = f"category '{category}' is not exempt", section.where("counts_even_if_exempt")
        reading.problem("key.conflict", message, where, Hint("name it in 'exempt' too, or leave it out"))
    return exempt, counting


def _check_keys(section: Section, effect: str) -> None:
    """That no key stands there which this effect does not read."""
    for key in section.entries:
        if key in RULE_KEYS and key not in COMMON and key not in BY_EFFECT[effect]:
            owner = next(each for each, keys in BY_EFFECT.items() if key in keys)
            message = f"a rule with effect {effect} has no '{key}'"
            section.reading.problem(
                "rule.key", message, section.where(key), Hint("it belongs to effect %(effect)s", effect=owner)
            )
