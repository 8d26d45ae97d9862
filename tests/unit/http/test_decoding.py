"""Bad JSON is refused with a place and a code, and never repeats what was sent."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from multidict import MultiDict

from contact.faces.http.bodies.bodies import (
    DecisionBody,
    EventBody,
    PlanBody,
    ReceiptBody,
    ReplyBody,
    TaskQuery,
)
from contact.faces.http.edge.decoding import _TIMES, checked_ids, decode_json, decode_query
from contact.faces.http.edge.problems import CODES, RequestProblem
from contact.faces.http.table.routes import ROUTES

GOOD = b'{"customer":"C1","channel":"sms"}'
SECRET = "+8613812345678"


def refused(raw: bytes, shape: type[msgspec.Struct] = DecisionBody) -> RequestProblem:
    with pytest.raises(RequestProblem) as caught:
        decode_json(raw, shape)
    assert 400 <= caught.value.status < 500
    return caught.value


def test_a_good_body_becomes_its_struct() -> None:
    """A body as described is read with its defaults."""
    assert decode_json(GOOD, DecisionBody) == DecisionBody(customer="C1", channel="sms")


@pytest.mark.parametrize(
    ("raw", "code", "pointer"),
    [
        (b"", "malformed_json", ""),
        (b"{", "malformed_json", ""),
        (b'{"channel":"sms"} x', "malformed_json", ""),
        (b"\xef\xbb\xbf" + GOOD, "not_utf8", ""),
        (GOOD.decode().encode("utf-16"), "not_utf8", ""),
        (GOOD.decode().encode("utf-16-le"), "not_utf8", ""),
        (GOOD.decode().encode("utf-32-be"), "not_utf8", ""),
        (b'{"channel":"\xff"}', "not_utf8", ""),
        (b'{"channel":"a\x00"}', "malformed_json", ""),
        (b"[]", "not_an_object", ""),
        (b'"text"', "not_an_object", ""),
        (b"null", "not_an_object", ""),
        (b'{"channel":"sms","channel":"web"}', "duplicate_key", ""),
        (b'{"strategies":[{"a":1,"b":{"c":1,"\\u0063":2}}]}', "duplicate_key", "/strategies/0/b"),
        (b'{"channel":"sms","limit":NaN}', "bad_number", "/limit"),
        (b'{"channel":"sms","limit":Infinity}', "bad_number", "/limit"),
        (b'{"channel":"sms","limit":-Infinity}', "bad_number", "/limit"),
        (b'{"channel":"sms","limit":1e999}', "bad_number", "/limit"),
        (b'{"channel":"sms","limit":' + b"9" * 5000 + b"}", "bad_number", "/limit"),
        (b'{"channel":"sms","limit":0.' + b"9" * 5000 + b"}", "bad_number", "/limit"),
        (b'{"channel":"\\ud800"}', "bad_text", "/channel"),
        (b'{"channel":"\\udc00\\ud800"}', "bad_text", "/channel"),
        (b'{"channel":"a\\u0000b"}', "bad_text", "/channel"),
        (b'{"\\ud800":1}', "bad_text", ""),
        (b"[" * 100_000, "too_deep", ""),
        (b'{"channel":' * 100_000, "too_deep", ""),
        (b'{"channel":"sms","limitt":3}', "unknown_field", "/limitt"),
        (b'{"customer":"C1"}', "missing_field", "/channel"),
        (b'{"channel":"sms","limit":"3"}', "invalid_value", "/limit"),
        (b'{"channel":"sms","limit":3.5}', "invalid_value", "/limit"),
        (b'{"channel":"sms","limit":true}', "invalid_value", "/limit"),
        (b'{"channel":"sms","limit":51}', "invalid_value", "/limit"),
        (b'{"channel":"sms","reserve":1}', "invalid_value", "/reserve"),
        (b'{"channel":null}', "invalid_value", "/channel"),
        (b'{"channel":""}', "invalid_value", "/channel"),
        (b'{"channel":"' + b"x" * 65 + b'"}', "invalid_value", "/channel"),
        (b'{"channel":"sms\\n"}', "invalid_value", "/channel"),
        (b'{"channel":"../../etc/passwd"}', "invalid_value", "/channel"),
        (b'{"channel":"sms","language":"../../etc/passwd"}', "invalid_value", "/language"),
        (b'{"channel":"sms","strategies":["ok","no/t"]}', "invalid_value", "/strategies/1"),
        ('{"channel":"sms","number":"+86138٠٠٠٠٠٠٠٠"}'.encode(), "invalid_value", "/number"),
        (b'{"channel":"sms","number":"+8613812345678\\n"}', "invalid_value", "/number"),
        (b'{"channel":"sms","number":"13812345678"}', "invalid_value", "/number"),
    ],
)  # fmt: skip
def test_each_kind_of_bad_body_has_its_code_and_place(raw: bytes, code: str, pointer: str | None) -> None:
    """Every listed mistake is a 400 of its own code that points at the place."""
    problem = refused(raw)
    assert problem.code == code
    assert (problem.errors[0].pointer if problem.errors else None) == pointer


@pytest.mark.parametrize("at", [
    '"2026-03-02T10:00:00"', '"2026-03-02"', '"0001-01-01T00:00:00Z"', '"9999-12-31T23:59:59Z"', '"1999-12-31T23:59:59Z"',
    '"2026-02-30T10:00:00Z"', '"2026-03-02T25:00:00Z"', "1772445600", "null", '""',
])  # fmt: skip
def test_naive_and_absurd_times_are_refused(at: str) -> None:
    """A time without an offset, of no calendar or outside 2000–2099 is refused at its place."""
    problem = refused(f'{{"id":"r1","contact":"c1","state":"sent","at":{at}}}'.encode(), ReceiptBody)
    assert problem.code in ("bad_time", "invalid_value")
    assert problem.errors[0].pointer == "/at"


def test_a_day_that_is_none_shows_one() -> None:
    """Whoever writes a day in words reads how one is written, not that a time lacks its offset."""
    problem = refused(b'{"day":"tomorrow"}', PlanBody)
    assert (problem.code, problem.errors[0].message) == ("invalid_value", "must be a day, as 2026-03-02")


@pytest.mark.parametrize("at", ["2026-03-02T10:00+08:00", "2026-03-02T10:00:00+08:00", "2026-03-02T02:00Z"])
def test_seconds_may_be_left_out(at: str) -> None:
    """An instant is read with or without seconds, as ISO 8601 has it, and is the same."""
    body = decode_json(f'{{"id":"r1","contact":"c1","state":"sent","at":"{at}"}}'.encode(), ReceiptBody)
    assert body.at.astimezone(UTC) == datetime(2026, 3, 2, 2, tzinfo=UTC)


def test_every_instant_of_a_body_may_leave_out_its_seconds() -> None:
    """The list of fields that hold instants is complete."""
    for route in ROUTES:
        for shape in (route.body, route.query):
            for field in msgspec.structs.fields(shape) if shape else ():
                assert ("datetime.datetime" in str(field.type)) == (field.name in _TIMES)


def test_a_suggestion_is_made_for_a_misspelt_field() -> None:
    """An unknown field names the near one."""
    assert "did you mean customer?" in refused(b'{"custommer":"C1","channel":"sms"}').detail


@pytest.mark.parametrize("raw", [
    f'{{"{SECRET}":1,"channel":"sms"}}', f'{{"channel":"{SECRET}"}}', f'{{"channel":"sms","{SECRET}":1,"{SECRET}":2}}',
    f'{{"channel":"sms","limit":"{SECRET}"}}', f'{{"channel":{SECRET}}}', f'{{"channel":"sms","strategies":["{SECRET}"]}}',
    f'{{"channel":"{SECRET}\\ud800"}}', f'{{"channel":"sms","{SECRET}":{{"{SECRET}":1e999}}}}', f'{SECRET}',
])  # fmt: skip
def test_what_was_sent_is_never_repeated(raw: str) -> None:
    """Neither a value nor a key that may be personal stands in the answer."""
    assert "13812345678" not in json.dumps(msgspec.to_builtins(refused(raw.encode()).answer()))


def test_personal_values_of_other_bodies_are_not_repeated_either() -> None:
    """An enum, a key of free data and a nested value are refused without being quoted."""
    at = '"at":"2026-03-02T10:00:00Z"'
    for raw, shape in (
        (f'{{"id":"r","contact":"c","state":"{SECRET}",{at}}}', ReceiptBody),
        (f'{{"id":"r","type":"t",{at},"data":{{"{SECRET}":1}}}}', EventBody),
        (f'{{"id":"r","type":"t",{at},"data":{{"a":["{SECRET}"]}}}}', EventBody),
        (f'{{"id":"r","from":"{SECRET}x","text":"a",{at}}}', ReplyBody),
    ):
        assert "13812345678" not in json.dumps(msgspec.to_builtins(refused(raw.encode(), shape).answer()))


@given(st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["channel", "limit", "x"]), inner),
    max_leaves=8,
).map(lambda tree: json.dumps(tree).encode()))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_any_bytes_give_a_struct_or_a_4xx(raw: bytes) -> None:
    """Nothing a client can send raises anything but a problem of the closed list."""
    try:
        decode_json(raw, DecisionBody)
    except RequestProblem as problem:
        assert 400 <= CODES[problem.code].status < 500


def test_a_query_is_read_with_its_types() -> None:
    """Numbers and dates of a query are read; what is left out has its default."""
    query = decode_query(MultiDict(limit="7", day="2026-03-02"), TaskQuery)
    assert query is not None
    assert (query.limit, str(query.day), query.channel) == (7, "2026-03-02", None)


@pytest.mark.parametrize(
    ("pairs", "code"),
    [
        ([("limit", "1"), ("limit", "2")], "repeated_parameter"),
        ([("colour", "red")], "unknown_parameter"),
        ([(SECRET, "1")], "unknown_parameter"),
        ([("limit", "x")], "invalid_parameter"),
        ([("limit", "٣")], "invalid_parameter"),
        ([("limit", "0")], "invalid_parameter"),
        ([("state", SECRET)], "invalid_parameter"),
        ([("day", "2026-13-01")], "invalid_parameter"),
        ([("customer", "a\0")], "invalid_parameter"),
        ([("customer", "\ud800")], "invalid_parameter"),
        ([("customer", "")], "invalid_parameter"),
    ],
)
def test_bad_queries_name_the_parameter_and_no_value(pairs: list[tuple[str, str]], code: str) -> None:
    """An unknown, repeated or wrong parameter is a 400 that does not repeat its value."""
    with pytest.raises(RequestProblem) as caught:
        decode_query(MultiDict(pairs), TaskQuery)
    assert caught.value.code == code
    assert "13812345678" not in caught.value.detail


def test_a_route_without_parameters_takes_none() -> None:
    """A query where none is read is refused rather than ignored."""
    with pytest.raises(RequestProblem, match="takes no parameters"):
        decode_query(MultiDict(limit="1"), None)


@pytest.mark.parametrize("value", ["", "a/b", "a b", "x" * 65, "a\n", "客户", "%2e", "a\0"])
def test_ids_of_a_path_are_checked(value: str) -> None:
    """Only 1–64 of A–Z a–z 0–9 . _ - is an id."""
    with pytest.raises(RequestProblem) as caught:
        checked_ids({"customer": value})
    assert caught.value.code == "bad_id"
