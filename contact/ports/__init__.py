"""What flow needs of the world, as Protocols; storage and channels keep them, wiring joins the two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from contact.ports.access import (
    WHOLE,
    Begun,
    Entered,
    IdempotencyPort,
    Key,
    KeyPort,
    KeyRow,
    LoginPort,
    LoginRow,
    Scope,
)
from contact.ports.answers import AnswerProviderPort, ReadyAnswerPort
from contact.ports.audit import Act, AuditPort, Entry, Verified
from contact.ports.base import BasePort, BaseView
from contact.ports.callers import CallerPort
from contact.ports.calls import CallPort
from contact.ports.contacts import (
    ClockPort,
    DueContact,
    GatewayPort,
    LedgerPort,
    Message,
    Moment,
    Permit,
    ProfilePort,
    Receipt,
    Reserved,
    Wish,
)
from contact.ports.corrections import ContactRow, Correction
from contact.ports.drafts import Approval, DraftPort, DraftRow
from contact.ports.exports import ExportPort
from contact.ports.halts import HaltPort
from contact.ports.journeys import JourneyPort
from contact.ports.lawful import LawfulPort, QueuedContact
from contact.ports.learning import LearningPort, LineMonths, ModelPort, ModelRow, Outcome
from contact.ports.links import LinkPort
from contact.ports.lists import ListPort
from contact.ports.past import PastPort
from contact.ports.people import Merged, PeoplePort, Recycled
from contact.ports.privacy import CardBudget, CardViewPort, Erased, ErasurePort, Periods, RetentionPort
from contact.ports.records import (
    CustomerPort,
    DecisionPort,
    EventPort,
    Identity,
    IncomingEvent,
    PlaybookPort,
    PlaybookVersion,
    Publishing,
    ReportPort,
    Showing,
)
from contact.ports.simulations import SimulationPort
from contact.ports.standing import Journal, Process, Standing, StandingPort
from contact.ports.work import (
    Blocked,
    Completion,
    ImportPort,
    Job,
    JobPort,
    Person,
    PlanPort,
    TaskPort,
    TaskRow,
    WouldHave,
)

__all__ = [
    "WHOLE",
    "Act",
    "Approval",
    "AuditPort",
    "BasePort",
    "BaseView",
    "Begun",
    "Blocked",
    "CallPort",
    "CallerPort",
    "CardBudget",
    "CardViewPort",
    "ClockPort",
    "Completion",
    "ContactRow",
    "Correction",
    "CustomerPort",
    "DecisionPort",
    "DraftPort",
    "DraftRow",
    "DueContact",
    "Entered",
    "Entry",
    "Erased",
    "ErasurePort",
    "EventPort",
    "ExportPort",
    "GatewayPort",
    "HaltPort",
    "IdempotencyPort",
    "Identity",
    "ImportPort",
    "IncomingEvent",
    "Job",
    "JobPort",
    "Journal",
    "JourneyPort",
    "Key",
    "KeyPort",
    "KeyRow",
    "LawfulPort",
    "LearningPort",
    "LedgerPort",
    "LineMonths",
    "LinkPort",
    "ListPort",
    "LoginPort",
    "LoginRow",
    "Merged",
    "Message",
    "ModelPort",
    "ModelRow",
    "Moment",
    "Outcome",
    "PastPort",
    "PeoplePort",
    "Periods",
    "Permit",
    "Person",
    "PlanPort",
    "PlaybookPort",
    "PlaybookVersion",
    "Ports",
    "Process",
    "ProfilePort",
    "Publishing",
    "QueuedContact",
    "Receipt",
    "Recycled",
    "ReportPort",
    "Reserved",
    "RetentionPort",
    "Scope",
    "Showing",
    "SimulationPort",
    "Standing",
    "StandingPort",
    "TaskPort",
    "TaskRow",
    "Verified",
    "Wish",
    "WouldHave",
]


@dataclass(frozen=True, slots=True)
class Ports:
    """All of them, as wiring joins them; the first argument of every verb in flow."""

    clock: ClockPort
    profiles: ProfilePort
    ledger: LedgerPort
    tasks: TaskPort
    plans: PlanPort
    playbooks: PlaybookPort
    keys: KeyPort
    events: EventPort
    decisions: DecisionPort
    customers: CustomerPort
    jobs: JobPort
    reports: ReportPort
    imports: ImportPort
    idempotency: IdempotencyPort
    models: ModelPort
    learning: LearningPort
    drafts: DraftPort
    lawful: LawfulPort
    past: PastPort
    simulations: SimulationPort
    base: BasePort
    lists: ListPort
    erasures: ErasurePort
    people: PeoplePort
    card_views: CardViewPort
    retention: RetentionPort
    audit: AuditPort
    logins: LoginPort
    exports: ExportPort
    halts: HaltPort
    links: LinkPort
    standing: StandingPort
    calls: CallPort
    journeys: JourneyPort
    callers: CallerPort
    answers: ReadyAnswerPort
    gateways: Mapping[str, GatewayPort]
    """Channel → gateway."""
    lease_seconds: float = 120.0
    provider: AnswerProviderPort | None = None
    """Who knows answers that menus do not say; None: answers come from menus alone."""

    def within(self, scope: Scope) -> Ports:
        """The same ports for a caller of this scope: whoever is none of theirs is not found."""
        if scope.whole:
            return self
        return replace(
            self,
            profiles=self.profiles.within(scope),
            past=self.past.within(scope),
            customers=self.customers.within(scope),
            tasks=self.tasks.within(scope),
            decisions=self.decisions.within(scope),
            reports=self.reports.within(scope),
            learning=self.learning.within(scope),
            base=self.base.within(scope),
            exports=self.exports.within(scope),
            calls=self.calls.within(scope),
            callers=self.callers.within(scope),
        )
