"""Playbooks and profiles that the contract tests of the ledger share."""

from __future__ import annotations

from dataclasses import replace

from contact.ports import Wish
from strategies.candidate import Candidate
from strategies.compiling.compile import compile_playbook
from strategies.declared.playbook import Playbook
from strategies.hashing import bucket, hash64
from strategies.instants import HOUR, Instant
from strategies.profile import CustomerId, Profile

OPERATOR = """
name: {en: Test Mobile}
currency: CNY
zone: UTC
plausible_zones: [UTC]
week_start: monday
languages: [en]
categories: {marketing: {promotional: true}, service: {promotional: false}}
universal_control: 0
contacts_per_day: 1
"""
CHANNELS = {
    "channels.yaml": """
channels:
  outbound_call:
    title: {en: Call}
    direction: outgoing
    delivery: agents
    needs_number: true
    capacity: [{from: "00:00", to: "24:00", per_hour: 1000}]
    stale_after: PT2H
    receipt_wait: PT4H
    reserve_for: PT15M
    attempts: {total: 2, after: {no_answer: {times: 1, wait: PT60M}}}
  sms:
    title: {en: SMS}
    direction: outgoing
    delivery: gateway
    needs_number: true
    capacity: [{from: "00:00", to: "24:00", per_hour: 1000}]
    stale_after: PT2M
    receipt_wait: P2D
    reserve_for: PT15M
    attempts: {total: 1}
  web:
    title: {en: Web}
    direction: incoming
    delivery: interactive
    receipt_wait: PT1H
    reserve_for: PT15M
""",
}
CONSENT = """
policy: law
layer: legal
consent_default: [{is: opt_out}]
"""


SPRING = """
strategy: spring
title: {en: Spring}
category: marketing
audience: true
value: 60
task_valid: P3D
goal: {event: complaint_closed, within: P7D}
offers:
  - offer: o
    family: f
    title: {en: Offer}
    channels:
      sms: {propensity: 0.1, text: {en: "Hello."}}
      outbound_call: {propensity: 0.1, script: {en: ["Hello."]}}
"""


def playbook(rules: str = "", strategy: str = "") -> Playbook:
    """A playbook with two channels, opt-out by default, and one policy ``p`` of the given rules."""
    texts = {
        "operator.yaml": OPERATOR,
        "fields.yaml": "fields: {}\n",
        "events.yaml": "events: {complaint_closed: {}}\n",
        "policies/law.yaml": CONSENT,
        **CHANNELS,
    }
    if rules:
        texts["policies/p.yaml"] = f"policy: p\nlayer: company\nrules:\n{rules}"
    if strategy:
        texts["strategies/spring.yaml"] = strategy
    return compile_playbook(texts)


CALL_ONCE_A_DAY = """
  - rule: daily
    effect: cap
    match: {channels: [outbound_call]}
    window: {sliding: PT24H}
    max: 1
"""
ACCOUNT_ONCE_A_DAY = CALL_ONCE_A_DAY.replace("effect: cap", "effect: cap\n    subject: account")


def profile(customer: str = "C1", *, account: str | None = None, number: str | None = None) -> Profile:
    """A customer nothing is known of but who it is."""
    return Profile(
        customer=CustomerId(customer),
        customer_hash=hash64(customer),
        bucket=bucket(account or customer),
        account=account or customer,
        number_hash=number or f"hash-of-{customer}",
    )


CALL = Candidate(channel="outbound_call", category="marketing")


def wish(
    playbook: Playbook, who: Profile, now: Instant, candidate: Candidate = CALL, **changes: object
) -> Wish:
    """A wish to contact somebody now, valid for a day."""
    made = Wish(
        profile=who,
        candidate=replace(candidate, number_hash=who.number_hash),
        priority=1.0,
        playbook=playbook,
        valid_until=Instant(now + 24 * HOUR),
    )
    return replace(made, **changes)  # type: ignore[arg-type]
