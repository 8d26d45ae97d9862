"""An Asterisk calls the hotline over FastAGI: what its channel is told, and what is left when a caller is gone."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from ipaddress import ip_network

import pytest
import pytest_asyncio

from contact.faces.agi import MOST_CALLS, FastAgi
from contact.faces.agi_call import Speech
from contact.settings import LOOPBACK, Network
from contact.telemetry import AGI_RECORDINGS_MISSING
from ivr.call import Journey
from tests.asterisk import Channel, HangUp, parsed
from tests.asterisk_dialplan import run_extension
from tests.docs.blocks import BLOCKS
from tests.integration.http_client import Server, serving
from tests.integration.http_story import number_of
from tests.integration.telephone_story import journeys, open_a_second_hotline, open_the_hotline
from tests.servers import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")
ENGLISH = "main?language=en"
DIALPLAN = next(
    block.code for block in BLOCKS if block.page.name == "ivr-telephony.md" and "[hotline]" in block.code
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    async with serving(tmp_path_factory.mktemp("agi") / "home") as started:
        await open_the_hotline(started)
        yield started


@asynccontextmanager
async def answering(
    server: Server,
    peers: Sequence[Network] = LOOPBACK,
    speech: Speech | None = None,
    most: int = MOST_CALLS,
) -> AsyncIterator[int]:
    """A FastAGI server on a free port; whatever it began must be over when it has stopped."""
    listening = socket.create_server(("127.0.0.1", 0))
    before = asyncio.all_tasks()
    agi = FastAgi(server.house.ports, peers=peers, speech=speech, region="CN", most=most)
    await agi.start(listening)
    try:
        yield listening.getsockname()[1]
    finally:
        async with asyncio.timeout(
            5
        ):  # less than a stopping server waits: calls must have ended by themselves
            await agi.stop()
    assert agi.calls == 0
    assert {task.get_name() for task in asyncio.all_tasks() - before if "FastAgi" in repr(task)} == set()


async def journey_of(server: Server, channel: Channel) -> Journey:
    return next(each for each in await journeys(server.house.ports) if each.id == channel.unique)


async def test_recordings_keys_and_digits_are_played_in_order(server: Server) -> None:
    """A recording by STREAM FILE, its key by SAY DIGITS, a number as digits; the last recording waits for the key itself."""
    async with answering(server) as port:
        channel = await Channel(["2"], unique="order.1", number="13800000004", script=ENGLISH).call(port)
    assert channel.picked_up.is_set() and channel.variables["CHANNEL(language)"] == "en"
    assert channel.said == [
        "file:menu/recorded", "file:menu/main", "file:menu/bill", "digits:1", "file:menu/data", "digits:2",
        "file:menu/agent", "digits:0", "digits:100",
    ]  # fmt: skip
    assert parsed(channel.commands[3]) == ["STREAM", "FILE", "menu/recorded", ""], (
        "a notice is heard to its end"
    )
    journey = await journey_of(server, channel)
    assert (journey.customer, journey.goal, journey.outcome, journey.language) == (
        "C4",
        "data",
        "reached",
        "en",
    )


async def test_the_last_recording_of_a_turn_takes_the_key(server: Server) -> None:
    """Where a recording ends a turn it is played by GET DATA: # alone says it again, silence is a time-out."""
    async with answering(server) as port:
        channel = await Channel(["#", None, "0"], unique="data.1", script="main?language=zh-CN").call(port)
    asked = [parsed(command) for command in channel.commands]
    assert ["GET", "DATA", "menu/press-0", "5000", "1"] in asked
    assert channel.variables["CHANNEL(language)"] == "zh_CN"
    assert [(step.node, step.key) for step in (await journey_of(server, channel)).steps] == [
        ("recorded", None), ("main", "#"), ("main", None), ("main", "0"), ("operator", None),
    ]  # fmt: skip
    assert "file:menu/silent" in channel.said


async def test_a_key_cuts_a_prompt_short(server: Server) -> None:
    """What was not said any more was not asked for either; the key counts."""
    async with answering(server) as port:
        channel = await Channel(["2"], unique="barge.1", script=ENGLISH, barges=True).call(port)
    assert channel.said[:3] == ["file:menu/recorded", "file:menu/main", "digits:100"]
    assert (await journey_of(server, channel)).goal == "data"


async def test_a_caller_is_passed_to_the_queue_with_the_call(server: Server) -> None:
    """The dialplan finds how the call ended, the agents' queue and the call's id, and the channel lives."""
    async with answering(server) as port:
        channel = await Channel(["0"], unique="queue.1", number=number_of("C5"), script=ENGLISH).call(port)
    told = {name: value for name, value in channel.variables.items() if name.startswith("CONTACT_")}
    assert told == {"CONTACT_ENDS": "transfer", "CONTACT_QUEUE": "hotline", "CONTACT_CALL": "queue.1"}
    assert not channel.dead and not channel.hung_up_by_us
    assert (await journey_of(server, channel)).outcome == "agent"


async def test_a_dialogue_that_is_over_hangs_up(server: Server) -> None:
    """After the last answer nobody listens to silence."""
    async with answering(server) as port:
        channel = await Channel(["2", None], unique="over.1", script=ENGLISH).call(port)
    assert channel.hung_up_by_us and channel.variables["CONTACT_ENDS"] == "hang_up"


async def test_texts_are_spoken_by_the_application_that_is_set(server: Server) -> None:
    """What has no recording goes to it, quotes taken out; without one it is left out and the call goes on."""
    async with answering(server, speech=Speech("Flite", '"{text}",{language}')) as port:
        channel = await Channel(["1"], unique="text.1", number=number_of("C2"), script=ENGLISH).call(port)
    assert [said for said in channel.said if said.startswith("Flite")] == [
        'Flite("Customers pay 60 on average.",en)'
    ]


async def test_a_recording_that_is_missing_is_told_and_spoken_instead(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asterisk answers as if the caller were gone; the call goes on all the same, in words."""
    before = AGI_RECORDINGS_MISSING._value.get()
    line = Channel(
        ["0"],
        unique="missing.1",
        number=number_of("C2"),
        script=ENGLISH,
        recordings=frozenset({"menu/main", "menu/bill"}),
    )
    async with answering(server, speech=Speech("Flite", '"{text}"')) as port:
        await line.call(port)
    assert line.variables["CONTACT_ENDS"] == "transfer"
    assert 'Flite("This call is recorded.")' in line.said and "file:menu/main" in line.said
    assert (await journey_of(server, line)).outcome == "agent"
    assert AGI_RECORDINGS_MISSING._value.get() > before and "menu/recorded" in "".join(capsys.readouterr())


async def test_an_application_that_asterisk_does_not_have_costs_the_words_only(server: Server) -> None:
    """What it should have said is left out; the call goes on to its end."""
    line = Channel(
        ["1", None, "0"],
        unique="speechless.1",
        number=number_of("C2"),
        script=ENGLISH,
        applications=frozenset(),
    )
    async with answering(server, speech=Speech("Flite", '"{text}"')) as port:
        await line.call(port)
    assert line.variables["CONTACT_ENDS"] == "transfer" and not [
        said for said in line.said if "Flite" in said
    ]


async def test_a_caller_gone_at_any_moment_ends_the_call(server: Server) -> None:
    """At every command, in all three ways a channel is lost: the journey is ended and nothing is held any more."""
    hows: tuple[HangUp, ...] = ("fails", "signalled", "broken")
    async with answering(server, speech=Speech("Flite", '"{text}"')) as port:
        whole = await Channel(["1", "9", "0"], unique="whole.1", number=number_of("C2"), script=ENGLISH).call(
            port
        )
        channels = [
            Channel(
                ["1", "9", "0"], unique=f"gone.{how}.{at}", number=number_of("C2"), script=ENGLISH, hang_up_at=at, how=how
            )
            for at in range(1, len(whole.commands) - 3)
            for how in hows
        ]  # fmt: skip
        await asyncio.gather(*(channel.call(port) for channel in channels))
    kept = {each.id: each.outcome for each in await journeys(server.house.ports)}
    assert {kept[channel.unique] for channel in channels} <= {"abandoned", "reached", "agent"}
    assert len(channels) > 40


async def test_many_calls_at_once_with_callers_gone_at_random_leave_nothing_behind(server: Server) -> None:
    """A hundred calls, half of them lost at a random command: each is ended, none is open, no task is left."""
    random_ = random.Random(6)
    async with answering(server, speech=Speech("Flite", '"{text}"')) as port:
        channels = [
            Channel(
                [*random_.choices(["1", "2", "0", "9", "#", "*", None], k=8), "0"], unique=f"many.{number}",
                number=number_of(f"C{number % 9 + 1}"), script=ENGLISH, barges=number % 3 == 0, seconds=0.001,
                hang_up_at=random_.randrange(1, 40) if number % 2 else None,
                how=random_.choice(("fails", "signalled", "broken")),
            )
            for number in range(100)
        ]  # fmt: skip
        await asyncio.gather(*(channel.call(port) for channel in channels))
    kept = {each.id: each for each in await journeys(server.house.ports) if each.id.startswith("many.")}
    assert len(kept) == 100
    assert [each.id for each in kept.values() if each.outcome == "open"] == []


async def test_a_stopping_service_ends_its_calls(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that does not end by itself is let go and ended in our books; its dialplan goes on."""
    monkeypatch.setattr("contact.faces.agi.DRAIN_SECONDS", 0.05)
    async with answering(server) as port:
        channel = Channel(["1"] * 50, unique="stop.1", script=ENGLISH, seconds=0.2)
        calling = asyncio.create_task(channel.call(port))
        await channel.picked_up.wait()
    await calling
    assert not channel.dead
    assert (await journey_of(server, channel)).outcome == "abandoned"


@pytest.mark.parametrize(
    "words",
    [b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"agi_network: yes\n", b"agi_x: " + b"y" * 9000 + b"\n\n",
     b"agi_x: y\n" * 200 + b"\n", b"\xff\x00\n\n"],
)  # fmt: skip
async def test_what_is_no_asterisk_is_no_call(server: Server, words: bytes) -> None:
    """Whoever speaks something else, or nothing, is closed and leaves no journey."""
    before = len(await journeys(server.house.ports))
    async with answering(server) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(words)
        writer.write_eof()
        async with asyncio.timeout(5):
            assert await reader.read() == b""
        writer.close()
    assert len(await journeys(server.house.ports)) == before


async def test_only_the_named_networks_are_answered(server: Server) -> None:
    """A connection from elsewhere is closed before a word is read."""
    async with answering(server, peers=(ip_network("10.1.0.0/24"),)) as port:
        channel = await Channel(["1"], unique="stranger.1").call(port)
    assert channel.commands == []


async def test_a_menu_that_is_not_there_leaves_the_caller_to_the_dialplan(server: Server) -> None:
    """The dialplan is told that it failed, and the channel lives."""
    async with answering(server) as port:
        channel = await Channel(["1"], unique="no-menu.1", script="no-such-menu").call(port)
    assert channel.variables == {"CONTACT_ENDS": "failed"} and not channel.dead


@pytest.mark.parametrize(
    ("keys", "queue", "over"),
    [(["0"], "hotline", False), (["2", None], None, True), (["9", "9"], None, False)],
)
async def test_the_dialplan_of_the_guide_runs(
    server: Server, keys: list[str | None], queue: str | None, over: bool
) -> None:
    """A caller is put through, a dialogue that is over is hung up, and one who hung up goes nowhere."""
    async with answering(server) as port:
        ran = await run_extension(DIALPLAN, Channel(keys, unique=f"guide.{len(keys)}.{queue}"), port)
    assert (ran.queue, ran.hung_up or ran.channel.hung_up_by_us) == (queue, over)


async def test_the_dialplan_of_the_guide_queues_callers_while_the_service_is_away(server: Server) -> None:
    """Nobody listens, or the menu is not there: an agent takes the call."""
    assert (await run_extension(DIALPLAN, Channel(["1"]), free_port())).queue == "hotline"
    async with answering(server) as port:
        ran = await run_extension(
            DIALPLAN.replace("/main", "/gone"), Channel(["1"], unique="guide.gone"), port
        )
    assert ran.queue == "hotline"


async def test_a_dialplan_that_knows_who_calls_may_say_so(server: Server) -> None:
    """Its variable counts more than the number; one that names nobody is no customer, and the call goes on."""
    async with answering(server) as port:
        known = Channel(["2", None], unique="known.1", script=ENGLISH, variables={"CONTACT_CUSTOMER": "C7"})
        nobody = Channel(
            ["2", None], unique="known.2", script=ENGLISH, variables={"CONTACT_CUSTOMER": "C7000"}
        )
        await asyncio.gather(known.call(port), nobody.call(port))
    assert [(await journey_of(server, each)).customer for each in (known, nobody)] == ["C7", None]


async def test_a_caller_gone_before_the_call_began_leaves_no_journey(server: Server) -> None:
    """Nothing was said, so there is nothing to keep."""
    async with answering(server) as port:
        await Channel(["1"], unique="never.1", hang_up_at=0, how="broken").call(port)
    assert [each for each in await journeys(server.house.ports) if each.id == "never.1"] == []


async def test_more_calls_than_one_process_holds_are_left_to_the_dialplan(server: Server) -> None:
    """The channel is let go before a word is said, and lives."""
    async with answering(server, most=1) as port:
        first = Channel(["0"], unique="full.1", script=ENGLISH, seconds=0.05)
        calling = asyncio.create_task(first.call(port))
        await first.picked_up.wait()
        second = await Channel(["0"], unique="full.2", script=ENGLISH).call(port)
        await calling
    assert (second.commands, second.dead) == ([], False)
    assert first.variables["CONTACT_ENDS"] == "transfer"


@pytest.mark.parametrize(
    ("words", "asked"), [(b"", b""), (b"agi_uniqueid: 1.1\n\n", b"GET VARIABLE CONTACT_CUSTOMER\n")]
)
async def test_a_connection_that_says_nothing_is_closed(
    server: Server, monkeypatch: pytest.MonkeyPatch, words: bytes, asked: bytes
) -> None:
    """It holds no place for ever, nor does one that tells what it is and then answers nothing."""
    monkeypatch.setattr("contact.faces.agi_call.HEAD_SECONDS", 0.05)
    async with answering(server) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(words)
        async with asyncio.timeout(5):
            assert await reader.read() == asked
        writer.close()


async def test_the_number_that_was_dialled_chooses_the_menu(server: Server) -> None:
    """Where the dialplan names none; a menu that is named counts more, and other numbers hear the usual one."""
    await open_a_second_hotline(server)
    heard: list[str] = []
    async with answering(server) as port:
        for dialled, script in (("4008001234", ""), ("4008001234", "main"), ("10086", "")):
            line = Channel([], unique=f"dialled.{len(heard)}", dialled=dialled, script=script)
            heard.append((await journey_of(server, await line.call(port))).menu)
    assert heard == ["shop", "main", "main"]
