"""What is worked out once for a playbook, however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from strategies.declared.playbook import Playbook


class OfPlaybook(Protocol):
    """Something worked out for a playbook, which holds it, so that the playbook's identity stays its own."""

    playbook: Playbook


T = TypeVar("T", bound=OfPlaybook)
_PLAYBOOKS = 16


def once_a_playbook(work_out: Callable[[Playbook], T]) -> Callable[[Playbook], T]:
    """The same function, which remembers its answers for the playbooks asked about lately.

    A playbook is known by its identity, not by its version: where values are dated, one version is several playbooks.
    """
    known: dict[int, T] = {}

    def found(playbook: Playbook) -> T:
        answer = known.get(id(playbook))
        if answer is None:
            if len(known) >= _PLAYBOOKS:
                known.clear()
            answer = known[id(playbook)] = work_out(playbook)
        return answer

    return found
