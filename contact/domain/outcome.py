"""Outcomes: the dispositions an agent, gateway or channel reports, and what each says has happened."""

from __future__ import annotations

from dataclasses import dataclass

from strategies.declared.playbook import Operator
from strategies.declared.results import meaning


@dataclass(frozen=True, slots=True)
class Disposition:
    """One result. ``moments`` are the counted moments it proves, ``right_party`` that the customer was reached."""

    name: str
    moments: frozenset[str]
    right_party: bool = False
    retry: bool = False
    """A further attempt of the same task makes sense."""


DISPOSITIONS: dict[str, Disposition] = {
    each.name: each
    for each in (
        Disposition("accepted", frozenset({"connected", "accepted"}), right_party=True),
        Disposition("wants_time", frozenset({"connected"}), right_party=True),
        Disposition("rejected", frozenset({"connected", "rejected"}), right_party=True),
        Disposition("no_answer", frozenset(), retry=True),
        Disposition("busy", frozenset(), retry=True),
        Disposition("machine", frozenset(), retry=True),
        Disposition("wrong_number", frozenset({"connected"})),
        Disposition("invalid_number", frozenset()),
        Disposition("do_not_contact", frozenset({"connected", "rejected"}), right_party=True),
    )
}


def disposition(result: str, operator: Operator | None = None) -> Disposition:
    """What a result says has happened; an operator's own says what the standard one says that it means.

    Raises ``KeyError`` for a result nobody knows.
    """
    return DISPOSITIONS[result if operator is None else meaning(operator, result)]


def results_known(operator: Operator | None) -> tuple[str, ...]:
    """The standard results and the operator's own."""
    return (*DISPOSITIONS, *(operator.results if operator is not None else ()))
