"""Why a message was not handed over, or why nobody knows: a contact's history keeps it, pages say it in their language.

It is one of these, alone or before ``": "`` and another one or a value: ``the gateway answered: 503``.
"""

from __future__ import annotations

from enum import StrEnum


class WhyNot(StrEnum):
    """What stands in the way of a message."""

    NO_TEXT = "no_text"
    NO_NUMBER = "no_number"
    NUMBER_CHANGED = "number_changed"
    UNKNOWN_FIELD = "unknown_field"
    STALE = "stale"
    ANSWERED = "the gateway answered"
    KANNEL_ANSWERED = "Kannel answered"
    UNREADABLE = "the gateway took it without a readable reference"
    UNREACHABLE = "the gateway cannot be reached"
    LOST = "the gateway's answer was lost"
    NO_SUCH_NAME = "its name is not known"
    NOT_TRUSTED = "its certificate is not trusted"
    NOBODY_LISTENS = "nobody listens at its address"
    NO_ANSWER = "nothing comes back from its address"
    NO_CONNECTION = "no connection came about"
    HUNG_UP = "it hung up"
    TOO_SLOW = "it did not answer in time"
    BROKE_OFF = "the connection broke off"
