"""The routes of menus: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import menu_answers
from contact.faces.http import bodies_menus, menus
from contact.faces.http.row import Reach, Route
from contact.faces.http.table_calls import ANSWERING

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/ivr/menus", ANSWERING, menus.post_menu, "The order of keys of one caller",
          menu_answers.CallerMenuAnswer, "ivr", bodies_menus.MenuBody, statuses=(404, 422), reach=Reach.UNIT,
          storeless=True, own_place=True),
)
# fmt: on
