"""Results of contacts: the standard ones, and the operator's own, each of which means a standard one."""

from __future__ import annotations

from strategies.declared.playbook import Operator

RESULTS = (
    "accepted", "wants_time", "rejected", "no_answer", "busy", "machine", "wrong_number", "invalid_number",
    "do_not_contact",
)  # fmt: skip
"""The standard results of a contact that rules and attempts may name."""
RETRIED = frozenset({"no_answer", "busy", "machine", "wrong_number", "invalid_number"})
"""Results after which a further attempt makes sense; after the last two at another number only."""
SPOILS_NUMBER = frozenset({"wrong_number", "invalid_number"})
"""Results after which a task never goes to that number again."""


def meaning(operator: Operator, result: str) -> str:
    """The standard result that a result means; a standard one means itself."""
    return operator.results.get(result, result)
