"""What everybody has allowed or forbidden, at once; twin of ``consents`` for one customer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from strategies.candidate import Candidate
from strategies.conditions.columns import Mask
from strategies.judging.asking_many import AskingMany
from strategies.judging.consents import NO_CONSENT, OPTED_OUT, consent_refusal
from strategies.judging.people import NEVER, ConsentArrays, Integers, People, spread
from strategies.profile import CustomerId, Profile


@dataclass(frozen=True, slots=True)
class _Records:
    """The records that say something now, one of each customer, holder and scope: the latest."""

    owner: Integers
    holder: Integers
    """The number's code, −1 for the person."""
    given: Mask
    exact: Mask
    """Names this channel and this category."""
    at: Integers


def consent_refused(asking: AskingMany, *, to_number: bool) -> dict[str, Mask]:
    """Whom a withdrawal forbids to contact, and who never agreed where that is needed.

    ``to_number``: the contact goes to the customer's own number, so that what was said for that number speaks for it.
    """
    people, candidate, at = asking.people, asking.candidate, asking.at
    records = _latest(_saying(people, candidate, at))
    objected = _objected(records, people.count)
    granted = np.zeros(people.count, dtype=np.bool_)
    speaks = records.holder == -1
    if to_number:
        speaks |= records.holder == people.subjects["number"][records.owner]
    granted[records.owner[records.given & speaks]] = True
    needed = _asks_first(asking)
    return {OPTED_OUT: objected, NO_CONSENT: needed & ~granted & ~objected}


def _asks_first(asking: AskingMany) -> Mask:
    """Who has to agree before the contact, as the row path says of a silent customer of each jurisdiction."""
    own = asking.people.jurisdiction
    table = []
    for word in (*own.words, None):
        silent = Profile(CustomerId(""), 0, 0, "", jurisdiction=word)
        refusal = consent_refusal(asking.playbook, asking.candidate, silent, asking.at)
        table.append(refusal is not None)
    found: Mask = np.array(table, dtype=np.bool_)[own.codes]
    return found


def _covering(consents: ConsentArrays, candidate: Candidate, at: int) -> Mask:
    """Mirrors ``consents._covers`` and what ``consents._in_force`` leaves out."""
    categories = {"all", candidate.category} | ({"promotional"} if candidate.promotional else set())
    found = consents.channel.among({"all", candidate.channel}) & consents.category.among(categories)
    found &= (consents.until == NEVER) | (consents.until > at)
    found &= ~(consents.given & (consents.at > at))
    return found


def _saying(people: People, candidate: Candidate, at: int) -> tuple[_Records, Integers]:
    """The records in question with whose each is, and the scope of each.

    One about a number is every holder's, and the person's whom it names, even where the number is another's by now.
    """
    consents = people.consents
    places = np.flatnonzero(_covering(consents, candidate, at))
    numbers = consents.number[places]
    of_person = places[consents.owner[places] >= 0]
    order = np.argsort(people.numbers, kind="stable")
    among, entries = spread(numbers, order, people.numbers[order])
    of_number = places[among]
    records = np.concatenate([of_person, of_number])
    owner = np.concatenate([consents.owner[of_person], people.numbers_owner[entries]]).astype(np.int64)
    holder = np.concatenate([consents.number[of_person], consents.number[of_number]]).astype(np.int64)
    channel, category = consents.channel.codes[records], consents.category.codes[records]
    exact = (channel == consents.channel.code(candidate.channel)) & (
        category == consents.category.code(candidate.category)
    )
    scope = channel.astype(np.int64) * (len(consents.category.words) + 1) + category
    return _Records(owner, holder, consents.given[records], exact, consents.at[records]), scope


def _latest(said: tuple[_Records, Integers]) -> _Records:
    """The last of each customer, holder and scope; of two records of the same instant the stricter."""
    records, scope = said
    order = np.lexsort((~records.given, records.at, scope, records.holder, records.owner))
    owner, holder, scope = records.owner[order], records.holder[order], scope[order]
    last = np.ones(len(order), dtype=np.bool_)
    last[:-1] = (owner[1:] != owner[:-1]) | (holder[1:] != holder[:-1]) | (scope[1:] != scope[:-1])
    kept = order[last]
    return _Records(
        records.owner[kept], records.holder[kept], records.given[kept], records.exact[kept], records.at[kept]
    )


def _objected(records: _Records, count: int) -> Mask:
    """Whom a withdrawal binds that no later grant for this channel and category lifts; mirrors ``consents._objection``."""
    group = np.zeros(len(records.owner), dtype=np.int64)
    if len(group):
        fresh = (records.owner[1:] != records.owner[:-1]) | (records.holder[1:] != records.holder[:-1])
        group[1:] = np.cumsum(fresh)  # records stand in order of owner and holder
    lifted = np.full(len(group) + 1, NEVER, dtype=np.int64)
    lifting = records.given & records.exact
    lifted[group[lifting]] = records.at[lifting]
    binding = ~records.given & (records.at >= lifted[group])
    refused = np.zeros(count, dtype=np.bool_)
    refused[records.owner[binding]] = True
    return refused
