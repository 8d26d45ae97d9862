"""Many conditions of one customer in one compiled function: each field is looked up once for all of them.

The emitter is the one that every condition has; only what it writes for AND and OR over plain comparisons is shorter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import FunctionType

from strategies.conditions.python import Emitter
from strategies.declared.conditions_tree import (
    And,
    Bound,
    Compare,
    FieldValueOf,
    Not,
    OneOf,
    Or,
    Tree,
    TruthOf,
    fields_read,
)
from strategies.declared.playbook import Truth
from strategies.instants import Instant
from strategies.profile import FieldValue

Together = Callable[[Mapping[str, FieldValue], Instant], tuple[Truth, ...]]
_OPPOSITE = {"=": "!=", "<>": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_SAME = {"=": "==", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def deciding_together(trees: Sequence[Tree]) -> Together:
    """The function that says of each tree, in their order, whether it is true, false or unknown (None)."""
    emitter = _Emitter()
    answers = ", ".join(emitter.tree(tree) for tree in trees)
    fields = dict.fromkeys(name for tree in trees for name in fields_read(tree))
    reads = "".join(f"    {emitter.local(name)} = get({emitter.bind(name)})\n" for name in fields)
    source = f"def together(facts, now):\n    get, seen = facts.get, None\n{reads}    return ({answers},)\n"
    exec(compile("".join(emitter.parts) + source, "<conditions>", "exec"), emitter.bound)
    function = emitter.bound["together"]
    assert isinstance(function, FunctionType)
    decide: Together = function
    return decide


class _Emitter(Emitter):
    """Reads fields from local variables; parts that became functions of their own still ask the facts."""

    def __init__(self) -> None:
        super().__init__()
        self.locals: dict[str, str] = {}
        self.apart = 0

    def local(self, name: str) -> str:
        return self.locals.setdefault(name, f"f{len(self.locals)}")

    def deeper(self, write: Callable[[], str]) -> str:
        """As everywhere; what becomes a function of its own sees no local variables of this one."""
        apart = self.becomes_function(self.level + 1)
        self.apart += apart
        try:
            return super().deeper(write)
        finally:
            self.apart -= apart

    def field(self, name: str) -> str:
        return super().field(name) if self.apart else self.local(name)

    def joined(self, tree: And | Or) -> str:
        """Decided by the first part that decides; only when none has, whether one is unknown is asked."""
        decisive = isinstance(tree, Or)
        decided, unknown = [], []
        for part in tree.parts:
            plain = None if self.apart else self.plain(part, decisive)
            if plain is None:
                name = self.fresh()
                plain = (f"({name} := {self.tree(part)}) is {decisive}", f"{name} is None")
            decided.append(plain[0])
            unknown.append(plain[1])
        fallback = f"None if {' or '.join(dict.fromkeys(unknown))} else {not decisive}"
        return f"({decisive} if {' or '.join(decided)} else {fallback})"

    def plain(self, part: Tree, wanted: bool) -> tuple[str, str] | None:
        """Of a field against constants: that it is ``wanted``, and that it is unknown; None for anything else."""
        while isinstance(part, Not):
            part, wanted = part.part, not wanted
        if (
            isinstance(part, Compare)
            and isinstance(part.left, FieldValueOf)
            and isinstance(part.right, Bound)
        ):
            sign = (_SAME if wanted else _OPPOSITE)[part.operator]
            name = self.local(part.left.name)
            return f"{name} is not None and {name} {sign} {self.bind(part.right.value)}", f"{name} is None"
        if isinstance(part, OneOf) and isinstance(part.operand, FieldValueOf):
            name = self.local(part.operand.name)
            constants = self.bind(frozenset(each.value for each in part.constants))
            return (
                f"{name} is not None and {name} {'in' if wanted else 'not in'} {constants}",
                f"{name} is None",
            )
        if isinstance(part, TruthOf) and isinstance(part.operand, FieldValueOf):
            name = self.local(part.operand.name)
            return f"{name} is {wanted}", f"{name} is None"
        return None
