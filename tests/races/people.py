"""Whom races are about: customers four to an account, numbers shared between neighbouring accounts."""

from __future__ import annotations

from strategies.profile import Profile
from tests.contracts.situations import profile

MEMBERS = 4
BLOCK = 24
ROUNDS = 4


def members(account: int, accounts: int, prefix: str = "") -> list[Profile]:
    """The customers of an account; each of its numbers is also one of a neighbour's."""
    made = []
    for member in range(MEMBERS):
        owner = (account + member % 2) % accounts
        number = f"{prefix}n{owner}.{member // 2}"
        made.append(profile(f"{prefix}C{account}.{member}", account=f"{prefix}A{account}", number=number))
    return made


def turn(slot: int, accounts: int) -> int:
    """Whose turn it is: everybody turns to the same account at once, to each a few times before the next block."""
    block, place = divmod(slot, BLOCK * ROUNDS)
    return (block * BLOCK + place % BLOCK) % accounts
