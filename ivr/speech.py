"""From declared prompts to what is said: items with their keys, texts with this caller's figures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from xml.sax.saxutils import escape

import msgspec

from ivr.call import Entry
from ivr.dialogue_state import ASK, NO, YES, Spoken, Turn
from ivr.phrases import phrases_of
from strategies.declared.menu import Menu, MenuNode, Prompt, Prompts

_HOLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SENTENCES = re.compile(r"(?<=[。！？；])\s*|(?<=[.!?;])\s+")
FILE_NAMES = {"*": "star", "#": "pound"}
"""Keys in names of recordings, as Asterisk's own have them."""
_WIDE_PER_SECOND, _NARROW_PER_SECOND = 4.0, 15.0
"""Signs a second of unhurried speech, in Chinese and in letters; only for words no menu declares seconds for."""


def in_language(prompts: Prompts, language: str) -> tuple[str, Prompt] | None:
    """The prompt in this language, else in the first there is; None where nothing is declared."""
    if language in prompts:
        return language, prompts[language]
    return next(iter(prompts.items()), None)


def spoken(prompts: Prompts, language: str, *, barge: bool = True) -> tuple[Spoken, ...]:
    """The prompt as something said; nothing where none is declared."""
    found = in_language(prompts, language)
    if found is None:
        return ()
    tongue, prompt = found
    return (Spoken(prompt.text, prompt.seconds, tongue, prompt.ssml, prompt.file, barge=barge),)


def said(text: str, language: str) -> Spoken:
    """Words of our own, as long as they take to say."""
    return Spoken(text, seconds_of(text), language)


def seconds_of(text: str) -> float:
    """About how long a text takes to say."""
    wide = sum(ord(sign) > 0x2E7F for sign in text)
    return round(wide / _WIDE_PER_SECOND + (len(text) - wide) / _NARROW_PER_SECOND, 1)


def announced(menu: Menu, node: MenuNode, entry: Entry, language: str) -> tuple[Spoken, ...]:
    """One choice with its key; in two parts where both are recordings."""
    tongue, prompt = _announcement(menu, node, entry.to, language)
    press = _pressed(menu, tongue, entry.key)
    if prompt.file is not None and press.file is not None:
        return Spoken(prompt.text, prompt.seconds, tongue, prompt.ssml, prompt.file), press
    joint = phrases_of(tongue).joint
    ssml = None if prompt.ssml is None else f"{prompt.ssml}{escape(joint)}{press.ssml or escape(press.text)}"
    text, seconds = f"{_as_words(prompt.text)}{joint}{press.text}", round(prompt.seconds + press.seconds, 1)
    return (Spoken(text, seconds, tongue, ssml, prompt.file, key=entry.key),)


def _pressed(menu: Menu, language: str, key: str) -> Spoken:
    """Which key it is, in the menu's words or in ours."""
    words = phrases_of(language)
    found = menu.press.get(language)
    if found is None:
        return said(words.press.format(key=words.key(key)), language)
    ssml = found.ssml and found.ssml.replace("{key}", escape(words.key(key)))
    file = found.file and found.file.replace("{key}", FILE_NAMES.get(key, key))
    return Spoken(found.text.replace("{key}", words.key(key)), found.seconds, language, ssml, file)


def title_of(menu: Menu, place: str, language: str) -> str:
    """What people call a place of a menu: as it is announced, or by its first words; a shortcut question by its goal."""
    if place.startswith(ASK):
        goal = menu.goals.get(place.removeprefix(ASK))
        return place if goal is None else goal.title.get(language) or next(iter(goal.title.values()), goal.id)
    node = menu.nodes.get(place)
    if node is None:
        return place
    if any(item.to == place for each in menu.nodes.values() for item in each.items):
        return _as_words(_announcement(menu, node, place, language)[1].text)
    found = in_language(node.prompt, language)
    return place if found is None else _as_words(found[1].text)


def question(menu: Menu, goal: str, language: str) -> tuple[Spoken, ...]:
    """The shortcut question, then its key for yes, last the one for anything else."""
    asked = spoken(menu.ask.get(goal, {}), language)
    heard = asked[0].language if asked else language
    words = phrases_of(heard)
    return (*asked, said(words.yes.format(key=YES), heard), said(words.no.format(key=NO), heard))


def offer(node: MenuNode, texts: Iterable[str], language: str) -> tuple[Spoken, ...]:
    """What leads an offer in, the offer, and the key that takes it."""
    words = phrases_of(language)
    told = (*texts, words.accept.format(key=words.key(node.accept)))
    return (*spoken(node.prompt, language), *(said(text, language) for text in told))


def filled(turn: Turn, words: Mapping[str, str | None]) -> Turn:
    """The turn with its placeholders filled; a sentence of which a word is unknown is not said."""
    if not holes(turn):
        return turn
    said = (_filled(each, words) for each in turn.say)
    return msgspec.structs.replace(turn, say=tuple(each for each in said if each is not None))


def sayable(node: MenuNode, language: str, words: Mapping[str, str | None]) -> bool:
    """Whether anything of what a node itself says is left with these words; what is said ahead of it does not count."""
    return bool(filled(Turn(node.id, spoken(node.prompt, language)), words).say)


def holes(turn: Turn) -> frozenset[str]:
    """The names that the turn's texts need."""
    return frozenset(name for each in turn.say for name in _HOLE.findall(f"{each.text} {each.ssml or ''}"))


def _filled(each: Spoken, words: Mapping[str, str | None]) -> Spoken | None:
    if not _HOLE.search(each.text) and not _HOLE.search(each.ssml or ""):
        return each
    whole = [sentence for sentence in _SENTENCES.split(each.text) if _known(sentence, words)]
    if not any(sentence.strip() for sentence in whole):
        return None
    glue = "" if ord(whole[0][-1:] or " ") > 0x2E7F else " "
    text = _HOLE.sub(lambda hole: words.get(hole[1]) or "", glue.join(whole))
    ssml = each.ssml if each.ssml is not None and _known(each.ssml, words) else None
    if ssml is not None:
        ssml = _HOLE.sub(lambda hole: escape(words.get(hole[1]) or ""), ssml)
    return msgspec.structs.replace(each, text=text, ssml=ssml)


def _known(text: str, words: Mapping[str, str | None]) -> bool:
    return all(words.get(name) is not None for name in _HOLE.findall(text))


def _announcement(menu: Menu, node: MenuNode, to: str, language: str) -> tuple[str, Prompt]:
    """How a target is announced: here, or where it stands for everybody; by its goal's title where it stands nowhere."""
    for place in (node, *menu.nodes.values()):
        for item in place.items:
            if item.to == to:
                found = in_language(item.say, language)
                if found is not None:
                    return found
    goal = menu.goals.get(menu.nodes[to].goal or "")
    title = to if goal is None else goal.title.get(language) or next(iter(goal.title.values()), to)
    return language, Prompt(title, seconds_of(title))


def _as_words(text: str) -> str:
    return text.rstrip(" .。,，;；")
