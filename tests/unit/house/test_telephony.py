"""Settings of telephone systems, and the numbers these tell."""

from __future__ import annotations

import pytest

from contact.domain.call_answers import SaidAnswer
from contact.faces.agi_call import Speech
from contact.faces.telephony import id_of, number_of
from contact.settings import Telephony
from ivr.agi import LONGEST_COMMAND
from tests.asterisk import parsed


@pytest.mark.parametrize(
    ("told", "region", "number"),
    [
        ("tel:+8613800000001", None, "+8613800000001"), ("sip:+8613800000001@pbx;user=phone", None, "+8613800000001"),
        ("sip:13800000001@10.0.0.1:5060", "CN", "+8613800000001"), ("13800000001", "CN", "+8613800000001"),
        ("013800000001", "CN", "+8613800000001"), ("008613800000001", "CN", "+8613800000001"),
        ("8613800000001", "CN", "+8613800000001"), ("13800000001", None, None), ("8613800000001", None, None),
        ("10086", "CN", None), ("unknown", "CN", None), ("sip:anonymous@anonymous.invalid", "CN", None), ("", "CN", None),
        (None, "CN", None), ("1" * 300, "CN", None), ("+8613800000001\n", None, "+8613800000001"),
    ],
)  # fmt: skip
def test_numbers_are_read_as_networks_write_them(
    told: str | None, region: str | None, number: str | None
) -> None:
    """Alone or in an address, with plus, 00, country code or national; nothing is guessed without a country."""
    assert number_of(told, region) == number


def test_a_call_id_is_taken_only_where_it_may_be_one() -> None:
    """Asterisk's unique ids are; what could not stand in an address is not."""
    assert id_of("pbx1-1700000000.12") == "pbx1-1700000000.12"
    assert id_of("") is None and id_of(None) is None and id_of("a/b") is None and id_of("x" * 65) is None


def test_nothing_is_set_of_telephony_by_default() -> None:
    """No port is opened, nobody but this machine is let in, and nothing is guessed of numbers."""
    told = Telephony.from_environment({})
    assert told == Telephony() and told.agi_port is None
    assert [str(each) for each in told.agi_peers] == ["127.0.0.0/8", "::1/128"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONTACT_AGI_PORT", "x"), ("CONTACT_AGI_PORT", "0"), ("CONTACT_AGI_PEERS", "10.1.0.1/24"),
        ("CONTACT_AGI_PEERS", "pbx.example"), ("CONTACT_AGI_SPEECH", "Flite"), ("CONTACT_AGI_SPEECH", 'Flite("hello")'),
        ("CONTACT_AGI_SPEECH", 'Flite("{text}{text}")'), ("CONTACT_RECORDINGS_URL", "http://media.example/"),
        ("CONTACT_AGENTS_URI", "sip:agents@pbx"), ("CONTACT_CALLER_REGION", "china"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_meant_names_itself(name: str, value: str) -> None:
    """The service does not start with it."""
    with pytest.raises(ValueError, match=name):
        Telephony.from_environment({name: value})


def test_a_long_text_is_spoken_in_commands_that_asterisk_takes_whole() -> None:
    """Quotes in it end no argument, and no command is longer than Asterisk's line."""
    speech = Speech(
        *(
            Telephony.from_environment({"CONTACT_AGI_SPEECH": 'Flite("{text}",{language})'}).agi_speech
            or ("", "")
        )
    )
    said = SaidAnswer(text='您好，"朋友"。' * 300, language="zh-CN", seconds=1.0)
    commands = speech.commands(said)
    assert len(commands) > 2 and all(len(each) <= LONGEST_COMMAND for each in commands)
    spoken = [parsed(each.decode().rstrip("\n")) for each in commands]
    assert {each[1] for each in spoken} == {"Flite"} and all(each[2].count('"') == 2 for each in spoken)
    assert "".join(each[2][1:].partition('"')[0] for each in spoken).replace(" ", "") == "您好，朋友。" * 300
