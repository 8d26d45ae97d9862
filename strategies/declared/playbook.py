"""A playbook is all of ``config/`` compiled: immutable, known by the hash of its texts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import TYPE_CHECKING, Literal

from strategies.declared.rule import ConsentDefault as ConsentDefault
from strategies.declared.rule import Cooldown as Cooldown
from strategies.declared.rule import Law as Law
from strategies.declared.rule import Match as Match
from strategies.declared.rule import Open as Open
from strategies.declared.rule import Pair as Pair
from strategies.declared.rule import Rule as Rule
from strategies.declared.rule import Suppression as Suppression
from strategies.declared.rule import Window as Window
from strategies.instants import Instant
from strategies.problems import Where
from strategies.profile import FieldValue

if TYPE_CHECKING:
    from strategies.declared.conditions_tree import Tree
    from strategies.declared.menu import Menu
    from strategies.declared.model import Model
    from strategies.declared.tariff import Counter, Tariff

Truth = bool | None
FieldType = Literal["boolean", "number", "money", "text", "date", "instant", "list"]


@dataclass(frozen=True, slots=True)
class ComparedLeaf:
    """One comparison as the explaining function saw it."""

    text: str
    field: str | None
    value: FieldValue
    outcome: Truth


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition. ``decide`` and ``explain`` come from one emitter over one tree.

    Both take ``facts`` (field → value) and the instant asked about.
    """

    text: str
    fields: frozenset[str]
    decide: Callable[[Mapping[str, FieldValue], Instant], Truth]
    explain: Callable[[Mapping[str, FieldValue], Instant], tuple[Truth, tuple[ComparedLeaf, ...]]]
    place: Where
    tree: Tree | None = field(default=None, repr=False)
    """The checked tree, from which columns and ranges are read; None only where no text was compiled."""
    reads_clock: bool = False
    """Whether time alone can change the answer, at a midnight of the operator's zone."""


@dataclass(frozen=True, slots=True)
class Field:
    """One attribute of ``fields.yaml``: ``source`` is ``KIND.column``, ``aggregate`` how many rows become one."""

    name: str
    type: FieldType
    source: str
    nullable: bool = True
    aggregate: str | None = None
    """None, or one of ``sum mean min max count any latest``."""
    months: int | None = None
    """Only the last so many months (usage, bills)."""
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    title: Mapping[str, str] = field(default_factory=dict)
    on_card: bool = False
    """Shown on the agent's card."""
    known_at: str = "snapshot"
    """When it becomes known: ``snapshot``, ``contact`` or ``outcome`` (see ``strategies.declared.model``)."""
    place: Where = field(default=Where("fields.yaml"), compare=False)


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved selection that renews itself by its rule."""

    id: str
    title: Mapping[str, str]
    when: Condition
    place: Where


@dataclass(frozen=True, slots=True)
class CapacityHour:
    """Places of a channel in one local hour: ``contacts`` places between the two minutes of the operator's day."""

    start_minute: int
    end_minute: int
    contacts: int


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to a customer."""

    name: str
    direction: Literal["outgoing", "incoming"]
    delivery: Literal["gateway", "agents", "field", "interactive"]
    """``gateway``: handed over by dispatch; ``agents``, ``field``: pulled by people; ``interactive``: the customer comes."""
    title: Mapping[str, str]
    needs_number: bool = False
    capacity: tuple[CapacityHour, ...] = ()
    cost_minor: int = 0
    stale_after: int = 0
    receipt_wait: int = 0
    reserve_for: int = 0
    attempts_total: int = 1
    retry_wait: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Result → (times, wait in microseconds)."""
    attempts_per_number: int | None = None
    """Of one task; None: no more than ``attempts_total`` anyhow."""
    rate_per_second: float | None = None
    """How fast due tasks are let go; None: as fast as they are taken."""
    lead_time: int = 0
    """Microseconds between the hand-over and the moment the customer is reached, as a letter has."""
    place: Where | None = None


@dataclass(frozen=True, slots=True)
class StrategyChannel:
    """How a strategy uses a channel: texts by language, propensity by field or constant."""

    channel: str
    texts: Mapping[str, tuple[str, ...]]
    """Language → message (one entry) or script steps; ``{field}`` placeholders."""
    propensity_field: str | None = None
    propensity: float | None = None
    best_hour_field: str | None = None
    why: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Language → facts said to the agent, with placeholders."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Anything proposed or told; one per entry of a strategy's ``offers``."""

    id: str
    family: str
    title: Mapping[str, str]
    value_minor: int
    lever_percent: float
    suitable: Condition | None
    channels: Mapping[str, StrategyChannel]
    place: Where
    per_line: bool = False


@dataclass(frozen=True, slots=True)
class ContextWeight:
    """A circumstance that raises priority by ``weight`` hundredths."""

    name: str
    when: Condition
    weight: float


@dataclass(frozen=True, slots=True)
class Strategy:
    """One file of ``strategies/``."""

    id: str
    category: str
    title: Mapping[str, str]
    place: Where
    audience: Condition
    offers: tuple[Offer, ...]
    valid_from: Instant | None
    valid_until: Instant | None
    control_hundredths: int
    control_salt: str
    contexts: tuple[ContextWeight, ...] = ()
    lever_category_percent: float = 0.0
    lever_family_percent: float = 0.0
    switched_off: frozenset[str] = frozenset()
    """Factors of the priority that count as 1: ``propensity, context, value, lever``."""
    task_valid_for: int = 0
    """Microseconds a planned task stays valid after the start of its day."""
    goal_event: str = "ordered"
    goal_within: int = 0
    """Microseconds after assignment in which the goal counts."""
    attempts_total: int | None = None
    """Replaces the channel's, as do the two below where they are given."""
    attempts_per_number: int | None = None
    retry_wait: Mapping[str, tuple[int, int]] | None = None
    explores: float = 0.0
    """Share, 0 to 1, of customers whom a new offer is shown although its propensity is not known yet."""


@dataclass(frozen=True, slots=True)
class Operator:
    """``operator.yaml``."""

    name: str
    currency: str
    minor_per_major: int
    zone: str
    plausible_zones: tuple[str, ...]
    week_start: int
    languages: tuple[str, ...]
    categories: Mapping[str, bool]
    """Category → promotional."""
    universal_control_hundredths: int
    contacts_per_day: int
    names: Mapping[str, str] = field(default_factory=dict)
    """The operator's name by language; ``name`` is the one for English where there is one."""
    jurisdiction: str | None = None
    """Of customers whose own is not on file, as ``CN`` or ``US-FL``."""
    holidays: frozenset[str] = frozenset()
    """Days, ``2026-10-01``, on which only openings that name ``holiday`` are open."""
    results: Mapping[str, str] = field(default_factory=dict)
    """Own dispositions, each with the standard result it means: too_dear → rejected."""
    result_titles: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Own disposition → language → how people read it."""
    zone_of_customer: tuple[str, ...] = ("zone",)
    """Text fields in which the customer's zone is looked up, the first that names a zone counts; ``zone`` is their own."""
    approvals: int = 0
    """How many other people must have approved a draft before it is published."""
    reserved_places: Mapping[str, int] = field(default_factory=dict)
    """Category → hundredths of a channel's capacity that only it may use."""
    retention: Mapping[str, int] = field(default_factory=dict)
    """Kind of record → how long it is kept, in microseconds."""
    card_views_per_day: int = 200
    """How many different customers' cards a person may look at on a day, beside those of their own tasks."""


@dataclass(frozen=True, slots=True)
class EventType:
    """What an event of this type sets, and for how long (microseconds, None = until the next)."""

    name: str
    sets: Mapping[str, str | bool | int | float]
    """Field → constant, or ``data.KEY`` taken from the event's data."""
    lasts: int | None


@dataclass(frozen=True, slots=True)
class Unit:
    """A node of the tree head office → province → branch → grid."""

    id: str
    kind: str
    title: Mapping[str, str]
    parent: str | None


@dataclass(frozen=True, slots=True)
class NotYet:
    """A strategy, or one offer of it, of which a dated value begins only later: until then it does not exist."""

    strategy: str
    offer: str
    """Empty for the strategy as a whole."""
    begins: Instant
    place: Where


@dataclass(frozen=True, slots=True)
class Values:
    """What dated values make of channels and strategies for a stretch of time."""

    channels: Mapping[str, Channel]
    strategies: tuple[Strategy, ...]
    not_yet: tuple[NotYet, ...] = ()


@dataclass(frozen=True, slots=True)
class Playbook:
    """Everything that is published, compiled. ``texts`` are the files it was compiled from, path → text."""

    version: str
    operator: Operator
    units: Mapping[str, Unit]
    fields: Mapping[str, Field]
    events: Mapping[str, EventType]
    channels: Mapping[str, Channel]
    strategies: tuple[Strategy, ...]
    rules: tuple[Rule, ...]
    """In order of layer, then id."""
    consent_defaults: tuple[ConsentDefault, ...]
    counters: Mapping[str, Counter] = field(default_factory=dict)
    tariffs: Mapping[str, Tariff] = field(default_factory=dict)
    """Base tariffs and add-ons by id."""
    models: Mapping[str, Model] = field(default_factory=dict)
    segments: Mapping[str, Segment] = field(default_factory=dict)
    menus: Mapping[str, Menu] = field(default_factory=dict)
    """Voice menus by id."""
    texts: Mapping[str, str] = field(repr=False, default_factory=dict)
    later: tuple[tuple[Instant, Values], ...] = field(repr=False, default=())
    """Where strategies or channels have dated values: what they are from each of these instants on."""
    not_yet: tuple[NotYet, ...] = ()
    """Of a playbook as it is at an instant: what dated values keep out of it until later."""

    def at(self, instant: Instant) -> Playbook:
        """The playbook with the values of strategies and channels that are in force at an instant; rules date themselves."""
        if not self.later:
            return self
        values = self.later[max(bisect_right(self.later, instant, key=itemgetter(0)) - 1, 0)][1]
        known = _AT.get((id(self), id(values)))
        if known is None or known[0] is not self:
            if len(_AT) >= _KEPT:
                _AT.clear()
            then = replace(
                self,
                channels=values.channels,
                strategies=values.strategies,
                later=(),
                not_yet=values.not_yet,
            )
            known = _AT[id(self), id(values)] = (self, then)
        return known[1]

    def events_watched(self) -> Mapping[str, int | None]:
        """Event types that rules name → how many microseconds one still matters; None: for good."""
        found: dict[str, int | None] = {}
        for rule in self.rules:
            if rule.cooldown is not None:
                known = found.get(rule.cooldown.event, 0)
                found[rule.cooldown.event] = None if known is None else max(known, rule.cooldown.lasts)
            if rule.window is not None and rule.window.kind == "since":
                found[rule.window.event] = None
        return found

    def strategy(self, id: str) -> Strategy | None:
        """The strategy of that id, None where there is none."""
        return next((strategy for strategy in self.strategies if strategy.id == id), None)

    def branch_of(self, unit: str | None) -> str | None:
        """The branch above (or at) a unit."""
        while unit is not None:
            node = self.units.get(unit)
            if node is None or node.kind == "branch":
                return unit
            unit = node.parent
        return None


_AT: dict[tuple[int, int], tuple[Playbook, Playbook]] = {}
"""A playbook and its values of a time → as it is then; the playbook is held, so its identity stays its own."""
_KEPT = 64
