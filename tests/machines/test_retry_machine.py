"""Idempotency keys one step after the other, against a dictionary."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.machines.on_store import OnStore, Place, run

KEYS = st.sampled_from(["k1", "k2"])
CALLERS = st.sampled_from(["a", "b"])
PAYLOADS = st.sampled_from(["p1", "p2"])


class RetryMachine(OnStore):
    """Requests begin, are given up and are answered; a key means one request of one caller for good."""

    @initialize()
    def open(self) -> None:
        self.open_store()
        self.known: dict[tuple[str, str], tuple[str, bytes | None]] = {}

    @rule(caller=CALLERS, key=KEYS, payload=PAYLOADS)
    def begin(self, caller: str, key: str, payload: str) -> None:
        begun = self.do(self.stores.idempotency.begin(caller, key, payload))
        held = self.known.get((caller, key))
        if held is None:
            assert begun.state == "fresh"
            self.known[caller, key] = (payload, None)
        elif held[0] != payload:
            assert begun.state == "mismatch"
        elif held[1] is None:
            assert begun.state == "in_progress"
        else:
            assert (begun.state, begun.body) == ("stored", held[1])

    @rule(caller=CALLERS, key=KEYS)
    def give_up(self, caller: str, key: str) -> None:
        if self.known.get((caller, key), ("", b""))[1] is None:
            self.do(self.stores.idempotency.abandon(caller, key))
            self.known.pop((caller, key))

    @rule(caller=CALLERS, key=KEYS, body=st.binary(max_size=8))
    def answer(self, caller: str, key: str, body: bytes) -> None:
        payload, answered = self.known.get((caller, key), ("", b""))
        if answered is None:
            self.do(self.stores.idempotency.finish(caller, key, 200, body))
            self.known[caller, key] = (payload, body)


def test_retries_in_every_order(place: Place) -> None:
    """A key answers as the dictionary says, on either database."""
    run(RetryMachine, place, examples=15 if place.server is None else 5, steps=20)
