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

JOB_KINDS = {"import": N_("Import"), "plan": N_("Plan")}

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
