"""A voice menu as declared: goals that callers come for, and the nodes that lead there, with prompts by language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from strategies.instants import DAY
from strategies.problems import Where

if TYPE_CHECKING:
    from strategies.declared.playbook import Condition

DIGITS = "123456789"
"""Keys that a level gives out by itself, in their order."""
KEYPAD = "0123456789*#"
NodeKind = Literal["menu", "answer", "notice", "offer", "transfer", "opt_out"]
"""``menu``: keys lead on. ``answer``: says what the caller came for. ``notice``: must be heard, then leads on.
``offer``: a slot that a decision fills. ``transfer``: to an agent. ``opt_out``: withdraws consent at once."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is spoken in one language: text always (logs, tests, simulators read it), SSML or a recorded file beside it."""

    text: str
    """May hold ``{field}`` placeholders; a sentence whose field is unknown is not spoken."""
    seconds: float
    """Declared, or estimated from the text's length at the language's speed."""
    ssml: str | None = None
    """The same as an SSML fragment, without the ``speak`` element."""
    file: str | None = None
    """Name of a recording as the telephone system knows it, without folder and extension."""


Prompts = Mapping[str, Prompt]
"""Language → prompt; every language of the operator is there."""


@dataclass(frozen=True, slots=True)
class Likelier:
    """A circumstance in which a goal is ``times`` as likely as without it, until journeys tell better."""

    when: Condition
    times: float


@dataclass(frozen=True, slots=True)
class Goal:
    """Something callers come for; the node that serves it is the one that names it."""

    id: str
    title: Mapping[str, str]
    share: float
    """Of all calls, in any unit: shares count relative to each other."""
    likelier: tuple[Likelier, ...] = ()
    place: Where = field(default=Where("ivr"), compare=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One choice of a menu."""

    to: str
    say: Prompts
    """How it is announced, without the key: "for your bill"."""
    key: str | None = None
    """Required key: the item stands there for everybody. None: its place decides."""
    when: Condition | None = None
    """Only offered to callers for whom this is true."""
    place: Where = field(default=Where("ivr"), compare=False)


@dataclass(frozen=True, slots=True)
class OptOut:
    """What a caller withdraws by reaching a node: in a channel or ``all``, of a category, ``promotional`` or ``all``."""

    channel: str
    category: str


@dataclass(frozen=True, slots=True)
class MenuNode:
    """One place in the tree; which members it has depends on its kind."""

    id: str
    kind: NodeKind
    prompt: Prompts
    items: tuple[Item, ...] = ()
    """Of a menu, in the order everybody hears who has no order of their own."""
    goal: str | None = None
    """What a caller has reached here: of answers, and of transfers, opt-outs and offers that serve one."""
    then: str | None = None
    """Where a notice leads, and an answer, opt-out or offer after it was heard; None: the call ends."""
    queue: str | None = None
    """Of a transfer: the agents' queue."""
    opt_out: OptOut | None = None
    accept: str = "1"
    """Of an offer: the key that takes it; any other key rejects it."""
    place: Where = field(default=Where("ivr"), compare=False)


@dataclass(frozen=True, slots=True)
class MenuLimits:
    """What a caller can be asked to bear; checked for the menu as written, kept for every personal one."""

    items: int = 9
    """Keys of one level, required ones included."""
    seconds: float = 60.0
    """Of one level spoken whole."""
    depth: int = 5
    tries: int = 3
    """Wrong keys and silences in a row before the caller is passed to an agent, or the call ends where there is none."""
    wait: int = 5_000_000
    """Microseconds of silence after a prompt that count as a time-out."""
    key_seconds: float = 1.5
    """How long a caller takes to press; for estimates."""


@dataclass(frozen=True, slots=True)
class Personal:
    """How far a caller's menu may differ from everybody's, and from what they heard last."""

    changes: int = 2
    """Keys of a level that may lead elsewhere than when this caller last heard it."""
    remembered: int = 15_552_000_000_000
    """Microseconds after which a caller is taken to have forgotten the layout (180 days)."""
    moves: int = 1
    """How often one key may change its meaning for a caller within ``moves_within``."""
    moves_within: int = 2_592_000_000_000
    """Microseconds (30 days)."""
    lifts: int = 2
    """Deeper nodes that may be offered at the root beside its own items."""
    ask_from: float = 0.5
    """Probability from which one goal may be asked for outright before the menu; above 1: never."""
    half_life: int = 5_184_000_000_000
    """Microseconds after which an earlier call of the same goal counts half (60 days)."""
    static_percent: float = 10.0
    """Of callers, by slot, who keep everybody's menu: what the personal one is held against."""


@dataclass(frozen=True, slots=True)
class Failing:
    """From when on a call counts as one that failed its caller."""

    keys: int = 3
    """An agent reached after so many keys is an agent the menu kept the caller from."""
    seconds: float = 10.0
    """Who hangs up sooner and has pressed nothing may have dialled wrong."""
    again: int = DAY
    """Microseconds within which the same caller's next call shows that this one settled nothing."""


@dataclass(frozen=True, slots=True)
class MenuExample:
    """One caller and the order of keys they must hear, as written beside the menu."""

    name: str
    customer: Mapping[str, object]
    """Fields → values as fields carry them; fields not named are unknown."""
    calls: tuple[Mapping[str, object], ...]
    """Earlier calls: ``{goal, at}``, and ``heard`` (node → targets in order of keys) where the layout matters."""
    at: str
    """ISO instant of the call."""
    expect: Mapping[str, object]
    """``ask`` (goal or null), ``order`` (node → targets in order of keys), ``first`` (target of key 1)."""
    place: Where = field(default=Where("ivr"), compare=False)
    language: str | None = None
    """In which the caller hears it; None: the operator's first language."""


@dataclass(frozen=True, slots=True)
class Menu:
    """One file of ``ivr/``."""

    id: str
    title: Mapping[str, str]
    root: str
    goals: Mapping[str, Goal]
    nodes: Mapping[str, MenuNode]
    limits: MenuLimits
    personal: Personal
    back: str = "*"
    """The key that leads up a level, everywhere but at the root."""
    repeat: str = "#"
    """The key that says the prompt again."""
    static_salt: str = "ivr"
    """Salt of the draw of those who keep everybody's menu."""
    examples: tuple[MenuExample, ...] = ()
    place: Where = field(default=Where("ivr"), compare=False)
    ask: Mapping[str, Prompts] = field(default_factory=dict)
    """Goal → the question "are you calling about …?"; a goal without one is not asked for."""
    wrong: Prompts = field(default_factory=dict)
    """Said after a key that leads nowhere."""
    silent: Prompts = field(default_factory=dict)
    """Said after a time-out."""
    press: Prompts = field(default_factory=dict)
    """Said after each item: "press {key}", in text, SSML and name of the recording alike."""

    thanks: Prompts = field(default_factory=dict)
    """Said after an offer that was accepted; built-in words where empty."""
    dialled: tuple[str, ...] = ()
    """Digits of the numbers whose callers hear this menu where none is named."""
    failed: Failing = Failing()

    @property
    def top(self) -> str:
        """The level that callers hear first, behind the notices before it; the root where that leads to none."""
        name, seen = self.root, set[str]()
        while name not in seen and (node := self.nodes.get(name)) is not None and node.kind != "menu":
            seen.add(name)
            name = node.then or name
        return name if name in self.nodes and self.nodes[name].kind == "menu" else self.root

    def serving(self, goal: str) -> str | None:
        """The node that serves a goal."""
        return next((node.id for node in self.nodes.values() if node.goal == goal), None)


def digits_dialled(told: str) -> str:
    """A dialled number as its digits alone, from ``tel:`` and ``sip:`` addresses too; empty where it is none."""
    user = re.sub(
        r"[@;?].*", "", re.sub(r"^(?:tel|sips?):", "", told.strip(), flags=re.IGNORECASE), flags=re.DOTALL
    )
    return re.sub(r"[ ().+-]", "", user) if re.fullmatch(r"[0-9 ().+-]*", user) else ""


def menu_dialled(menus: Mapping[str, Menu], told: str) -> str | None:
    """The menu that a dialled number leads to; None where it leads to none of its own."""
    digits = digits_dialled(told)
    return next((menu.id for menu in menus.values() if digits and digits in menu.dialled), None)
