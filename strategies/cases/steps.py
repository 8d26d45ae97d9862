"""What a case asks and expects: its ``ask`` and ``expect``, or its ``steps``, in order of time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from strategies.cases.case import Ask, Expect, Move, Step, StepKind
from strategies.cases.givens import result_of, scope_of
from strategies.declared.playbook import Playbook
from strategies.documents.case_values import instant, instant_of, optional_text
from strategies.documents.reading import Reading, Section
from strategies.instants import Instant
from strategies.problems import Hint
from strategies.profile import Consent, PastEvent, Profile
from strategies.texts.meant import suggestion
from strategies.texts.source import Node

ASK_KEYS = (
    "at", "channel", "category", "strategy", "offer", "family", "line", "reserve", "defer", "valid_until",
)  # fmt: skip
EXPECT_KEYS = (
    "allowed", "refused_by", "reason", "field", "until", "channels_now", "deferred_to", "ranking", "priority", "arm",
    "cancelled", "expired", "state", "moves", "next", "degraded", "rerouted_to",
)  # fmt: skip
STEP_KINDS: tuple[StepKind, ...] = (
    "ask", "outcome", "correct", "opt_out", "publish", "expire", "fault", "permit", "event",
)  # fmt: skip
_AT = Hint("as 2026-03-02T10:00+08:00")
NEVER = "never"

Publish = Callable[[Node], Playbook | None]
"""The playbook in force once a step has published what stands at the node."""


def steps_of(case: Section, playbook: Playbook, profile: Profile, publish: Publish) -> tuple[Step, ...]:
    """The case's own ``ask``, or its ``steps``, which never go back in time."""
    reading, ask = case.reading, case.get("ask")
    if (ask is None) == (case.get("steps") is None):
        reading.problem(
            "key.conflict",
            f"{case.what} has either 'ask' or 'steps'",
            case.node.where,
            Hint("write one of them"),
        )
        return ()
    if ask is not None:
        asked = reading.section(ask, "an ask", ASK_KEYS)
        case.need("expect", Hint("what must come of it"))
        if asked is None or asked.need("at", _AT) is None:
            return ()
        at, expect = instant_of(asked, "at"), _expect(reading, case.get("expect"))
        return (
            ()
            if at is None
            else (Step(at, "ask", ask.where, ask=_ask(asked, playbook, profile), expect=expect),)
        )
    if case.get("expect") is not None:
        message = f"{case.what} has steps, each with its own 'expect'"
        reading.problem(
            "key.conflict", message, case.where("expect"), Hint("move it into the step it belongs to")
        )
    found = [_step(reading, node, playbook, profile, publish) for node in case.items("steps")]
    steps = tuple(step for step in found if step is not None)
    for before, after in pairwise(steps):
        if after.at < before.at:
            reading.problem(
                "value.order",
                "this step lies before the one above it",
                after.place,
                Hint("time runs forward"),
            )
    steps = _reserving(reading, steps)
    if not reading.problems and not any(step.expect for step in steps):
        message = f"{case.what} expects nothing of any step, so nothing can differ"
        reading.problem("key.missing", message, case.where("steps"), Hint("write an 'expect' beside a step"))
    return steps


def _reserving(reading: Reading, steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """An ask that a later permit or outcome speaks of took a place, also where it does not say so."""
    found = list(steps)
    taken, asked = False, -1
    for index, step in enumerate(steps):
        if step.ask is not None:
            asked = index
            taken = taken or step.ask.reserve or step.ask.defer
        elif step.kind in ("permit", "outcome") and not taken:
            if asked < 0:
                hint = Hint("ask for the contact in a step above")
                reading.problem("key.missing", f"no ask stands before this {step.kind}", step.place, hint)
                continue
            before = found[asked]
            assert before.ask is not None
            found[asked] = replace(before, ask=replace(before.ask, reserve=True))
            taken = True
    return tuple(found)


def _step(
    reading: Reading, node: Node, playbook: Playbook, profile: Profile, publish: Publish
) -> Step | None:
    section = reading.section(node, "a step", ("at", "expect", *STEP_KINDS))
    if section is None:
        return None
    kinds = [kind for kind in STEP_KINDS if section.get(kind) is not None]
    if len(kinds) != 1:
        reading.problem(
            "key.conflict",
            "a step is exactly one thing",
            node.where,
            Hint("one of: %(names)s", names=", ".join(STEP_KINDS)),
        )
        return None
    done, kind = section.entries[kinds[0]], kinds[0]
    at = _when(section, done if kind == "ask" else None)
    if at is None:
        return None
    step = Step(at, kind, node.where, expect=_expect(reading, section.get("expect")))
    return _filled(reading, step, done, playbook, profile, publish)


def _when(section: Section, ask: Node | None) -> Instant | None:
    """The instant of a step; one that asks may carry it in the ask."""
    inner = (ask.mapping or {}).get("at") if ask is not None else None
    if inner is not None and section.get("at") is not None:
        message = "the step says twice when it happens"
        section.reading.problem("key.conflict", message, inner.where, Hint("leave out one 'at'"))
    if inner is not None:
        return instant(section.reading, inner, "'at'")
    section.need("at", _AT)
    return instant_of(section, "at")


def _filled(
    reading: Reading, step: Step, node: Node, playbook: Playbook, profile: Profile, publish: Publish
) -> Step | None:
    """The step with what it is about."""
    if step.kind == "publish":
        return replace(step, playbook=publish(node) or playbook)
    if step.kind == "fault":
        return replace(step, reachable=_reachable(reading, node))
    what, keys = _SHAPES[step.kind]
    entry = reading.section(_worded(node, keys) if step.kind in _WORDED else node, what, keys)
    if entry is None:
        return None
    if step.kind == "ask":
        return replace(step, ask=_ask(entry, playbook, profile))
    if step.kind in ("outcome", "correct"):
        return replace(step, result=result_of(entry, playbook))
    if step.kind == "event":
        type = entry.need("type")
        known = reading.reference(type, "event", playbook.events) if type is not None else None
        return replace(step, event=PastEvent(known or "", step.at))
    if step.kind == "opt_out":
        return replace(step, consent=_opt_out(entry, playbook, profile, step.at))
    return step


_SHAPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "ask": ("an ask", ASK_KEYS),
    "permit": ("a permit", ()),
    "outcome": ("an outcome", ("result",)),
    "correct": ("a correction", ("result",)),
    "opt_out": ("an opt-out", ("channel", "category")),
    "expire": ("an expiry", ()),
    "event": ("an event", ("type",)),
}


_WORDED = ("outcome", "correct", "event")
"""Steps whose one key need not be written."""


def _worded(node: Node, keys: tuple[str, ...]) -> Node:
    """A single word is the value of the one key that a mapping would have."""
    if not isinstance(node.value, str):
        return node
    return Node({keys[0]: node}, node.where, style="{", keys={keys[0]: node.where})


def _reachable(reading: Reading, node: Node) -> bool:
    """``{history: unreachable}``, until a later step says ``{history: reachable}``."""
    section = reading.section(node, "a fault", ("history",))
    if section is None or section.need("history", Hint("unreachable or reachable")) is None:
        return True
    return section.choice("history", ("unreachable", "reachable"), "unreachable") == "reachable"


def _opt_out(section: Section, playbook: Playbook, profile: Profile, at: Instant) -> Consent:
    channel, category = scope_of(section, playbook)
    return Consent(False, at, channel, category, profile.customer, None, "case")


def _ask(section: Section, playbook: Playbook, profile: Profile) -> Ask:
    reading = section.reading
    line, lines = optional_text(section, "line"), [each.id for each in profile.lines]
    if line is not None and line not in lines:
        hint = suggestion(line, lines) or Hint("lines stand below 'lines'")
        reading.problem(
            "reference.unknown", f"the customer has no line '{line}'", section.where("line"), hint
        )
    channel, category = section.get("channel"), section.get("category")
    strategy = section.get("strategy")
    if strategy is not None:
        reading.reference(strategy, "strategy", [each.id for each in playbook.strategies])
    if channel is None and category is not None:
        reading.problem(
            "key.missing", "an ask by category needs 'channel'", section.node.where, Hint("name one channel")
        )
    return Ask(
        channel=reading.reference(channel, "channel", playbook.channels) if channel is not None else None,
        category=reading.reference(category, "category", playbook.operator.categories)
        if category is not None
        else None,
        strategy=section.text("strategy"),
        offer=section.text("offer"),
        family=section.text("family") or "",
        line=line,
        reserve=section.flag("reserve"),
        defer=section.flag("defer"),
        valid_until=instant_of(section, "valid_until"),
    )


def _expect(reading: Reading, node: Node | None) -> Expect | None:
    """What must come of a step; ``refused_by`` with a rule in it also says that it is not allowed."""
    section = reading.section(node, "'expect'", EXPECT_KEYS) if node is not None else None
    if section is None or node is None:
        return None
    if not section.entries:
        hint = Hint("as {allowed: true}")
        reading.problem("value.empty", "'expect' says nothing, so nothing can differ", node.where, hint)
    refused_by = frozenset(_names(section, "refused_by"))
    named = frozenset(section.entries)
    allowed = section.flag("allowed") if "allowed" in named else (False if refused_by else None)
    return Expect(
        named=named | {"allowed"} if allowed is not None else named,
        place=node.where,
        allowed=allowed,
        refused_by=refused_by,
        reasons=frozenset(_names(section, "reason")),
        fields=frozenset(_names(section, "field")),
        until=_instant_or_never(section, "until"),
        channels_now=frozenset(_names(section, "channels_now")),
        deferred_to=_instant_or_never(section, "deferred_to"),
        ranking=_names(section, "ranking"),
        priority=_priorities(section),
        arm=section.text("arm"),
        cancelled=_whole(section, "cancelled"),
        expired=_whole(section, "expired"),
        state=section.text("state"),
        moves=_moves(section),
        next=_instant_or_never(section, "next"),
        rerouted_to=optional_text(section, "rerouted_to"),
        degraded=section.flag("degraded") if "degraded" in named else None,
    )


def _names(section: Section, key: str) -> tuple[str, ...]:
    """One name or a list of names."""
    node = section.get(key)
    if node is None or (node.value is None and not node.broken):
        return ()
    found = node.sequence if node.sequence is not None else (node,)
    for each in found:
        if not isinstance(each.value, str):
            section.reading.wrong(each, f"'{key}'", "a name or a list of names")
    return tuple(each.text for each in found)


def _priorities(section: Section) -> dict[str, float]:
    """One number for the first of the ranking, a list in its order, or numbers by name."""
    node = section.get("priority")
    if node is None:
        return {}
    if node.mapping is not None:
        entries = dict(node.mapping)
    else:
        listed = node.sequence if node.sequence is not None else (node,)
        entries = {f"#{place}": each for place, each in enumerate(listed, start=1)}
    found = {}
    for name, each in entries.items():
        if isinstance(each.value, bool) or not isinstance(each.value, int | Decimal):
            section.reading.wrong(each, "'priority'", "a number")
        else:
            found[name] = float(each.value)
    return found


def _whole(section: Section, key: str) -> int | None:
    return section.whole(key, 0, 1_000_000, 0) if section.get(key) is not None else None


def _instant_or_never(section: Section, key: str) -> Instant | None:
    node = section.get(key)
    if node is None or node.value in (None, NEVER):
        return None
    return instant(section.reading, node, f"'{key}'")


def _moves(section: Section) -> tuple[Move, ...]:
    found = []
    for node in section.items("moves"):
        entry = section.reading.section(node, "a move", ("to", "at"))
        at = instant_of(entry, "at") if entry is not None else None
        if entry is not None and at is not None:
            found.append(Move(entry.text("to") or "", at))
    return tuple(found)
