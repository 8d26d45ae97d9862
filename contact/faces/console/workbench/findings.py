"""What a simulation found, said in the reader's language from its codes and values."""

from __future__ import annotations

from contact.domain.workbench_answers import SimulationAnswer
from contact.faces.console.shared.labels import N_
from contact.faces.console.shared.pages import Look

FINDINGS = {
    "same": N_("It is the playbook in force: nothing changes."),
    "contacts_same": N_("As many contacts as before: %(after)s in days: %(days)s."),
    "contacts_more": N_("More contacts: %(difference)s, days: %(days)s; %(before)s before, %(after)s after."),
    "contacts_fewer": N_(
        "Fewer contacts: %(difference)s, days: %(days)s; %(before)s before, %(after)s after."
    ),
    "value_same": N_("The value expected of them stays at %(after)s."),
    "value_rises": N_("The value expected of them rises by %(difference)s to %(after)s."),
    "value_falls": N_("The value expected of them falls by %(difference)s to %(after)s."),
    "allowed_day": N_("%(rule)s refuses no more; customers: %(customers)s."),
    "allowed_days": N_("%(rule)s refuses no more; customer-days: %(customers)s, %(daily)s a day."),
    "refused_day": N_("%(rule)s refuses in addition; customers: %(customers)s."),
    "refused_days": N_("%(rule)s refuses in addition; customer-days: %(customers)s, %(daily)s a day."),
    "capped_later": N_(
        "A cap that counts a contact which only the new playbook makes stops a later one; customers: %(customers)s."
    ),
    "full_hour": N_("%(channel)s has no place left from %(hour)s to %(until_hour)s."),
    "strategy": N_("%(strategy)s: contacts %(before)s before, %(after)s after."),
    "objected": N_("Customers who objected between plan and hand-over: %(before)s before, %(after)s after."),
}
"""What a simulation found, in languages that the answer's own sentences are not written in."""


def finding_words(look: Look, found: SimulationAnswer) -> list[str]:
    """The findings in this language; the answer's own sentences where it is theirs, or where it has nothing else."""
    if look.formats.words.language == "en" or len(found.findings) != len(found.words):
        return found.words
    named = {"rule": look.reason, "channel": look.channel, "strategy": look.strategy}

    def shown(name: str, value: str | int | float) -> str:
        if isinstance(value, str):
            return named[name](value)
        if name.endswith("hour"):
            return f"{value:02}:00"
        return look.formats.money(value) if name.endswith("_minor") else look.formats.number(value)

    return [
        look.formats.words.gettext(FINDINGS[each.code])
        % {name.removesuffix("_minor"): shown(name, value) for name, value in each.values.items()}
        for each in found.findings
    ]
