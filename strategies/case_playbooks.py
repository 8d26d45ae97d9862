"""The small playbook a case carries: its own policies and strategies; operator and channels may be left out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from strategies.compiling import Parts, compile_parts
from strategies.documents import Section
from strategies.playbook import ConsentDefault, Playbook
from strategies.problems import ProblemsFound
from strategies.source import Node, overlay, read_yaml

PLAYBOOK_KEYS = ("policies", "strategies", "channels", "operator", "fields", "units")

_ASSUMED = """
operator:
  name: {en: Case}
  currency: CNY
  zone: Asia/Shanghai
  languages: [en]
  categories:
    marketing: {promotional: true}
    retention: {promotional: true}
    service: {promotional: false}
    legal: {promotional: false}
channels:
  sms: {direction: outgoing, delivery: gateway, needs_number: true, receipt_wait: P2D, reserve_for: PT15M}
  outbound_call: {direction: outgoing, delivery: agents, needs_number: true, reserve_for: PT15M}
  field: {direction: outgoing, delivery: field, reserve_for: PT15M}
  ivr: {direction: incoming, delivery: interactive, reserve_for: PT15M}
  web: {direction: incoming, delivery: interactive, reserve_for: PT15M}
  agent: {direction: incoming, delivery: interactive, reserve_for: PT15M}
"""


@cache
def _assumed() -> dict[str, Node]:
    """Operator and channels of a case that does not say its own."""
    return read_yaml(_ASSUMED, "the operator and channels a case assumes").mapping or {}


def consent_aside(playbook: Playbook, case: Section) -> Playbook:
    """A case that says nothing of consents does not put them in question: nobody has objected, nobody must have agreed."""
    return replace(playbook, consent_defaults=(ConsentDefault(None, None, False, case.node.where),))


def case_playbook(case: Section) -> Playbook | None:
    """The playbook a case carries; None where it has problems, which are noted in the reading."""
    parts = Parts(
        operator=overlay(_assumed()["operator"], case.get("operator")),
        units=case.get("units"),
        fields=case.get("fields"),
        channels=overlay(_assumed()["channels"], case.get("channels")),
        policies=case.items("policies"),
        strategies=case.items("strategies"),
    )
    try:
        playbook = compile_parts(parts, version="case")
    except ProblemsFound as found:
        case.reading.problems += found.problems
        return None
    if case.get("consents") is None and not playbook.consent_defaults:
        return consent_aside(playbook, case)
    return playbook
