"""What is plain of a cap is plain up to its edge and not beyond: a contact a microsecond nearer is looked at closely."""

from __future__ import annotations

import pytest

from strategies.declared.playbook import Window
from strategies.instants import HOUR, Instant
from strategies.judging.asking import Asking
from strategies.judging.judge import rule_refusal
from strategies.judging.passing import plainly_passes

from .world import NOW, SMS, cap, contact, playbook, profile

DAY = Window("sliding", length=24 * HOUR)
CLOSED = Window("sliding", length=24 * HOUR, closed=True)


@pytest.mark.parametrize("most", [1, 2, 3])
@pytest.mark.parametrize(("window", "edge"), [(DAY, 24 * HOUR), (CLOSED, 24 * HOUR + 1)])
@pytest.mark.parametrize("side", [-1, 1])
def test_a_cap_passes_plainly_to_its_edge(window: Window, edge: int, most: int, side: int) -> None:
    """As many as the cap allows lie together: at the edge nobody need look, a microsecond inside of it the cap refuses."""
    rule = cap(window, most)
    rules = playbook(rule)
    plainly = plainly_passes(rule, (), rules.channels)
    found = []
    for off in (1, 0, -1):
        state = "sent" if side < 0 else "reserved"
        together = [contact(Instant(NOW + side * (edge + off)), state=state) for _ in range(most)]
        asking = Asking(rules, SMS, profile(together))
        found.append((plainly(asking, NOW), rule_refusal(rule, asking, NOW) is not None))
    assert found == [(True, False), (True, False), (False, True)]
