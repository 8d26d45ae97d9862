"""What a customer most likely asks about now, with the answer if it is ready: for whoever has them on the line."""

from __future__ import annotations

from collections.abc import Mapping

from contact.domain.answers import LikelyTopicAnswer
from contact.faults import NotFound
from contact.flow.menu_for import menu_for
from contact.flow.topics import topic_title
from contact.flow.wording import fill, placeholders, wording
from contact.ports import Ports
from contact.telemetry import LIKELY_TOPICS
from strategies.instants import to_datetime
from strategies.menu import Menu
from strategies.playbook import Playbook
from strategies.profile import FieldValue

SHOWN = 3
LEAST = 0.05
"""Of what is less probable nobody needs to be told."""


async def likely_topics(
    ports: Ports, playbook: Playbook, customer: str, facts: Mapping[str, FieldValue], language: str
) -> list[LikelyTopicAnswer]:
    """The most likely topics, most likely first; none where no menu says what people ask about."""
    if not playbook.menus:
        return []
    try:
        found = await menu_for(ports, customer)
    except NotFound:
        return []
    probable = found.personal.likely.probability
    best = sorted(probable, key=lambda goal: (-probable[goal], goal))[:SHOWN]
    ready = {
        each.question.topic: each
        for each in await ports.answers.of(customer)
        if each.question.language == found.personal.language
    }
    answers = []
    for topic in (goal for goal in best if probable[goal] >= LEAST):
        fetched = ready.get(topic)
        said = None if fetched else said_by(playbook, found.menu, topic, facts, found.personal.language)
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
