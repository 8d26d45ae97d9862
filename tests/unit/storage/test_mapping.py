"""Mappings: what they may say, and how their faults are told."""

from __future__ import annotations

import pytest

from contact.storage.imports.mapping import read_mapping
from strategies.problems import ProblemsFound

GOOD = """
kind: customers
mode: upsert
format: {delimiter: ";", encoding: gb18030}
max_faulty: 0.5
columns:
  id: {hash_of: number}
  number: {from: msisdn, type: phone, region: CN}
  gender: {from: sex, type: text, codes: {M: male, F: female}}
  joined: {from: since, type: date, format: "%Y%m%d"}
  zone: {value: Asia/Shanghai}
  total: {from: t, type: money, empty: ["", " "], range: [0, 100]}
"""


def test_a_mapping_is_read_with_all_it_says() -> None:
    """Every key of a good mapping arrives where importing looks for it."""
    mapping = read_mapping(GOOD, "m.yaml")
    assert (mapping.kind.name, mapping.mode, mapping.delimiter, mapping.encoding) == (
        "customers", "upsert", ";", "gb18030",
    )  # fmt: skip
    assert str(mapping.max_faulty) == "0.5"
    by_name = {column.name: column for column in mapping.columns}
    assert by_name["id"].hash_of == "number"
    assert by_name["zone"].constant == "Asia/Shanghai"
    assert by_name["gender"].codes == {"M": "male", "F": "female"}
    assert by_name["total"].null == {"", " "}


TOP = "kind: customers\nmode: upsert\n"
ID = f"{TOP}columns:\n  id: c\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n", "the mapping must be a mapping of keys to values"),
        ("kind: customers\ncolumns: {id: c}\n", "m.yaml:1:1: key.missing: the mapping does not say its 'mode'"),
        ("kind: custmers\nmode: upsert\ncolumns: {id: c}\n", "m.yaml:1:7: value.choice: there is no kind 'custmers'"),
        ("kind: custmers\nmode: upsert\ncolumns: {id: c}\n", "(did you mean 'customers'?)"),
        (f"{TOP}colums: {{id: c}}\n", "m.yaml:3:1: key.unknown: the mapping has no key 'colums'"),
        (f"{TOP}columns:\n  name: n\n", "customers need the column 'id'"),
        ("kind: bills\nmode: upsert\ncolumns:\n  month: m\n", "bills need line or customer"),
        (f"{ID}  x: {{from: a, tpye: text}}\n", "m.yaml:5:16: key.unknown: column 'x' has no key 'tpye'"),
        (f"{ID}  x: {{from: a, 'null': b}}\n", "column 'x' has no key 'null' (did you mean 'empty'?)"),
        (f"{ID}  x: {{from: a, type: nmber}}\n", "m.yaml:5:22: value.choice: column 'x' cannot be of type 'nmber'"),
        (f"{ID}  x: {{from: a, value: b}}\n", "needs exactly one of from, value, hash_of"),
        (f"{ID}  x: {{from: a, type: text, region: CN}}\n", "'region' means nothing for type text"),
        (f"{ID}  number: {{from: a, region: CHN}}\n", "there is no region 'CHN'"),
        (f"{ID}  zone: {{value: Asia/Shangai}}\n", "the value is not an IANA time zone like Asia/Shanghai"),
        (f"{TOP}columns:\n  id: {{hash_of: tel}}\n", "'id' is made from 'tel', which is no mapped phone column"),
        (f"{ID}  bucket: b\n", "'bucket' cannot name a column"),
        ("kind: consents\nmode: snapshot\ncolumns: {customer: c, given: g, at: t}\n", "consents are records that only grow"),
        ("kind: staff\nmode: upsert\ncolumns: {id: c, name: n, role: r, languags: l}\n", "staff have no column 'languags'"),
        (f"{TOP}max_faulty: 101\ncolumns: {{id: c}}\n", "m.yaml:3:13: value.percent"),
        (f"{TOP}format: {{encoding: utf-7}}\ncolumns: {{id: c}}\n", "no encoding 'utf-7' is read"),
        (f"{ID}  x: {{from: a, type: number, range: [5, 1]}}\n", "a range is [lowest, highest]"),
        (f"{ID}  id: d\n", "m.yaml:5:3: yaml.duplicate_key"),
        (f"{ID}  x: {{from: a, type: date, format: dd.mm.yy}}\n", "this is no date format"),
    ],
)  # fmt: skip
def test_a_faulty_mapping_says_where_and_what(text: str, told: str) -> None:
    """Each mistake is told with its place and, where there is one, the word that was probably meant."""
    with pytest.raises(ProblemsFound) as caught:
        read_mapping(text, "m.yaml")
    assert told in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    """One reading lists every problem of a mapping."""
    with pytest.raises(ProblemsFound) as caught:
        read_mapping("kind: x\nmode: y\ncolumns: {bucket: b, n: {type: q}}\n", "m.yaml")
    assert len(caught.value.problems) >= 4
