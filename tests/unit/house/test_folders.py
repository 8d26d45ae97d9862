"""Folders of YAML files as a person at the terminal hands them over."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer import Exit

from contact.faces.cli.rules.checking import check
from contact.faces.cli.rules.folders import read_folder
from strategies.problems import ProblemsFound


def test_bytes_that_are_no_utf8_are_placed_in_every_file(tmp_path: Path) -> None:
    """Each file is named with line, column and first byte that is not UTF-8, columns counted in characters."""
    (tmp_path / "a.yaml").write_bytes("policy: p\ntitle: é ü\n".encode() + b"owner: J\xfcrgen \xe9\n")
    (tmp_path / "b.yaml").write_bytes("规".encode() + b"\xff\xfe")
    (tmp_path / "c.yaml").write_text("policy: c\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        read_folder(tmp_path)
    assert [str(each) for each in found.value.problems] == [
        f"{tmp_path}/a.yaml:3:9: yaml.character: the byte 0xfc is not UTF-8 text (save the file as UTF-8)",
        f"{tmp_path}/b.yaml:1:2: yaml.character: the byte 0xff is not UTF-8 text (save the file as UTF-8)",
    ]


def test_a_file_that_is_no_text_stops_no_other_case(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of a bank it is a case by itself that failed, and what a file says for all its cases is wrong once."""
    (tmp_path / "a.yaml").write_bytes(b"name: J\xfcrgen\n")
    (tmp_path / "b.yaml").write_text(
        "policies: [{policy: p, layer: legal, rules: [{rule: r, effect: forbid, when: gb >}]}]\n"
        "cases:\n- ask: {at: 2026-03-02T10:00+08:00, channel: sms, category: marketing}\n"
        "  expect: {allowed: true}\n- ask: {at: 2026-03-02T10:00+08:00, channel: web, category: marketing}\n"
        "  expect: {allowed: true}\n",
        encoding="utf-8",
    )
    with pytest.raises(Exit):
        check(tmp_path)
    said = capsys.readouterr()
    assert [line.partition(": ")[0] for line in said.err.splitlines()] == [
        f"{tmp_path}/a.yaml:1:8",
        f"{tmp_path}/b.yaml:1:81",
    ]
    assert said.out == "2 files, 3 cases: 3 failed, 0 as expected\n"
