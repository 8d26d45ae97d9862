"""The JSON Schema of ``ivr/*``."""

from __future__ import annotations

from strategies.declared.menu import KEYPAD
from strategies.documents import menu_calls as documents_menu_calls
from strategies.documents import menu_nodes as documents_menu_nodes
from strategies.documents import menus as documents_menus
from strategies.documents import prompts as documents_prompts
from strategies.schema.values import (
    BY_LANGUAGE,
    CONDITION,
    NAME,
    NUMBER,
    PERCENT,
    SPAN,
    TEXT,
    Schema,
    between,
    either,
    keys,
    listed,
    named,
    whole,
    words,
)

_SPOKEN = keys(
    documents_prompts.PROMPT_KEYS,
    {
        "text": {**TEXT, "description": "What is said; {field} is filled in."},
        "ssml": {**TEXT, "description": "The same as an SSML fragment, without the speak element."},
        "file": {**TEXT, "description": "A recording as the telephone system knows it, without ending."},
        "seconds": between(0.1, documents_prompts.LONGEST),
    },
    needed=("text",),
)
PROMPTS: Schema = {**named(either(TEXT, _SPOKEN)), "description": "A prompt in every language, as {en: …}."}
KEY = words(KEYPAD, description='A key of the telephone, as "0".')
GOAL = keys(
    documents_menus.GOAL_KEYS,
    {
        "title": BY_LANGUAGE,
        "share": {**between(0.001, documents_menus.MOST_SHARE), "description": "Of 100 calls."},
        "ask": PROMPTS,
        "likelier": listed(
            keys(
                documents_menus.LIKELIER_KEYS,
                {"when": CONDITION, "times": between(0.01, documents_menus.MOST_TIMES)},
                needed=("when", "times"),
            )
        ),
    },
    needed=("title", "share"),
)
ITEM = keys(
    documents_menu_nodes.ITEM_KEYS,
    {"to": NAME, "say": PROMPTS, "key": KEY, "when": CONDITION},
    needed=("to", "say"),
)
_OF_NODE = {
    "items": {**listed(ITEM), "minItems": 1},
    "prompt": PROMPTS,
    "notice": PROMPTS,
    "then": NAME,
    "offer": keys(documents_menu_nodes.OFFER_KEYS, {"accept": KEY}, needed=("accept",)),
    "goal": NAME,
    "transfer": {**NAME, "description": "The agents' queue."},
    "opt_out": keys(
        documents_menu_nodes.OPT_OUT_KEYS, {"channel": NAME, "category": NAME}, needed=("channel", "category")
    ),
}
NODE = either(
    *(
        keys(known, {key: _OF_NODE[key] for key in known}, needed=(known[0],))
        for known in documents_menu_nodes.NODE_KEYS.values()
    )
)
LEVELS = named(listed(NAME))
CALL = keys(documents_menus.CALL_KEYS, {"goal": NAME, "at": TEXT, "heard": LEVELS}, needed=("at",))
EXAMPLE = keys(
    documents_menus.EXAMPLE_KEYS,
    {
        "name": TEXT,
        "customer": {"type": "object"},
        "calls": listed(CALL),
        "at": TEXT,
        "language": TEXT,
        "expect": keys(
            documents_menus.EXPECT_KEYS,
            {"ask": either(NAME, {"type": "null"}), "first": NAME, "order": LEVELS},
        ),
    },
    needed=("name", "at", "expect"),
)
MENU = keys(
    documents_menus.KEYS,
    {
        "title": BY_LANGUAGE,
        "owner": TEXT,
        "root": NAME,
        "goals": named(GOAL),
        "nodes": named(NODE),
        "limits": keys(
            documents_menus.LIMIT_KEYS,
            {
                "items": whole(1, 12),
                "seconds": between(5, 600),
                "depth": whole(1, 20),
                "tries": whole(1, 10),
                "wait": SPAN,
                "key_seconds": between(0.1, 30),
            },
        ),
        "personal": keys(
            documents_menus.PERSONAL_KEYS,
            {
                "changes": whole(0, 12),
                "remembered": SPAN,
                "moves": keys(
                    documents_menus.MOVE_KEYS, {"times": whole(0, 100), "within": SPAN}, needed=("times", "within")
                ),
                "lifts": whole(0, 9),
                "ask_from": {**NUMBER, "description": "Probability; above 1: never."},
                "half_life": SPAN,
                "static": {**PERCENT, "description": "Percent of callers who keep everybody's menu."},
                "salt": TEXT,
            },
        ),
        "keys": keys(documents_menus.KEY_KEYS, {"back": KEY, "repeat": KEY}),
        "press": PROMPTS,
        "wrong": PROMPTS,
        "silent": PROMPTS,
        "thanks": PROMPTS,
        "dialled": listed({**TEXT, "description": 'A number that callers dial, as "10086".'}),
        "failed": keys(
            documents_menu_calls.FAILED_KEYS, {"keys": whole(1, 50), "seconds": between(0, 600), "again": SPAN}
        ),
        "examples": listed(EXAMPLE),
    },
    needed=("title", "root", "goals", "nodes", "press", "wrong", "silent"),
)  # fmt: skip
