"""What is answered about a caller's menu, for telephone systems with a dialogue of their own."""

from __future__ import annotations

from typing import Literal

from contact.domain.answers import Answer


class MenuKeyAnswer(Answer, frozen=True):
    """One key of a level."""

    key: str
    to: str
    """Node it leads to."""
    say: str
    """How it is announced, without the key."""
    lifted: bool
    """Whether it stands here for this caller only, from a deeper level."""


class MenuLevelAnswer(Answer, frozen=True):
    """One level in the order in which its keys are announced."""

    node: str
    keys: list[MenuKeyAnswer]


class CallerMenuAnswer(Answer, frozen=True):
    """What one caller should hear now."""

    menu: str
    playbook: str
    language: str
    arm: Literal["personal", "static", "unknown"]
    ask: str | None
    """Goal to ask for outright before the first level."""
    question: str | None
    """The question itself."""
    first: str
    """The level that is heard first."""
    levels: list[MenuLevelAnswer]
    without: str
    """What was missing, so that this is everybody's menu: ``store``, or empty."""
