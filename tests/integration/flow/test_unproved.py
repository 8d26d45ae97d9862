"""A key that the store could not be asked about opens advice for anybody, and nothing that is kept of anybody."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from aiohttp.test_utils import make_mocked_request

from contact.faces.http.bodies.bodies import DecisionBody
from contact.faces.http.edge import row
from contact.faces.http.edge.callers import PATIENCE_SECONDS, KeyRing
from contact.faces.http.edge.recalling import DECISION
from contact.faces.http.serving import _perhaps_once
from contact.faces.http.table.routes import ROUTES
from contact.faults import StoreUnavailable
from contact.flow.deciding.decide import DecisionRequest, decide
from contact.ports import Key, KeyPort
from contact.wiring import House
from tests.integration.flow.stage import customer, open_for_business

MORNING = "2030-03-04T10:00+08:00"
RESERVED = DecisionBody(customer="C1", channel="sms", reserve=True)


def call(house: House, body: DecisionBody, *, proved: bool) -> row.Call:
    """Asked with the same key, which the store vouches for or does not."""

    async def nobody(job: str) -> None:
        raise AssertionError(job)

    doors = row.House(house.ports, house.settings, nobody, b"")
    return row.Call(doors, Key("k1", "admin", None, proved=proved), {}, body=body)


@pytest.mark.parametrize("body", [DecisionBody(number="+8613800000001", channel="sms"), RESERVED])
async def test_whose_a_number_is_and_what_was_answered_before_is_not_told(
    house: House, tmp_path: Path, body: DecisionBody
) -> None:
    """It may have been revoked meanwhile; the same key is answered once the store vouches for it."""
    await open_for_business(house, tmp_path, [customer(1)], at=MORNING)
    route = next(each for each in ROUTES if (each.method, each.path) == ("POST", "/v1/decisions"))
    request = make_mocked_request("POST", route.path, headers={"Idempotency-Key": "r1"})
    assert (await _perhaps_once(route, request, call(house, body, proved=True), b""))[0] == 200
    with pytest.raises(StoreUnavailable, match="may not be asked"):
        await _perhaps_once(route, request, call(house, body, proved=False), b"")


async def test_a_repeat_whose_words_cannot_be_read_again_is_told_to_come_again(
    house: House, tmp_path: Path
) -> None:
    """An answer without its words would look like one that has none."""
    await open_for_business(house, tmp_path, [customer(1)], at=MORNING)
    first = await decide(house.ports, DecisionRequest("C1", "sms", reserve=True))
    kept, asked = msgspec.json.encode(DECISION.keep(first)), call(house, RESERVED, proved=True)
    again = await DECISION.again(asked, kept)
    assert first.chosen is not None and again.chosen.text == first.chosen.text != []  # type: ignore[attr-defined]
    house.stores.database.close()
    with pytest.raises(StoreUnavailable):
        await DECISION.again(asked, kept)


class Busy:
    """Keys in a store that takes longer than anybody on the line waits."""

    def __init__(self, keys: KeyPort) -> None:
        self.keys, self.busy = keys, False

    async def authenticate(self, secret: str, *, patience: float | None = None) -> Key | None:
        """As the store does, in the end."""
        if self.busy and patience is not None and patience <= PATIENCE_SECONDS:
            raise StoreUnavailable("the store does not answer in time")
        return await self.keys.authenticate(secret)


async def test_a_busy_store_is_waited_for_where_nobody_is_on_the_line(house: House) -> None:
    """Advice for a key of which the store was not asked would say nothing of anybody, and reserve nothing."""
    busy, headers = Busy(house.ports.keys), {}
    headers["Authorization"] = f"Bearer {await house.ports.keys.create('admin', None)}"
    keys, request = KeyRing(busy), make_mocked_request("POST", "/", headers=headers)  # type: ignore[arg-type]
    await keys.authenticate(request, storeless=True)
    busy.busy = True
    assert not (await keys.authenticate(request, storeless=True)).proved
    assert (await keys.authenticate(request, storeless=True, patient=True)).proved
    patient = [each.path for each in ROUTES if each.patient]
    assert patient == ["/v1/decisions"] and all(each.storeless for each in ROUTES if each.patient)
