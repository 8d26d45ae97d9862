"""The one table of routes: the server, the role check, /openapi.json and the tests read it and nothing else."""

from __future__ import annotations

from contact.domain import answers, model_answers, tariff_answers, workbench_answers
from contact.faces.http.bodies import bodies
from contact.faces.http.bodies import drafts as bodies_drafts
from contact.faces.http.edge import recalling, shapes
from contact.faces.http.edge.row import EVERYBODY, OPEN, Once, Reach, Route
from contact.faces.http.routes import (
    agents,
    customers,
    decisions,
    drafts,
    jobs,
    models,
    operations,
    overview,
    playbooks,
    reports,
    tariffs,
)
from contact.faces.http.table import access as table_access
from contact.faces.http.table import calls as table_calls
from contact.faces.http.table import journeys as table_journeys
from contact.faces.http.table import ledger as table_ledger
from contact.faces.http.table import menus as table_menus
from contact.faces.http.table import opt_outs as table_opt_outs
from contact.faces.http.table import privacy as table_privacy
from contact.faces.http.table import process as table_process
from contact.faces.http.table import selection as table_selection
from contact.faces.http.table import topics as table_topics

SERVING = frozenset({"agent", "supervisor", "account_manager"})
"""Who have customers before them, or answer for those who have."""
ASKING = frozenset({"portal", "ivr", "agent", "account_manager", "admin"})
WORKING = frozenset({"agent", "admin"})
WATCHING = SERVING | {"strategist", "analyst", "admin"}
VIEWING = SERVING | {"portal", "ivr", "analyst", "admin"}
EXPLAINING = SERVING | {"strategist", "analyst", "admin"}
COMPARING = VIEWING | {"strategist", "data_scientist"}
LOOKING_UP = SERVING | {"ivr", "portal", "admin"}
CONSENTING = SERVING | {"portal", "ivr", "admin"}
IMPORTING = frozenset({"admin", "analyst"})
PLANNING = frozenset({"strategist", "admin"})
TELLING = frozenset({"portal", "ivr", "gateway", "admin"})
JUDGING = frozenset({"strategist", "analyst", "admin"})
OVERSEEING = JUDGING | {"supervisor"}
WARNED = OVERSEEING | {"account_manager"}
TRAINING = frozenset({"data_scientist", "admin"})
SCORING = frozenset({"data_scientist", "strategist", "admin"})
READING_MODELS = frozenset({"data_scientist", "strategist", "analyst", "admin"})
SEEING_SCORES = READING_MODELS | SERVING
ADMIN = frozenset({"admin"})
IMPORT_BYTES = 256 << 20
PLAYBOOK_BYTES = 16 << 20

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/decisions", ASKING, decisions.post_decision, "Ask what next for a customer",
          answers.DecisionAnswer, "decisions", bodies.DecisionBody, statuses=(404, 409, 422, 429), once=Once.IF_RESERVING,
          recall=recalling.DECISION, reach=Reach.UNIT, storeless=True, patient=True),
    Route("POST", "/v1/decisions/{decision}/events", ASKING, decisions.post_showing, "Report what was shown",
          shapes.AcceptedAnswer, "decisions", bodies.ShowingBody, statuses=(404, 422), urgent=True, reach=Reach.UNIT),

    Route("POST", "/v1/agents/{agent}/next", WORKING, agents.post_next, "Pull the next task",
          answers.NextAnswer, "tasks", bodies.NextBody, statuses=(404, 409, 422), once=Once.ALWAYS, recall=recalling.NEXT,
          reach=Reach.UNIT),
    Route("POST", "/v1/tasks/{task}/start", WORKING, agents.post_start, "Get the permit and begin the contact",
          answers.TaskAnswer, "tasks", bodies.StartBody, statuses=(404, 409, 422), once=Once.ALWAYS, recall=recalling.START,
          reach=Reach.UNIT),
    Route("POST", "/v1/tasks/{task}/complete", WORKING, agents.post_complete, "Report the outcome",
          answers.TaskAnswer, "tasks", bodies.CompleteBody, statuses=(404, 409, 422), once=Once.ALWAYS,
          recall=recalling.TASK, urgent=True, reach=Reach.UNIT),
    Route("POST", "/v1/tasks/{task}/give-back", WORKING, agents.post_give_back, "Return a task to its queue",
          answers.TaskAnswer, "tasks", bodies.GiveBackBody, statuses=(404, 409, 422), once=Once.ALWAYS,
          recall=recalling.TASK, reach=Reach.UNIT),
    Route("GET", "/v1/tasks", WATCHING, agents.get_tasks, "List tasks", shapes.TasksAnswer, "tasks",
          query=bodies.TaskQuery, statuses=(404, 429), reach=Reach.UNIT),
    Route("GET", "/v1/tasks/{task}", WATCHING, agents.get_task, "One task", answers.TaskAnswer, "tasks",
          statuses=(404, 429), reach=Reach.UNIT),

    Route("GET", "/v1/customers/{customer}", VIEWING, customers.get_card, "The customer's card",
          answers.CardAnswer, "customers", query=bodies.LanguageQuery, statuses=(404, 429), reach=Reach.UNIT),
    Route("GET", "/v1/customers/{customer}/timeline", VIEWING, customers.get_timeline, "Contacts and events",
          shapes.TimelineAnswer, "customers", query=bodies.LanguageQuery, statuses=(404, 429), reach=Reach.UNIT),
    Route("GET", "/v1/customers/{customer}/consents", VIEWING, customers.get_consents, "Consents and permissions",
          shapes.ConsentsAnswer, "customers", query=bodies.LanguageQuery, statuses=(404, 429), reach=Reach.UNIT),
    Route("GET", "/v1/customers/{customer}/explanation", EXPLAINING, customers.get_explanation, "Why, and why not",
          answers.ExplanationAnswer, "customers", query=bodies.ExplanationQuery, statuses=(404, 422, 429), reach=Reach.UNIT),
    Route("POST", "/v1/customers/lookup", LOOKING_UP, customers.post_lookup, "Find customers by number",
          shapes.CustomersAnswer, "customers", bodies.LookupBody, statuses=(429,), reach=Reach.UNIT),
    Route("POST", "/v1/customers/{customer}/consents", CONSENTING, customers.post_consent, "Give or withdraw consent",
          shapes.CancelledAnswer, "customers", bodies.ConsentBody, statuses=(404, 409, 422), once=Once.ALWAYS,
          urgent=True, reach=Reach.UNIT),

    Route("POST", "/v1/imports", IMPORTING, jobs.post_import, "Deliver a file", answers.JobAnswer, "jobs",
          bodies.ImportForm, form=True, status=202, statuses=(409, 422), once=Once.ALWAYS, limit_bytes=IMPORT_BYTES),
    Route("GET", "/v1/imports/{job}", IMPORTING, jobs.get_import, "How far an import is", answers.JobAnswer, "jobs",
          statuses=(404,)),
    Route("POST", "/v1/plans", PLANNING, jobs.post_plan, "Plan a day", answers.JobAnswer, "jobs",
          bodies.PlanBody, status=202, statuses=(409, 422), once=Once.ALWAYS),
    Route("GET", "/v1/plans/{job}", PLANNING, jobs.get_plan, "How far a plan is", answers.JobAnswer, "jobs",
          statuses=(404,)),

    Route("GET", "/v1/jobs/{job}", READING_MODELS, jobs.get_job, "How far a training, matching or simulation is",
          answers.JobAnswer, "jobs", statuses=(404,)),
    Route("POST", "/v1/jobs/{job}/cancel", PLANNING, jobs.post_cancel, "End a job", answers.JobAnswer, "jobs",
          statuses=(404, 409), once=Once.ALWAYS),
    Route("POST", "/v1/simulations", PLANNING, jobs.post_simulation, "Try a playbook on history", answers.JobAnswer, "jobs",
          bodies.SimulationBody, status=202, statuses=(404, 409, 422), once=Once.ALWAYS),

    Route("POST", "/v1/models/{model}/train", TRAINING, models.post_train, "Train a model", answers.JobAnswer, "models",
          status=202, statuses=(404, 409, 422), once=Once.ALWAYS),
    Route("GET", "/v1/models", READING_MODELS, models.get_models, "Trained models", model_answers.ModelsAnswer, "models",
          query=bodies.LanguageQuery, statuses=(404,), reach=Reach.NOBODY),
    Route("GET", "/v1/models/{id}", READING_MODELS, models.get_model, "One model with its report",
          model_answers.ModelAnswer, "models", query=bodies.LanguageQuery, statuses=(404,), reach=Reach.NOBODY),
    Route("POST", "/v1/models/{id}/promote", TRAINING, models.post_promote, "Put a model in force",
          model_answers.ModelAnswer, "models", bodies.WhyBody, statuses=(404, 409, 422), once=Once.ALWAYS),
    Route("POST", "/v1/models/{model}/roll-back", TRAINING, models.post_roll_back, "Put the model before in force again",
          model_answers.ModelAnswer, "models", bodies.WhyBody, statuses=(404, 409, 422), once=Once.ALWAYS),
    Route("POST", "/v1/learn", TRAINING, models.post_learn, "Take the labels that came back", answers.JobAnswer, "models",
          status=202, statuses=(404, 409, 422), once=Once.ALWAYS),
    Route("POST", "/v1/scores", SCORING, models.post_scores, "Score everybody", answers.JobAnswer, "models",
          status=202, statuses=(409, 422), once=Once.ALWAYS),
    Route("GET", "/v1/customers/{customer}/scores", SEEING_SCORES, models.get_scores, "What models say of a customer",
          model_answers.ScoresAnswer, "models", query=bodies.LanguageQuery, statuses=(404, 422, 429), reach=Reach.UNIT),
    Route("GET", "/v1/warnings", WARNED, models.get_warnings, "Customers about to leave", model_answers.WarningsAnswer,
          "models", query=bodies.WarningsQuery, statuses=(404, 422), reach=Reach.UNIT),

    Route("POST", "/v1/tariffs/match", SCORING, tariffs.post_match, "Advise every line", answers.JobAnswer, "tariffs",
          status=202, statuses=(409, 422), once=Once.ALWAYS),
    Route("GET", "/v1/customers/{customer}/tariffs", COMPARING, tariffs.get_tariffs, "A customer's lines under every tariff",
          tariff_answers.TariffsAnswer, "tariffs", query=bodies.TariffsQuery, statuses=(404, 422, 429), reach=Reach.UNIT),

    Route("GET", "/v1/playbooks", JUDGING, playbooks.get_playbooks, "Published versions", shapes.VersionsAnswer,
          "playbooks", statuses=(404,)),
    Route("GET", "/v1/playbooks/diff", JUDGING, playbooks.get_diff, "What differs between two playbooks",
          workbench_answers.DiffAnswer, "playbooks", query=bodies_drafts.DiffQuery, statuses=(404,)),
    Route("GET", "/v1/playbooks/{version}", JUDGING, playbooks.get_playbook, "One version's files",
          shapes.PlaybookAnswer, "playbooks", statuses=(404,)),
    Route("POST", "/v1/playbooks", PLANNING, playbooks.post_playbook, "Publish", workbench_answers.VersionAnswer,
          "playbooks", bodies.PlaybookBody, status=201, statuses=(409, 422), once=Once.ALWAYS, limit_bytes=PLAYBOOK_BYTES),
    Route("POST", "/v1/playbooks/roll-back", PLANNING, playbooks.post_roll_back, "Put an earlier version in force again",
          workbench_answers.VersionAnswer, "playbooks", bodies_drafts.RollBackBody, statuses=(404, 409, 422),
          once=Once.ALWAYS),

    Route("POST", "/v1/check", JUDGING, drafts.post_check, "Check a full set of texts", workbench_answers.CheckAnswer,
          "drafts", bodies_drafts.CheckBody, limit_bytes=PLAYBOOK_BYTES),
    Route("GET", "/v1/drafts", JUDGING, drafts.get_drafts, "Playbooks in the making", shapes.DraftsAnswer, "drafts",
          query=bodies_drafts.DraftsQuery),
    Route("POST", "/v1/drafts", PLANNING, drafts.post_draft, "Begin a draft", workbench_answers.DraftAnswer, "drafts",
          bodies_drafts.DraftBody, status=201, statuses=(422,), once=Once.ALWAYS, limit_bytes=PLAYBOOK_BYTES),
    Route("GET", "/v1/drafts/{draft}", JUDGING, drafts.get_draft, "One draft", workbench_answers.DraftAnswer, "drafts",
          statuses=(404,)),
    Route("GET", "/v1/drafts/{draft}/file", JUDGING, drafts.get_file, "One text of a draft", workbench_answers.FileAnswer,
          "drafts", query=bodies_drafts.FileQuery, statuses=(404,)),
    Route("POST", "/v1/drafts/{draft}/file", PLANNING, drafts.post_file, "Write or remove one file of a draft",
          workbench_answers.DraftAnswer, "drafts", bodies_drafts.FileBody, statuses=(404, 409, 422), once=Once.ALWAYS,
          limit_bytes=PLAYBOOK_BYTES),
    Route("POST", "/v1/drafts/{draft}/check", JUDGING, drafts.post_draft_check, "Check a draft with what is being typed",
          workbench_answers.CheckAnswer, "drafts", bodies_drafts.DraftCheckBody, statuses=(404,),
          limit_bytes=PLAYBOOK_BYTES),
    Route("POST", "/v1/drafts/{draft}/merge", PLANNING, drafts.post_merge, "Take in what was published meanwhile",
          workbench_answers.MergeAnswer, "drafts", bodies_drafts.MergeBody, statuses=(404, 409, 422), once=Once.ALWAYS,
          limit_bytes=PLAYBOOK_BYTES),
    Route("POST", "/v1/drafts/{draft}/approve", PLANNING, drafts.post_approval, "Approve a draft as a second person",
          workbench_answers.DraftAnswer, "drafts", bodies_drafts.ApprovalBody, statuses=(404, 409), once=Once.ALWAYS),
    Route("POST", "/v1/drafts/{draft}/publish", PLANNING, drafts.post_publish, "Put a draft in force, now or later",
          workbench_answers.VersionAnswer, "drafts", bodies_drafts.DraftPublishBody, statuses=(404, 409, 422),
          once=Once.ALWAYS),
    Route("POST", "/v1/drafts/{draft}/discard", PLANNING, drafts.post_discard, "Close a draft",
          workbench_answers.DraftAnswer, "drafts", statuses=(404, 409), once=Once.ALWAYS),

    *table_access.ROUTES,
    *table_selection.ROUTES,
    *table_ledger.ROUTES,

    *table_opt_outs.ROUTES,
    *table_calls.ROUTES,
    *table_menus.ROUTES,
    *table_journeys.ROUTES,
    *table_topics.ROUTES,
    *table_privacy.ROUTES,
    Route("POST", "/v1/events", TELLING, reports.post_event, "Say what happened", shapes.AcceptedAnswer, "events",
          bodies.EventBody, statuses=(404, 422), reach=Reach.UNIT),

    Route("GET", "/v1/strategies/{strategy}/evaluation", JUDGING, overview.get_evaluation, "What a strategy brought",
          answers.EvaluationAnswer, "overview", query=bodies.LanguageQuery, statuses=(404, 422)),
    Route("GET", "/v1/overview", OVERSEEING, overview.get_overview, "Funnel, queues, refusals", answers.OverviewAnswer,
          "overview", query=bodies.LanguageQuery, statuses=(404,), reach=Reach.UNIT),
    Route("GET", "/v1/clock", EVERYBODY, overview.get_clock, "The store's instant", shapes.ClockAnswer, "clock",
          reach=Reach.NOBODY),
    Route("POST", "/v1/clock", ADMIN, overview.post_clock, "Move a simulated clock forward", shapes.ClockAnswer,
          "clock", bodies.ClockBody, statuses=(409, 422), once=Once.ALWAYS),

    table_process.LIVE,
    Route("GET", "/readyz", OPEN, operations.get_ready, "Can it serve", shapes.HealthAnswer, "operations",
          statuses=(503,), urgent=True),
    Route("GET", "/metrics", OPEN, operations.get_metrics, "Numbers for Prometheus", None, "operations",
          media=table_process.METRICS_MEDIA, urgent=True),
    Route("GET", "/openapi.json", OPEN, operations.get_openapi, "This document", None, "operations"),
)
# fmt: on
