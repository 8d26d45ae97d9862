"""Reader of ``strategies/*.yaml``: whom, what, in which channels, against which control, towards which goal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from strategies.declared.playbook import Condition, ContextWeight, Offer, Strategy, StrategyChannel
from strategies.documents.channels import read_attempts
from strategies.documents.reading import ConditionReader, Reading, Section
from strategies.documents.texts import message_texts, step_texts
from strategies.documents.values import unique, validity
from strategies.instants import DAY
from strategies.problems import Hint, Where
from strategies.texts.source import Node, overlay

FACTORS = ("propensity", "context", "value", "lever")
RESERVED = ("universal", "all")
BEST_TARIFF = "best_tariff"
"""The offer of whichever tariff a line's advice names."""
WORTH = "advice.worth"

KEYS = (
    "strategy", "title", "owner", "category", "valid", "audience", "control", "value", "levers", "switched_off",
    "context", "task_valid", "goal", "channels", "offers", "examples",
    "attempts", "explores",
)  # fmt: skip
OFFER_KEYS = ("offer", "family", "title", "value", "lever", "suitable", "channels", "per_line")
CHANNEL_KEYS = ("propensity", "best_hour", "text", "script", "why")


def declare_strategy(reading: Reading, node: Node) -> None:
    """Notes the names that a strategy declares, so that rules read before or after it may refer to them."""
    if node.mapping is None:
        return
    name = node.mapping.get("strategy")
    if name is not None and isinstance(name.value, str):
        reading.declared_strategies.setdefault(name.value, name.where)
    offers = node.mapping.get("offers")
    for each in (offers.sequence or ()) if offers else ():
        for key, declared in (("offer", reading.declared_offers), ("family", reading.declared_families)):
            value = (each.mapping or {}).get(key)
            if value is not None and isinstance(value.value, str):
                declared.add(value.value)


def read_strategy(
    reading: Reading, node: Node, conditions: ConditionReader, seen: dict[str, Where], everyone: Condition
) -> Strategy | None:
    """One strategy; ``everyone`` stands in for an audience that a case leaves out or that has problems."""
    section = reading.section(node, "a strategy", KEYS)
    if section is None:
        return None
    name = section.name("strategy", "a strategy", RESERVED) or ""
    if name:
        unique(reading, seen, name, section.where("strategy"), "strategy")
        section.what = f"strategy '{name}'"
    section.text("owner")
    reading.not_yet = 0
    valid_from, valid_until = validity(section)
    hundredths, salt = _control(reading, section, name)
    lever_category, lever_family = _levers(section)
    goal_event, goal_within = _goal(reading, section)
    attempts, per_number, waits = read_attempts(section)
    contexts = _contexts(reading, section, conditions, everyone)
    explores = section.number("explores", 0, 100) or 0.0
    offers = _offers(reading, section, conditions)
    if reading.not_yet:
        return None
    return Strategy(
        id=name,
        category=_category(reading, section),
        title=section.languages("title", needed=True) or {},
        place=section.where("strategy"),
        audience=_audience(reading, section, conditions) or everyone,
        offers=offers,
        valid_from=valid_from,
        valid_until=valid_until,
        control_hundredths=hundredths,
        control_salt=salt,
        contexts=contexts,
        lever_category_percent=lever_category,
        lever_family_percent=lever_family,
        switched_off=section.names("switched_off", "factor", FACTORS) or frozenset(),
        task_valid_for=section.duration("task_valid", DAY),
        goal_event=goal_event,
        goal_within=goal_within,
        attempts_total=attempts,
        attempts_per_number=per_number,
        retry_wait=waits,
        explores=explores / 100,
    )


def _audience(reading: Reading, section: Section, conditions: ConditionReader) -> Condition | None:
    """Whom the strategy is for: its own condition, or that of a segment."""
    node = section.need("audience", Hint("a condition, {segment: …}, or true for everybody"), always=False)
    if node is None or node.mapping is None:
        return conditions(node) if node else None
    entry = reading.section(node, "'audience'", ("segment",))
    named = entry.need("segment", Hint("the name of a file in segments/")) if entry else None
    name = reading.reference(named, "segment", reading.declared_segments) if named else None
    found = reading.segments.get(name) if name else None
    return replace(found.when, place=named.where) if found and named else None


def _category(reading: Reading, section: Section) -> str:
    node = section.need("category", Hint("one of: %(names)s", names=", ".join(sorted(reading.categories))))
    return (reading.reference(node, "category", reading.categories) if node else None) or ""


def _control(reading: Reading, section: Section, name: str) -> tuple[int, str]:
    """The percentage in hundredths, and the salt of the draw."""
    node = section.get("control")
    entry = reading.section(node, "'control'", ("percentage", "salt")) if node else None
    if entry is None:
        return 0, name
    entry.need("percentage", Hint("as 10, for 10 %"))
    salt = entry.text("salt")
    if salt == "universal":
        reading.problem(
            "value.reserved",
            "'universal' is the salt of the universal control",
            entry.where("salt"),
            Hint("choose another"),
        )
    if salt == "":
        reading.problem(
            "value.empty",
            "'salt' is empty",
            entry.where("salt"),
            Hint("leave it out to use the strategy's name"),
        )
    return entry.percent("percentage"), salt or name


def _levers(section: Section) -> tuple[float, float]:
    node = section.get("levers")
    entry = section.reading.section(node, "'levers'", ("category", "family")) if node else None
    if entry is None:
        return 0.0, 0.0
    return entry.number("category", -100, 10_000) or 0.0, entry.number("family", -100, 10_000) or 0.0


def _goal(reading: Reading, section: Section) -> tuple[str, int]:
    """The event that counts as success, and within which time."""
    node = section.need("goal", Hint("as {event: ordered, within: P7D}"), always=False)
    entry = reading.section(node, "'goal'", ("event", "within")) if node else None
    if entry is None:
        return "ordered", 7 * DAY
    event, within = entry.need("event"), entry.need("within", Hint("as P7D"))
    found = reading.reference(event, "event", reading.events) if event else None
    return found or "ordered", entry.duration("within", 7 * DAY) if within else 7 * DAY


def _contexts(
    reading: Reading, section: Section, conditions: ConditionReader, everyone: Condition
) -> tuple[ContextWeight, ...]:
    """Circumstances that raise priority."""
    found: list[ContextWeight] = []
    for node in section.items("context"):
        entry = reading.section(node, "a context", ("name", "when", "weight"))
        if entry is None:
            continue
        entry.need("name")
        entry.need("weight", Hint("in percent, as 50"))
        when = entry.need("when", Hint("a condition"))
        condition = conditions(when) if when else None
        weight = entry.number("weight", -100, 10_000)
        found.append(ContextWeight(entry.text("name") or "", condition or everyone, weight or 0.0))
    return tuple(found)


def _offers(reading: Reading, section: Section, conditions: ConditionReader) -> tuple[Offer, ...]:
    """The offers, each with its channels laid over those of the strategy."""
    node = section.need("offers", Hint("at least one"))
    if node is not None and node.sequence == ():
        reading.problem("value.empty", "'offers' has no offer", node.where, Hint("at least one"))
    before = reading.not_yet
    named = section.money("value") or 0
    value = named if reading.not_yet == before else None
    reading.not_yet = before
    defaults = section.get("channels")
    if defaults is not None and defaults.mapping is None:
        reading.wrong(defaults, "'channels'", "a mapping of channels")
        defaults = None
    if section.get("value") is None and not reading.lenient:
        for each in section.items("offers"):
            if each.mapping is not None and "value" not in each.mapping:
                hint = Hint("here or in the strategy, for all offers")
                reading.problem("key.missing", "an offer needs 'value'", each.where, hint)
    seen: dict[str, Where] = {}
    found = [
        offer
        for each in section.items("offers")
        if (offer := _offer(reading, each, conditions, value, defaults, seen))
    ]
    return tuple(found)


def _offer(
    reading: Reading,
    node: Node,
    conditions: ConditionReader,
    default_value: int | None,
    defaults: Node | None,
    seen: dict[str, Where],
) -> Offer | None:
    """One offer; ``defaults`` are the channels of its strategy."""
    section = reading.section(node, "an offer", OFFER_KEYS)
    if section is None:
        return None
    name = section.name("offer", "an offer") or ""
    if name:
        unique(reading, seen, name, section.where("offer"), "offer")
        section.what = f"offer '{name}'"
    before = reading.not_yet
    value = section.money("value") if section.get("value") else default_value
    family = section.name("family", "a family") if section.get("family") else name
    per_line, suitable = _suitable(reading, section, conditions, name)
    lever, channels = section.number("lever", -100, 10_000) or 0.0, _channels(reading, section, defaults)
    if reading.not_yet > before or (value is None and reading.read_for is not None):
        reading.not_yet = before
        return None
    return Offer(
        id=name,
        family=family or name,
        title=section.languages("title", needed=True),
        value_minor=value or 0,
        lever_percent=lever,
        suitable=suitable,
        channels=channels,
        place=section.where("offer"),
        per_line=per_line,
    )


def _suitable(
    reading: Reading, section: Section, conditions: ConditionReader, name: str
) -> tuple[bool, Condition | None]:
    """Whether the offer is made for each line, and whom it suits: the best tariff only who gains by it."""
    own, per_line = section.get("suitable"), section.flag("per_line", name == BEST_TARIFF)
    if name != BEST_TARIFF:
        return per_line, conditions(own) if own else None
    if not per_line:
        message = f"'{BEST_TARIFF}' is found for each line"
        reading.problem("key.conflict", message, section.where("per_line"), Hint("leave 'per_line' out"))
    worth = next(
        (each.name for each in reading.fields.values() if each.source == WORTH and each.type == "money"), ""
    )
    if not worth:
        if "field" not in reading.unread:
            message = f"'{BEST_TARIFF}' needs to know what a change is worth, and no field says it"
            hint = Hint(
                "declare one in fields.yaml, as tariff_worth: {type: money, source: %(worth)s, aggregate: max}",
                worth=WORTH,
            )
            reading.problem("tariff.no_field", message, section.where("offer"), hint)
        return True, conditions(own) if own else None
    gains = f"{worth} > 0"
    if own is not None:
        return True, conditions(own, gains)
    place = section.where("offer")
    return True, conditions(Node(gains, place, gains))


def _channels(reading: Reading, entry: Section, defaults: Node | None) -> dict[str, StrategyChannel]:
    """How an offer uses its channels: the strategy's entries, each key replaced where the offer has its own."""
    own = entry.get("channels")
    if own is not None and own.mapping is None:
        reading.wrong(own, "'channels'", "a mapping of channels")
        own = None
    merged: dict[str, tuple[Where, Node]] = {}
    for source in (defaults, own):
        for name, node in ((source.mapping or {}) if source else {}).items():
            where = source.keys[name] if source else node.where
            before = merged.get(name)
            merged[name] = (where, overlay(before[1], node) if before else node)
    if not merged:
        hint = Hint("name one in 'channels', here or in the strategy")
        reading.problem("strategy.no_channel", f"{entry.what} has no channel", entry.where("offer"), hint)
    found: dict[str, StrategyChannel] = {}
    for name, (where, node) in merged.items():
        if reading.reference(Node(name, where, name), "channel", reading.channels) is None:
            continue
        section = reading.section(node, f"channel '{name}'", CHANNEL_KEYS)
        if section is not None:
            found[name] = _channel(reading, section, name)
    return found


def _channel(reading: Reading, section: Section, name: str) -> StrategyChannel:
    """Texts, propensity and best hour in one channel."""
    text, script, why = section.get("text"), section.get("script"), section.get("why")
    if text is not None and script is not None:
        reading.problem(
            "key.conflict",
            f"{section.what} has both 'text' and 'script'",
            section.where("script"),
            Hint("keep one"),
        )
    texts: Mapping[str, tuple[str, ...]] = {}
    if text is not None:
        texts = message_texts(reading, text, "'text'")
    elif script is not None:
        texts = step_texts(reading, script, "'script'")
    field, constant = _propensity(reading, section)
    return StrategyChannel(
        channel=name,
        texts=texts,
        propensity_field=field,
        propensity=constant,
        best_hour_field=_number_field(reading, section, "best_hour"),
        why=step_texts(reading, why, "'why'") if why else {},
    )


def _propensity(reading: Reading, section: Section) -> tuple[str | None, float | None]:
    """A number field, or a constant from 0 to 1."""
    node = section.need("propensity", Hint("a number field, or a constant from 0 to 1"), always=False)
    if node is None:
        return None, None
    if node.sequence is not None or (
        isinstance(node.value, int | Decimal) and not isinstance(node.value, bool)
    ):
        return None, section.number("propensity", 0, 1)
    return _number_field(reading, section, "propensity"), None


def _number_field(reading: Reading, section: Section, key: str) -> str | None:
    """The name of a declared field of type number."""
    node = section.get(key)
    if node is not None and node.text in reading.doubtful:
        return None
    name = reading.reference(node, "field", reading.fields) if node else None
    if node is not None and name is not None and reading.fields[name].type != "number":
        message = f"'{key}' needs a number, and field '{name}' is {reading.fields[name].type}"
        reading.problem("value.type", message, node.where, Hint("name a number field"))
        return None
    return name
