"""Keys, sessions and passwords on either database: what opens, until when, and what ends it at once."""

from __future__ import annotations

import asyncio

import pytest

from contact.clock import real_now
from contact.domain.passwords import weaknesses
from contact.faults import Conflict, NotFound
from contact.storage.access.keys import SESSION_IDLES, hash_of
from contact.storage.access.logins import AT_ONCE, LOCKED_FOR, LONGEST_LINE, MOST_TRIES
from contact.storage.databases.transaction import Transaction
from contact.storage.open import Stores
from strategies.instants import HOUR, SECOND, Instant
from strategies.problems import ProblemsFound

GOOD = "correct horse battery"


async def sql(stores: Stores, text: str) -> None:
    await stores.database.write(lambda tx: tx.connection.execute(text))


async def staff(stores: Stores, *people: str) -> None:
    for person in people:
        await sql(
            stores,
            "INSERT INTO staff (id, name, role, unit, team, languages, channels) "
            f"VALUES ('{person}', 'Li', 'agent', 'B1', 't', '[]', '[]')",
        )


async def with_password(stores: Stores, person: str, role: str = "agent", unit: str | None = "B1") -> None:
    await staff(stores, person)
    token = await stores.logins.invite(person, role, unit, by="root")
    assert await stores.logins.set_password(token, GOOD) == person


async def acts(stores: Stores, act: str) -> list[tuple[str, str]]:
    return [(each.act.actor, each.act.about) for each in await stores.audit.page(act=act)]


async def test_a_key_is_known_by_its_prefix_and_ends_at_once_when_revoked(stores: Stores) -> None:
    """Lists show the part that names it; after the revocation's commit it opens nothing, and twice is refused."""
    secret = await stores.keys.create("supervisor", "s1", unit="B1", by="root")
    row = (await stores.keys.keys())[0]
    assert secret.startswith(row.prefix + "_") and len(secret) == len(row.prefix) + 33
    assert len(f"kannel:{secret}") < 57  # one line of Base64, as gateways fold longer ones
    key = await stores.keys.authenticate(secret)
    assert key is not None and (key.role, key.person, key.unit) == ("supervisor", "s1", "B1")
    await stores.keys.revoke(row.prefix, by="root", why="lost")
    assert await stores.keys.authenticate(secret) is None
    with pytest.raises(Conflict):
        await stores.keys.revoke(row.prefix, by="root")
    with pytest.raises(NotFound):
        await stores.keys.revoke("ck_nobodys", by="root")
    assert await acts(stores, "key.revoked") == [("root", row.prefix)]
    assert await acts(stores, "key.created") == [("root", row.prefix)]


async def test_a_key_runs_out_by_itself(stores: Stores) -> None:
    """At its end it opens nothing, whoever asks, also where it was asked about a moment before."""
    over = await stores.keys.create("portal", None, expires=Instant(real_now() - 1))
    holds = await stores.keys.create("portal", None, expires=Instant(real_now() + HOUR))
    assert await stores.keys.authenticate(over) is None
    assert await stores.keys.authenticate(holds) is not None
    brief = await stores.keys.create("portal", None, expires=Instant(real_now() + SECOND // 2))
    assert await stores.keys.authenticate(brief) is not None
    await asyncio.sleep(0.6)
    assert await stores.keys.authenticate(brief) is None


async def test_an_exchanged_key_keeps_whose_it_is(stores: Stores) -> None:
    """The new one has role, person and unit of the old, which goes on as long as was said and no longer."""
    old = await stores.keys.create("agent", "a1", unit="B1")
    first = (await stores.keys.keys())[0].prefix
    new = await stores.keys.rotate(first, keep=HOUR, by="root")
    keys = [await stores.keys.authenticate(each) for each in (old, new)]
    assert [(key.role, key.person, key.unit) for key in keys if key] == [("agent", "a1", "B1")] * 2
    assert keys[0] is not None and keys[0].expires is not None and keys[0].expires <= real_now() + HOUR
    third = await stores.keys.rotate(new[: len(first)], by="root")
    assert await stores.keys.authenticate(new) is None
    assert await stores.keys.authenticate(third) is not None


async def test_a_session_ends_when_nobody_does_anything(stores: Stores) -> None:
    """What a person does keeps it open, what a page asks by itself does not."""
    secret = await stores.keys.open_session(await stores.keys.console_link("agent", "a1", unit="B1"))
    assert secret is not None
    key = await stores.keys.session(secret)
    assert key is not None and key.unit == "B1"
    nearly = real_now() - SESSION_IDLES + HOUR // 2
    await sql(stores, f"UPDATE session SET seen_us = {nearly} WHERE secret_hash = '{hash_of(secret)}'")
    assert await stores.keys.session(secret, active=False) is not None
    await sql(
        stores, f"UPDATE session SET seen_us = seen_us - {HOUR // 2} WHERE secret_hash = '{hash_of(secret)}'"
    )
    assert await stores.keys.session(secret) is None


async def test_what_a_person_does_keeps_the_session_open(stores: Stores) -> None:
    """The instant of the last doing is noted, once a minute."""
    secret = await stores.keys.open_session(await stores.keys.console_link("agent", "a1"))
    assert secret is not None
    await sql(stores, "UPDATE session SET seen_us = seen_us - 1800000000")
    assert await stores.keys.session(secret) is not None

    def seen(tx: Transaction) -> int:
        row = tx.row("find_session", secret_hash=hash_of(secret), now_us=real_now(), idle_us=0)
        assert row is not None
        return int(row["seen_us"])

    assert await stores.database.read(seen) > real_now() - HOUR // 60


async def test_a_person_sets_a_password_once_and_comes_in_with_it(stores: Stores) -> None:
    """The link works once, an easy password is refused and leaves it, and the session knows role and unit."""
    await staff(stores, "a1")
    with pytest.raises(NotFound):
        await stores.logins.invite("nobody", "agent", None, by="root")
    token = await stores.logins.invite("a1", "supervisor", "B1", by="root")
    assert await stores.logins.invited(token) == "a1"
    with pytest.raises(ProblemsFound):
        await stores.logins.set_password(token, "short")
    assert await stores.logins.set_password(token, GOOD) == "a1"
    assert await stores.logins.set_password(token, GOOD) is None
    entered = await stores.logins.log_in("a1", GOOD)
    assert entered.secret is not None and "secret" not in repr(entered)
    key = await stores.keys.session(entered.secret)
    assert key is not None and (key.role, key.person, key.unit) == ("supervisor", "a1", "B1")
    assert await acts(stores, "login") == [("a1", "")]
    assert (await stores.logins.log_in("a1", "another password")).secret is None
    assert await acts(stores, "login.failed") == [("a1", "")]


async def test_five_wrong_tries_lock_the_name_however_many_come_at_once(stores: Stores) -> None:
    """Of all tries let to the door at once five are looked at; then nothing is, until the time is over."""
    await with_password(stores, "a1")
    most = AT_ONCE + LONGEST_LINE
    tries = await asyncio.gather(*(stores.logins.log_in("a1", f"wrong {number}") for number in range(most)))
    assert sum(not each.locked for each in tries) == MOST_TRIES
    assert (await stores.logins.log_in("a1", GOOD)).locked
    unknown = [await stores.logins.log_in("who", GOOD) for _ in range(MOST_TRIES + 1)]
    assert [each.locked for each in unknown] == [False] * MOST_TRIES + [True]
    await sql(stores, f"UPDATE login_attempt SET at_us = at_us - {LOCKED_FOR}")
    assert (await stores.logins.log_in("a1", GOOD)).secret is not None


async def test_a_new_link_unlocks_and_a_new_password_ends_every_session(stores: Stores) -> None:
    """Whoever had the old password is out as soon as the new one is set."""
    await with_password(stores, "a1")
    first = (await stores.logins.log_in("a1", GOOD)).secret
    for _ in range(MOST_TRIES):
        await stores.logins.log_in("a1", "wrong")
    token = await stores.logins.invite("a1", "agent", None, by="root")
    assert (await stores.logins.log_in("a1", GOOD)).secret is not None
    await stores.logins.set_password(token, "another long sentence")
    assert first is not None and await stores.keys.session(first) is None
    assert (await stores.logins.log_in("a1", GOOD)).secret is None


@pytest.mark.parametrize("ending", ["bar", "staff", "everywhere"])
async def test_who_may_no_longer_come_in_is_out_at_once(stores: Stores, ending: str) -> None:
    """Barred, gone from the staff file, or logged out everywhere: the open session opens nothing."""
    await with_password(stores, "a1")
    secret = (await stores.logins.log_in("a1", GOOD)).secret
    assert secret is not None and await stores.keys.session(secret) is not None
    if ending == "bar":
        assert await stores.logins.bar("a1", by="root", why="left") == 1
    elif ending == "staff":
        await sql(stores, "DELETE FROM staff WHERE id = 'a1'")
    else:
        assert await stores.keys.end_sessions("a1", by="a1") == 1
    assert await stores.keys.session(secret) is None
    assert ((await stores.logins.log_in("a1", GOOD)).secret is None) == (ending != "everywhere")


async def test_whoever_came_in_by_a_link_alone_is_barred_too(stores: Stores) -> None:
    """A person without a password has sessions as well: they end, and only of somebody who has neither is it said."""
    await staff(stores, "a7")
    secret = await stores.keys.open_session(await stores.keys.console_link("supervisor", "a7"))
    assert secret is not None and await stores.keys.session(secret) is not None
    assert await stores.logins.bar("a7", by="root", why="left") == 1
    assert await stores.keys.session(secret) is None
    with pytest.raises(NotFound, match="neither a password nor an open session"):
        await stores.logins.bar("a7", by="root", why="left")


async def test_a_role_given_anew_holds_in_the_open_session(stores: Stores) -> None:
    """Role and unit are those of the person now, not those of when the session began."""
    await with_password(stores, "a1", role="strategist", unit=None)
    secret = (await stores.logins.log_in("a1", GOOD)).secret
    assert secret is not None
    await stores.logins.invite("a1", "agent", "B1", by="root")
    key = await stores.keys.session(secret)
    assert key is not None and (key.role, key.unit) == ("agent", "B1")


@pytest.mark.parametrize("easy", ["short", "aaaaaaaaaaaaaaaa", "x" * 300, "a1a1a1a1a1a1b", "staff-12-99"])
def test_passwords_that_are_easy_to_guess_are_refused(easy: str) -> None:
    """Too short, too few signs, too long, or little more than the person's id."""
    assert weaknesses(easy, "staff-12")
    assert not weaknesses(GOOD, "staff-12")
