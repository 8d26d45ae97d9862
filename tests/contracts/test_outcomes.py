"""What became of contacts and of places held back, as models learn from it."""

from __future__ import annotations

from pathlib import Path

from contact.ports import Completion, Outcome, Permit, Receipt, WouldHave
from contact.storage.open import Stores
from strategies.instants import DAY, HOUR, Instant
from strategies.profile import CustomerId
from tests.contracts.situations import profile, wish
from tests.contracts.test_ledger import AGENT, now, published, reserved, send, started

CONTACTS = """id,customer,channel,category,at,result,state
1,C1,outbound_call,marketing,2025-12-01T10:00:00+08:00,accepted,sent
2,C1,sms,marketing,2025-11-01T10:00:00+08:00,,delivered
3,C1,sms,marketing,2025-10-01T10:00:00+08:00,,not_sent
4,C1,outbound_call,marketing,2025-09-01T10:00:00+08:00,no_answer,
"""
MAPPING = """kind: contacts
mode: upsert
columns: {id: id, customer: customer, channel: channel, category: category, at: at, result: result, state: state}
"""


async def outcomes(stores: Stores) -> dict[str, Outcome]:
    """By customer; each has one here."""
    return {outcome.customer: outcome for outcome in await stores.learning.outcomes()}


async def test_an_attempt_is_an_outcome_and_a_place_not_yet_used_is_none(stores: Stores) -> None:
    """What only waits, was taken back or provably did not go out teaches nothing."""
    playbook = await published(stores)
    refused = await send(stores, playbook, profile("refused"))
    await stores.ledger.refused(refused.contact, refused.fence, passing=False, why="bad number")
    await started(stores, playbook, profile("called"))
    await reserved(stores, wish(playbook, profile("waiting"), await now(stores)))
    found = await outcomes(stores)
    assert set(found) == {"called"}
    called = found["called"]
    assert (called.arm, called.channel, called.attempted, called.final) == (
        "treated",
        "outbound_call",
        True,
        False,
    )


async def test_a_call_says_at_once_whether_it_connected_and_was_accepted(stores: Stores) -> None:
    """No answer reached nobody; a rejection reached the person; both are final, as nothing more can come."""
    playbook = await published(stores)
    for customer, result in (("yes", "accepted"), ("no", "rejected"), ("nobody", "no_answer")):
        waiting, fence = await started(stores, playbook, profile(customer))
        await stores.tasks.complete(Completion(waiting.task, fence, AGENT.id, result), playbook)
    told = {
        customer: (outcome.connected, outcome.accepted, outcome.final)
        for customer, outcome in (await outcomes(stores)).items()
    }
    assert told == {"yes": (True, True, True), "no": (True, False, True), "nobody": (False, False, True)}


async def test_a_message_is_final_by_its_receipt_or_when_the_wait_is_over(stores: Stores) -> None:
    """Before that nobody can say that nothing came of it."""
    playbook = await published(stores)
    for customer in ("told", "silent"):
        permit = await send(stores, playbook, profile(customer))
        await stores.ledger.confirm(permit.contact, permit.fence, f"ref-{customer}")
        if customer == "told":
            await stores.ledger.receive(Receipt("r1", permit.contact, "delivered", permit.at))
    assert {name: each.final for name, each in (await outcomes(stores)).items()} == {
        "told": True,
        "silent": False,
    }
    assert isinstance(permit, Permit)
    await stores.clock.move_to(Instant(permit.at + 2 * DAY + HOUR))
    found = await outcomes(stores)
    assert found["silent"].final and not found["silent"].connected


async def test_places_held_back_stand_among_the_contacts(stores: Stores) -> None:
    """A control customer was not attempted; the place is final once its hour has come. All oldest first."""
    playbook, at = await published(stores), await now(stores)
    places = [
        WouldHave("2026-01-01", CustomerId(name), "s", "o", "sms", "control", when, None)
        for name, when in (("later", Instant(at + HOUR)), ("earlier", Instant(at - HOUR)))
    ]
    await stores.plans.record("2026-01-01", places, {}, {})
    await started(stores, playbook, profile("called"))
    found = await stores.learning.outcomes()
    assert [(each.customer, each.arm, each.attempted, each.final) for each in found] == [
        ("earlier", "control", False, True),
        ("called", "treated", True, False),
        ("later", "control", False, False),
    ]
    assert (found[0].strategy, found[0].offer, found[0].channel) == ("s", "o", "sms")
    assert not found[0].connected and not found[0].accepted


async def test_contacts_from_before_our_time_count_too(stores: Stores, tmp_path: Path) -> None:
    """Imported ones are final; one that was not sent is left out."""
    people, contacts = tmp_path / "people.csv", tmp_path / "contacts.csv"
    people.write_text("id\nC1\n", encoding="utf-8")
    contacts.write_text(CONTACTS, encoding="utf-8")
    for kind, path, mapping in (
        ("customers", people, "kind: customers\nmode: snapshot\ncolumns: {id: id}\n"),
        ("contacts", contacts, MAPPING),
    ):
        await stores.imports.take(kind, str(path), mapping, mapping_path="m.yaml", playbook=None)
    found = await stores.learning.outcomes()
    assert [(each.channel, each.connected, each.accepted, each.final) for each in found] == [
        ("outbound_call", False, False, True),
        ("sms", False, False, True),
        ("outbound_call", True, True, True),
    ]
