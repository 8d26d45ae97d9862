"""One question to the rules about everybody at once; twin of ``asking`` for one customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.candidate import Candidate
from strategies.declared.calendar import zone_exists, zones_in_question
from strategies.declared.playbook import Operator, Playbook
from strategies.instants import Instant
from strategies.judging.people import People, Texts


@dataclass(slots=True)
class AskingMany:
    """The question: this candidate to each of these people at this instant."""

    playbook: Playbook
    candidate: Candidate
    people: People
    at: Instant
    _zone: Texts | None = None

    @property
    def operator(self) -> Operator:
        return self.playbook.operator

    @property
    def zone(self) -> Texts:
        """Everybody's zone by the operator's sources; mirrors ``asking.zone_of``."""
        if self._zone is None:
            self._zone = zones_of(self.playbook, self.people)
        return self._zone

    def zones(self, which: str) -> list[tuple[str, ...]]:
        """The zones a rule must hold in, by the code of a customer's zone; the last entry is for who has none."""
        words = (*self.zone.words, None)
        return [zones_in_question(self.operator, which, word) for word in words]


def zone_fields(playbook: Playbook) -> frozenset[str]:
    """The fields that say in which zone a customer is."""
    sources = playbook.operator.zone_of_customer
    return frozenset() if sources == ("zone",) else frozenset(sources)


def zones_of(playbook: Playbook, people: People) -> Texts:
    """The first source that names a zone of the database; −1 where none does."""
    sources = playbook.operator.zone_of_customer
    if sources == ("zone",):
        return _real(people.zone)
    found = Texts(np.full(people.count, -1, dtype=np.int32), ())
    for source in sources:
        column = people.columns.by_field[source]
        codes = column.values.astype(np.int32)
        if column.known is not None:
            codes = np.where(column.known, codes, -1).astype(np.int32)
        found = _filled(found, _real(Texts(codes, column.words)))
    return found


def _real(texts: Texts) -> Texts:
    """Without the words that name no zone."""
    if all(map(zone_exists, texts.words)):
        return texts
    turned = [code if zone_exists(word) else -1 for code, word in enumerate(texts.words)]
    return Texts(np.array([*turned, -1], dtype=np.int32)[texts.codes], texts.words)


def _filled(first: Texts, second: Texts) -> Texts:
    """The first where it has a word, else the second."""
    words = sorted({*first.words, *second.words})
    place = {word: code for code, word in enumerate(words)}
    one, other = (
        np.array([*(place[word] for word in each.words), -1], dtype=np.int32)[each.codes]
        for each in (first, second)
    )
    return Texts(np.where(one >= 0, one, other).astype(np.int32), tuple(words))
