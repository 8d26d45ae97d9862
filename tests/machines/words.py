"""Who has said no, written a second time: what people and numbers withdrew, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

CHANNELS = frozenset({"sms", "outbound_call"})


@dataclass
class Word:
    """A withdrawal by a person or for a number; ``tasks``: in whose outcome it was told, which may be corrected."""

    person: str | None
    number: str | None
    channels: set[str]
    turn: int
    tasks: set[str] = field(default_factory=set)


@dataclass
class Words:
    """All that was said. It promises the least: what is in force here must be in force in the store."""

    said: list[Word] = field(default_factory=list)
    given: dict[tuple[str, str], int] = field(default_factory=dict)
    """When a person last allowed a channel."""
    turn: int = 0

    def withdraw(
        self, person: str | None, number: str | None, channels: Iterable[str], task: str | None = None
    ) -> None:
        """Somebody wants no more of it."""
        self.turn += 1
        self.said.append(Word(person, number, set(channels), self.turn, {task} if task else set()))

    def give(self, person: str, channel: str) -> None:
        """A person allows one channel again; what is withdrawn for a number stays withdrawn."""
        self.turn += 1
        self.given[person, channel] = self.turn
        for word in self.said:
            if word.person == person:
                word.channels.discard(channel)

    def take_back(self, task: str) -> None:
        """The outcome was wrong, and with it what it had brought."""
        self.said = [word for word in self.said if task not in word.tasks]

    def bind(self, person: str, number: str) -> None:
        """What was withdrawn for a number binds who gives it up, but for what they allowed since."""
        for word in self.of_number(number):
            kept = {each for each in word.channels if self.given.get((person, each), 0) < word.turn}
            self.said.append(replace(word, person=person, number=None, channels=kept, tasks=set(word.tasks)))

    def recycle(self, number: str, owners: Iterable[str]) -> None:
        """The number is somebody else's: its word is that of who had it, and binds the next owner no more."""
        for owner in owners:
            self.bind(owner, number)
        self.said = [word for word in self.said if word.number != number]

    def merge(self, old: str, new: str) -> None:
        """What either had withdrawn they have both withdrawn."""
        for word in self.said:
            if word.person == old:
                word.person = new
        for channel in CHANNELS:
            self.given[new, channel] = max(
                self.given.pop((old, channel), 0), self.given.get((new, channel), 0)
            )

    def erase(self, person: str, number: str) -> None:
        """What the person withdrew binds their number, whoever comes with it."""
        for word in [word for word in self.said if word.person == person]:
            self.said.append(replace(word, person=None, number=number, channels=set(word.channels)))

    def of_number(self, number: str) -> list[Word]:
        """What was withdrawn for it."""
        return [word for word in self.said if word.number == number]

    def forbid(self, person: str, number: str, channel: str) -> bool:
        """Whether nobody may contact this person there."""
        return any(
            channel in word.channels and (word.person == person or word.number == number)
            for word in self.said
        )
