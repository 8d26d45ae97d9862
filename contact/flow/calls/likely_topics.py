"""What a customer most likely asks about now, with the answer if it is ready: for whoever has them on the line."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from contact.domain.answers import LikelyTopicAnswer
from contact.faults import StoreUnavailable
from contact.flow.calls.menu_for import language_of, menu_of, segment_of
from contact.flow.calls.topics import topic_title
from contact.flow.wording import fill, placeholders, wording
from contact.ports import Ports
from contact.ports.callers import CallerAsked
from contact.telemetry import LIKELY_TOPICS
from ivr.intent import likely
from strategies.declared.menu import Menu
from strategies.declared.playbook import Playbook
from strategies.instants import to_datetime
from strategies.profile import FieldValue, Profile

SHOWN = 3
LEAST = 0.05
"""Of what is less probable nobody needs to be told."""


async def likely_topics(
    ports: Ports, playbook: Playbook, profile: Profile, facts: Mapping[str, FieldValue], language: str
) -> list[LikelyTopicAnswer]:
    """The most likely topics, most likely first; none where no menu says what people ask about, or the store is too slow."""
    if not playbook.menus:
        return []
    menu, customer = menu_of(playbook, None), profile.customer
    try:
        seen, fetched_before = await asyncio.gather(
            ports.callers.look(CallerAsked(menu.id, customer)), ports.answers.of(customer)
        )
    except StoreUnavailable:
        return []
    segment, spoken = segment_of(playbook, facts, seen.at), language_of(playbook, None, profile.language)
    probable = likely(menu, seen.learnt, facts, segment, seen.known, seen.at).probability
    best = sorted(probable, key=lambda goal: (-probable[goal], goal))[:SHOWN]
    ready = {each.question.topic: each for each in fetched_before if each.question.language == spoken}
    answers = []
    for topic in (goal for goal in best if probable[goal] >= LEAST):
        fetched = ready.get(topic)
        said = None if fetched else said_by(playbook, menu, topic, facts, spoken)
        LIKELY_TOPICS.labels("fetched" if fetched else "menu" if said else "unknown").inc()
        answers.append(
            LikelyTopicAnswer(
                topic=topic,
                title=topic_title(playbook, topic, language),
                probability=round(probable[topic], 4),
                answer=fetched.text if fetched else said,
                fetched=to_datetime(fetched.at) if fetched else None,
            )
        )
    return answers


def said_by(
    playbook: Playbook, menu: Menu, topic: str, facts: Mapping[str, FieldValue], language: str
) -> str | None:
    """The words with which the menu itself answers, filled in; None where they say nothing of this customer (what a menu
    says it has sent, no agent has), or a field is unknown."""
    node = menu.nodes.get(menu.serving(topic) or "")
    if node is None or node.kind != "answer" or language not in node.prompt:
        return None
    text = node.prompt[language].text
    if not placeholders(text):
        return None
    words = wording(playbook, facts, (text,), language, name=None, offer="")
    filled, missing = fill(text, words)
    return None if missing is not None else filled
