"""What journeys say on a terminal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from contact.faces.cli.hotline.journeys import _tell_groups
from contact.faces.cli.terminal.printing import local_moment
from ivr.call_columns import columns_of
from ivr.journeys import Following, measures, read
from strategies.instants import Instant
from tests.unit.ivr.journeys_made import call


def test_versions_are_short_and_other_names_whole(capsys: pytest.CaptureFixture[str]) -> None:
    """Twelve signs of a version, as in `contact versions`; what a log calls its versions, and strangers, as they are."""
    one = columns_of([call("a", "main:1:6")])
    found = measures(read(one, Following(one, Instant(0)), {}))
    _tell_groups("version", dict.fromkeys(("ab12" * 16, "spring-of-twenty-twenty-six", ""), found))
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == [
        "version",
        "ab12ab12ab12",
        "spring-of-twenty-twenty-six",
        "-",
    ]


def test_instants_are_told_by_the_operators_clock() -> None:
    """With the offset that holds on that day."""
    midnight = datetime(2026, 7, 1, tzinfo=UTC)
    assert local_moment(midnight, "Asia/Shanghai") == "2026-07-01 08:00:00+08:00"
    assert local_moment(midnight, "Europe/Berlin") == "2026-07-01 02:00:00+02:00"
