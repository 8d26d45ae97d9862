"""Case files: golden cases (``cases:``) and the ``examples:`` of policies and strategies become ``Case`` objects."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from itertools import pairwise

from strategies.case import PATHS, Ask, Case, Expect, Move, Step, StepKind
from strategies.case_givens import given_profile, instant, instant_of, optional_text
from strategies.case_playbooks import PLAYBOOK_KEYS, case_playbook, consent_aside
from strategies.documents import Reading, Section
from strategies.instants import Instant
from strategies.playbook import Playbook
from strategies.problems import Problem, ProblemsFound
from strategies.profile import Consent, Profile
from strategies.source import Node, read_yaml

_GIVEN_KEYS = ("id", "name", "paths", "customer", "lines", "consents", "history", "ask", "expect", "steps")
_ASK_KEYS = (
    "at",
    "channel",
    "category",
    "strategy",
    "offer",
    "family",
    "line",
    "reserve",
    "defer",
    "valid_until",
)
_STEP_KINDS: tuple[StepKind, ...] = ("ask", "permit", "outcome", "opt_out", "expire")
_EXPECT_KEYS = (
    "allowed", "refused_by", "reason", "field", "until", "channels_now", "deferred_to", "ranking", "priority", "arm",
    "cancelled", "expired", "state", "moves",
)  # fmt: skip


def _names(section: Section, key: str) -> tuple[str, ...]:
    """One name or a list of names."""
    node = section.get(key)
    if node is None:
        return ()
    found = node.sequence if node.sequence is not None else (node,)
    return tuple(each.text for each in found)


def _numbers(section: Section, key: str) -> dict[str, float]:
    """One number, or numbers by name."""
    node = section.get(key)
    if node is None:
        return {}
    entries = node.mapping if node.mapping is not None else {"#1": node}
    found = {}
    for name, each in entries.items():
        if isinstance(each.value, bool) or not isinstance(each.value, int | Decimal):
            section.reading.wrong(each, f"'{key}'", "a number")
        else:
            found[name] = float(each.value)
    return found


def _whole(section: Section, key: str) -> int | None:
    return section.whole(key, 0, 1_000_000, 0) if section.get(key) is not None else None


def _instant_or_never(section: Section, key: str) -> Instant | None:
    node = section.get(key)
    if node is None or node.value is None:
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


def _expect(reading: Reading, node: Node | None) -> Expect | None:
    section = reading.section(node, "'expect'", _EXPECT_KEYS) if node is not None else None
    if section is None or node is None:
        return None
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
        priority=_numbers(section, "priority"),
        arm=section.text("arm"),
        cancelled=_whole(section, "cancelled"),
        expired=_whole(section, "expired"),
        state=section.text("state"),
        moves=_moves(section),
    )


def _ask(section: Section, playbook: Playbook) -> Ask:
    reading = section.reading
    channel, category = section.get("channel"), section.get("category")
    strategy = section.get("strategy")
    if strategy is not None:
        reading.reference(strategy, "strategy", [each.id for each in playbook.strategies])
    if channel is None and category is not None:
        reading.problem(
            "key.missing", "an ask by category needs 'channel'", section.node.where, "name one channel"
        )
    return Ask(
        channel=reading.reference(channel, "channel", playbook.channels) if channel is not None else None,
        category=reading.reference(category, "category", playbook.operator.categories)
        if category is not None
        else None,
        strategy=section.text("strategy"),
        offer=section.text("offer"),
        family=section.text("family") or "",
        line=optional_text(section, "line"),
        reserve=section.flag("reserve"),
        defer=section.flag("defer"),
        valid_until=instant_of(section, "valid_until"),
    )


def _opt_out(section: Section, customer: str, at: Instant) -> Consent:
    return Consent(
        False, at, section.text("channel") or "all", section.text("category") or "all", customer, None, "case"
    )  # fmt: skip


_STEP_SHAPES = {
    "ask": ("an ask", _ASK_KEYS),
    "permit": ("a permit", ()),
    "outcome": ("an outcome", ("result",)),
    "opt_out": ("an opt-out", ("channel", "category")),
    "expire": ("an expiry", ()),
}


def _step(
    section: Section, kind: StepKind, node: Node, at: Instant, playbook: Playbook, profile: Profile
) -> Step | None:
    reading = section.reading
    what, keys = _STEP_SHAPES[kind]
    entry = reading.section(node, what, keys)
    if entry is None:
        return None
    expect = _expect(reading, section.get("expect"))
    return Step(
        at=at,
        kind=kind,
        place=section.node.where,
        ask=_ask(entry, playbook) if kind == "ask" else None,
        result=entry.text("result") if kind == "outcome" else None,
        consent=_opt_out(entry, profile.customer, at) if kind == "opt_out" else None,
        expect=expect,
    )


def _stepped(reading: Reading, node: Node, playbook: Playbook, profile: Profile) -> Step | None:
    section = reading.section(node, "a step", ("at", "expect", *_STEP_KINDS))
    if section is None:
        return None
    section.need("at", "as 2026-03-02T10:00+08:00")
    at = instant_of(section, "at")
    kinds = [kind for kind in _STEP_KINDS if section.get(kind) is not None]
    if len(kinds) != 1:
        reading.problem(
            "key.conflict", "a step is exactly one thing", node.where, "one of: " + ", ".join(_STEP_KINDS)
        )
        return None
    done = section.get(kinds[0])
    return None if at is None or done is None else _step(section, kinds[0], done, at, playbook, profile)


def _steps(case: Section, playbook: Playbook, profile: Profile) -> tuple[Step, ...]:
    """``ask`` and ``expect`` of the case itself, or its ``steps``, which never go back in time."""
    reading, ask = case.reading, case.get("ask")
    if (ask is None) == (case.get("steps") is None):
        reading.problem(
            "key.conflict", f"{case.what} has either 'ask' or 'steps'", case.node.where, "write one of them"
        )
        return ()
    if ask is not None:
        asked = reading.section(ask, "an ask", _ASK_KEYS)
        if asked is None:
            return ()
        asked.need("at", "as 2026-03-02T10:00+08:00")
        case.need("expect", "what must come of it")
        at = instant_of(asked, "at")
        only = _step(case, "ask", ask, at, playbook, profile) if at is not None else None
        return () if only is None else (only,)
    found = [_stepped(reading, node, playbook, profile) for node in case.items("steps")]
    steps = tuple(step for step in found if step is not None)
    for before, after in pairwise(steps):
        if after.at < before.at:
            reading.problem(
                "value.order", "this step lies before the one above it", after.place, "time runs forward"
            )
    return steps


def _case(reading: Reading, node: Node, published: Playbook | None) -> Case | None:
    """One case; over the ``published`` playbook, or over its own small one."""
    section = reading.section(
        node, "a case", _GIVEN_KEYS if published is not None else (*_GIVEN_KEYS, *PLAYBOOK_KEYS)
    )
    if section is None:
        return None
    section.need("name", "one line that says what is shown")
    name = section.text("name") or ""
    section.what = f"case '{name}'"
    playbook = published if published is not None else case_playbook(section)
    if playbook is None:
        return None
    if published is not None and section.get("consents") is None:
        playbook = consent_aside(published, section)
    paths = section.names("paths", "path", PATHS)
    profile, numbers = given_profile(section, playbook)
    steps = _steps(section, playbook, profile)
    return Case(
        id=optional_text(section, "id") or name,
        name=name,
        place=node.where,
        paths=frozenset(PATHS) if paths is None else paths,
        playbook=playbook,
        profile=profile,
        steps=steps,
        numbers=numbers,
    )


def _cases(reading: Reading, nodes: Iterable[Node], published: Playbook | None) -> list[Case]:
    found = [_case(reading, node, published) for node in nodes]
    if reading.problems:
        raise ProblemsFound(reading.problems)
    return [case for case in found if case is not None]


def read_cases(text: str, path: str) -> list[Case]:
    """The golden cases of one file. Raises ``ProblemsFound`` with all that is wrong with it."""
    node = read_yaml(text, path)
    reading = Reading(lenient=True)
    section = reading.section(node, "a case file", ("cases",))
    if section is not None:
        section.need("cases", "a list of cases")
    return _cases(reading, section.items("cases") if section is not None else (), None)


def read_examples(examples: Node, playbook: Playbook) -> list[Case]:
    """The cases under ``examples:`` of one file of a playbook, over that whole playbook. Raises ``ProblemsFound``."""
    if examples.sequence is None:
        raise ProblemsFound([Problem("value.type", "'examples' must be a list", examples.where)])
    return _cases(Reading(lenient=True), examples.sequence, playbook)
