"""What the places of a voice menu are called: nodes by the goal they serve or as callers hear them."""

from __future__ import annotations

from collections.abc import Mapping

from contact.faces.console.shared.labels import CALL_ENDS
from contact.faces.console.shared.pages import Look
from ivr.journeys_paths import END, OTHER
from strategies.declared.menu import Menu

ASKED = "ask:"
"""What the shortcut question's place begins with; a goal follows."""
LONGEST = 40
"""Letters of a name made of what callers hear; a longer one is cut."""


class Names:
    """Names of places in one language; what no menu knows keeps its id, as logs of other systems have it."""

    def __init__(self, look: Look, menu: Menu | None) -> None:
        self._look, self._menu = look, menu
        self._heard = _heard(menu, look.formats.words.language) if menu is not None else {}

    def place(self, place: str) -> str:
        """A node, the shortcut question, an end of calls, or all the others."""
        say = self._look.formats.words.gettext
        if place.startswith(END):
            return self.end(place.removeprefix(END))
        if place == OTHER:
            return say("others")
        if place.startswith(ASKED):
            return say("Question: %(goal)s") % {"goal": self.goal(place.removeprefix(ASKED))}
        node = self._menu.nodes.get(place) if self._menu is not None else None
        if node is not None and self._menu is not None:
            if place == first_menu(self._menu):
                return say("Main menu")
            if node.goal is not None:
                return self.goal(node.goal)
            if node.kind == "notice":
                return say("Announcement")
        return self._heard.get(place, place)

    def waits_for_key(self, place: str) -> bool:
        """Whether silence is something that happens at this place: an announcement or an answer only leads on."""
        node = self._menu.nodes.get(place) if self._menu is not None else None
        return node is None or node.kind in ("menu", "offer")

    def end(self, outcome: str) -> str:
        """How a call ended."""
        known = CALL_ENDS.get(outcome)
        return self._look.formats.words.gettext(known) if known is not None else outcome

    def goal(self, goal: str | None) -> str:
        """A goal's title, else its id."""
        found = self._menu.goals.get(goal) if self._menu is not None and goal is not None else None
        if found is None:
            return goal or "–"
        return _in(found.title, self._look.formats.words.language) or found.id

    def title(self) -> str:
        """The menu's own title."""
        if self._menu is None:
            return ""
        return _in(self._menu.title, self._look.formats.words.language) or self._menu.id


def first_menu(menu: Menu) -> str:
    """The first menu that callers come to, behind the announcements."""
    node, passed = menu.nodes[menu.root], set[str]()
    while node.kind == "notice" and node.then is not None and node.id not in passed:
        passed.add(node.id)
        node = menu.nodes[node.then]
    return node.id


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")


def _heard(menu: Menu, language: str) -> dict[str, str]:
    """Node → how its key is announced."""
    found: dict[str, str] = {}
    for node in menu.nodes.values():
        for item in node.items:
            prompt = item.say.get(language) or next(iter(item.say.values()), None)
            if prompt is not None and item.to not in found:
                text = prompt.text.strip(" .,。，")
                found[item.to] = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return found
