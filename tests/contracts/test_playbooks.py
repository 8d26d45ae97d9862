"""Published playbooks on both databases."""

from __future__ import annotations

from contact.storage.open import Stores
from tests.contracts import situations
from tests.contracts.situations import CALL_ONCE_A_DAY


async def test_a_version_put_back_is_a_publishing_of_its_own(stores: Stores) -> None:
    """Who published what, when and why stays on record, also where an older text comes back."""
    first, second = situations.playbook(), situations.playbook(CALL_ONCE_A_DAY)
    await stores.playbooks.publish(first, base=None, author="a", why="begin")
    await stores.playbooks.publish(second, base=first.version, author="b", why="one call a day")
    await stores.playbooks.publish(first, base=second.version, author="c", why="back")
    assert [each.why for each in await stores.playbooks.versions()] == ["back", "one call a day", "begin"]


async def test_publishing_what_is_in_force_changes_nothing(stores: Stores) -> None:
    """The answer is the publishing that put it in force."""
    playbook = situations.playbook()
    first = await stores.playbooks.publish(playbook, base=None, author="a", why="begin")
    again = await stores.playbooks.publish(playbook, base=playbook.version, author="b", why="again")
    assert again == first and len(await stores.playbooks.versions()) == 1
