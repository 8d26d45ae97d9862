"""Lines of AGI as Asterisk writes and reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr import agi
from tests.asterisk import parsed

WORDS = st.text(st.characters(exclude_characters="\n\r\0", exclude_categories=["Cs"]), max_size=40)


def test_a_channel_tells_call_numbers_menu_and_options() -> None:
    """Variables until the empty line become call id, caller, menu and options."""
    channel = agi.channel_of(
        ["agi_network: yes", "agi_network_script: main?language=zh-CN", "agi_uniqueid: 1700000000.12",
         "agi_callerid: (0138) 0000-0001", "agi_calleridname: unknown", "agi_dnid: unknown", "agi_extension: 10086",
         "agi_accountcode: "]
    )  # fmt: skip
    assert (channel.call, channel.menu, channel.options) == ("1700000000.12", "main", {"language": "zh-CN"})
    assert channel.caller == "013800000001"
    assert channel.dialled == "10086"  # the extension, where nobody says what was dialled
    assert "0138" not in repr(channel) and "10086" not in repr(channel)


def test_the_number_that_was_dialled_counts_more_than_the_extension() -> None:
    """One trunk leads several numbers to one extension; a name is no number."""
    line = ["agi_network_script: ", "agi_dnid: +86 400-800-1234", "agi_extension: 10086"]
    assert agi.channel_of(line).dialled == "+864008001234"
    assert agi.channel_of(["agi_dnid: unknown", "agi_extension: s"]).dialled is None


def test_what_is_no_variable_is_refused() -> None:
    """Whoever speaks HTTP to this port is told nothing and taken for no call."""
    with pytest.raises(agi.BadLine):
        agi.channel_of(["GET / HTTP/1.1"])


@given(words=st.lists(WORDS, min_size=1, max_size=4))
def test_a_command_is_read_by_asterisk_as_it_was_meant(words: list[str]) -> None:
    """Whatever stands in a word, quotes and backslashes too, arrives as that word and as one line."""
    line = agi.command(*words)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    assert parsed(line.decode().rstrip("\n")) == words


@pytest.mark.parametrize("word", ["a\nHANGUP", "a\r", "x" * 2000])
def test_a_command_that_would_be_two_is_refused(word: str) -> None:
    """A line break or Asterisk's cut at 2,048 bytes would make the rest a command of its own."""
    with pytest.raises(agi.BadLine):
        agi.command("EXEC", word)


@given(text=st.text(max_size=300), most=st.integers(8, 80))
def test_long_texts_are_cut_into_pieces_that_fit(text: str, most: int) -> None:
    """No piece is longer than permitted, and no sign but space between sentences is lost."""
    text = agi.speakable(text.encode(errors="ignore").decode())
    pieces = agi.in_pieces(text, most)
    assert all(0 < len(piece.encode()) <= most for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_answers_say_keys_digits_and_values() -> None:
    """Results are codes of keys, digits or -1; what stands in parentheses is a value or a time-out."""
    read = agi.Answers().read
    pressed = read("200 result=50 endpos=8000")
    assert isinstance(pressed, agi.Answer) and pressed.key == "2" and not pressed.hung_up
    assert [each.digits for line in ("200 result=7", "200 result= (timeout)", "200 result=")
            if isinstance(each := read(line), agi.Answer)] == ["7", None, "#"]  # fmt: skip
    value = read("200 result=1 (zh CN)")
    assert isinstance(value, agi.Answer) and value.value == "zh CN"


def test_a_lost_caller_is_said_in_three_ways() -> None:
    """A failed command, a dead channel, and the line Asterisk sends on its own."""
    read = agi.Answers().read
    for line in (
        "200 result=-1 endpos=0",
        "511 Command Not Permitted on a dead channel or intercept routine",
    ):
        told = read(line)
        assert isinstance(told, agi.Answer) and told.hung_up
    assert read("HANGUP") == "hung up"


def test_the_usage_of_a_wrong_command_is_one_answer() -> None:
    """Lines between 520- and 520 belong to it, whatever they say."""
    read = agi.Answers().read
    lines = ["520-Invalid command syntax.  Proper usage follows:", " Usage: HANGUP [<channelname>]", "HANGUP"]
    assert [read(line) for line in lines] == [None, None, None]
    told = read("520 End of proper usage.")
    assert isinstance(told, agi.Answer) and told.refused
    unknown = read("510 Invalid or unknown command")
    assert isinstance(unknown, agi.Answer) and unknown.refused


def test_what_is_no_answer_is_refused() -> None:
    """A peer that is no Asterisk is not talked to for ever."""
    with pytest.raises(agi.BadLine):
        agi.Answers().read("hello")
