"""Consents: scopes, holders and what lifts what."""

from __future__ import annotations

from dataclasses import replace

from strategies.candidate import Candidate
from strategies.declared.playbook import ConsentDefault
from strategies.instants import DAY, Instant
from strategies.judging.consents import consent_allows_from, consent_refusal
from strategies.profile import Consent, Profile

from .world import HERE, NOW, SMS, playbook, profile

BOOK = playbook()


def known(*consents: Consent) -> Profile:
    return profile(consents=consents)


def given(days: int, channel: str = "all", category: str = "all", **changes: object) -> Consent:
    return Consent(True, Instant(NOW + days * DAY), channel, category, "C1", **changes)  # type: ignore[arg-type]


def withdrawn(days: int, channel: str = "all", category: str = "all", **changes: object) -> Consent:
    return Consent(False, Instant(NOW + days * DAY), channel, category, "C1", **changes)  # type: ignore[arg-type]


def on_number(consent: Consent, number: str = "n1") -> Consent:
    return Consent(consent.given, consent.at, consent.channel, consent.category, None, number)


def reason(profile: Profile, candidate: Candidate = SMS) -> str | None:
    refusal = consent_refusal(BOOK, candidate, profile, NOW)
    return None if refusal is None else refusal.rule


def test_of_two_records_of_one_instant_the_stricter_counts() -> None:
    """Given and withdrawn at the same instant for the same scope: withdrawn, in either order of the rows."""
    one, other = given(-1, "sms", "marketing"), withdrawn(-1, "sms", "marketing")
    assert reason(known(one, other)) == reason(known(other, one)) == "consent.opted_out"


def test_a_wider_grant_does_not_lift_a_narrower_withdrawal() -> None:
    """Yes to everything, later, leaves a no to marketing SMS as it is."""
    assert reason(known(withdrawn(-2, "sms", "marketing"), given(-1))) == "consent.opted_out"


def test_a_grant_by_the_person_does_not_lift_a_withdrawal_for_the_number() -> None:
    """Person and number are scopes of their own; each has to be lifted where it was made."""
    stop = on_number(withdrawn(-2, "sms", "marketing"))
    assert reason(known(stop, given(-1, "sms", "marketing"))) == "consent.opted_out"
    assert reason(known(stop, on_number(given(-1, "sms", "marketing")))) is None


def test_a_withdrawal_on_a_number_binds_the_person_in_channels_without_it() -> None:
    """No to all channels, said by number, also closes the web."""
    assert reason(known(on_number(withdrawn(-1))), Candidate("web", "marketing")) == "consent.opted_out"


def test_a_grant_for_a_number_speaks_for_that_number_only() -> None:
    """Under opt-in a grant for one number does not open another."""
    book = playbook(consent_defaults=(ConsentDefault(None, None, True, HERE),))
    agreed = known(on_number(given(-1, "sms", "marketing"), "n1"))
    assert consent_refusal(book, Candidate("sms", "marketing", number_hash="n1"), agreed, NOW) is None
    other = consent_refusal(book, Candidate("sms", "marketing", number_hash="n2"), agreed, NOW)
    assert other is not None and other.rule == "consent.none" and other.place == HERE


def test_promotional_as_category_means_every_promotional_category_and_no_other() -> None:
    """A no to all promotion leaves service open; a no to all does not."""
    service = Candidate("sms", "service", promotional=False)
    stop = known(withdrawn(-1, "sms", "promotional"))
    assert (reason(stop), reason(stop, service)) == ("consent.opted_out", None)
    assert reason(known(withdrawn(-1)), service) == "consent.opted_out"


def test_service_needs_no_consent_unless_a_default_names_it() -> None:
    """An opt-in default without categories is about promotion; one that names service binds service."""
    service = Candidate("sms", "service", promotional=False)
    every = playbook(consent_defaults=(ConsentDefault(None, None, True, HERE),))
    named = playbook(consent_defaults=(ConsentDefault(None, frozenset({"service"}), True, HERE),))
    assert consent_refusal(every, service, profile(), NOW) is None
    assert consent_refusal(named, service, profile(), NOW) is not None


def test_what_has_run_out_no_longer_counts() -> None:
    """After a temporary record the one before it holds again; the clear time is exact."""
    pause = withdrawn(-1, until=Instant(NOW + DAY))
    assert consent_allows_from(BOOK, SMS, known(given(-2), pause), NOW) == NOW + DAY
    trial = given(-1, until=Instant(NOW))
    assert reason(known(withdrawn(-2), trial)) == "consent.opted_out"
    assert consent_allows_from(BOOK, SMS, known(withdrawn(-2)), NOW) is None


def test_a_grant_that_lies_ahead_does_not_count_yet_but_a_withdrawal_does() -> None:
    """A record dated in the future fails closed."""
    opt_in = playbook(consent_defaults=(ConsentDefault(None, None, True, HERE),))
    ahead = known(given(1))
    assert consent_refusal(opt_in, SMS, ahead, NOW) is not None
    assert consent_allows_from(opt_in, SMS, ahead, NOW) == NOW + DAY
    assert reason(known(withdrawn(1))) == "consent.opted_out"


def test_a_default_holds_in_its_jurisdiction() -> None:
    """Opt-in in the EU, opt-out elsewhere; who is nowhere known is held to the stricter one."""
    defaults = (
        ConsentDefault(None, None, False, HERE),
        ConsentDefault(None, None, True, HERE, frozenset({"EU"})),
    )
    book = replace(BOOK, consent_defaults=defaults)
    refused = {
        where: consent_refusal(book, SMS, profile(jurisdiction=where), NOW) is not None
        for where in ("EU", "US", None)
    }
    assert refused == {"EU": True, "US": False, None: True}
