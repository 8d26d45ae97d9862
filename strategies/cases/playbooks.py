"""The playbook of a case: its own small one, or parts of the published one; what a case leaves out is assumed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from strategies.cases.fields import UNKNOWN_TYPES, as_declared, assumed_types
from strategies.compiling.compile import Parts, compile_parts
from strategies.declared.playbook import ConsentDefault, FieldType, Playbook, Strategy
from strategies.documents.reading import Reading, Section
from strategies.problems import Hint, Problem, ProblemsFound
from strategies.texts.source import Node, overlay, read_yaml

PLAYBOOK_KEYS = ("policies", "strategies", "segments", "channels", "operator", "fields", "units", "events")
DOCUMENTS = {"policies": "policy", "strategies": "strategy", "segments": "segment"}
"""The lists of documents, and the key under which each says its name."""
_WHOLE = "all"

_ASSUMED = """
operator:
  name: {en: Case}
  currency: CNY
  zone: Asia/Shanghai
  languages: [en]
  categories:
    marketing: {promotional: true}
    retention: {promotional: true}
    service: {promotional: false}
    legal: {promotional: false}
channels:
  sms: {direction: outgoing, delivery: gateway, needs_number: true, receipt_wait: P2D, reserve_for: PT15M}
  outbound_call: {direction: outgoing, delivery: agents, needs_number: true, reserve_for: PT15M}
  field: {direction: outgoing, delivery: field, reserve_for: PT15M}
  ivr: {direction: incoming, delivery: interactive, reserve_for: PT15M}
  web: {direction: incoming, delivery: interactive, reserve_for: PT15M}
  agent: {direction: incoming, delivery: interactive, reserve_for: PT15M}
"""


@cache
def _assumed() -> dict[str, Node]:
    """Operator and channels of a case that does not say its own."""
    return read_yaml(_ASSUMED, "the operator and channels a case assumes").mapping or {}


Documents = Mapping[str, Node]
"""The documents of a playbook by their key in a case."""


@dataclass(slots=True)
class Playbooks:
    """The playbooks of the cases of one file; cases that share their documents share what is compiled of them."""

    published: Playbook | None = None
    _compiled: dict[tuple[object, ...], tuple[Documents, Playbook | tuple[Problem, ...]]] = field(
        default_factory=dict
    )
    """By the identity of the documents, which are held so that it stays their own."""

    def begin(self, case: Section) -> CasePlaybook:
        """The playbook of one case."""
        own = {key: case.entries[key] for key in PLAYBOOK_KEYS if key in case.entries}
        return CasePlaybook(self, case, case.reading, own)

    def compiled(
        self, key: tuple[object, ...], documents: Documents, compile: Callable[[], Playbook]
    ) -> Playbook | tuple[Problem, ...]:
        """What compiling gives, once for all that is the same: a playbook, or what is wrong with it."""
        if key not in self._compiled:
            try:
                self._compiled[key] = documents, compile()
            except ProblemsFound as problems:
                self._compiled[key] = documents, problems.problems
        return self._compiled[key][1]


@dataclass(slots=True)
class CasePlaybook:
    """What is in force for one case, from its beginning on and after each publication."""

    playbooks: Playbooks
    case: Section
    reading: Reading
    documents: Documents
    published: int = 0
    """How often a step has published so far; it makes each its own version."""

    def in_force(self) -> Playbook | None:
        """The case's playbook; a case that says nothing of consents does not put them in question."""
        published = self.playbooks.published
        uses = self.case.get("use")
        if uses is not None and published is None:
            hint = Hint("contact check config/ --cases FOLDER says which")
            self.reading.problem("reference.unknown", "there is no playbook to use", uses.where, hint)
            return None
        if published is None or (uses is None and self.documents):
            playbook = self._own()
        else:
            playbook = self._published(published, uses)
        silent = self.case.get("consents") is None
        aside = silent and playbook is not None and (published is not None or not playbook.consent_defaults)
        return consent_aside(playbook, self.case) if aside and playbook is not None else playbook

    def publish(self, node: Node) -> Playbook | None:
        """What is in force after a step: a document replaces its namesake, everything else stays as it is."""
        section = self.reading.section(node, "a publication", PLAYBOOK_KEYS)
        if section is None:
            return None
        after = dict(self.documents)
        for key, new in section.entries.items():
            if key in PLAYBOOK_KEYS:
                after[key] = _replaced(key, after.get(key), new)
        self.documents, self.published = after, self.published + 1
        return self.in_force()

    def _version(self) -> str:
        return f"case-{self.published}" if self.published else "case"

    def _own(self) -> Playbook | None:
        """The documents of the case itself over what is assumed."""
        types = assumed_types(self.case, self.documents.get("fields"))
        unknown = [name for name, type in types.items() if type is None]
        known = {name: type or UNKNOWN_TYPES[0] for name, type in types.items()}
        key = (*((name, id(node)) for name, node in self.documents.items()), *known.items())
        found = self.playbooks.compiled(key, self.documents, lambda: self._typed(known, unknown))
        if isinstance(found, Playbook):
            return found
        self.reading.problems += found
        return None

    def _typed(self, types: dict[str, FieldType], unknown: Iterable[str]) -> Playbook:
        """Compiled; a field whose type nobody says has the one under which least is wrong."""
        try:
            return compile_parts(self._parts(types), version=self._version())
        except ProblemsFound as found:
            fewest = found.problems
        for name in unknown:
            for type in UNKNOWN_TYPES[1:]:
                tried = {**types, name: type}
                try:
                    return compile_parts(self._parts(tried), version=self._version())
                except ProblemsFound as found:
                    if len(found.problems) < len(fewest):
                        types, fewest = tried, found.problems
        raise ProblemsFound(fewest)

    def _parts(self, types: Mapping[str, FieldType]) -> Parts:
        own, assumed = self.documents, _assumed()
        return Parts(
            operator=overlay(assumed["operator"], own.get("operator")),
            units=own.get("units"),
            fields=overlay(as_declared(types, self.case.node), own.get("fields")),
            events=own.get("events"),
            channels=_over_each(assumed["channels"], own.get("channels")),
            policies=_listed(self.reading, own, "policies"),
            strategies=_listed(self.reading, own, "strategies"),
            segments=_listed(self.reading, own, "segments"),
        )

    def _published(self, published: Playbook, uses: Node | None) -> Playbook | None:
        """The published playbook, or those of its policies and strategies that the case uses."""
        if uses is None or uses.value == _WHOLE:
            return published
        names = self._used(published, uses)
        if self.documents:
            message = f"{self.case.what} uses a published playbook and carries parts of its own"
            self.reading.problem("key.conflict", message, uses.where, Hint("leave out one of them"))
        return None if names is None else only(published, names)

    def _used(self, published: Playbook, uses: Node) -> frozenset[str] | None:
        """The names under ``use``: one, a list, or lists under ``policies`` and ``strategies``."""
        policies = policies_of(published)
        strategies = {strategy.id for strategy in published.strategies}
        if uses.mapping is None:
            listed = uses.sequence if uses.sequence is not None else (uses,)
            kinds = [("policy or strategy", listed, {*policies, *strategies})]
        else:
            section = self.reading.section(uses, "'use'", ("policies", "strategies"))
            if section is None:
                return None
            kinds = [
                ("policy", section.items("policies"), policies),
                ("strategy", section.items("strategies"), strategies),
            ]
        found = [self.reading.reference(each, what, known) for what, nodes, known in kinds for each in nodes]
        return frozenset(name for name in found if name is not None)


def policies_of(playbook: Playbook) -> set[str]:
    """The names of the policies that have rules."""
    return {rule.id.partition(".")[0] for rule in playbook.rules}


def only(playbook: Playbook, names: frozenset[str]) -> Playbook:
    """The playbook with these of its policies and strategies alone; what else is declared stays."""
    rules = tuple(rule for rule in playbook.rules if rule.id.partition(".")[0] in names)
    paths = {rule.place.path for rule in rules}

    def kept(strategies: Iterable[Strategy]) -> tuple[Strategy, ...]:
        return tuple(strategy for strategy in strategies if strategy.id in names)

    return replace(
        playbook,
        rules=rules,
        strategies=kept(playbook.strategies),
        later=tuple(
            (
                since,
                replace(
                    values,
                    strategies=kept(values.strategies),
                    not_yet=tuple(each for each in values.not_yet if each.strategy in names),
                ),
            )
            for since, values in playbook.later
        ),
        consent_defaults=tuple(each for each in playbook.consent_defaults if each.place.path in paths),
    )


def consent_aside(playbook: Playbook, case: Section) -> Playbook:
    """A case that says nothing of consents does not put them in question: nobody has objected, nobody must have agreed."""
    return replace(playbook, consent_defaults=(ConsentDefault(None, None, False, case.node.where),))


def _listed(reading: Reading, documents: Documents, key: str) -> tuple[Node, ...]:
    node = documents.get(key)
    if node is None:
        return ()
    if node.sequence is None:
        reading.wrong(node, f"'{key}'", "a list", Hint("as [{%(kind)s: NAME, …}, …]", kind=DOCUMENTS[key]))
        return ()
    return node.sequence


def _over_each(assumed: Node, own: Node | None) -> Node:
    """The assumed channels; what the case says of one is put over it, key by key."""
    if own is None or own.mapping is None:
        return overlay(assumed, own)
    known = assumed.mapping or {}
    merged = {
        name: overlay(known[name], node) if name in known else node for name, node in own.mapping.items()
    }
    return overlay(assumed, Node(merged, own.where, style="{", keys=own.keys))


def _replaced(key: str, old: Node | None, new: Node) -> Node:
    """A list of documents with those of the same name replaced; of a mapping the keys; else the new in place of the old."""
    if old is None or key not in DOCUMENTS or old.sequence is None or new.sequence is None:
        return new if old is None else overlay(old, new)
    named = {_name(node, DOCUMENTS[key]) for node in new.sequence}
    kept = tuple(node for node in old.sequence if _name(node, DOCUMENTS[key]) not in named)
    return Node((*kept, *new.sequence), new.where, style="[")


def _name(node: Node, key: str) -> str:
    named = (node.mapping or {}).get(key)
    return named.text if named is not None else ""
