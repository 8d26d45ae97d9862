"""What may be published and yet deserves a second look."""

from __future__ import annotations

from strategies.checking.passes import warnings_of
from strategies.compiling.compile import compile_playbook
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
    service = "effect: hours, match: {categories: [service]}"
    (found,) = warned(
        "policies/own.yaml", policy(f'{service}, open: [{{days: [mon], from: "21:00", to: "09:00"}}]')
    )
    assert "warning.night: the opening of rule 'own.r' begins on Monday and that morning is closed" in found
    assert warned("policies/own.yaml", policy(f'{service}, open: [{{from: "21:00", to: "09:00"}}]')) == []


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
        warned(
            "policies/own.yaml",
            policy("effect: forbid, when: complaint_open, match: {families: [data], channels: [sms]}"),
        )
        == []
    )


def test_a_text_that_is_missing_in_a_language() -> None:
    """Its readers would get another language."""
    text = small_texts()["strategies/data-upgrade.yaml"].replace(', zh-CN: "{name}您好"', "")
    (found,) = warned("strategies/data-upgrade.yaml", text)
    assert "warning.language: offer 'data-20' has no text for 'sms' in zh-CN" in found


def test_an_outgoing_channel_without_capacity() -> None:
    """A plan has no places there."""
    text = small_texts()["channels.yaml"].replace('[{from: "09:00", to: "20:00", per_hour: 200}]', "[]")
    (found,) = warned("channels.yaml", text)
    assert "channels.yaml:9:3: warning.capacity" in found


def test_silence_about_silence() -> None:
    """Without a consent default all promotion needs a yes on file."""
    text = small_texts()["policies/legal.yaml"].replace(
        "consent_default: [{categories: [marketing], is: opt_out}]\n", ""
    )
    (found,) = warned("policies/legal.yaml", text)
    assert "warning.consent_default" in found


COUNTERS = small_texts()["counters.yaml"]
PLUS = small_texts()["tariffs/plus.yaml"]


def test_a_counter_that_costs_nothing_anywhere() -> None:
    """Its usage changes no bill; a price in any tariff, at any date or tier, is one."""
    free = PLUS.replace("data_gb: {price: 5, step: 1}", "data_gb: 0")
    (found,) = warned("tariffs/plus.yaml", free)
    assert found == (
        "counters.yaml:3:3: warning.counter: no tariff charges anything for counter 'data_gb' "
        "(price it in a base tariff, or leave it out)"
    )
    tiered = free.replace("data_gb: 0", "data_gb: {tiers: [{up_to: 5, price: 0}, {price: 1}]}")
    assert warned("tariffs/plus.yaml", tiered) == []


def test_an_add_on_that_no_base_lists() -> None:
    """Nobody can have it."""
    (found,) = warned("tariffs/plus.yaml", PLUS.replace(", data-20", ""))
    assert "tariffs/data-20.yaml:1:1: warning.addon: no base tariff lists add-on 'data-20'" in found


def test_an_allowance_shared_by_unlike_units() -> None:
    """Minutes and gigabytes are not counted down together, unless there is no end to them."""
    shared = PLUS.replace("counters: [voice_on_net]", "counters: [voice_on_net, data_gb]")
    (found,) = warned("tariffs/plus.yaml", shared)
    assert "warning.allowance: an allowance of tariff 'plus' is shared by counters in GB and min" in found
    assert warned("tariffs/plus.yaml", shared.replace("300", "unlimited")) == []


def test_a_tariff_or_counter_without_a_title_in_a_language() -> None:
    """Bills and advice are read in every language of the operator."""
    (found,) = warned("tariffs/plus.yaml", PLUS.replace(", zh-CN: 畅享", ""))
    assert "tariffs/plus.yaml:1:1: warning.language: tariff 'plus' has no title in zh-CN" in found
    (found,) = warned("counters.yaml", COUNTERS.replace(", zh-CN: 流量", ""))
    assert "counters.yaml:3:3: warning.language: counter 'data_gb' has no title in zh-CN" in found


def test_a_field_of_a_score_that_no_model_fills() -> None:
    """It stays unknown; the columns that are filled suggest what was meant."""
    texts = small_texts()
    texts["fields.yaml"] += "  p_sms: {type: number, source: scores.p_data20_sms}\n"
    texts["models/chance.yaml"] = (
        "model: chance\nlearns: propensity\ntitle: {en: Chance, zh-CN: 概率}\nlabel: {outcomes: accepted}\n"
        "features: [arpu]\n"
    )
    assert [str(warning) for warning in warnings_of(compile_playbook(texts))] == [
        "fields.yaml:15:3: warning.score: no model fills scores.p_data20_sms, so field 'p_sms' stays unknown "
        "(did you mean 'p_data_20_sms'?)"
    ]
    texts["fields.yaml"] = texts["fields.yaml"].replace("p_data20_sms", "p_data_20_sms")
    assert warnings_of(compile_playbook(texts)) == []


def test_the_best_of_no_tariff() -> None:
    """The offer needs something to choose among."""
    texts = {path: text for path, text in small_texts().items() if not path.startswith("tariffs/")}
    offer = "{offer: best_tariff, title: {en: Best, zh-CN: 最优}}"
    texts["strategies/data-upgrade.yaml"] += f"  - {offer}\n"
    found = [
        warning.code for warning in warnings_of(compile_playbook({**texts, "counters.yaml": "counters: {}"}))
    ]
    assert found == ["warning.tariffs"]


def test_an_offer_that_only_sounds_like_the_best_tariff() -> None:
    """Only one name has that meaning; the other is an offer for anybody."""
    (found,) = warned(
        "strategies/data-upgrade.yaml",
        small_texts()["strategies/data-upgrade.yaml"].replace("offer: data-20", "offer: Best-Tariff"),
    )
    assert "warning.tariffs: 'Best-Tariff' is an offer like any other" in found


def test_a_model_without_a_title_in_a_language() -> None:
    """Data scientists read reports in every language too."""
    (found,) = warned(
        "models/m.yaml",
        "model: m\nlearns: reach\ntitle: {en: M}\nlabel: {outcomes: connected}\nfeatures: [arpu]\n",
    )
    assert "models/m.yaml:1:1: warning.language: model 'm' has no title in zh-CN" in found


def test_a_condition_that_everybody_meets() -> None:
    """By the declared range of its field; one that is meant for all says true."""
    (found,) = warned("policies/own.yaml", policy("effect: forbid, when: 'COALESCE(p_data_sms, 0) <= 1'"))
    assert found.startswith("policies/own.yaml:4:37: condition.always: the condition is always true")
    assert warned("policies/own.yaml", policy("effect: forbid, when: true")) == []
