"""What happens to a contract from its generation to its end; nothing here commits."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import NotAllowed, expect_version, not_here
from shared.kernel.events import DomainEvent
from shared.kernel.ids import new_id
from shared.kernel.money import Money
from shared.kernel.pseudonyms import pseudonym
from shared.platform.work import Work
from shared.rules.pack import pack_of
from tender.db import bidders
from tender.db import contract as store
from tender.db import store as tenders
from tender.domain import (
    contract_assignment,
    contract_change,
    contract_security,
    contract_suspension,
    contract_termination,
    handover,
)
from tender.domain.award import cancel_award, contract_award
from tender.domain.contract import Contract
from tender.domain.contract_parts import AssignmentRequest, NonSignature, Side
from tender.domain.parts import Party
from tender.domain.policy import POLICY
from tender.domain.roles import handlers
from tender.usecases import evidence
from tender.usecases.bid_opening import kept_out_of
from tender.usecases.challenges import hold_up
from tender.usecases.eligibility import require_eligible
from tender.usecases.frameworks import change_order, check_change, give_back


async def sign_as_supplier(work: Work, actor: Actor, contract_id: UUID, *, version: int | None) -> Contract:
    """Sign as the supplier, first."""
    before = await _of_supplier(work, actor, "contract.sign-as-supplier", contract_id, version)
    await _nothing_holds_up(work, before)
    after, events = before.sign_as_supplier(work.now)
    return await _saved(work, before, after, events)


async def sign_as_buyer(
    work: Work, actor: Actor, contract_id: UUID, persons_key: bytes, *, version: int | None
) -> Contract:
    """Sign as the buyer, second; the contract is in force, and says under pseudonyms who handled its purchase."""
    before = await _of_buyer(work, actor, "contract.sign-as-buyer", contract_id, version)
    await _nothing_holds_up(work, before)
    persons = handlers(await tenders.tender(work.connection, before.tender))
    handled = tuple(sorted(pseudonym(persons_key, contract_id, person) for person in persons))
    after, events = before.sign_as_buyer(work.now, pack_of(before), handled)
    return await _saved(work, before, after, events)


async def record_non_signature(
    work: Work, actor: Actor, contract_id: UUID, code: NonSignature, reason: str, *, version: int | None
) -> Contract:
    """Record that the supplier did not sign: the next bidder has its turn, or the ceiling its value back."""
    # The tender first, as everywhere: two transactions that lock both lock them in one order.
    seen = await store.contract(work.connection, contract_id)
    tender = await tenders.tender(work.connection, seen.tender, lock=True)
    before = await _of_buyer(work, actor, "contract.record-non-signature", contract_id, version)
    recorded, events = before.record_non_signature(code, reason, at=work.now, pack=pack_of(before))
    after = contract_security.owe_security(recorded, at=work.now, pack=pack_of(before))
    # Who may not sign does not fail to.
    await _nothing_holds_up(work, before)
    saved = await _saved(work, before, after, events)
    if before.framework is not None:
        await give_back(work, before)
        return saved
    lot = contract_award(tender, before.award).lot
    passed, fallen = cancel_award(tender, lot, reason, at=work.now, pack=pack_of(before))
    await tenders.save_tender(work.connection, tender, passed)
    await work.record(fallen)
    return saved


async def receive_security(
    work: Work,
    actor: Actor,
    contract_id: UUID,
    *,
    amount: Money,
    kind: str,
    received_on: date,
    version: int | None,
) -> Contract:
    """Record the performance security that the supplier gave."""
    before = await _of_buyer(work, actor, "contract.receive-security", contract_id, version)
    pack = pack_of(before)
    today = before.day(work.now, pack)
    after = contract_security.receive_security(before, amount, kind, received_on=received_on, today=today, pack=pack)
    return await _saved(work, before, after)


async def return_security(
    work: Work, actor: Actor, contract_id: UUID, *, returned_on: date, version: int | None
) -> Contract:
    """Record that the supplier has its security back."""
    before = await _of_buyer(work, actor, "contract.return-security", contract_id, version)
    today = before.day(work.now, pack_of(before))
    after = contract_security.return_security(before, returned_on=returned_on, today=today)
    return await _saved(work, before, after)


async def propose_change(
    work: Work, actor: Actor, contract_id: UUID, wish: contract_change.Wish, *, version: int | None
) -> Contract:
    """Propose a change, and ask the budget for its funds."""
    before = await _of_buyer(work, actor, "contract.propose-change", contract_id, version)
    after, events = contract_change.propose_change(
        before, wish, identifier=new_id(), by=actor.person, at=work.now, pack=pack_of(before)
    )
    await check_change(work.connection, before, wish.difference)
    digests = [document.digest for document in wish.documents]
    await evidence.submit_in_contract(work.connection, actor, contract_id, digests)
    return await _saved(work, before, after, events)


async def exercise_option(
    work: Work, actor: Actor, contract_id: UUID, option: str, reason: str, *, version: int | None
) -> Contract:
    """Begin to exercise an option; it takes the course of a change."""
    before = await _of_buyer(work, actor, "contract.propose-change", contract_id, version)
    after, events = contract_change.exercise_option(
        before, option, identifier=new_id(), reason=reason, by=actor.person, at=work.now, pack=pack_of(before)
    )
    return await _saved(work, before, after, events)


async def fund_change(work: Work, contract_id: UUID, change_id: UUID) -> None:
    """Take the budget's word that a change has its funds."""
    before = await _as_of_now(work, await store.contract(work.connection, contract_id, lock=True))
    after = contract_change.fund_change(before, change_id, at=work.now, pack=pack_of(before))
    await _saved(work, before, after)


async def refuse_change(work: Work, contract_id: UUID, change_id: UUID, code: str, reason: str) -> None:
    """Take the budget's refusal of a change's funds."""
    before = await _as_of_now(work, await store.contract(work.connection, contract_id, lock=True))
    after, events = contract_change.refuse_change(before, change_id, code=code, reason=reason)
    await _saved(work, before, after, events)


async def approve_change(
    work: Work, actor: Actor, contract_id: UUID, change_id: UUID, *, version: int | None
) -> Contract:
    """Approve a funded change as a second person."""
    before = await _of_buyer(work, actor, "contract.approve-change", contract_id, version)
    after = contract_change.approve_change(before, change_id, by=actor.person, at=work.now, pack=pack_of(before))
    return await _saved(work, before, after)


async def sign_change_as_supplier(
    work: Work, actor: Actor, contract_id: UUID, change_id: UUID, *, version: int | None
) -> Contract:
    """Sign a change as the supplier, first."""
    before = await _of_supplier(work, actor, "contract.sign-as-supplier", contract_id, version)
    after = contract_change.sign_change_as_supplier(before, change_id, at=work.now, pack=pack_of(before))
    return await _saved(work, before, after)


async def sign_change_as_buyer(
    work: Work, actor: Actor, contract_id: UUID, change_id: UUID, *, version: int | None
) -> Contract:
    """Sign a change as the buyer, second; it is in force."""
    before = await _of_buyer(work, actor, "contract.sign-as-buyer", contract_id, version)
    after, events = contract_change.sign_change_as_buyer(before, change_id, at=work.now, pack=pack_of(before))
    await change_order(work, before, after.value - before.value)
    return await _saved(work, before, after, events)


async def withdraw_change(
    work: Work, actor: Actor, contract_id: UUID, change_id: UUID, reason: str, *, version: int | None
) -> Contract:
    """Withdraw a change that is not in force."""
    before = await _of_buyer(work, actor, "contract.propose-change", contract_id, version)
    after, events = contract_change.withdraw_change(before, change_id, reason=reason)
    return await _saved(work, before, after, events)


async def suspend(
    work: Work, actor: Actor, contract_id: UUID, *, reason: str, until: datetime, version: int | None
) -> Contract:
    """Let a contract rest."""
    before = await _of_buyer(work, actor, "contract.suspend", contract_id, version)
    after, events = contract_suspension.suspend(before, reason=reason, until=until, at=work.now, pack=pack_of(before))
    return await _saved(work, before, after, events)


async def resume(work: Work, actor: Actor, contract_id: UUID, *, version: int | None) -> Contract:
    """Bring a suspended contract back into force before its time."""
    before = await _of_buyer(work, actor, "contract.suspend", contract_id, version)
    if before.rests_for_challenge:
        await _nothing_holds_up(work, before)
    after, events = contract_suspension.resume(before, at=work.now)
    return await _saved(work, before, after, events)


async def request_assignment(
    work: Work, actor: Actor, contract_id: UUID, *, supplier: str, ground: str, reason: str, version: int | None
) -> Contract:
    """Ask, as the supplier, that another provider takes the contract over."""
    before = await _of_supplier(work, actor, "contract.request-assignment", contract_id, version)
    known = await bidders.bidder(work.connection, supplier)
    party = Party(supplier, known.name if known else supplier)
    after = contract_assignment.apply_for_assignment(
        before, party, ground=ground, reason=reason, at=work.now, pack=pack_of(before)
    )
    return await _saved(work, before, after)


async def requested_assignment(connection: AsyncConnection, actor: Actor, contract_id: UUID) -> AssignmentRequest:
    """Return what waits to be decided, or was refused, to the buyer and to both providers.

    Raises:
        NotFound: not-found for everybody else, and where nothing was asked for.
    """
    contract = await store.contract(connection, contract_id)
    requested = contract.requested_assignment
    parties = {contract.buyer.id, contract.supplier.id}
    if requested is None or actor.organisation not in parties | {requested.supplier.id}:
        raise not_here()
    return requested


async def consent_to_assignment(work: Work, actor: Actor, contract_id: UUID, *, version: int | None) -> Contract:
    """Agree, as another verified provider, to take a contract over."""
    stored = await store.contract(work.connection, contract_id, lock=True)
    before = await _as_of_now(work, stored, version)
    requested = contract_assignment.requested_assignment(before)
    permit_relation(POLICY, "contract.consent-to-assignment", actor, requested.supplier.id)
    await _check_eligible(work, before, requested.supplier)
    return await _saved(work, before, contract_assignment.consent_to_assignment(before, at=work.now))


async def approve_assignment(work: Work, actor: Actor, contract_id: UUID, *, version: int | None) -> Contract:
    """Approve, as a first person of the buyer's office, that a contract goes over."""
    before = await _of_buyer(work, actor, "contract.approve-assignment", contract_id, version)
    return await _saved(
        work, before, contract_assignment.approve_assignment(before, by=actor.person, pack=pack_of(before))
    )


async def refuse_assignment(
    work: Work, actor: Actor, contract_id: UUID, reason: str, *, version: int | None
) -> Contract:
    """Refuse, for the buyer, that a contract goes over."""
    before = await _of_buyer(work, actor, "contract.assign", contract_id, version)
    return await _saved(work, before, contract_assignment.refuse_assignment(before, reason))


async def assign(work: Work, actor: Actor, contract_id: UUID, *, version: int | None) -> Contract:
    """Let another verified provider take a contract over, as a second person of the buyer's office."""
    before = await _of_buyer(work, actor, "contract.assign", contract_id, version)
    after, events = contract_assignment.confirm_assignment(before, by=actor.person, at=work.now, pack=pack_of(before))
    await _check_eligible(work, before, after.supplier)
    return await _saved(work, before, after, events)


async def propose_termination(
    work: Work, actor: Actor, contract_id: UUID, *, ground: str, reason: str, last_day: date, version: int | None
) -> Contract:
    """Propose to end a contract before its term."""
    before = await _of_buyer(work, actor, "contract.propose-end", contract_id, version)
    after = contract_termination.propose_termination(
        before, ground=ground, reason=reason, last_day=last_day, by=actor.person, at=work.now, pack=pack_of(before)
    )
    return await _saved(work, before, after)


async def consent_to_termination(work: Work, actor: Actor, contract_id: UUID, *, version: int | None) -> Contract:
    """Agree, as the supplier, to the end that was proposed."""
    before = await _of_supplier(work, actor, "contract.consent-to-end", contract_id, version)
    return await _saved(work, before, contract_termination.consent_to_termination(before, at=work.now))


async def confirm_termination(work: Work, actor: Actor, contract_id: UUID, *, version: int | None) -> Contract:
    """Settle, as a second person, that a contract ends."""
    before = await _of_buyer(work, actor, "contract.confirm-end", contract_id, version)
    after, events = contract_termination.confirm_termination(before, by=actor.person, at=work.now, pack=pack_of(before))
    return await _saved(work, before, after, events)


async def propose_closing(
    work: Work,
    actor: Actor,
    contract_id: UUID,
    *,
    amount_paid: Money,
    without_handover: str | None,
    version: int | None,
) -> Contract:
    """Propose to close a contract whose service has ended."""
    before = await _of_buyer(work, actor, "contract.propose-end", contract_id, version)
    after = contract_termination.propose_closing(
        before,
        amount_paid=amount_paid,
        without_handover=without_handover,
        by=actor.person,
        at=work.now,
        pack=pack_of(before),
    )
    return await _saved(work, before, after)


async def confirm_closing(work: Work, actor: Actor, contract_id: UUID, *, version: int | None) -> Contract:
    """Close a contract as a second person."""
    before = await _of_buyer(work, actor, "contract.confirm-end", contract_id, version)
    after, events = contract_termination.confirm_closing(before, by=actor.person, at=work.now, pack=pack_of(before))
    return await _saved(work, before, after, events)


async def plan_handover(work: Work, actor: Actor, contract_id: UUID, *, due: datetime, version: int | None) -> Contract:
    """Begin the handover before the contract ends."""
    before = await _of_buyer(work, actor, "contract.plan-handover", contract_id, version)
    after = handover.plan_handover(before, due=due, at=work.now, pack=pack_of(before))
    return await _saved(work, before, after)


async def settle_item(
    work: Work, actor: Actor, contract_id: UUID, kind: str, settlement: handover.Settlement, *, version: int | None
) -> Contract:
    """Say that an item was handed over, or why there is nothing to hand over."""
    before, side = await _of_a_side(work, actor, contract_id, version)
    after = handover.settle_item(before, kind, settlement, side=side, at=work.now)
    return await _saved(work, before, after)


async def confirm_item(work: Work, actor: Actor, contract_id: UUID, kind: str, *, version: int | None) -> Contract:
    """Confirm what the other side said of an item."""
    before, side = await _of_a_side(work, actor, contract_id, version)
    after, events = handover.confirm_item(before, kind, side=side, at=work.now)
    return await _saved(work, before, after, events)


async def object_to_item(work: Work, actor: Actor, contract_id: UUID, kind: str, *, version: int | None) -> Contract:
    """Say that an item was not handed over as the other side said."""
    before, side = await _of_a_side(work, actor, contract_id, version)
    after = handover.object_to_item(before, kind, side=side)
    return await _saved(work, before, after)


async def let_time_act(work: Work, contract_id: UUID) -> None:
    """Do what time does to a contract by itself."""
    await _as_of_now(work, await store.contract(work.connection, contract_id, lock=True))


async def _of_buyer(work: Work, actor: Actor, action: str, contract_id: UUID, version: int | None) -> Contract:
    contract = await store.contract(work.connection, contract_id, lock=True)
    permit_relation(POLICY, action, actor, contract.buyer.id)
    return await _as_of_now(work, contract, version)


async def _of_supplier(work: Work, actor: Actor, action: str, contract_id: UUID, version: int | None) -> Contract:
    contract = await store.contract(work.connection, contract_id, lock=True)
    permit_relation(POLICY, action, actor, contract.supplier.id)
    return await _as_of_now(work, contract, version)


async def _of_a_side(work: Work, actor: Actor, contract_id: UUID, version: int | None) -> tuple[Contract, Side]:
    contract = await store.contract(work.connection, contract_id, lock=True)
    side: Side = "supplier" if actor.organisation == contract.supplier.id else "buyer"
    owner = contract.supplier if side == "supplier" else contract.buyer
    permit_relation(POLICY, "contract.hand-over", actor, owner.id)
    return await _as_of_now(work, contract, version), side


async def _as_of_now(work: Work, stored: Contract, version: int | None = None) -> Contract:
    """Do first what time has done to a locked contract, so that a clock that was late leaves what a punctual one does.

    The version is that of the contract as it was stored, since nobody has read another.
    """
    expect_version(version, stored.version)
    after, events = contract_termination.let_time_act(stored, work.now, pack_of(stored))
    return await _saved(work, stored, after, events)


async def _saved(work: Work, before: Contract, after: Contract, events: Sequence[DomainEvent] = ()) -> Contract:
    if after.version != before.version:
        await store.save(work.connection, before, after)
        await work.record(events)
    return after


async def _nothing_holds_up(work: Work, contract: Contract) -> None:
    if contract.framework is not None:
        # Who is called on was decided with the agreement.
        return
    tender = await tenders.tender(work.connection, contract.tender)
    award = contract_award(tender, contract.award)
    await hold_up(work, tender, award.lot)


async def _check_eligible(work: Work, contract: Contract, supplier: Party) -> None:
    """Hold who takes a contract over to what a bidder is held to, as the registry has it now.

    Raises:
        NotAllowed: supplier-not-verified, bidder-not-eligible, supplier-kept-out.
    """
    pack, day = pack_of(contract), pack_of(contract).calendar.day_of(work.now)
    if supplier.id not in await bidders.verified_at(work.connection, [supplier.id], work.now, day) and pack.flag(
        "bidder-verified"
    ):
        raise NotAllowed(
            "supplier-not-verified",
            "Only a verified provider takes a contract over.",
            reference=pack.reference("bidder-verified"),
            satisfied_by="The verification of the organisation by the provider registry.",
        )
    # It goes on with what is ordered already, and takes on new work with it.
    await require_eligible(work, supplier.id, pack, "orders")
    rule = (await kept_out_of(work, await tenders.tender(work.connection, contract.tender))).get(supplier.id)
    if rule is not None:
        raise NotAllowed(
            "supplier-kept-out",
            "Who specified what is bought does not provide it.",
            reference=rule,
            satisfied_by="A provider that did not.",
        )
