"""How fast files are checked: ``python -m bench.checking``.

A playbook of 1,000 files is checked whole, once, by the command; then as an editor does it: one file of a playbook of 60
changes, and one file of 1,000 lines changes a character. Beside each stands the limit: what PyYAML's C parser alone needs
for the same bytes. Best of several runs, one process, nothing else running.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml

from strategies.checking.passes import warnings_of
from strategies.compiling.compile import Cache, compile_playbook

CHANNELS = ("sms", "outbound_call", "web")
FOLDER = Path(__file__).parent.parent / "tests" / "cases" / "broken" / "around"


def strategy(number: int) -> str:
    """One strategy of thirty lines with two offers."""
    return f"""\
# strategy {number}
strategy: s{number}
title: {{en: "Strategy {number}", zh-CN: "策略 {number}"}}
owner: marketing
category: marketing
audience: |
  data_gb >= {number % 40 + 1} AND arpu BETWEEN {number % 60 + 1} AND {number % 60 + 100}
  AND (tier IN ('gold', 'silver') OR COALESCE(tenure_months, 0) > {number % 24})
valid: {{from: 2026-01-01, to: 2027-01-01}}
control: {{percentage: 10, salt: s{number}}}
value: {number % 90 + 10}
task_valid: P3D
goal: {{event: ordered, within: P7D}}
levers: {{category: 5, family: 10}}
context:
  - {{name: unhappy, when: complaint_open, weight: -50}}
  - {{name: new, when: tenure_months < 3, weight: 20}}
channels:
  sms: {{propensity: p_data_sms, text: {{en: "Hello {{name}}", zh-CN: "{{name}}您好"}}}}
  outbound_call:
    propensity: 0.{number % 9 + 1}
    script:
      en: [Greet., "Offer {{offer}}.", Note the answer.]
      zh-CN: [问候。, "介绍{{offer}}。", 记录结果。]
offers:
  - {{offer: o{number}a, family: f{number % 12}, title: {{en: A, zh-CN: 甲}}, suitable: data_gb < {number % 50 + 10}}}
  - {{offer: o{number}b, family: f{number % 12}, title: {{en: B, zh-CN: 乙}}, value: {number % 30 + 5}, lever: 15}}
"""


def policy(number: int, rules: int = 4) -> str:
    """One policy of several rules."""
    head = (
        f"policy: p{number}\nlayer: company\ntitle: {{en: Policy {number}, zh-CN: 规则 {number}}}\nrules:\n"
    )
    return head + "".join(
        f"""\
  - rule: r{each}
    effect: cap
    title: {{en: Cap, zh-CN: 频次}}
    match: {{offers: [o{number}a], direction: outgoing}}
    when: tenure_months >= {each % 36}
    not_counted: [invalid_number, no_answer]
    window: {{sliding: P{each % 30 + 1}D}}
    max: {each % 5 + 1}
"""
        for each in range(rules)
    )


def playbook(files: int) -> dict[str, str]:
    """The texts of a playbook of so many files."""
    texts = {
        str(path.relative_to(FOLDER)): path.read_text("utf-8") for path in sorted(FOLDER.rglob("*.yaml"))
    }
    left = files - len(texts)
    texts |= {f"strategies/s{number}.yaml": strategy(number) for number in range(left * 3 // 4)}
    return texts | {
        f"policies/company/p{number}.yaml": policy(number) for number in range(files - len(texts))
    }


def best(runs: int, work: Callable[[], object]) -> float:
    """Seconds of the fastest of several runs."""
    found = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def parsed(texts: Mapping[str, str]) -> None:
    """The limit: the C parser's events of every text, and nothing else."""
    for text in texts.values():
        for _ in yaml.parse(text, Loader=yaml.CSafeLoader):
            pass


def typed(texts: dict[str, str], path: str, changed: Callable[[int], str]) -> float:
    """Seconds from a changed text to its problems and warnings, the rest being known."""
    cache, turn = Cache(), iter(range(1_000))
    warnings_of(compile_playbook(texts, cache=cache))

    def keystroke() -> None:
        warnings_of(compile_playbook({**texts, path: changed(next(turn))}, cache=cache))

    return best(9, keystroke)


def command(texts: Mapping[str, str]) -> float:
    """Seconds of ``contact check`` on a folder of these files, as a process."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in texts.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, "utf-8")
        check = [str(Path(sys.executable).with_name("contact")), "check", folder]
        return best(3, lambda: subprocess.run(check, check=True, capture_output=True))


def main() -> None:
    """Print a table."""
    many, few = playbook(1_000), playbook(60)
    long = policy(9, 125).replace("policy: p9", "policy: long")
    lines = long.count("\n")
    rows = [
        ("1,000 files, as a process", command(many), best(3, lambda: parsed(many)), "≤ 3 s"),
        ("1,000 files, compiled", best(2, lambda: compile_playbook(many)), best(3, lambda: parsed(many)), ""),
        (
            "one file of 60 changes",
            typed(few, "strategies/s7.yaml", lambda turn: strategy(7) + f"# {turn}\n"),
            best(9, lambda: parsed({"": strategy(7)})),
            "≤ 100 ms",
        ),
        (
            f"a file of {lines:,} lines changes",
            typed(few, "policies/long.yaml", lambda turn: f"# {turn}\n{long}"),
            best(9, lambda: parsed({"": long})),
            "≤ 100 ms",
        ),
    ]
    print(f"{'what':32} {'ours':>10} {'C parser':>10} {'ratio':>6}  goal")
    for what, ours, limit, goal in rows:
        print(f"{what:32} {ours * 1e3:8.0f}ms {limit * 1e3:8.1f}ms {ours / limit:6.1f}  {goal}")


if __name__ == "__main__":
    main()
