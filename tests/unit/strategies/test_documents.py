"""What the documents of a playbook become: amounts, hours, windows, texts, defaults and overlays."""

from __future__ import annotations

import pytest

from contact.domain.outcome import DISPOSITIONS
from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import CapacityHour, Match, Open, Playbook, Rule, Window
from strategies.documents.channels import RESULTS
from strategies.instants import DAY, HOUR, MINUTE, SECOND, Instant, format_instant
from strategies.problems import Where
from strategies.texts.meant import suggestion
from tests.unit.strategies.small import small_texts


def with_text(path: str, text: str) -> Playbook:
    return compile_playbook({**small_texts(), path: text})


def changed(path: str, before: str, after: str) -> Playbook:
    texts = small_texts()
    assert before in texts[path]
    return compile_playbook({**texts, path: texts[path].replace(before, after)})


def rule(body: str) -> Rule:
    playbook = with_text(
        "policies/own.yaml", f"policy: own\nlayer: company\nrules:\n  - {{rule: r, {body}}}\n"
    )
    return next(each for each in playbook.rules if each.id == "own.r")


def test_the_operator_is_read_with_its_defaults() -> None:
    """Name, currency, zone, languages, categories and the percentage in hundredths."""
    operator = changed("operator.yaml", "universal_control: 2", "universal_control: 2.5").operator
    assert (operator.name, operator.names["zh-CN"]) == ("Small Mobile", "小型移动")
    assert (operator.currency, operator.minor_per_major, operator.week_start) == ("CNY", 100, 1)
    assert operator.plausible_zones == ("Asia/Shanghai", "Asia/Urumqi")
    assert operator.languages == ("zh-CN", "en")
    assert operator.categories == {"marketing": True, "service": False}
    assert operator.universal_control_hundredths == 250


@pytest.mark.parametrize(
    ("written", "hundredths"),
    [("0", 0), ("0.01", 1), ("10", 1000), ("33.3", 3330), ("100", 10000), ("100.00", 10000), ("0.29", 29)],
)
def test_percentages_are_read_from_their_text(written: str, hundredths: int) -> None:
    """0.29 is 29 hundredths, not what a float makes of it."""
    playbook = changed("strategies/data-upgrade.yaml", "percentage: 10", f"percentage: {written}")
    assert playbook.strategies[0].control_hundredths == hundredths


def test_amounts_are_scaled_to_minor_units_of_the_currency() -> None:
    """Hundredths for CNY, none for JPY, thousandths for KWD; conditions are scaled alike."""
    assert compile_playbook(small_texts()).channels["sms"].cost_minor == 5
    texts = small_texts()
    texts["operator.yaml"] = texts["operator.yaml"].replace("CNY", "KWD")
    texts["channels.yaml"] = texts["channels.yaml"].replace("0.05", "1.234")
    texts["strategies/data-upgrade.yaml"] = texts["strategies/data-upgrade.yaml"].replace(
        "data_gb >= 5", "arpu >= 0.005"
    )
    playbook = compile_playbook(texts)
    assert playbook.channels["sms"].cost_minor == 1234
    assert playbook.strategies[0].offers[0].value_minor == 60_000
    assert playbook.strategies[0].audience.decide({"arpu": 5}, any_instant()) is True


def any_instant() -> Instant:
    """Any instant: no condition reads it."""
    return Instant(0)


def test_units_form_a_tree() -> None:
    """The branch of a unit is found above it."""
    playbook = with_text("units.yaml", small_texts()["units.yaml"] + "  - {id: G1, kind: grid, parent: B1}\n")
    assert playbook.branch_of("G1") == "B1"
    assert playbook.units["P1"].parent == "H"


def test_events_set_fields_to_constants_or_to_their_data() -> None:
    """A constant of the field's type, or a key of the event's data."""
    sets = "{arpu: 1.5, tier: data.tier, data_gb: 2, complaint_open: false}"
    text = f"events:\n  a: {{sets: {sets}, lasts: P1D}}\n  ordered: {{sets: {{}}}}\n"
    event = with_text("events.yaml", text).events["a"]
    assert event.sets == {"arpu": 150, "tier": "data.tier", "data_gb": 2, "complaint_open": False}
    assert event.lasts == DAY


def test_capacity_is_split_into_local_hours() -> None:
    """Half hours get their share, and what rounding takes from one hour the next gets back."""
    playbook = changed("channels.yaml", '"20:00", per_hour: 200', '"11:30", agents: 1, handling: PT25M')
    assert playbook.channels["sms"].capacity == (
        CapacityHour(540, 600, 2), CapacityHour(600, 660, 2), CapacityHour(660, 690, 2),
    )  # fmt: skip


def test_a_channel_has_defaults_by_its_delivery() -> None:
    """How long a hand-over may stay open and a receipt may take."""
    channels = compile_playbook(small_texts()).channels
    assert (channels["sms"].stale_after, channels["sms"].receipt_wait) == (2 * MINUTE, 2 * DAY)
    assert (channels["outbound_call"].stale_after, channels["outbound_call"].receipt_wait) == (2 * HOUR, 0)
    assert channels["sms"].reserve_for == 15 * MINUTE


def test_attempts_are_counted_in_all_to_one_number_and_after_each_result() -> None:
    """``total`` includes the first; without ``per_number`` the total bounds a number too."""
    text = small_texts()["channels.yaml"] + (
        "    attempts: {total: 3, per_number: 2, after: {busy: {times: 2, wait: PT10M}}}\n"
    )
    channels = with_text("channels.yaml", text).channels
    sms, call = channels["sms"], channels["outbound_call"]
    assert (sms.attempts_total, sms.attempts_per_number, sms.retry_wait) == (3, 2, {"busy": (2, 10 * MINUTE)})
    assert (call.attempts_total, call.attempts_per_number, call.retry_wait) == (1, None, {})


def test_a_channel_has_a_rate_and_a_lead_time() -> None:
    """How many a second are let go, and how long until the customer is reached."""
    text = small_texts()["channels.yaml"] + "    rate: 0.5\n    lead_time: P2D\n"
    channels = with_text("channels.yaml", text).channels
    assert (channels["sms"].rate_per_second, channels["sms"].lead_time) == (0.5, 2 * DAY)
    assert (channels["outbound_call"].rate_per_second, channels["outbound_call"].lead_time) == (None, 0)


def test_rules_may_name_every_result_that_is_reported() -> None:
    """The words for results in rules and attempts are those of the dispositions."""
    assert set(RESULTS) == set(DISPOSITIONS)


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ("{sliding: PT24H}", Window("sliding", length=24 * HOUR)),
        ("{sliding: P1W, closed: true}", Window("sliding", length=7 * DAY, closed=True)),
        ("{calendar: week}", Window("calendar", period="week", zone="customer", week_start=1)),
        ("{calendar: day, zone: Asia/Urumqi}", Window("calendar", period="day", zone="Asia/Urumqi")),
        ("{lifetime: true}", Window("lifetime")),
    ],
)
def test_a_cap_counts_over_one_window(window: str, expected: Window) -> None:
    """Sliding, calendar or lifetime."""
    assert rule(f"effect: cap, window: {window}, max: 2").window == expected


def test_a_rule_is_read_with_its_defaults() -> None:
    """Subject customer, count attempt, invalid numbers not counted, deferring."""
    found = rule("effect: cap, window: {sliding: P7D}, max: unlimited")
    assert (found.max, found.subject, found.count, found.on_hit) == (None, "customer", "attempt", "defer")
    assert found.not_counted == {"invalid_number"} and found.match == Match()
    assert found.place == Where("policies/own.yaml", 4, 6)


def test_a_match_names_what_it_applies_to() -> None:
    """A key left out matches all."""
    found = rule(
        "effect: forbid, match: {channels: [sms], promotional: false, offers: [data-20], units: [B1]}"
    ).match
    assert found == Match(
        channels=frozenset({"sms"}), promotional=False, offers=frozenset({"data-20"}), units=frozenset({"B1"})
    )


def test_hours_may_run_past_midnight_and_end_with_the_day() -> None:
    """Days are ISO weekdays, times minutes; 24:00 ends a day."""
    openings = '[{days: [mon, sun], from: "21:00", to: "09:00"}, {from: "00:00", to: "24:00"}]'
    found = rule(f"effect: hours, last_start: PT60S, open: {openings}")
    assert found.open == (Open(frozenset({1, 7}), 1260, 540), Open(frozenset(range(1, 8)), 0, 1440))
    assert found.last_start == 60 * SECOND


def test_a_strategy_is_valid_between_local_midnights() -> None:
    """The operator's days; a midnight that a clock change skips is the first instant after the gap."""
    texts = small_texts()
    texts["strategies/data-upgrade.yaml"] += "valid: {from: 2026-01-01, to: 2026-03-27}\n"
    strategy = compile_playbook(texts).strategies[0]
    assert format_instant(strategy.valid_from or 0) == "2025-12-31T16:00:00Z"
    texts["operator.yaml"] = texts["operator.yaml"].replace("zone: Asia/Shanghai\n", "zone: Asia/Beirut\n")
    texts["strategies/data-upgrade.yaml"] = texts["strategies/data-upgrade.yaml"].replace(
        "2026-03-27", "2026-03-29"
    )
    assert format_instant(compile_playbook(texts).strategies[0].valid_until or 0) == "2026-03-28T22:00:00Z"


def test_an_offer_lays_its_channels_over_those_of_the_strategy() -> None:
    """Key by key: what the offer does not say holds from the strategy."""
    texts = small_texts()
    texts["strategies/data-upgrade.yaml"] += (
        "  - offer: data-50\n    value: 90\n    lever: 20\n    per_line: true\n    suitable: arpu > 10\n"
        "    title: {en: 50 GB, zh-CN: 50GB}\n"
        "    channels:\n      sms: {propensity: 0.25}\n"
        "      outbound_call: {propensity: p_data_sms, script: {en: [one, '{data_gb} GB'], zh-CN: [一]}}\n"
    )
    first, second = compile_playbook(texts).strategies[0].offers
    assert (first.value_minor, second.value_minor, second.family, second.per_line) == (
        6000,
        9000,
        "data-50",
        True,
    )
    assert first.channels["sms"].propensity_field == "p_data_sms"
    assert (second.channels["sms"].propensity_field, second.channels["sms"].propensity) == (None, 0.25)
    assert (
        second.channels["sms"].texts
        == first.channels["sms"].texts
        == {"en": ("Hello {name}",), "zh-CN": ("{name}您好",)}
    )
    assert second.channels["outbound_call"].texts["en"] == ("one", "{data_gb} GB")
    assert second.suitable is not None and second.suitable.fields == {"arpu"}


def test_an_audience_may_be_everybody() -> None:
    """``audience: true`` is a condition."""
    playbook = changed("strategies/data-upgrade.yaml", "audience: data_gb >= 5", "audience: true")
    assert playbook.strategies[0].audience.decide({}, any_instant()) is True


def test_a_condition_on_several_lines_keeps_its_places() -> None:
    """``|`` keeps the lines apart; the condition's text is one line."""
    playbook = changed(
        "strategies/data-upgrade.yaml",
        "audience: data_gb >= 5",
        "audience: |\n  data_gb >= 5\n  AND tier = 'a'",
    )
    assert playbook.strategies[0].audience.text == "data_gb >= 5 AND tier = 'a'"


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("tenur", "did you mean 'tenure_months'?"),
        ("tenure_month", "did you mean 'tenure_months'?"),
        ("Data_GB", "did you mean 'data_gb'?"),
        ("dta_gb", "did you mean 'data_gb'?"),
        ("xyz", "one of: arpu, data_gb, tenure_months, tier"),
    ],
)
def test_a_word_that_is_almost_right_is_suggested(word: str, hint: str) -> None:
    """Typing errors first, then beginnings, then whatever is near; few words are listed."""
    assert suggestion(word, ["tenure_months", "tier", "arpu", "data_gb"]) == hint
