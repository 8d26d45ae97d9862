"""The routes about personal data: a part of the one table, kept apart for its length."""

from __future__ import annotations

from contact.domain import privacy_answers
from contact.faces.http.bodies import privacy as bodies_privacy
from contact.faces.http.edge.row import Once, Reach, Route
from contact.faces.http.routes import privacy

REVEALING = frozenset({"agent", "supervisor", "account_manager", "admin"})
ALLOWING = frozenset({"supervisor", "admin"})
ERASING = frozenset({"admin"})

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/customers/{customer}/reveal", REVEALING, privacy.post_reveal, "Show name and number in full",
          privacy_answers.RevealAnswer, "privacy", bodies_privacy.RevealBody, statuses=(404, 422, 429), reach=Reach.UNIT),
    Route("POST", "/v1/customers/{customer}/erase", ERASING, privacy.post_erase, "Forget a customer",
          privacy_answers.ErasureAnswer, "privacy", bodies_privacy.ErasureBody, statuses=(404, 409, 422), once=Once.ALWAYS,
          reach=Reach.UNIT),
    Route("GET", "/v1/persons/{person}/card-views", ALLOWING, privacy.get_cards, "Cards a person opened today",
          privacy_answers.CardBudgetAnswer, "privacy", statuses=(404,), reach=Reach.OPERATOR),
    Route("POST", "/v1/persons/{person}/card-views", ALLOWING, privacy.post_cards, "Allow a person more cards today",
          privacy_answers.CardBudgetAnswer, "privacy", bodies_privacy.CardsBody, statuses=(404, 409, 422), once=Once.ALWAYS,
          reach=Reach.OPERATOR),
)
# fmt: on
