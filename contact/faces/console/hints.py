"""What to do about a problem, in languages the problem itself is not written in: its hint is found again among these."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from contact.faces.console.labels import N_

HINTS = (
    N_("'limits' allows %(count)s: move it up, or raise 'depth'"),
    N_("'limits' allows %(count)s: put some into a level of their own"),
    N_("'limits' allows %(count)s: say it shorter, or put items into a level of their own"),
    N_("'%(key)s' is the first day on which it no longer holds"),
    N_("%(currency)s has %(count)s decimals"),
    N_("a colon is ':' and a space, not '：'"),
    N_("a column of the usage file, as %(example)s"),
    N_("a condition is one expression"),
    N_("a date, as %(example)s"),
    N_("a number from %(least)s to %(most)s with at most two decimals"),
    N_("a number from %(least)s to %(most)s without quotes or %%"),
    N_("a placeholder is a name in braces, as %(example)s"),
    N_("a price has at most %(count)s decimals"),
    N_("add OR … IS NULL"),
    N_("add the closing one"),
    N_("an amount of %(least)s or more"),
    N_("as %(one)s, or true for everybody"),
    N_("as %(one)s, with its offset"),
    N_("as %(one)s, or %(other)s"),
    N_("as %(one)s, %(two)s or %(three)s"),
    N_("as %(one)s, %(two)s, %(three)s or %(four)s"),
    N_("as %(example)s"),
    N_("at most %(count)s decimals"),
    N_("at most %(count)s; declare a field for a part of it"),
    N_("check brackets, quotes and indentation near here"),
    N_("choose a digit"),
    N_("choose a digit, or change 'keys'"),
    N_("choose another name"),
    N_("choose two keys"),
    N_("close it"),
    N_("compare a field"),
    N_("compare it with something"),
    N_("comparisons are joined by AND or OR; text stands in single quotes"),
    N_("correct the comparison, or the field's range in fields.yaml"),
    N_("declare a field for a part of it"),
    N_("declare a field for it"),
    N_("declare it in fields.yaml; a text stands in quotes: %(example)s"),
    N_("declare one in fields.yaml, as %(example)s"),
    N_("did you mean '%(name)s'?"),
    N_("did you mean '%(name)s'? its '%(letter)s' is no Latin letter"),
    N_("digits stand without quotes"),
    N_("finish it, or leave the last word out"),
    N_("first in %(place)s"),
    N_("flatten the structure"),
    N_("from %(least)s to %(most)s"),
    N_("give it an item without 'when'"),
    N_("give one of them another key, or none"),
    N_("give voice an add-on of its own, or include it in a base"),
    N_("how long it rests, as %(example)s, or forever"),
    N_("how many month-ends, as %(example)s"),
    N_("it belongs to effect cap"),
    N_("it fills p_OFFER_CHANNEL; leave it out"),
    N_("it has one of: %(names)s"),
    N_("it holds the name of a zone, as %(example)s"),
    N_("it is a standard one"),
    N_("it stands in line %(line)s already"),
    N_("it stands in segments/ itself; only policies have folders of their own"),
    N_("it stands on key %(digit)s, which 'press' says: leave the key out of 'say'"),
    N_("it stands on the key that its place gives it, which 'press' says: leave the key out of 'say'"),
    N_("its name as the telephone system knows it, without ending, as %(example)s"),
    N_("its name must end in .yaml"),
    N_("keep it in one of them"),
    N_("keep one"),
    N_("keep one of them"),
    N_("keep one, or declare two goals"),
    N_("keep one: it says what the node is"),
    N_("leave '%(key)s' out"),
    N_("leave it out"),
    N_("leave it out, or declare a number made of it"),
    N_("leave one of them out"),
    N_("leave out the word that begins with '%(letter)s'"),
    N_("leave the add-on out of its 'addons'"),
    N_("leave the key out to match all"),
    N_("let its first price begin when the fee does, or leave the date out"),
    N_("let one end where the next begins"),
    N_("let one of them lead to a level with 'items', or end the call"),
    N_("let the prompt of the node say it"),
    N_("look at the condition, and at the fields it reads"),
    N_("lower '%(key)s'"),
    N_("major units a month; 0 is a fee"),
    N_("money is multiplied and divided by numbers"),
    N_("money ÷ money is a number; number × money is money"),
    N_("months and years differ in length; count days, as %(example)s"),
    N_("more than %(least)s, up to %(most)s"),
    N_("name a boolean field"),
    N_("name a date field"),
    N_("name a field that rises with time"),
    N_("name a number field"),
    N_("name it in 'exempt' too, or leave it out"),
    N_("name it in an item's 'to' or in a 'then', or remove it"),
    N_("name one in 'channels', here or in the strategy"),
    N_("one column is counted once"),
    N_("one column is filled by one model"),
    N_("one file holds one document"),
    N_('one of "0" to "9", "*" and "#"'),
    N_("one of: %(names)s"),
    N_("one text by language, as %(example)s"),
    N_("only the last tier leaves out '%(key)s'"),
    N_("only the legal layer says what holds without consent"),
    N_("other labels know their time; leave it out"),
    N_("put some into a level of their own"),
    N_("put the comment behind # on a line of the file"),
    N_('quote a text that contains ": "'),
    N_("quote a value within {} or [] that holds a comma; else check brackets and quotes"),
    N_("raise '%(key)s' or lower it"),
    N_("remove it"),
    N_("remove one; key * leads back, and transfers may stand at every level"),
    N_("root is a node with 'items', or a notice that leads to one"),
    N_("several rows become one value; one of: %(names)s"),
    N_("small letters, digits and '_', beginning with a letter"),
    N_("texts stand in single quotes, names in none"),
    N_("the base tariff lists what fits it"),
    N_("the column it fills, as %(example)s"),
    N_("the first attempt included"),
    N_("the first day on which it holds"),
    N_("the last tier leaves out '%(key)s'"),
    N_("the order is %(names)s"),
    N_("the word has its own meaning here"),
    N_("two digits, a colon, two digits: %(example)s"),
    N_("two letters of ISO 3166, as %(one)s, or a part, as %(other)s"),
    N_("up to %(count)s letters, digits, '-' and '_', beginning with a letter or digit"),
    N_("usage is counted in thousandths: at most %(count)s decimals"),
    N_("use effect: forbid"),
    N_("use spaces"),
    N_("what is said then, by language"),
    N_("what is said there, by language"),
    N_("what the contacts of 'match' follow, as %(example)s"),
    N_("whoever calls hears their own language: write it in each language of the operator"),
    N_("write %(number)s without quotes"),
    N_("write %(one)s, or %(other)s for text"),
    N_("write %(one)s, or %(other)s for the word"),
    N_("write %(number)s; which unit it is, the counter says"),
    N_("write %(mark)s (half width)"),
    N_("write IS NULL or IS NOT NULL"),
    N_("write digits with at most one decimal point, or %(other)s for text"),
    N_("write from: %(start)s, to: %(end)s for the whole day"),
    N_("write goal: agent at the node where callers get it, or remove the goal"),
    N_("write it or remove it"),
    N_("write it under '%(key)s'; 0 is a price"),
    N_("write it without quotes"),
    N_('write it, or leave the key out; "" is the empty text'),
    N_("write it: what is known of customers; `fields: {}` for nothing"),
    N_("write it: who contacts, in which zone and currency"),
    N_("write known_at: outcome in its line of fields.yaml"),
    N_("write on_hit: reroute for any channel"),
    N_("write the keys out"),
    N_("write the lower bound first"),
    N_("write the value itself"),
    N_("write the value out"),
    N_("write the value out where it is needed"),
    N_("write them in order of time, each day once"),
    N_("write them in rising order"),
    N_("write true for everybody"),
    N_("write {key} where the key is said, as press {key}."),
    N_("write | instead of >"),
    N_("write text: {en: …} there"),
    N_("write type: money"),
    N_("write %(value)s"),
)
"""Hints as they are written, with places for what they name."""

_PLACE = re.compile(r"%\((\w+)\)s")


def told_apart(hint: str) -> tuple[str, Mapping[str, str]] | None:
    """Which of them a hint is, and what it names; None for one that is not among them."""
    for text, pattern in _patterns():
        found = pattern.fullmatch(hint)
        if found is not None:
            return text, found.groupdict()
    return None


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """The most telling first: with the most words of its own."""
    return [(text, _pattern(text)) for text in sorted(HINTS, key=lambda each: -len(_PLACE.sub("", each)))]


def _pattern(text: str) -> re.Pattern[str]:
    parts = _PLACE.split(text)
    written = [
        f"(?P<{part}>.+?)" if place % 2 else re.escape(part.replace("%%", "%"))
        for place, part in enumerate(parts)
    ]
    return re.compile("".join(written))
