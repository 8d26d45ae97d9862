"""What codes are called in the console: English here, Chinese in the catalogue; the codes themselves stay in the API."""

from __future__ import annotations


def N_(text: str) -> str:
    """Marks a text for the catalogue; it is translated where it is shown."""
    return text


CHANNELS = {
    "outbound_call": (N_("Call"), "C"),
    "sms": (N_("SMS"), "S"),
    "ivr": (N_("IVR"), "I"),
    "web": (N_("Web"), "W"),
    "agent": (N_("Hotline"), "H"),
    "field": (N_("Visit"), "F"),
    "all": (N_("all channels"), "A"),
}
"""Channel → name, and the letter that goes with its colour."""

RESULTS = {
    "accepted": N_("Accepted"),
    "wants_time": N_("Wants time"),
    "rejected": N_("Not interested"),
    "no_answer": N_("No answer"),
    "busy": N_("Busy"),
    "machine": N_("Answering machine"),
    "wrong_number": N_("Wrong number"),
    "invalid_number": N_("Number not in service"),
    "do_not_contact": N_("Do not contact"),
    "clicked": N_("Clicked"),
    "shown": N_("Shown"),
}

STATES = {
    "reserved": N_("planned"),
    "sending": N_("in hand"),
    "sent": N_("sent"),
    "delivered": N_("delivered"),
    "undelivered": N_("not delivered"),
    "unknown": N_("unknown"),
    "expired": N_("expired"),
    "cancelled": N_("cancelled"),
    "released": N_("not handed over"),
    "not_sent": N_("not sent"),
    "waiting": N_("waiting"),
    "leased": N_("held"),
    "started": N_("in hand"),
    "done": N_("done"),
    "queued": N_("queued"),
    "running": N_("running"),
    "failed": N_("failed"),
    "given": N_("given"),
    "withdrawn": N_("withdrawn"),
    "open": N_("open"),
    "closed": N_("closed"),
    "scheduled": N_("scheduled"),
}

REASONS = {
    "cap": N_("contact limit reached"),
    "hours": N_("outside contact hours"),
    "opted_out": N_("customer said no"),
    "no_consent": N_("no consent on record"),
    "suppressed": N_("suppressed"),
    "paired": N_("paired with another offer"),
    "cooldown": N_("resting after a contact"),
    "forbidden": N_("forbidden by a rule"),
    "control_group": N_("in the control group"),
    "unsuitable": N_("offer does not suit"),
    "not_eligible": N_("not in the audience"),
    "unknown_field": N_("a needed fact is unknown"),
    "outside_validity": N_("strategy not in force"),
    "no_capacity": N_("no capacity left"),
    "no_budget": N_("no budget left"),
    "expired": N_("too late"),
    "cannot_tell": N_("history cannot be read"),
    "not_before": N_("planned for later"),
    "retry": N_("next attempt comes later"),
    "deferred": N_("deferred by a rule"),
    "language": N_("needs another language"),
}

STAGES = {
    "customers": N_("Customers"),
    "candidates": N_("Candidates"),
    "eligible": N_("Eligible"),
    "planned": N_("Planned"),
    "handed_over": N_("Handed over"),
    "contacted": N_("Contacted"),
    "delivered": N_("Delivered"),
    "reached": N_("Reached"),
    "accepted": N_("Accepted"),
    "goals": N_("Goal reached"),
}

JOB_KINDS = {
    "import": N_("Import"),
    "plan": N_("Plan"),
    "train": N_("Training"),
    "learn": N_("Learning from outcomes"),
    "learn_menus": N_("Learning why people call"),
    "score": N_("Scoring"),
    "match_tariffs": N_("Matching tariffs"),
    "simulate": N_("Simulation"),
    "prefetch_answers": N_("Fetching of tomorrow's answers"),
    "sweep_unlawful": N_("Sweep after publishing"),
}

JOB_FAULTS = {
    "poison_job": N_(
        "Three workers died of it or of beginning it, so nobody takes it until somebody tries it again."
    ),
    "replaced": N_("Its worker stood still, and another plan of the same day took its place."),
    "bug": N_("The service failed; its log has the job's number and where."),
    "store_damaged": N_("The database is damaged."),
    "conflict": N_("Something else came first; try it again."),
    "not_found": N_("What it needs is not there any more."),
}
"""Why a job failed that is not a problem of its input."""

WHY_NOT = {
    "no_text": N_("there is no text for it"),
    "no_number": N_("the customer has no number"),
    "number_changed": N_("the customer's number has changed meanwhile"),
    "unknown_field": N_("its text needs a field that is not known of the customer"),
    "stale": N_("whoever handed it over died or hung on the way"),
    "the gateway answered": N_("the gateway answered"),
    "Kannel answered": N_("Kannel answered"),
    "the gateway took it without a readable reference": N_(
        "the gateway took it without a readable reference"
    ),
    "the gateway cannot be reached": N_("the gateway cannot be reached"),
    "the gateway's answer was lost": N_("the gateway's answer was lost"),
    "its name is not known": N_("its name is not known"),
    "its certificate is not trusted": N_("its certificate is not trusted"),
    "nobody listens at its address": N_("nobody listens at its address"),
    "nothing comes back from its address": N_("nothing comes back from its address"),
    "no connection came about": N_("no connection came about"),
    "it hung up": N_("it hung up"),
    "it did not answer in time": N_("it did not answer in time"),
    "the connection broke off": N_("the connection broke off"),
}
"""Why a message was not handed over, or nobody knows whether it was."""

PROCESS_ROLES = {
    "all": N_("API and worker"),
    "api": N_("API"),
    "worker": N_("worker"),
}

EVENTS = {
    "contact": N_("contact"),
    "consent": N_("consent"),
    "event": N_("event"),
    "complaint": N_("complaint"),
    "showing": N_("showing"),
}

SCOPES = {
    "number": N_("this number, any channel"),
    "marketing_calls": N_("marketing by phone"),
    "marketing": N_("all marketing"),
}
"""What a customer may ask not to get again."""

GIVE_BACK = {
    "language": N_("needs another language"),
    "known_person": N_("I know this person"),
    "technical": N_("my line or tools failed"),
    "break": N_("I must stop now"),
}

CATEGORIES = {
    "all": N_("everything"),
    "promotional": N_("all marketing"),
    "marketing": N_("marketing"),
    "retention": N_("retention"),
    "service": N_("service"),
}
"""What consent is about; a category of the operator's own keeps its code."""

UNITS = (N_("months"), N_("days"), N_("hours"), N_("min"))
"""Units of fields that are words; the others, GB or km, are the same in every language."""

CONSENT_SOURCES = {"agent": N_("said to an agent"), "letter": N_("by letter"), "shop": N_("in a shop")}

MODEL_STATES = {
    "in_force": N_("in force"),
    "candidate": N_("not promoted"),
    "retired": N_("retired"),
}

LEARNS = {
    "churn": N_("who will leave"),
    "propensity": N_("who accepts"),
    "reach": N_("who answers when"),
}

MODEL_RULES = {
    "first": N_("Nothing was in force before, and it is better than the logistic baseline."),
    "better": N_(
        "Its mean AUC is higher than that of the model in force and of the baseline, "
        "and it is not worse calibrated by more than chance."
    ),
    "not_better_than_in_force": N_(
        "Its mean AUC is not higher than that of the model in force; the one in force stays."
    ),
    "not_better_than_logistic": N_(
        "Its mean AUC is not higher than that of the logistic baseline; a simple model would do."
    ),
    "calibration_worse": N_(
        "Its mean AUC is higher, but its calibration is worse than that of the model in force."
    ),
}
"""The rule of promotion that gave the verdict."""

VERDICTS = {
    "first": N_("Promoted: the first, better than the baseline"),
    "better": N_("Promoted: better than the one in force"),
    "not_better_than_in_force": N_("Not promoted: not better than the one in force"),
    "not_better_than_logistic": N_("Not promoted: not better than the baseline"),
    "calibration_worse": N_("Not promoted: calibration is worse"),
}
"""The same in a few words."""

CIRCUMSTANCES = {
    "offer": N_("Offer"),
    "channel": N_("Channel"),
    "hour": N_("Hour"),
    "weekday": N_("Weekday"),
}
"""What a model of outcomes is asked about beside the customer's fields."""

CONTENDERS = {
    "candidate": N_("this model"),
    "in_force": N_("in force at that time"),
    "logistic": N_("logistic baseline"),
}

STABILITY = {"stable": N_("stable"), "shifting": N_("shifting"), "moved": N_("moved")}

VALIDATIONS = {
    "time_ordered": N_("trained on earlier rows, tried on later ones"),
    "stratified_folds": N_("stratified folds"),
}

CAUSES = {
    "none": N_("Nothing was lost on the last rows."),
    "base_rate": N_("The likeliest cause: the share of positives has changed."),
    "inputs": N_("The likeliest cause: inputs have moved."),
    "unexplained": N_("Neither the share of positives nor the inputs explain it."),
}

OPTION_VERDICTS = {
    "cheaper": N_("cheaper"),
    "dearer": N_("dearer"),
    "penalty": N_("cheaper, but leaving now costs more than a year saves"),
    "not_eligible": N_("not open to this line"),
    "current": N_("what the line has now"),
}
"""What is said of one tariff against the one the line has."""

DRAFT_STATES = {
    "open": N_("open"),
    "scheduled": N_("scheduled"),
    "published": N_("published"),
    "discarded": N_("discarded"),
}

VERSION_STATES = {
    "in_force": N_("live"),
    "past": N_("was live"),
    "scheduled": N_("scheduled"),
    "failed": N_("did not go live"),
    "discarded": N_("discarded"),
}

CHANGE_KINDS = {
    "added": N_("added"),
    "removed": N_("removed"),
    "changed": N_("changed"),
    "loosened": N_("looser"),
    "tightened": N_("tighter"),
    "moved": N_("moved"),
}

TEXT_STATES = {"added": N_("new file"), "removed": N_("file removed"), "changed": N_("changed")}

GATES = {
    "validity": N_("Valid now"),
    "audience": N_("Audience"),
    "suitable": N_("Offer suits"),
    "needs": N_("What the channel needs"),
    "control": N_("Control group"),
    "ranking": N_("Ranking"),
    "consent": N_("Consent"),
    "allocation": N_("Place"),
    "store.unreachable": N_("History can be read"),
}
"""Gates that are no rule of the playbook."""

OUTCOMES = {"True": N_("is true"), "False": N_("is false"), "None": N_("is unknown")}
"""What a comparison came to."""

REPLAYS = {
    "equal": N_("taken again, it comes out the same to the byte"),
    "different": N_("taken again, it comes out differently"),
    "gone": N_("cannot be taken again"),
}
"""How a past decision comes out under its own playbook."""

EXCLUSIONS = {
    "state": N_("State"),
    "do_not_disturb": N_("Do not disturb"),
    "frequency": N_("Frequency"),
    "hours": N_("Hours"),
    "control": N_("Control groups"),
}
"""What takes customers out of a selection."""

BUILT_IN = {
    "channel.number": N_("no number on file"),
    "consent.none": N_("no consent on record"),
    "consent.opted_out": N_("customer said no"),
    "control.universal": N_("universal control group"),
    "control.strategy": N_("control group of the strategy"),
}
"""Names of reasons that are no rule of the playbook."""

ROLES = {
    "agent": N_("agent"),
    "strategist": N_("strategist"),
    "analyst": N_("analyst"),
    "supervisor": N_("supervisor"),
    "account_manager": N_("account manager"),
    "portal": N_("web portal"),
    "ivr": N_("telephone menu"),
    "gateway": N_("gateway"),
    "data_scientist": N_("data scientist"),
    "admin": N_("administrator"),
}
"""What somebody may do."""

JOB_MESSAGES = {
    "waiting for a worker": N_("waiting for a worker"),
    "started": N_("begun"),
    "weighing candidates": N_("weighing candidates"),
    "reserving places": N_("reserving places"),
    "planned": N_("planned"),
    "waits until another plan of this day has ended": N_("waits until another plan of this day has ended"),
}
"""What a plan, or a simulation beside the day, says it is at."""

EXPORT_STATES = {
    "asked": N_("waits for a second person"),
    "approved": N_("approved"),
    "refused": N_("refused"),
    "expired": N_("too old"),
}
"""How an export stands."""

EXPORT_COLUMNS = {
    "customer": N_("customer id"),
    "name": N_("name"),
    "number": N_("number"),
    "language": N_("language"),
    "manager": N_("account manager"),
}
"""Columns of an exported file."""

CALL_ENDS = {
    "open": N_("still running"),
    "reached": N_("Goal reached"),
    "agent": N_("To an agent"),
    "abandoned": N_("Hung up"),
    "opted_out": N_("Opted out"),
}
"""How a call to the voice menu ended."""

CALL_ARMS = {"personal": N_("personal menu"), "static": N_("everybody's menu"), "unknown": N_("not known")}
"""Which menu was heard."""

CALL_SOURCES = {
    "own": N_("our dialogue"),
    "log": N_("imported log"),
    "reported": N_("other system"),
    "hotline": N_("told to an agent"),
}
"""Where a call was written down."""
