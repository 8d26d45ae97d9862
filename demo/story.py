"""The loop from a customer file to an evaluated outcome, through the ``contact`` command and public HTTP only."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

from rich.console import Console

from demo.calling import Service
from demo.coming_calls import write_chances, write_coming
from demo.estimates import estimates_of
from demo.files import MAPPINGS, deliver
from demo.intents import ring
from demo.learning import Learnt, learn_back, learn_first, warn
from demo.menu import read_menu
from demo.menu_learning import MenuLearnt, replay_menu
from demo.orders import SPONTANEOUS
from demo.party import Doings, Step
from demo.past_calls import call_columns
from demo.population import Population, populate
from demo.processes import Child
from demo.staff import HOTLINE_AGENTS, OUTBOUND_AGENTS
from demo.stage import LOCAL, ROLES, Stage
from demo.truth import STRATEGY_OF, Truth, plant, write_truth

DAYS = 3
HOURS = (9, 11, 15, 18)
STEPS = DAYS * len(HOURS)
STRATEGIES = ("data-upgrade", "roaming-pack", "retention", "self-care", "tariff-advice")
CONFIG = Path(__file__).resolve().parent.parent / "config"
_QUIET_SECONDS = 2.5
_ASK_SECONDS = 0.4
"""Quiet for so long, the service is asked whether messages still wait: some are refused when their permit is asked."""
_GOALS_DECIDED = timedelta(days=10)
"""From the first day to one on which the goals of the first three days are decided."""
_NEXT_ROUND = timedelta(days=17)
"""From the first day to one on which no offer of the first three days rests any more."""


@dataclass(slots=True)
class Record:
    """What the run has seen, for the summary."""

    population: Population
    truth: Truth
    learnt: Learnt = field(default_factory=Learnt)
    menu: MenuLearnt = field(default_factory=MenuLearnt)
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    reached: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    evaluations: dict[str, dict[str, Any]] = field(default_factory=dict)
    overview: dict[str, Any] = field(default_factory=dict)
    explained: str = ""

    def keep(self, party: str, doings: Doings) -> None:
        """Add what a party did."""
        self.counts.setdefault(party, Counter()).update(doings.counts)
        self.reached += doings.reached
        self.faults += [f"{party}: {fault}" for fault in doings.faults]


class Story:
    """One run of the demonstration."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self._stage, self._console = stage, console
        self._parties: dict[str, Child] = {}
        self._sent = 0
        self._expected: list[datetime] = []
        self._admin_has_key, self._staff_is_known = asyncio.Event(), asyncio.Event()

    async def tell(self) -> Record:
        """Run the whole loop; the service and the parties still run afterwards."""
        record = await self._set_up()
        async with self._timed(record, "keys, playbook, ten files"):
            await asyncio.gather(self._make_keys(), self._load())
        async with self._timed(record, "models trained, tariffs matched, customers scored"):
            record.learnt, record.menu = await learn_first(self._stage, lambda words: self._say(words, 1))
        async with self._stage.as_role("admin") as admin:
            async with self._timed(record, "first day planned, estimates beside the truth"):
                await asyncio.gather(self._start_parties(), self._plan_first(admin, record))
            for number in range(DAYS):
                day = self._stage.plot.start + timedelta(days=number)
                async with self._timed(record, f"{day:%A} {day}"):
                    await self._live(admin, record, number, day)
            async with self._timed(record, "orders nobody caused, evaluation, labels flow back"):
                await self._conclude(admin, record)
        return record

    async def plan_ahead(self) -> None:
        """Go on past the time offers rest and plan that day, so that whoever opens the console finds work waiting."""
        day = self._stage.plot.start + _NEXT_ROUND
        async with self._stage.as_role("admin") as admin:
            await self._stage.move_clock(admin, day, 8)
            await self._stage.contact("plan", "--day", day.isoformat(), "--here")
            await self._stage.move_clock(admin, day, 11, 5)

    async def _set_up(self) -> Record:
        plot, stage = self._stage.plot, self._stage
        population = populate(plot.seed, plot.customers, plot.start)
        record = Record(population, plant(population))
        async with self._timed(record, "service starts, files written"):
            starting = asyncio.create_task(stage.start_service())
            try:
                await asyncio.to_thread(self._write, record)
            finally:
                await starting
        return record

    def _write(self, record: Record) -> None:
        """The operator's files, and what the parties know of their customers."""
        population, stage, hotline = record.population, self._stage, read_menu()
        calls = ring(population, hotline, DAYS)
        deliver(population, record.truth, call_columns(population, hotline, calls), stage.home / "files")
        write_truth(record.truth, stage.truth)
        write_coming(population, calls, HOURS, DAYS, stage.calls)
        write_chances(calls, stage.chances)

    async def _make_keys(self) -> None:
        """A key for each role; those of persons once the staff file is in."""
        await self._stage.create_keys("admin", *ROLES)
        self._admin_has_key.set()
        await self._staff_is_known.wait()
        await self._stage.create_keys_of("agent", *OUTBOUND_AGENTS, *HOTLINE_AGENTS)
        shutil.copy2(self._stage.keys / f"agent-{OUTBOUND_AGENTS[0]}", self._stage.keys / "agent")

    async def _load(self) -> None:
        """Publish, set the clock to the first morning, and read in what the operator delivers."""
        await self._stage.contact("publish", str(CONFIG), "--why", "the demonstration starts")
        await self._admin_has_key.wait()
        async with self._stage.as_role("admin") as admin:
            await self._stage.move_clock(admin, self._stage.plot.start, 7)
        await self._import("staff", "customers", "lines")
        self._staff_is_known.set()
        await asyncio.gather(
            self._import("usage", "complaints", "products", "bills"),
            self._import("consents", "contacts", "calls"),
        )

    async def _import(self, *kinds: str) -> None:
        """Some of the delivered files, one after the other."""
        options = ("--mappings", str(MAPPINGS), "--only", ",".join(kinds), "--here")
        self._say(await self._stage.contact("import-folder", str(self._stage.home / "files"), *options), 9)

    async def _start_parties(self) -> None:
        stage = self._stage
        self._parties = {
            "gateway": await stage.start_party(
                "gateway", "--port", str(stage.gateway_port), "--log", str(stage.gateway_log)
            ),
            "agents": await stage.start_party("agents"),
            "portal": await stage.start_party("portal", "--steps", str(STEPS)),
            "hotline": await stage.start_party("hotline", "--steps", str(STEPS)),
            "callers": await stage.start_party("callers", "--calls", str(stage.calls)),
            "orders": await stage.start_party("orders"),
        }

    async def _estimate(self, admin: Service, record: Record) -> None:
        record.learnt.estimates = await estimates_of(
            admin, record.population, record.truth, record.learnt.matched
        )
        if not record.learnt.estimates.savings.exact:
            record.faults.append("tariffs: advice and the operator's own billing differ")

    async def _plan_first(self, admin: Service, record: Record) -> None:
        """The first day's plan is made by one process while the other answers what it estimates."""
        day = self._stage.plot.start
        await self._stage.move_clock(admin, day, 8)
        await asyncio.gather(self._plan(admin, day), self._estimate(admin, record))

    async def _plan(self, admin: Service, day: date) -> None:
        """Plan a day at its eight o'clock."""
        self._say(await self._stage.contact("plan", "--day", day.isoformat(), "--here"), 2)
        planned = await all_tasks(admin, {"channel": "sms", "day": day.isoformat()})
        self._expected = [datetime.fromisoformat(task["not_before"]) for task in planned]
        self._sent = 0

    async def _live(self, admin: Service, record: Record, number: int, day: date) -> None:
        """One day: planned at eight, if it is not yet, then lived through hour by hour.

        A plan keeps one core busy; on the other the analysts do what they have to do.
        """
        if number:
            await self._stage.move_clock(admin, day, 8)
            stage = self._stage
            beside = warn(stage, record.learnt) if number == 1 else replay_menu(stage, record.menu)
            await asyncio.gather(self._plan(admin, day), beside)
        for place, hour in enumerate(HOURS):
            await self._stage.move_clock(admin, day, hour, 5)
            await self._act(admin, record, Step(number * len(HOURS) + place, day.isoformat(), hour))

    async def _act(self, admin: Service, record: Record, step: Step) -> None:
        """All parties at once; then the order desk books what the channels passed on."""
        names = ("agents", "portal", "hotline", "callers")
        doings = await asyncio.gather(
            *(self._parties[name].act(step) for name in names), self._messages_leave(admin, step)
        )
        doings.append(await self._parties["gateway"].act(step))
        for name, each in zip((*names, "gateway", "gateway"), doings, strict=True):
            record.keep(name, each)
        yes = [order for each in doings for order in each.said_yes]
        record.keep(
            "orders", await self._parties["orders"].act(Step(step.number, step.day, step.hour, "book", yes))
        )

    async def _messages_leave(self, admin: Service, step: Step) -> Doings:
        """Wait until the messages that are due have left, none is left to go, or nothing moves any more."""
        now = datetime(int(step.day[:4]), int(step.day[5:7]), int(step.day[8:]), step.hour, 5, tzinfo=LOCAL)
        due = sum(moment <= now for moment in self._expected)
        gateway, total, quiet_since = self._parties["gateway"], Doings(), monotonic()
        while self._sent < due and (quiet := monotonic() - quiet_since) < _QUIET_SECONDS:
            done = await gateway.act(step)
            if messages := done.counts.get("messages", 0):
                self._sent, quiet_since = self._sent + messages, monotonic()
            _merge(total, done)
            if quiet > _ASK_SECONDS and not await _still_to_go(admin, step, now):
                break
            await asyncio.sleep(0.05)
        return total

    async def _conclude(self, admin: Service, record: Record) -> None:
        sunday = self._stage.plot.start + timedelta(days=6)
        await self._stage.move_clock(admin, sunday, 12)
        step = Step(STEPS, sunday.isoformat(), 12, SPONTANEOUS)
        orders, _ = await asyncio.gather(self._parties["orders"].act(step), self._explain(admin, record))
        record.keep("orders", orders)
        record.overview = await admin.get("/v1/overview")
        await self._stage.move_clock(admin, self._stage.plot.start + _GOALS_DECIDED, 8)
        await asyncio.gather(
            self._judge(admin, record),
            learn_back(self._stage, record.learnt, lambda words: self._say(words, 1)),
        )

    async def _explain(self, admin: Service, record: Record) -> None:
        """Who was contacted, and what the command says of one of them."""
        record.tasks = await all_tasks(admin, {})
        record.explained = await self._stage.contact("explain", _worth_explaining(record))

    async def _judge(self, admin: Service, record: Record) -> None:
        """What every strategy brought, as the service evaluates it."""
        for strategy in STRATEGIES:
            record.evaluations[strategy] = await admin.get(f"/v1/strategies/{strategy}/evaluation")
        await self._stage.contact("evaluate", STRATEGIES[0])

    def _say(self, printed: str, lines: int) -> None:
        """The first lines of what a command printed."""
        for line in printed.splitlines()[:lines]:
            self._console.print(f"    {line}", soft_wrap=True, markup=False, highlight=False)

    @asynccontextmanager
    async def _timed(self, record: Record, what: str) -> AsyncIterator[None]:
        self._console.print(f"[bold]{what}[/] …")
        began = monotonic()
        yield
        record.seconds[what] = monotonic() - began
        self._console.print(f"  {record.seconds[what]:.1f} s")


async def _still_to_go(service: Service, step: Step, now: datetime) -> bool:
    """Whether a message of the day waits that is due, or that a busy gateway has put off for a moment."""
    waiting = await all_tasks(service, {"channel": "sms", "day": step.day, "state": "waiting"})
    soon = now + timedelta(minutes=5)
    return any(datetime.fromisoformat(task["not_before"]) <= soon for task in waiting)


async def all_tasks(service: Service, query: dict[str, str]) -> list[dict[str, Any]]:
    """Every task the query matches, page by page."""
    found: list[dict[str, Any]] = []
    page = await service.get("/v1/tasks", {**query, "limit": "200"})
    found += page["items"]
    while page["next"]:
        page = await service.get("/v1/tasks", {**query, "limit": "200", "after": page["next"]})
        found += page["items"]
    return found


def last_line(text: str) -> str:
    """The last line that says something."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""


def _merge(total: Doings, more: Doings) -> None:
    for what, count in more.counts.items():
        total.count(what, count)
    total.reached += more.reached
    total.said_yes += more.said_yes
    total.faults += more.faults


def _worth_explaining(record: Record) -> str:
    """A customer who was contacted, so that the explanation has something to say."""
    mine = [task["customer"] for task in record.tasks if task["strategy"] in STRATEGY_OF.values()]
    return str(min(mine)) if mine else next(iter(record.truth.natures))
