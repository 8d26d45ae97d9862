"""Logs hold what is on the list and nothing else."""

from __future__ import annotations

import io
import json
import logging
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import structlog

from contact import telemetry


def written(**fields: Any) -> dict[str, Any]:
    """The line that a call with these fields writes."""
    stream = io.StringIO()
    telemetry.start_logging(stream)
    try:
        telemetry.log("test").info("happened", **fields)
    finally:
        structlog.reset_defaults()
    line: dict[str, Any] = json.loads(stream.getvalue())
    return line


def test_a_line_is_json_with_its_part_and_instant() -> None:
    """One object a line, in UTC."""
    line = written(channel="sms", count=3)
    assert (line["event"], line["part"], line["channel"], line["count"]) == ("happened", "test", "sms", 3)
    assert line["at"].endswith("Z")


def test_a_field_that_is_not_listed_is_dropped_and_its_name_kept() -> None:
    """A careless line shows that it was careless, not whom it was about."""
    line = written(number="+8613800000001", note="call after six", channel="sms")
    assert line["dropped"] == ["note", "number"]
    assert "1380000" not in json.dumps(line) and "after six" not in json.dumps(line)


def test_an_exception_is_its_class_and_frames_without_its_words() -> None:
    """Messages of exceptions quote data."""
    try:
        raise ValueError("+8613800000001 is no number")
    except ValueError as error:
        line = written(exc_info=error)
    assert line["error"] == "ValueError"
    assert line["frames"][0].startswith("test_telemetry.py:")
    assert "1380000" not in json.dumps(line)


def test_objects_are_named_by_their_class_and_texts_are_cut() -> None:
    """Nobody's repr ends up in a log, and no text without end."""
    line = written(job=object(), state="x" * 1000)
    assert line["job"] == "object"
    assert len(line["state"]) == telemetry.LONGEST_VALUE + 1


def test_a_line_that_a_full_disk_does_not_take_is_counted_and_hurts_nobody() -> None:
    """Whoever logs goes on, or a request whose line cannot be written would never be answered."""

    def unwritten() -> float:
        return telemetry.FAULTS.labels("log", "unwritten")._value.get()

    before = unwritten()
    stream = Path("/dev/full").open("w", encoding="utf-8", buffering=1)  # noqa: SIM115  even closing it fails
    telemetry.start_logging(stream)
    try:
        telemetry.log("test").info("happened")
    finally:
        structlog.reset_defaults()
        with suppress(OSError):
            stream.close()
    assert unwritten() == before + 1


def lines_of(work: Callable[[], None]) -> list[dict[str, Any]]:
    """What is logged while this runs."""
    stream = io.StringIO()
    telemetry.start_logging(stream)
    try:
        work()
    finally:
        structlog.reset_defaults()
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_what_comes_in_floods_is_said_once_a_minute_with_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first is told at once; the next line says how many there were since."""
    seldom = telemetry.SaidSeldom("test", "again")

    def flood() -> None:
        for _ in range(5):
            seldom.say()
        monkeypatch.setattr(seldom, "_next", 0.0)  # a minute has passed
        seldom.say()

    assert [(line["event"], line["count"]) for line in lines_of(flood)] == [("again", 1), ("again", 5)]


SECRET = "Wang +8613800000001"


def test_what_libraries_log_is_told_without_their_words() -> None:
    """Drivers and event loops quote statements, parameters and tasks; whose line it was and the class are enough."""

    def quote() -> None:
        try:
            raise ValueError(SECRET)
        except ValueError:
            logging.getLogger("asyncio").exception("Task exception was never retrieved %s", SECRET)

    (line,) = lines_of(quote)
    assert (line["kind"], line["error"], line["level"]) == ("asyncio", "ValueError", "error")
    assert SECRET not in json.dumps(line)


def test_what_nothing_caught_is_told_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash in the main thread, in another or in a destructor leaves its class and frames in the log."""
    for module, hook in ((sys, "excepthook"), (threading, "excepthook"), (sys, "unraisablehook")):
        monkeypatch.setattr(module, hook, getattr(module, hook))
    error = ValueError(SECRET)

    def crash() -> None:
        telemetry.tell_of_crashes()
        sys.excepthook(ValueError, error, None)
        threading.excepthook(threading.ExceptHookArgs((ValueError, error, None, None)))

    found = lines_of(crash)
    assert [line["error"] for line in found] == ["ValueError", "ValueError"]
    assert SECRET not in json.dumps(found)


def test_lines_say_for_which_request_they_are_written() -> None:
    """Within a request each line has its id, after it none."""

    def work() -> None:
        with telemetry.done_for("request-1"):
            telemetry.log("test").info("within")
        telemetry.log("test").info("after")

    within, after = lines_of(work)
    assert within["request"] == "request-1"
    assert "request" not in after
