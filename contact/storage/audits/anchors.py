"""Heads of the audit chains, kept where whoever writes the database does not write: added to a file or posted to a URL."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contact.faults import Fault
from contact.storage.databases.durable import append
from contact.storage.databases.transaction import Row

POST_SECONDS = 10.0
Heads = Mapping[int, tuple[int, str]]
"""Chain → its last entry and that entry's hash."""


class AnchorUnreachable(Fault):
    """The place outside where heads of the audit trail are kept cannot be written; look at CONTACT_ANCHOR."""

    status = 503
    code = "anchor_unreachable"


@dataclass(frozen=True, slots=True)
class Anchor:
    """The heads at one instant; with ``restored`` the store was brought back then, and these are the backup's heads."""

    line: int
    at_us: int
    heads: Heads
    restored: Heads | None = None


class Anchors:
    """A file that is only ever appended to, or an address that takes a JSON object by POST."""

    def __init__(self, target: str) -> None:
        self.target = target
        self._last: Heads | None = None

    @property
    def path(self) -> Path | None:
        """The file, None where heads are posted."""
        return None if self.target.startswith(("http://", "https://")) else Path(self.target)

    def keep(self, heads: Heads, at_us: int, restored: Heads | None = None) -> bool:
        """Write the heads down unless these were the last; whether they were. Raises AnchorUnreachable."""
        if heads == self._last and restored is None:
            return False
        line: dict[str, object] = {"at": at_us, "heads": _grown(heads)}
        if restored is not None:
            line["restored"] = _grown(restored)
        text = json.dumps(line, separators=(",", ":")) + "\n"
        try:
            append(self.path, text.encode()) if self.path is not None else self._post(text)
        except (OSError, urllib.error.URLError) as error:
            raise AnchorUnreachable(type(error).__name__) from error
        self._last = dict(heads)
        return True

    def _post(self, text: str) -> None:
        request = urllib.request.Request(
            self.target, text.encode(), {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=POST_SECONDS) as answer:
            answer.read(1)


def read_anchors(path: Path) -> tuple[list[Anchor], int]:
    """The anchors of a file in their order, and how many lines cannot be read, as one a crash cut short; none of no file."""
    if not path.exists():
        return [], 0
    anchors, unreadable = [], 0
    for number, text in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
        try:
            line = json.loads(text)
            restored = _heads(line["restored"]) if "restored" in line else None
            anchors.append(Anchor(number, int(line["at"]), _heads(line["heads"]), restored))
        except (ValueError, KeyError, TypeError, AttributeError):
            unreadable += 1
    return anchors, unreadable


def _grown(heads: Heads) -> dict[str, list[int | str]]:
    return {str(chain): [seq, hash] for chain, (seq, hash) in sorted(heads.items()) if seq}


def _heads(kept: Mapping[str, tuple[int, str]]) -> Heads:
    return {int(chain): (int(seq), str(hash)) for chain, (seq, hash) in kept.items()}


def heads_of(rows: Sequence[Row]) -> Heads:
    """The heads as stored, as anchors have them."""
    return {row["chain"]: (row["seq"], row["hash"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Binding:
    """What anchors say must stand in the chains."""

    must: Mapping[tuple[int, int], tuple[str, int]]
    """(chain, entry) → its hash, and the line of the file that says so."""
    taken_back: int
    """Entries that a restore took back: they were made after the backup, and the chains grow from there anew."""
    found: tuple[str, ...]
    """Where anchors contradict each other."""


def binding(anchors: Sequence[Anchor]) -> Binding:
    """All anchors of a file together, in its order."""
    must: dict[tuple[int, int], tuple[str, int]] = {}
    taken_back, found = 0, []
    for anchor in anchors:
        if anchor.restored is not None:
            gone = [place for place in must if place[1] > anchor.restored.get(place[0], (0, ""))[0]]
            taken_back += len(gone)
            for place in gone:
                del must[place]
        for chain, (seq, hash) in anchor.heads.items():
            known, line = must.setdefault((chain, seq), (hash, anchor.line))
            if known != hash:
                found.append(f"chain {chain}, entry {seq}: anchors in lines {line} and {anchor.line} differ")
    return Binding(must, taken_back, tuple(found))
