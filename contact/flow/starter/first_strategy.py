"""A first strategy in a click: commented, with examples, and green by the same check as everything else."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from contact.flow.publishing import drafts
from contact.flow.publishing.check_texts import checked, playbook_of
from contact.flow.publishing.tell_changes import in_force
from contact.ports import Ports
from strategies.declared.playbook import Channel, Field, Playbook
from strategies.hashing import hash64, slot
from strategies.problems import ProblemsFound

FILES = Path(__file__).parent / "files"
"""What a playbook needs around a first strategy, where it has nothing of its own."""
NAME = "first-offer"
CATEGORY = "marketing"
CONTROL_PERCENT = 10
ASKED = datetime(2026, 3, 2, 10, tzinfo=UTC)
"""A Monday morning by the operator's clock: whatever hours somebody declared, they are most likely open."""

TITLES = {"en": "First offer", "zh-CN": "首个方案"}
OFFERS = {"en": "20 GB for a month", "zh-CN": "20GB 月流量包"}
SAID = {
    "en": "Hello {name}, 20 GB more this month for 20. Reply TD to hear no more of us.",
    "zh-CN": "{name}您好，本月加 20GB 流量只需 20 元。回复 TD 不再接收。",
}
_COMMENT = re.compile(r"((?:^|  +)# )(.+)$", re.MULTILINE)


def comments() -> set[str]:
    """Every comment in what an empty store begins with."""
    return {found[2] for text in with_first_strategy({}).values() for found in _COMMENT.finditer(text)}


async def add_first_strategy(
    ports: Ports, draft: str | None, author: str, said: Callable[[str], str] = str
) -> tuple[str, str]:
    """A draft with a first strategy, and that file's path; without a draft of one's own a new one is begun.

    Where nothing was published yet the files around it come with it. Their comments are for whoever begins: ``said`` has
    each in their language. Raises NotFound, Conflict for a draft that is closed.
    """
    live, texts = await in_force(ports) if draft is None else (None, await ports.drafts.texts(draft))
    written = await asyncio.to_thread(with_first_strategy, texts)
    added = {
        path: _COMMENT.sub(lambda found: found[1] + said(found[2]), text) for path, text in written.items()
    }
    path = next(path for path in added if path.startswith("strategies/"))
    if draft is None:
        begun = await drafts.create_draft(ports, author, texts={**texts, **added}, base=live)
        return begun.draft, path
    for each, text in added.items():
        await drafts.save_file(ports, draft, each, text, None, author)
    return draft, path


def with_first_strategy(texts: Mapping[str, str]) -> dict[str, str]:
    """The files to lay beside these, under paths of their own: the strategy, and what a playbook cannot do without.

    Of the forms it can take the first counts by which the check of the whole finds nothing new, and where there is
    none the most telling one; where the texts themselves are wrong it is written as for an empty playbook. The check
    says what does not fit.
    """
    around = {
        path: text for path, text in _files().items() if path not in texts and not (texts and "/" in path)
    }
    whole = "\n".join((*texts, *texts.values()))
    name = next(each for each in _names() if not re.search(rf"{each}(?![\w-])", whole))
    path = f"strategies/{name}.yaml"
    try:
        playbook = playbook_of({**texts, **around})
    except ProblemsFound:
        playbook = playbook_of(_files())
    before = set(checked({**texts, **around}).errors)
    forms = list(_forms(playbook, name))
    fits = (each for each in forms if set(checked({**texts, **around, path: each}).errors) <= before)
    return {**around, path: next(fits, forms[0])}


def _files() -> dict[str, str]:
    return {
        path.relative_to(FILES).as_posix(): path.read_text("utf-8") for path in sorted(FILES.rglob("*.yaml"))
    }


def _names() -> Iterator[str]:
    yield NAME
    yield from (f"{NAME}-{number}" for number in count(2))


def _forms(playbook: Playbook, name: str) -> Iterator[str]:
    """From the most telling form to the plainest: an operator's own rules may refuse what an example expects.

    Everybody is addressed last of all: a smaller audience without examples disturbs fewer.
    """
    for audiences in ([_Audience.of(each) for each in _numbers(playbook)], [_Audience.everybody()]):
        for examples in (2, 1, 0):
            for audience in audiences:
                yield strategy_text(playbook, name, audience, examples)


def _numbers(playbook: Playbook) -> list[Field]:
    """Fields whose threshold a person reads at once: how long somebody is a customer first, two at most."""
    known = [
        each
        for each in playbook.fields.values()
        if each.type == "number" and each.aggregate is None and each.known_at == "snapshot"
    ]
    return sorted(known, key=lambda each: "tenure" not in each.name)[:2]


@dataclass(frozen=True)
class _Audience:
    """A condition, and what a customer's row says for whom it is true, and for whom it is not."""

    text: str
    inside: str = ""
    outside: str = ""

    @classmethod
    def of(cls, field: Field) -> _Audience:
        low, high = field.low or 0.0, field.high if field.high is not None else (field.low or 0.0) + 100.0
        limit = 12.0 if low < 12 < high else (low + high) / 2
        return cls(
            f"{field.name} >= {limit:g}",
            f", {field.name}: {(limit + high) / 2:g}",
            f", {field.name}: {low:g}",
        )

    @classmethod
    def everybody(cls) -> _Audience:
        return cls("true")


def strategy_text(playbook: Playbook, name: str, audience: _Audience, examples: int) -> str:
    """The file, in the operator's languages, for a category, a channel and a goal that are declared.

    An offer is promotional: under any other category it would pass by consent, caps and quiet hours, so that the check
    asks for one where none is declared.
    """
    operator = playbook.operator
    promotional = (each for each, is_promotional in operator.categories.items() if is_promotional)
    category = next(promotional, CATEGORY)
    channel = _channel(playbook)
    goal = "ordered" if "ordered" in playbook.events else next(iter(playbook.events), "ordered")
    said = "".join(
        f'      {each}: "{text}"\n' if channel.delivery == "gateway" else f'      {each}: ["{text}"]\n'
        for each in operator.languages
        for text in [SAID.get(each, SAID["en"])]
    )
    return f"""\
# A first strategy, to be changed into yours. It is checked as you type.
# Nobody is contacted before it is published.
strategy: {name}
title: {_in_languages(TITLES, operator.languages)}
category: {category}
# For whom: a condition on the fields of fields.yaml.
audience: {audience.text}
# So many in a hundred are left alone, so that the effect can be measured.
control: {{percentage: {CONTROL_PERCENT}}}
# What an acceptance is worth. Candidates are ranked by
# propensity × context × value × levers.
value: 20
# What was not handed over within three days never is.
task_valid: P3D
# What counts as success.
goal: {{event: {goal}, within: P7D}}
channels:
  {channel.name}:
    # How likely somebody accepts: a number, or the field of a model.
    propensity: 0.05
    {"text" if channel.delivery == "gateway" else "script"}:
{said}\
offers:
  - offer: {name}-20gb
    # Rules may let all offers of a family rest together.
    family: {name}
    title: {_in_languages(OFFERS, operator.languages)}
{_examples(playbook, name, channel, audience, examples)}"""


def _examples(playbook: Playbook, name: str, channel: Channel, audience: _Audience, most: int) -> str:
    """Cases that are run with every check: somebody inside of the audience, and somebody outside."""
    zone = playbook.operator.zone
    customer = _treated(playbook, name)
    always = [each.name for each in playbook.fields.values() if each.type == "boolean" and not each.nullable]
    known = "".join(f", {each}: false" for each in always)
    at = ASKED.replace(tzinfo=ZoneInfo(zone)).isoformat(timespec="minutes")
    ask = f"ask: {{at: {at}, channel: {channel.name}, strategy: {name}, offer: {name}-20gb}}"
    outside = (
        "somebody outside of the audience is left alone",
        audience.outside,
        "{refused_by: [strategy.audience]}",
    )
    inside = ("somebody of the audience may be contacted", audience.inside, "{allowed: true}")
    shown = [case for case in (outside, inside)[:most] if case is inside or audience.outside]
    text = "".join(
        f"""\
  - id: {name}-case-{number}
    name: {said}
    customer: {{id: {customer}, account: A1, zone: {zone}{known}{row}}}
    lines: [{{id: {customer}-1, number: "+8618800000001"}}]
    {ask}
    expect: {expected}
"""
        for number, (said, row, expected) in enumerate(shown, 1)
    )
    return f"# Cases that are run with every check.\nexamples:\n{text}" if text else ""


def _treated(playbook: Playbook, name: str) -> str:
    """The first customer's id that no control group draws."""
    draws = {name: CONTROL_PERCENT * 100, "universal": playbook.operator.universal_control_hundredths}
    ids = (f"C{number}" for number in count(1))
    return next(id for id in ids if all(slot(hash64(id), salt) >= share for salt, share in draws.items()))


def _channel(playbook: Playbook) -> Channel:
    """One that we begin and that needs nobody, where there is one; where none is declared, the starter's."""
    return min(
        (playbook.channels or playbook_of(_files()).channels).values(),
        key=lambda each: (each.direction != "outgoing", each.delivery != "gateway"),
    )


def _in_languages(texts: Mapping[str, str], languages: Sequence[str]) -> str:
    return "{" + ", ".join(f"{each}: {texts.get(each, texts['en'])}" for each in languages) + "}"
