"""The sentence over a group's topics: what sets the group apart, where calls enough say so."""

from __future__ import annotations

from contact.domain.topic_answers import GroupTopicsAnswer, TopicCountAnswer
from contact.faces.console.journeys.topics import asked_more


def group(*topics: tuple[str, int, float]) -> GroupTopicsAnswer:
    """Topics as name, calls, and how many times as often as by everybody."""
    counts = [
        TopicCountAnswer(topic=name, title=name, calls=calls, callers=calls, share=0.1, times=times)
        for name, calls, times in topics
    ]
    return GroupTopicsAnswer(group="high-value", title="High value", callers=20, calls=40, topics=counts)


def test_one_call_sets_no_group_apart() -> None:
    """A topic with a single call may well be ten times as frequent; it is not the finding."""
    found = asked_more(group(("bill", 9, 1.0), ("roaming", 6, 2.5), ("puk", 1, 10.0)))
    assert found is not None and found.topic == "roaming"
    assert asked_more(group(("bill", 9, 1.2), ("puk", 4, 10.0))) is None
