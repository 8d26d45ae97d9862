"""The word that somebody most likely meant, where the one they wrote is not known."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

from strategies.problems import NO_HINT, Hint

_OFTEN_MEANT = {
    "RMB": "CNY",
    "Asia/Beijing": "Asia/Shanghai",
    "Beijing": "Asia/Shanghai",
    "PRC": "Asia/Shanghai",
}


def suggestion(word: str, known: Collection[str]) -> Hint:
    """``did you mean …?`` where one known word is close, else the known words where they are few."""
    if _OFTEN_MEANT.get(word) in known:
        return Hint("did you mean '%(name)s'?", name=_OFTEN_MEANT[word])
    lowered = {each.lower(): each for each in sorted(known)}
    small = word.lower()
    begun = sorted((each for each in lowered if len(small) >= 3 and each.startswith(small)), key=len)
    close = (
        get_close_matches(small, lowered, n=1, cutoff=0.8) or begun or get_close_matches(small, lowered, n=1)
    )
    if close:
        return Hint("did you mean '%(name)s'?", name=lowered[close[0]])
    if not known:
        return NO_HINT
    return Hint("one of: %(names)s", names=", ".join(sorted(known))) if len(known) <= 12 else NO_HINT
