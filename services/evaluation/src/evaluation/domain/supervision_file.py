"""A supervised contract: a supervisor is drawn, and period after period is reported, accepted and graded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from evaluation.domain.agreement import Milestone, Party, PinnedPack
from evaluation.domain.draw import INDEPENDENT, draw_supervisor, obstacle
from evaluation.domain.events import InspectionReported, PeriodGraded, SupervisionClosed, SupervisorAssigned
from evaluation.domain.supervision_data import Assignment, FormerProvider, Grade, Inspection, Status
from evaluation.domain.supervisor import Supervisor
from evaluation.domain.terms import day_of, period_ended, report_due
from shared.kernel.access import Actor, different_persons
from shared.kernel.errors import Forbidden, Invalid, NotAllowed, NotFound
from shared.kernel.ids import derived_id
from shared.rules.grading import Finding, KpiObservation, grade_period
from shared.rules.pack import RulePack

HANDLER, ACCEPTS = "incompatible.purchase-handler", "acceptance-officer"


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionFile:
    """Everything about the supervision of one contract, whose id it has; version 0 has seen the signature alone.

    Shape: handlers are the pseudonyms of those who handled the purchase, None where nobody told them.
    """

    id: UUID
    version: int
    ocid: str
    title: str
    buyer: Party
    provider: Party
    milestones: tuple[Milestone, ...]
    pack: PinnedPack
    acceleration: int
    sandbox: bool
    signed_at: datetime
    status: Status
    due_at: datetime | None
    assignment: Assignment | None = None
    inspections: tuple[Inspection, ...] = ()
    grades: tuple[Grade, ...] = ()
    former_providers: tuple[FormerProvider, ...] = ()
    handlers: tuple[str, ...] | None = None

    def assign(
        self, register: Sequence[Supervisor], *, seed: bytes, by: Actor, at: datetime, pack: RulePack
    ) -> tuple["SupervisionFile", tuple[SupervisorAssigned, ...]]:
        """Draw the supervisor: once, and again where the contract went over to somebody it has a tie to.

        Raises:
            NotAllowed: already-assigned, no-supervisor-without-conflict.
            Forbidden: coordinator-not-independent.
        """
        if self.status is not Status.AWAITING_ASSIGNMENT:
            raise NotAllowed("already-assigned", "A supervisor was drawn for this contract.")
        # Before the draw: refusing some of its results would let the coordinator choose among them.
        if by.organisation in {*self._providers, *(supervisor.organisation for supervisor in register)}:
            raise Forbidden(
                "coordinator-not-independent",
                "The provider and the supervisors do not draw who supervises.",
                reference=pack.reference(INDEPENDENT),
                satisfied_by="The draw by a coordinator of the supervision office.",
            )
        supervisor, draw = draw_supervisor(
            register,
            contract=self.id,
            parties=self._providers | {self.buyer.id},
            seed=seed,
            on=day_of(at, pack),
            pack=pack,
        )
        assignment = Assignment(Party(supervisor.organisation, supervisor.name), draw, by.person)
        due = self._report_due(self.milestones[len(self.grades)], at, pack)
        assigned = replace(
            self,
            version=self.version + 1,
            status=Status.AWAITING_REPORT,
            due_at=due,
            assignment=assignment,
        )
        return assigned, (
            SupervisorAssigned(
                aggregate=self.id,
                version=assigned.version,
                ocid=self.ocid,
                supervisor=assignment.supervisor,
                draw=draw,
                report_due=due,
            ),
        )

    def report(
        self,
        *,
        period: str,
        visited_on: date,
        kpis: tuple[KpiObservation, ...],
        findings: tuple[Finding, ...],
        by: Actor,
        at: datetime,
        pack: RulePack,
    ) -> tuple["SupervisionFile", tuple[InspectionReported, ...]]:
        """Report on the current period, as the supervisor that was drawn.

        Raises:
            Forbidden: not-assigned, supervisor-not-independent, second-person-needed.
            Invalid: period-unknown, visit-in-future, visit-before-contract; and what grade_period refuses.
            NotAllowed: already-reported, period-out-of-order.
        """
        if self.assignment is None or by.organisation != self.assignment.supervisor.id:
            raise Forbidden("not-assigned", "Only the supervisor that was drawn reports on this contract.")
        if by.organisation in self._providers:
            raise Forbidden(
                "supervisor-not-independent",
                "Nobody reports on its own delivery.",
                reference=pack.reference(INDEPENDENT),
                satisfied_by="The report of a supervisor that has no tie to the provider.",
            )
        different_persons(self.assignment.by, by.person, "Reporting after the draw of the supervisor")
        self._check_reportable(period)
        self._check_visit(visited_on, at, pack)
        # A report that cannot be graded would stand in the way of its period for ever.
        grade_period(pack, kpis, findings)
        inspection = Inspection(
            id=derived_id("inspection", self.id, period),
            period=period,
            visited_on=visited_on,
            kpis=kpis,
            findings=findings,
            reported_at=at,
            reported_by=by.person,
            provider=self._deliverer(period, pack).id,
            drawn_by=self.assignment.by,
        )
        due = pack.ends_at("period-acceptance", at, self.acceleration)
        reported = replace(
            self,
            version=self.version + 1,
            status=Status.AWAITING_ACCEPTANCE,
            due_at=due,
            inspections=(*self.inspections, inspection),
        )
        return reported, (
            InspectionReported(
                aggregate=self.id,
                version=reported.version,
                ocid=self.ocid,
                period=period,
                inspection=inspection.id,
                supervisor=by.organisation,
                visited_on=visited_on,
                kpis=kpis,
                findings=findings,
                acceptance_due=due,
            ),
        )

    def accept(
        self, period: str, *, by: Actor, pseudonym: str, at: datetime, pack: RulePack
    ) -> tuple["SupervisionFile", tuple[PeriodGraded, ...]]:
        """Accept the report on a period: the period is graded, and the next one's turn comes.

        Shape: pseudonym stands for the person in the events of this contract.

        Raises:
            NotFound: period-unknown.
            NotAllowed: already-graded, not-reported.
            Forbidden: second-person-needed, for who drew the supervisor or reported; purchase-handlers-unknown,
                roles-incompatible, for who handled the purchase.
        """
        if period not in self._periods:
            raise NotFound("period-unknown", "The contract has no such period.")
        if any(grade.period == period for grade in self.grades):
            raise NotAllowed("already-graded", "This period was accepted and graded.")
        inspection = next((one for one in self.inspections if one.period == period), None)
        if inspection is None:
            raise NotAllowed(
                "not-reported",
                "No inspection of this period was reported.",
                satisfied_by="The supervisor's report on the period.",
            )
        drawn_by = inspection.drawn_by or (self.assignment.by if self.assignment else None)
        for earlier in filter(None, (drawn_by, inspection.reported_by)):
            different_persons(earlier, by.person, "Accepting a period")
        self._keep_out_handlers(pseudonym, pack)
        graded = grade_period(pack, inspection.kpis, inspection.findings)
        grade = Grade(period, graded.score, graded.grade, graded.derivation, at)
        accepted = self._after(grade, at, pack)
        return accepted, (
            PeriodGraded(
                aggregate=self.id,
                version=accepted.version,
                ocid=self.ocid,
                period=period,
                provider=inspection.provider or self.provider.id,
                score=grade.score,
                grade=grade.grade,
                derivation=grade.derivation,
                kpis=inspection.kpis,
            ),
        )

    def _keep_out_handlers(self, pseudonym: str, pack: RulePack) -> None:
        if HANDLER not in pack.rules or ACCEPTS not in pack.table(HANDLER)["never_with"]:
            return
        if self.handlers is None:
            raise Forbidden(
                "purchase-handlers-unknown",
                "It is not known who handled the purchase, so nobody can show not to have.",
                reference=pack.reference(HANDLER),
                satisfied_by="A signed contract whose event tells who handled its purchase.",
            )
        if pseudonym in self.handlers:
            raise Forbidden(
                "roles-incompatible",
                "Whoever handled the purchase does not accept the service.",
                reference=pack.reference(HANDLER),
                satisfied_by="The acceptance by somebody who did not.",
            )

    def change(self, milestones: tuple[Milestone, ...], *, at: datetime, pack: RulePack) -> "SupervisionFile":
        """Follow a change of the contract; periods that were reported stay as they were reported."""
        reported = {inspection.period for inspection in self.inspections}
        kept = tuple(one for one in self.milestones if one.period in reported)
        return self._supervising((*kept, *(one for one in milestones if one.period not in reported)), at, pack)

    def end(self, last_day: date, *, at: datetime, pack: RulePack) -> "SupervisionFile":
        """Expect no report on periods that begin after the last day of the contract."""
        reported = {inspection.period for inspection in self.inspections}
        left = tuple(one for one in self.milestones if one.start <= last_day or one.period in reported)
        return self._supervising(left, at, pack)

    def close(self) -> tuple["SupervisionFile", tuple[SupervisionClosed, ...]]:
        """Expect nothing more of a contract that was closed; who waits for its grades learns that none will come."""
        graded = {grade.period for grade in self.grades}
        closed = replace(
            self,
            version=self.version + 1,
            status=Status.COMPLETE,
            due_at=None,
            milestones=tuple(one for one in self.milestones if one.period in graded),
        )
        not_accepted = tuple(period for period in self._periods if period not in graded)
        return closed, (
            SupervisionClosed(aggregate=self.id, version=closed.version, ocid=self.ocid, not_accepted=not_accepted),
        )

    def hand_to(self, provider: Party, *, drawn: Supervisor | None, at: datetime, pack: RulePack) -> "SupervisionFile":
        """Supervise the provider that the contract went over to; a supervisor that may not supervise it is drawn anew.

        What was reported and graded stays: whoever reported it had no tie to who delivered it.
        """
        handed = replace(
            self,
            version=self.version + 1,
            provider=provider,
            former_providers=(*self.former_providers, FormerProvider(self.provider, at)),
        )
        # Alone the new provider can have become a tie: the others were looked at when it was drawn.
        parties = frozenset({self.buyer.id, provider.id})
        if drawn is None or obstacle(drawn, parties=parties, on=day_of(at, pack), pack=pack) is None:
            return handed
        alone = replace(handed, assignment=None)
        return alone.awaiting_next(at, pack) if self.status is Status.AWAITING_REPORT else alone

    def awaiting_next(self, at: datetime, pack: RulePack) -> "SupervisionFile":
        """Wait for what comes next: the draw of a supervisor, its report on the next period, or nothing."""
        remaining = self.milestones[len(self.grades) :]
        if not remaining:
            return replace(self, status=Status.COMPLETE, due_at=None)
        if self.assignment is None:
            due = pack.ends_at("supervisor-assignment", at, self.acceleration)
            return replace(self, status=Status.AWAITING_ASSIGNMENT, due_at=due)
        return replace(self, status=Status.AWAITING_REPORT, due_at=self._report_due(remaining[0], at, pack))

    def _supervising(self, milestones: tuple[Milestone, ...], at: datetime, pack: RulePack) -> "SupervisionFile":
        changed = replace(self, version=self.version + 1, milestones=milestones)
        if len(self.grades) == len(milestones) or self.status in {Status.AWAITING_REPORT, Status.COMPLETE}:
            return changed.awaiting_next(at, pack)
        return changed

    def _deliverer(self, period: str, pack: RulePack) -> Party:
        # Whoever held the contract when the period ended; while the period lasts, whoever holds it now.
        last_day = next(one.end for one in self.milestones if one.period == period)
        ended = period_ended(pack, last_day, self.signed_at, self.acceleration)
        return next((one.provider for one in self.former_providers if ended < one.until), self.provider)

    @property
    def _providers(self) -> frozenset[str]:
        # Periods of those who held the contract before may still be reported.
        return frozenset({self.provider.id, *(former.provider.id for former in self.former_providers)})

    @property
    def _periods(self) -> tuple[str, ...]:
        return tuple(milestone.period for milestone in self.milestones)

    def _check_reportable(self, period: str) -> None:
        if period not in self._periods:
            raise Invalid("period-unknown", "The contract has no such period.", pointer="/body/period")
        if any(inspection.period == period for inspection in self.inspections):
            raise NotAllowed("already-reported", "An inspection of this period was reported.")
        if self.status is not Status.AWAITING_REPORT or period != self._periods[len(self.grades)]:
            raise NotAllowed(
                "period-out-of-order",
                "An earlier period is not accepted yet.",
                satisfied_by="The acceptance of the periods before, one after the other.",
            )

    def _check_visit(self, visited_on: date, at: datetime, pack: RulePack) -> None:
        if visited_on > day_of(at, pack):
            raise Invalid("visit-in-future", "The visit is still to come.", pointer="/body/visited_on")
        if visited_on < day_of(self.signed_at, pack):
            raise Invalid(
                "visit-before-contract", "The visit was before the contract was signed.", pointer="/body/visited_on"
            )

    def _after(self, grade: Grade, at: datetime, pack: RulePack) -> "SupervisionFile":
        return replace(self, version=self.version + 1, grades=(*self.grades, grade)).awaiting_next(at, pack)

    def _report_due(self, milestone: Milestone, since: datetime, pack: RulePack) -> datetime:
        return report_due(
            pack, period_end=milestone.end, signed_at=self.signed_at, since=since, acceleration=self.acceleration
        )


def open_file(
    *,
    contract: UUID,
    ocid: str,
    title: str,
    buyer: Party,
    provider: Party,
    milestones: tuple[Milestone, ...],
    pinned: PinnedPack,
    acceleration: int,
    sandbox: bool,
    signed_at: datetime,
    pack: RulePack,
    handlers: tuple[str, ...] | None = None,
) -> SupervisionFile:
    """Open the file of a signed contract; nothing is published, for the signature says it.

    Raises:
        Invalid: milestones-missing, period-repeated.
    """
    if not milestones:
        raise Invalid("milestones-missing", "A contract without a period of delivery is not supervised.")
    if len({milestone.period for milestone in milestones}) < len(milestones):
        raise Invalid("period-repeated", "A period is named twice in the contract.")
    return SupervisionFile(
        id=contract,
        version=0,
        ocid=ocid,
        title=title,
        buyer=buyer,
        provider=provider,
        milestones=milestones,
        pack=pinned,
        acceleration=acceleration,
        sandbox=sandbox,
        signed_at=signed_at,
        handlers=handlers,
        status=Status.AWAITING_ASSIGNMENT,
        due_at=pack.ends_at("supervisor-assignment", signed_at, acceleration),
    )
