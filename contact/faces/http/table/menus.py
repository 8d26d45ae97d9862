"""The routes of menus: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import menu_answers
from contact.faces.http.bodies import menus as bodies_menus
from contact.faces.http.edge.row import Reach, Route
from contact.faces.http.routes import menus
from contact.faces.http.table.calls import ANSWERING

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/ivr/menus", ANSWERING, menus.post_menu, "The order of keys of one caller",
          menu_answers.CallerMenuAnswer, "ivr", bodies_menus.MenuBody, statuses=(404, 422, 429), reach=Reach.UNIT,
          storeless=True, own_place=True),
)
# fmt: on
