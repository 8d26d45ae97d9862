"""A hundred thousand broken bodies: each is read or refused with a status of the list, none is an error of ours."""

from __future__ import annotations

import json
import random
from collections import Counter

import msgspec
import pytest

from contact.faces.http.edge.decoding import decode_json
from contact.faces.http.edge.problems import RequestProblem
from contact.faces.http.table.routes import ROUTES

SHAPES = sorted(
    {row.body for row in ROUTES if row.body is not None and not row.form}, key=lambda each: each.__name__
)
BODIES = 100_000
SEEDS = 4
_VALUES = (
    b"null", b"true", b"-0", b"1e999", b"NaN", b"9" * 40, b'"\\ud800"', b'"\\u0000"', b'"2030-03-05T10:00:00Z"', b"[]",
    b'"2030-03-05T10:00:00"', b'"+8613800000001\\n"', b'"../../etc/passwd"', b"[" * 200, b'{"a":' * 200, b'"C1"', b"1.5",
    b'"\xff"', b"{}",
)  # fmt: skip
_BYTES = b'{}[]",:\\\x00\xef\xbb\xbf\xed\xa0\x80 \n\t0eE+-.tfn'


def broken(random_: random.Random, shape: type[msgspec.Struct]) -> bytes:
    """A body of this shape's own fields with odd values, some bytes of it changed, cut or doubled."""
    names = [field.encode_name for field in msgspec.structs.fields(shape)] + ["colour", "id", "id"]
    members = [
        json.dumps(random_.choice(names)).encode() + b":" + random_.choice(_VALUES)
        for _ in range(random_.randrange(6))
    ]
    body = bytearray(b"{" + b",".join(members) + b"}")
    for _ in range(random_.randrange(3)):
        at = random_.randrange(len(body))
        match random_.randrange(3):
            case 0:
                body[at] = random_.choice(_BYTES)
            case 1:
                del body[at : at + random_.randrange(1, 9)]
                body += b" "
            case 2:
                body[at:at] = random_.choice(_VALUES)
    return bytes(body)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_broken_body_is_never_our_error(seed: int) -> None:
    """The reader answers with a struct or a 4xx of the closed list, for every shape the API takes."""
    random_ = random.Random(seed)
    seen = Counter[str]()
    for _ in range(BODIES // SEEDS):
        shape = random_.choice(SHAPES)
        try:
            decode_json(broken(random_, shape), shape)
            seen["read"] += 1
        except RequestProblem as problem:
            assert 400 <= problem.status < 500
            seen[problem.code] += 1
    assert {
        "malformed_json",
        "bad_number",
        "bad_text",
        "duplicate_key",
        "unknown_field",
        "too_deep",
    } & seen.keys()
    assert seen["read"] < BODIES // SEEDS // 10
