"""Ordinary requests wait in a short line; whoever says no never does."""

from __future__ import annotations

import asyncio

import pytest

from contact.faces.http.edge import admission
from contact.faces.http.edge.admission import Admission
from contact.faces.http.edge.problems import RequestProblem


async def held(places: Admission, told: list[int], number: int, go: asyncio.Event) -> None:
    async with places.place(urgent=False):
        told.append(number)
        await go.wait()


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Admission:
    """Two places, a line of three."""
    monkeypatch.setattr(admission, "AT_ONCE", 2)
    monkeypatch.setattr(admission, "LONGEST_LINE", 3)
    return Admission()


async def test_places_go_round_in_order_of_arrival(few: Admission) -> None:
    """No more run than there are places, and who came first is next."""
    told: list[int] = []
    go = asyncio.Event()
    waiting = [asyncio.create_task(held(few, told, number, go)) for number in range(5)]
    await asyncio.sleep(0)
    assert (told, few.running, few.crowded) == ([0, 1], 2, True)
    go.set()
    await asyncio.gather(*waiting)
    assert (told, few.running, few.crowded) == ([0, 1, 2, 3, 4], 0, False)


async def test_beyond_the_line_one_comes_again_and_the_urgent_pass(few: Admission) -> None:
    """A full line refuses with Retry-After; an opt-out runs at once all the same."""
    go = asyncio.Event()
    waiting = [asyncio.create_task(held(few, [], number, go)) for number in range(5)]
    await asyncio.sleep(0)
    with pytest.raises(RequestProblem) as refused:
        async with few.place(urgent=False):
            raise AssertionError
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (503, "1")
    async with few.place(urgent=True):
        assert few.running == 2
    go.set()
    await asyncio.gather(*waiting)


def clock_by_hand(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The loop's clock, which goes on only where a test says so."""
    clock = [asyncio.get_running_loop().time()]
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: clock[0])
    return clock


async def test_none_begins_beside_an_urgent_request_until_it_is_done(
    few: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever runs goes on; the next begins when the urgent one leaves."""
    clock_by_hand(monkeypatch)
    told: list[int] = []
    ways = [asyncio.Event() for _ in range(4)]
    waiting = [asyncio.create_task(held(few, told, number, ways[number])) for number in range(4)]
    await asyncio.sleep(0)
    async with few.place(urgent=True):
        ways[0].set()
        ways[1].set()
        await asyncio.gather(*waiting[:2])
        await asyncio.sleep(0)
        assert (told, few.running) == ([0, 1], 0)
    await asyncio.sleep(0)
    assert (told, few.running) == ([0, 1, 2, 3], 2)
    for way in ways:
        way.set()
    await asyncio.gather(*waiting)


async def test_many_urgent_requests_leave_the_others_their_share(
    few: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Right after one has been alone the next is not: an ordinary request begins beside it. As long a while later it is."""
    clock, told, go = clock_by_hand(monkeypatch), list[int](), asyncio.Event()
    go.set()
    waiting: list[asyncio.Task[None]] = []
    for number, (since, before) in enumerate(((0.0, ""), (0.01, "01"), (0.02, "01"))):
        clock[0] += since
        async with few.place(urgent=True):
            waiting.append(asyncio.create_task(held(few, told, number, go)))
            await asyncio.sleep(0)
            assert "".join(map(str, told)) == before
            clock[0] += 0.02
    await asyncio.gather(*waiting)
    assert (sorted(told), few.running, few.urgent) == ([0, 1, 2], 0, 0)


async def test_beside_a_long_urgent_request_one_at_a_time_goes_on(
    few: Admission, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at a time while somebody who says no waits for the store, and as many as before once that is done."""
    monkeypatch.setattr(admission, "ALONE_SECONDS", 0.0)
    told: list[int] = []
    ways = [asyncio.Event() for _ in range(5)]
    waiting = [asyncio.create_task(held(few, told, number, ways[number])) for number in range(5)]
    await asyncio.sleep(0)
    async with few.place(urgent=True):
        ways[0].set()
        await waiting[0]
        await asyncio.sleep(0)
        assert (told, few.running) == ([0, 1], 1)
        ways[1].set()
        await waiting[1]
        await asyncio.sleep(0)
        assert (told, few.running) == ([0, 1, 2], 1)
    await asyncio.sleep(0)
    assert (told, few.running) == ([0, 1, 2, 3], 2)
    for way in ways:
        way.set()
    await asyncio.gather(*waiting)
    assert (few.running, few.urgent, few.crowded) == (0, 0, False)


async def test_who_gives_up_leaves_no_gap(few: Admission, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting too long is a refusal; a place given in the very moment of giving up goes to the next."""
    told: list[int] = []
    go = asyncio.Event()
    first = [asyncio.create_task(held(few, told, number, go)) for number in range(2)]
    await asyncio.sleep(0)
    leaving = asyncio.create_task(held(few, told, 2, go))
    last = asyncio.create_task(held(few, told, 3, go))
    await asyncio.sleep(0)
    go.set()
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    await asyncio.gather(*first, last)
    assert (told, few.running) == ([0, 1, 3], 0)
    monkeypatch.setattr(admission, "LONGEST_WAIT_SECONDS", 0)
    go.clear()
    again = [asyncio.create_task(held(few, told, number, go)) for number in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(RequestProblem):
        await held(few, told, 9, go)
    go.set()
    await asyncio.gather(*again)
    assert (few.running, few.crowded) == (0, False)
