"""Which passwords are too easy to be guessed."""

from __future__ import annotations

from strategies.problems import Hint

SHORTEST = 12
LONGEST = 256
LEAST_SIGNS = 5
"""Different signs a password has at least."""


def weaknesses(password: str, person: str) -> list[tuple[str, Hint]]:
    """What is wrong with a password of this person, each with what to do; empty where it may be used."""
    found = []
    if len(password) < SHORTEST:
        found.append(
            (f"the password is shorter than {SHORTEST} signs", Hint("take a sentence: it may hold spaces"))
        )
    if len(password) > LONGEST:
        found.append((f"the password is longer than {LONGEST} signs", Hint("take a shorter one")))
    if len(set(password)) < LEAST_SIGNS:
        found.append(
            (
                "the password repeats a few signs",
                Hint("use at least %(count)s different ones", count=LEAST_SIGNS),
            )
        )
    if person.casefold() in password.casefold() and len(password) < SHORTEST + len(person):
        found.append(("the password is little more than the person's id", Hint("take another one")))
    return found
