"""A framework agreement: who may be called on, how one of them is chosen, and a ceiling that nothing goes above."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from shared.kernel.errors import Forbidden, NotAllowed, NotFound
from shared.kernel.money import Money, zero
from shared.rules.pack import RulePack
from tender.domain.catalogue import Service
from tender.domain.contract_terms import NO_TERMS, ContractTerms
from tender.domain.framework_events import (
    CalledOff,
    CallOffReturned,
    CompetitionDecided,
    CompetitionLapsed,
    CompetitionOpened,
    FrameworkEnded,
    FrameworkEvent,
    OrderChanged,
    SupplierJoined,
    SupplierLeft,
)
from tender.domain.framework_parts import FRAMEWORK, Competition, FrameworkStatus, Joining, Member, Order, Quote
from tender.domain.parts import Party

Told = TypeVar("Told", bound=FrameworkEvent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """One framework agreement, of one lot.

    Shape: members stand in the order of their rank; who left is not called on any more.
    Units: called_off is the sum of all orders, with what their changes added, never above ceiling; added is what of it
    changes added, which the budget finds on its own and not in what was set aside for the agreement.
    """

    id: UUID
    version: int
    ocid: str
    tender: UUID
    lot: str
    title: str
    buyer: Party
    service: Service
    open: bool
    ceiling: Money
    called_off: Money
    members: tuple[Member, ...]
    start: date
    end: date
    ends_at: datetime
    stage_two: str
    pack: str
    pack_version: str
    acceleration: int
    status: FrameworkStatus = FrameworkStatus.ACTIVE
    competitions: tuple[Competition, ...] = ()
    joining: tuple[Joining, ...] = ()
    added: Money | None = None
    starts_at: datetime | None = None
    terms: ContractTerms = NO_TERMS

    @property
    def active_members(self) -> tuple[Member, ...]:
        """Return whom the agreement is still with."""
        return tuple(member for member in self.members if member.left_because is None)

    @property
    def left_over(self) -> Money:
        """Return what may still be called off."""
        return self.ceiling - self.called_off

    @property
    def set_aside(self) -> Money:
        """Return what no order has taken of what was set aside for the agreement."""
        return self.left_over + self._added

    @property
    def next_in_turn(self) -> Member | None:
        """Return whose turn it is: who was called on least often, the better rank first."""
        return min(self.active_members, key=lambda member: (member.calls, member.rank), default=None)

    @property
    def clock_at(self) -> datetime | None:
        """Return when time ends the agreement."""
        return self.ends_at if self.status is FrameworkStatus.ACTIVE else None

    def call_off(
        self, order: Order, supplier: str, *, contract: UUID, at: datetime, pack: RulePack
    ) -> tuple["Framework", tuple[FrameworkEvent, ...]]:
        """Order from a supplier, chosen as the agreement says, within the ceiling.

        Raises:
            NotFound: supplier-not-in-framework.
            NotAllowed: framework-not-active, framework-not-begun, framework-term-over, competition-needed, not-in-turn,
                ceiling-exceeded.
            Invalid: delivery-too-short.
        """
        self._may_be_called_off(order, at, pack)
        reference = pack.reference("framework.stage-two")
        if self.stage_two == "mini-competition":
            raise NotAllowed(
                "competition-needed",
                "The agreement has its suppliers compete for every order.",
                reference=reference,
                satisfied_by="A competition among the suppliers.",
            )
        member = self.member(supplier)
        turn = self.next_in_turn
        if self.stage_two == "rotation" and turn is not None and turn.supplier.id != supplier:
            raise NotAllowed(
                "not-in-turn",
                "The agreement calls on its suppliers in turn, and it is another's.",
                reference=reference,
                satisfied_by=f"An order from {turn.supplier.name}.",
            )
        return self._ordered(member, order.value, order.reason, contract=contract)

    def compete(
        self, order: Order, *, identifier: UUID, closes_at: datetime, at: datetime, pack: RulePack
    ) -> tuple["Framework", tuple[FrameworkEvent, ...]]:
        """Let the suppliers compete for an order.

        Raises:
            NotAllowed: framework-not-active, framework-not-begun, framework-term-over, competition-not-agreed,
                competition-too-short, competition-too-long, ceiling-exceeded.
            Invalid: delivery-too-short.
        """
        self._may_be_called_off(order, at, pack)
        if self.stage_two != "mini-competition":
            raise NotAllowed(
                "competition-not-agreed",
                "The agreement does not have its suppliers compete.",
                reference=pack.reference("framework.stage-two"),
                satisfied_by="An order by the agreement's own way of choosing a supplier.",
            )
        if closes_at < pack.ends_at("framework.competition-period", at, self.acceleration):
            raise NotAllowed(
                "competition-too-short",
                "The suppliers have less time than the rule gives them.",
                reference=pack.reference("framework.competition-period"),
                satisfied_by="A later deadline.",
            )
        if closes_at >= self.ends_at:
            raise NotAllowed(
                "competition-too-long",
                "The quotes would be opened after the term of the agreement.",
                reference=pack.reference("framework.term-cap"),
                satisfied_by="An earlier deadline.",
            )
        competition = Competition(identifier, order, closes_at)
        opened, event = replace(self, competitions=(*self.competitions, competition)).telling(
            CompetitionOpened, competition=identifier, title=order.title, closes_at=closes_at
        )
        return opened, (event,)

    def check_quote(self, identifier: UUID, supplier: str, at: datetime, pack: RulePack) -> None:
        """Admit a supplier's quote strictly before the deadline.

        Raises:
            NotFound: competition-unknown.
            Forbidden: supplier-not-in-framework.
            NotAllowed: quote-late.
        """
        competition = self.competition(identifier)
        if supplier not in {member.supplier.id for member in self.active_members}:
            raise Forbidden("supplier-not-in-framework", "Only suppliers of the agreement compete.")
        if competition.decided or at >= competition.closes_at:
            raise NotAllowed(
                "quote-late",
                "The deadline has passed; a quote received at that instant is late.",
                reference=pack.reference("bid-deadline"),
                satisfied_by="A quote received before the deadline.",
            )

    def may_decide(self, identifier: UUID, at: datetime, pack: RulePack) -> Competition:
        """Admit the opening of the quotes.

        Raises:
            NotFound: competition-unknown.
            NotAllowed: framework-not-active, competition-decided, quotes-sealed before the deadline.
        """
        FRAMEWORK.admit("compete", self.status)
        competition = self.competition(identifier)
        if competition.decided:
            raise NotAllowed("competition-decided", "The competition has been decided.")
        if at < competition.closes_at:
            raise NotAllowed(
                "quotes-sealed",
                "The quotes stay sealed until the deadline.",
                reference=pack.reference("bid-deadline"),
                satisfied_by="The deadline.",
            )
        return competition

    def decide_competition(
        self, identifier: UUID, quotes: Sequence[Quote], *, contract: UUID, at: datetime, pack: RulePack
    ) -> tuple["Framework", tuple[FrameworkEvent, ...], Quote | None]:
        """Give the order to the lowest quote within the order's value, the earlier one of two; to nobody without any.

        Raises:
            NotFound, NotAllowed: what may_decide() refuses.
        """
        competition = self.may_decide(identifier, at, pack)
        most = min(competition.order.value, self.left_over)
        members = {member.supplier.id for member in self.active_members}
        valid = [
            quote
            for quote in quotes
            if quote.supplier.id in members
            and quote.price is not None
            and quote.price.currency == most.currency
            and zero(most.currency) < quote.price <= most
        ]
        best = min(valid, key=lambda quote: (_minor(quote.price), quote.received_at, quote.supplier.id), default=None)
        done = replace(competition, decided=True)
        others = tuple(done if other.id == identifier else other for other in self.competitions)
        decided, event = replace(self, competitions=others).telling(
            CompetitionDecided,
            competition=identifier,
            quotes=tuple(quotes),
            supplier=best.supplier if best else None,
        )
        if best is None or best.price is None:
            return decided, (event,), None
        member = decided.member(best.supplier.id)
        reason = "The lowest of the quotes."
        ordered, events = decided._ordered(member, best.price, reason, contract=contract)  # noqa: SLF001 - its own
        return ordered, (event, *events), best

    def give_back(
        self, supplier: str, value: Money, *, contract: UUID
    ) -> tuple["Framework", tuple[FrameworkEvent, ...]]:
        """Take back into the ceiling what was called off by a contract that nobody signed."""
        members = tuple(
            replace(member, called_off=member.called_off - value) if member.supplier.id == supplier else member
            for member in self.members
        )
        returned = replace(self, called_off=self.called_off - value, members=members)
        after, event = returned.telling(CallOffReturned, contract=contract, value=value, called_off=returned.called_off)
        if after.status is FrameworkStatus.ACTIVE:
            return after, (event,)
        # The agreement has ended meanwhile: nobody can call it off again.
        ended, release = after.telling(FrameworkEnded, amount=value)
        return ended, (event, release)

    def check_change(self, difference: Money, pack: RulePack) -> None:
        """Hold what a change adds to an order to the ceiling, as the order itself.

        Raises:
            NotAllowed: ceiling-exceeded.
        """
        if difference > self.left_over:
            raise NotAllowed(
                "ceiling-exceeded",
                "The change adds more than the agreement has left.",
                reference=pack.reference("framework.ceiling"),
                satisfied_by="A change within what is left of the ceiling.",
            )

    def change_order(
        self, supplier: str, difference: Money, *, contract: UUID, pack: RulePack
    ) -> tuple["Framework", tuple[FrameworkEvent, ...]]:
        """Count what a change makes of an order; also once the agreement has ended, since its orders go on.

        What a reduction frees goes back to the budget line: it makes room only for what changes had added before.

        Raises:
            NotAllowed: ceiling-exceeded.
        """
        nothing = zero(self.ceiling.currency)
        self.check_change(difference, pack)
        counted = max(difference, nothing - self._added)
        if not counted.minor:
            return self, ()
        members = tuple(
            replace(member, called_off=member.called_off + counted) if member.supplier.id == supplier else member
            for member in self.members
        )
        changed = replace(self, called_off=self.called_off + counted, added=self._added + counted, members=members)
        after, event = changed.telling(
            OrderChanged, contract=contract, difference=counted, called_off=changed.called_off
        )
        return after, (event,)

    def ask_to_join(self, supplier: Party, *, at: datetime, pack: RulePack) -> "Framework":
        """Ask to be taken in.

        Raises:
            NotAllowed: framework-not-active, framework-closed, already-in-framework, joining-asked.
        """
        FRAMEWORK.admit("join", self.status)
        if not self.open:
            raise NotAllowed(
                "framework-closed",
                "The agreement takes in nobody after its award.",
                reference=pack.reference("framework.joining-decision"),
                satisfied_by="An open framework agreement.",
            )
        if any(member.supplier.id == supplier.id for member in self.active_members):
            raise NotAllowed("already-in-framework", "The supplier is in the agreement.")
        if any(joining.supplier.id == supplier.id for joining in self.joining):
            raise NotAllowed("joining-asked", "The supplier has asked to join.")
        due = pack.ends_at("framework.joining-decision", at, self.acceleration)
        asked = (*self.joining, Joining(supplier, asked_at=at, due_at=due))
        return replace(self, version=self.version + 1, joining=asked)

    def decide_joining(
        self, supplier: str, reason: str, *, admitted: bool
    ) -> tuple["Framework", tuple[FrameworkEvent, ...]]:
        """Take a supplier in that has asked to join, or not.

        Raises:
            NotFound: joining-unknown.
            NotAllowed: framework-not-active.
        """
        FRAMEWORK.admit("join", self.status)
        asked = next((joining for joining in self.joining if joining.supplier.id == supplier), None)
        if asked is None:
            raise NotFound("joining-unknown", "No such supplier has asked to join.")
        joined = replace(self, joining=tuple(joining for joining in self.joining if joining is not asked))
        if admitted:
            rank = max((member.rank for member in self.members), default=0) + 1
            others = tuple(member for member in self.members if member.supplier.id != supplier)
            # What was ordered of whoever comes back stays ordered.
            before = next((member for member in self.members if member.supplier.id == supplier), None)
            member = before or Member(asked.supplier, rank, zero(self.ceiling.currency))
            joined = replace(joined, members=(*others, replace(member, rank=rank, left_because=None)))
        after, event = joined.telling(SupplierJoined, supplier=asked.supplier, admitted=admitted, reason=reason)
        return after, (event,)

    def leave(self, supplier: str, reason: str) -> tuple["Framework", tuple[FrameworkEvent, ...]]:
        """Call on a supplier no more.

        Raises:
            NotFound: supplier-not-in-framework.
            NotAllowed: framework-not-active.
        """
        FRAMEWORK.admit("leave", self.status)
        gone = self.member(supplier)
        members = tuple(replace(one, left_because=reason) if one is gone else one for one in self.members)
        after, event = replace(self, members=members).telling(SupplierLeft, supplier=gone.supplier, reason=reason)
        return after, (event,)

    def expire(self, now: datetime) -> tuple["Framework", tuple[FrameworkEvent, ...]]:
        """End the agreement with its term, and what its suppliers still compete for; their quotes stay sealed.

        What was not called off is given back.
        """
        if self.status is not FrameworkStatus.ACTIVE or now < self.ends_at:
            return self, ()
        status = FRAMEWORK.move("end", self.status, FrameworkStatus.ENDED)
        over = [competition.id for competition in self.competitions if competition.open]
        competitions = tuple(
            replace(competition, lapsed=True) if competition.open else competition for competition in self.competitions
        )
        after = replace(self, status=status, joining=(), competitions=competitions)
        events: tuple[FrameworkEvent, ...] = ()
        for identifier in over:
            after, lapsed = after.telling(CompetitionLapsed, competition=identifier)
            events = (*events, lapsed)
        after, ended = after.telling(FrameworkEnded, amount=self.set_aside)
        return after, (*events, ended)

    def member(self, supplier: str) -> Member:
        """Return a supplier of the agreement.

        Raises:
            NotFound: supplier-not-in-framework.
        """
        for member in self.active_members:
            if member.supplier.id == supplier:
                return member
        raise NotFound("supplier-not-in-framework", "The agreement is not with this supplier.")

    def competition(self, identifier: UUID) -> Competition:
        """Return a competition.

        Raises:
            NotFound: competition-unknown.
        """
        for competition in self.competitions:
            if competition.id == identifier:
                return competition
        raise NotFound("competition-unknown", "The agreement has no such competition.")

    def telling(self, kind: type[Told], **fields: Any) -> tuple["Framework", Told]:
        """Make the event of what has happened, and the version that it leaves."""
        version = self.version + 1
        event = kind(aggregate=self.id, version=version, ocid=self.ocid, tender=self.tender, **fields)
        return replace(self, version=version), event

    @property
    def _added(self) -> Money:
        return self.added or zero(self.ceiling.currency)

    def _may_be_called_off(self, order: Order, at: datetime, pack: RulePack) -> None:
        # What is refused here could not be signed, or would be found out only when the quotes are opened.
        order.delivery.split()
        if self.starts_at is not None and at < self.starts_at:
            raise NotAllowed(
                "framework-not-begun",
                "The term of the agreement has not begun.",
                reference=pack.reference("framework.term-cap"),
                satisfied_by=f"An order from {self.starts_at.isoformat()} on.",
            )
        if at >= self.ends_at:
            raise NotAllowed(
                "framework-term-over",
                "The term of the agreement is over.",
                reference=pack.reference("framework.term-cap"),
                satisfied_by="An order within the term, or another procedure.",
            )
        FRAMEWORK.admit("call off", self.status)
        if order.value.currency != self.ceiling.currency or order.value > self.left_over:
            raise NotAllowed(
                "ceiling-exceeded",
                "The order is worth more than the agreement has left.",
                reference=pack.reference("framework.ceiling"),
                satisfied_by="An order within what is left of the ceiling, in its currency.",
            )

    def _ordered(
        self, member: Member, value: Money, reason: str, *, contract: UUID
    ) -> tuple["Framework", tuple[FrameworkEvent, ...]]:
        called_on = replace(member, called_off=member.called_off + value, calls=member.calls + 1)
        members = tuple(called_on if other is member else other for other in self.members)
        status = FRAMEWORK.move("call off", self.status, FrameworkStatus.ACTIVE)
        ordered = replace(self, status=status, called_off=self.called_off + value, members=members)
        after, event = ordered.telling(
            CalledOff,
            contract=contract,
            supplier=member.supplier,
            value=value,
            called_off=ordered.called_off,
            stage_two=self.stage_two,
            reason=reason,
        )
        return after, (event,)


def _minor(price: Money | None) -> int:
    return price.minor if price is not None else 0
