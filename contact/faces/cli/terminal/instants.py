"""Instants as people type them after an option."""

from __future__ import annotations

from contact.faces.cli.terminal.complaints import Complaint
from strategies.instants import Instant, parse_instant


def typed_instant(text: str) -> Instant:
    """The instant of an option's text. Raises Complaint that says how to write one."""
    try:
        return parse_instant(text)
    except ValueError:
        raise Complaint(f"{text!r} is no instant: write it with an offset, 2026-03-05T10:00+08:00") from None


def typed_instant_or_none(text: str | None) -> Instant | None:
    """The same of an option that may be left out."""
    return None if text is None else typed_instant(text)
