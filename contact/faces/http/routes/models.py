"""For those who learn and score: models trained, put in force and taken back; what they say of a customer."""

from __future__ import annotations

from contact.faces.http.bodies.bodies import LanguageQuery, WarningsQuery, WhyBody
from contact.faces.http.edge.callers import author_of
from contact.faces.http.edge.row import Call, Reply
from contact.faces.http.routes.jobs import rung
from contact.faces.http.routes.privacy import count_look_first
from contact.flow.jobs.queue_job import queue_learn, queue_score, queue_train
from contact.flow.learning import models
from contact.flow.learning.score import scores_of
from contact.flow.selecting.list_warnings import list_warnings


async def post_train(call: Call) -> Reply:
    """A job that trains a declared model and puts it in force if it is better than what there was."""
    return await rung(call, await queue_train(call.ports, call.path["model"], author_of(call.caller)))


async def post_learn(call: Call) -> Reply:
    """A job that takes the labels that came back and trains every model that learns of outcomes."""
    return await rung(call, await queue_learn(call.ports, author_of(call.caller)))


async def post_scores(call: Call) -> Reply:
    """A job that scores everybody by the models in force."""
    return await rung(call, await queue_score(call.ports))


async def get_models(call: Call) -> Reply:
    """Every trained model without its report, newest first, and the declared ones nobody trained yet."""
    query: LanguageQuery = call.query
    return Reply(await models.list_models(call.ports, query.language))


async def get_model(call: Call) -> Reply:
    """One trained model with its report."""
    query: LanguageQuery = call.query
    return Reply(await models.show_model(call.ports, call.path["id"], query.language))


async def post_promote(call: Call) -> Reply:
    """Put a trained model in force, whatever its report says; the word stays on record."""
    body: WhyBody = call.body
    return Reply(await models.promote(call.ports, call.path["id"], author_of(call.caller), body.why))


async def post_roll_back(call: Call) -> Reply:
    """Put the model that was in force before in force again."""
    body: WhyBody = call.body
    return Reply(await models.roll_back(call.ports, call.path["model"], author_of(call.caller), body.why))


async def get_scores(call: Call) -> Reply:
    """What the models in force say of one customer now."""
    query: LanguageQuery = call.query
    await count_look_first(call, call.path["customer"])
    return Reply(await scores_of(call.ports, call.path["customer"], query.language))


async def get_warnings(call: Call) -> Reply:
    """Customers about to leave, highest risk first, with reasons and whether a call is allowed now."""
    query: WarningsQuery = call.query
    return Reply(await list_warnings(call.ports, query.above, query.limit, query.language))
