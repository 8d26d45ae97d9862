"""Runs an extension of an Asterisk dialplan as far as our pages use one: variables, labels, AGI, Queue.

What it does not know fails: a page must not show what nobody has run.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field

from tests.asterisk import Channel

_LINE = re.compile(
    r"(?:exten => (?P<exten>[^,]+),1|same => n(?:\((?P<label>\w+)\))?),(?P<application>\w+)\((?P<arguments>.*)\)"
)
_EQUAL = re.compile(r'\$\["([^"]*)" = "([^"]*)"\]')
_VARIABLE = re.compile(r"\$\{([A-Za-z_]+(?:\(\w+\))?)\}")


@dataclass
class Ran:
    """What became of a channel."""

    channel: Channel
    queue: str | None = None
    """The queue it was put into."""
    hung_up: bool = False
    applications: list[str] = field(default_factory=list)


async def run_extension(text: str, channel: Channel, port: int) -> Ran:
    """The extension's applications one after the other, FastAGI at ``port``; a channel that is lost stops it."""
    steps, labels = _read(text)
    ran, at = Ran(channel), 0
    while at < len(steps):
        application, arguments = steps[at][0], _filled(steps[at][1], channel)
        at += 1
        ran.applications.append(application)
        match application:
            case "NoOp":
                pass
            case "Set":
                name, _, value = arguments.partition("=")
                channel.variables[name.removeprefix("__")] = value
            case "AGI":
                url = re.fullmatch(r"agi://[\w.]+(?::\d+)?/(.+)", arguments)
                assert url, f"{arguments} is no address of FastAGI"
                channel.script = url[1]
                with suppress(ConnectionRefusedError):  # AGISTATUS is FAILURE then, and the extension goes on
                    await channel.call(port)
                if channel.dead:
                    return ran
            case "GotoIf":
                if jump := re.fullmatch(r"1\?(\w+)", arguments):
                    at = labels[jump[1]]
                else:
                    assert re.fullmatch(r"0\?\w+", arguments), arguments
            case "Queue":
                ran.queue = arguments.partition(",")[0]
                return ran
            case "Hangup":
                ran.hung_up = True
                return ran
            case _:
                raise AssertionError(f"{application} is not known here")
    return ran


def _read(text: str) -> tuple[list[tuple[str, str]], dict[str, int]]:
    steps: list[tuple[str, str]] = []
    labels: dict[str, int] = {}
    for line in (line.partition(" ; ")[0].strip() for line in text.splitlines()):
        if not line or line.startswith(("[", ";")):
            continue
        found = _LINE.fullmatch(line)
        assert found, f"{line} is no line of a dialplan"
        if found["label"]:
            labels[found["label"]] = len(steps)
        steps.append((found["application"], found["arguments"]))
    return steps, labels


def _filled(text: str, channel: Channel) -> str:
    """Variables first, then comparisons, as Asterisk does it."""
    filled = _VARIABLE.sub(lambda found: channel.variables.get(found[1], ""), text)
    return _EQUAL.sub(lambda found: "1" if found[1] == found[2] else "0", filled)
