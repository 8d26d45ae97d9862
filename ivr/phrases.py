"""The few words a dialogue needs beside what a menu declares: how a key is announced, by language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's words; ``{key}`` is the name of a key."""

    press: str
    """Which key, where the menu has no words for it."""
    joint: str
    """Between an item and its key."""
    yes: str
    """After the shortcut question: the key for yes."""
    no: str
    """Then the key for anything else."""
    accept: str
    """After an offer: which key takes it."""
    accepted: str
    names: tuple[tuple[str, str], ...]
    """How keys that are no digits are called."""

    def key(self, key: str) -> str:
        """How the key is called."""
        return dict(self.names).get(key, key)


_EN = Phrases(
    press="press {key}.",
    joint=", ",
    yes="If so, press {key}.",
    no="For anything else, press {key}.",
    accept="To accept, press {key}.",
    accepted="Thank you. It is on its way.",
    names=(("*", "star"), ("#", "hash")),
)
_ZH = Phrases(
    press="请按{key}。",
    joint="",
    yes="是请按{key}，",
    no="其他业务请按{key}。",
    accept="同意办理请按{key}。",
    accepted="感谢您的选择，我们马上为您办理。",
    names=(("*", "星号键"), ("#", "井号键")),
)


def phrases_of(language: str) -> Phrases:
    """The words of a language; English ones where there are none of its own."""
    return _ZH if language.lower().startswith("zh") else _EN
