"""The host's clock, for what runs on real time: keys, sessions, leases, log lines and heartbeats.

Everything that decides about a contact reads the store's clock instead (``ClockPort``), which a demonstration may move.
"""

from __future__ import annotations

import time

from strategies.instants import Instant


def real_now() -> Instant:
    """The host's instant in UTC microseconds."""
    return Instant(time.time_ns() // 1000)
