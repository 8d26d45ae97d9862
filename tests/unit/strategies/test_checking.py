"""What may be published and yet deserves a second look."""

from __future__ import annotations

from strategies.checking import warnings_of
from strategies.compiling import compile_playbook
from tests.unit.strategies.small import small_texts


def warned(path: str, text: str) -> list[str]:
    return [str(warning) for warning in warnings_of(compile_playbook({**small_texts(), path: text}))]


def policy(body: str) -> str:
    return f"policy: own\nlayer: company\nrules:\n  - {{rule: r, {body}}}\n"


def test_a_sound_configuration_has_no_warnings() -> None:
    """The small one."""
    assert warnings_of(compile_playbook(small_texts())) == []


def test_a_restricting_rule_over_a_field_that_may_be_unknown() -> None:
    """It restricts where the field is unknown, unless COALESCE or IS NULL says what is meant."""
    found = warned("policies/own.yaml", policy("effect: forbid, when: arpu < 10 AND complaint_open"))
    assert found == [
        "policies/own.yaml:4:37: warning.nullable: rule 'own.r' also restricts where 'arpu' is unknown "
        "(COALESCE(arpu, …) or arpu IS NULL says what is meant; nullable: false if it is always known)"
    ]
    assert warned("policies/own.yaml", policy("effect: forbid, when: 'COALESCE(arpu, 0) < 10'")) == []
    assert warned("policies/own.yaml", policy("effect: forbid, when: arpu < 10 OR arpu IS NULL")) == []


def test_hours_that_never_open() -> None:
    """The last start lies before the opening."""
    (found,) = warned(
        "policies/own.yaml", policy('effect: hours, open: [{from: "09:00", to: "09:30"}], last_start: PT1H')
    )
    assert "warning.never_open" in found


def test_a_night_whose_morning_before_is_closed() -> None:
    """Monday 21:00 to 09:00 does not open Monday 08:00."""
    (found,) = warned(
        "policies/own.yaml", policy('effect: hours, open: [{days: [mon], from: "21:00", to: "09:00"}]')
    )
    assert "warning.night: the opening of rule 'own.r' begins on Monday and that morning is closed" in found
    assert warned("policies/own.yaml", policy('effect: hours, open: [{from: "21:00", to: "09:00"}]')) == []


def test_a_rule_that_matches_nothing() -> None:
    """Its match names what exclude one another."""
    for body in (
        "match: {categories: [service], promotional: true}",
        "match: {channels: [sms], direction: incoming}",
        "match: {families: [data], channels: [outbound_call]}",
        "match: {categories: [service]}, exempt: [service]",
    ):
        (found,) = warned("policies/own.yaml", policy(f"effect: forbid, {body}"))
        assert "warning.never_matches" in found
    assert (
        warned("policies/own.yaml", policy("effect: forbid, match: {families: [data], channels: [sms]}"))
        == []
    )


def test_a_text_that_is_missing_in_a_language() -> None:
    """Its readers would get another language."""
    text = small_texts()["strategies/data-upgrade.yaml"].replace(', zh-CN: "{name}您好"', "")
    (found,) = warned("strategies/data-upgrade.yaml", text)
    assert "warning.language: offer 'data-20' has no text for 'sms' in zh-CN" in found


def test_an_outgoing_channel_without_capacity() -> None:
    """A plan has no places there."""
    text = small_texts()["channels/sms.yaml"].replace('[{from: "09:00", to: "20:00", per_hour: 200}]', "[]")
    (found,) = warned("channels/sms.yaml", text)
    assert "channels/sms.yaml:1:1: warning.capacity" in found


def test_silence_about_silence() -> None:
    """Without a consent default all promotion needs a yes on file."""
    text = small_texts()["policies/legal.yaml"].replace(
        "consent_default: [{categories: [marketing], is: opt_out}]\n", ""
    )
    (found,) = warned("policies/legal.yaml", text)
    assert "warning.consent_default" in found
