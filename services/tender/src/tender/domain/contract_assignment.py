"""A contract that goes over to another provider: asked for by the one, wanted by the other, approved by two persons."""

from dataclasses import replace
from datetime import datetime

from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.rules.checks import check_rule
from shared.rules.pack import RulePack
from shared.rules.result import require
from tender.domain.contract import CONTRACT, Contract
from tender.domain.contract_change import second_person
from tender.domain.contract_events import Assigned
from tender.domain.contract_parts import Assignment, AssignmentRequest, ContractStatus
from tender.domain.parts import Party

GROUNDS, REFUSED, DECISION = (
    "contract-assignment.grounds",
    "contract-assignment-refused",
    "contract-assignment.decision",
)


def apply_for_assignment(
    contract: Contract, supplier: Party, *, ground: str, reason: str, at: datetime, pack: RulePack
) -> Contract:
    """Ask, as the supplier, that another takes the contract over; a later request takes the place of an earlier one.

    Raises:
        NotAllowed: contract-not-active, contract-assignment-refused, assignment-ground-not-permitted, change-pending.
        Invalid: supplier-unchanged, supplier-is-buyer.
    """
    CONTRACT.admit("assign", contract.status)
    _permit(contract, supplier, ground, pack)
    requested = AssignmentRequest(
        supplier=supplier,
        ground=ground,
        reason=reason,
        requested_at=at,
        due_at=pack.ends_at(DECISION, at, contract.acceleration),
    )
    return _with(contract, requested)


def consent_to_assignment(contract: Contract, *, at: datetime) -> Contract:
    """Agree, as the provider that is to take the contract over.

    Raises:
        NotAllowed: contract-not-active, assignment-not-requested, assignment-consented.
    """
    requested = requested_assignment(contract)
    if requested.consented_at is not None:
        raise NotAllowed("assignment-consented", "The provider has agreed to take the contract over.")
    return _with(contract, replace(requested, consented_at=at))


def approve_assignment(contract: Contract, *, by: str, pack: RulePack) -> Contract:
    """Approve for the buyer, as a first person, what both providers want.

    Raises:
        NotAllowed: contract-not-active, assignment-not-requested, assignment-consent-missing; what
            apply_for_assignment() refuses.
    """
    requested = requested_assignment(contract)
    if requested.consented_at is None:
        raise NotAllowed(
            "assignment-consent-missing",
            "Who is to take the contract over has not agreed to it.",
            reference=pack.reference(GROUNDS),
            satisfied_by="The consent of the provider that takes the contract over.",
        )
    _permit(contract, requested.supplier, requested.ground, pack)
    return _with(contract, replace(requested, approved_by=by))


def refuse_assignment(contract: Contract, reason: str) -> Contract:
    """Refuse for the buyer that the contract goes over; both providers read why.

    Raises:
        NotAllowed: contract-not-active, assignment-not-requested.
    """
    return _with(contract, replace(requested_assignment(contract), refused_because=reason, due_at=None))


def confirm_assignment(
    contract: Contract, *, by: str, at: datetime, pack: RulePack
) -> tuple[Contract, tuple[Assigned, ...]]:
    """Let the contract go over, as a second person of the buyer.

    Raises:
        NotAllowed: contract-not-active, assignment-not-requested, assignment-not-approved; what
            apply_for_assignment() refuses.
        Forbidden: second-person-needed.
    """
    status = CONTRACT.move("assign", contract.status, ContractStatus.ACTIVE)
    requested = requested_assignment(contract)
    if requested.approved_by is None:
        raise NotAllowed(
            "assignment-not-approved",
            "Nobody of the buyer's office has approved that the contract goes over.",
            reference=pack.reference(GROUNDS),
            satisfied_by="The approval by a first person.",
        )
    second_person(requested.approved_by, by, "An assignment", pack)
    reference = _permit(contract, requested.supplier, requested.ground, pack)
    before, supplier = contract.supplier, requested.supplier
    assignment = Assignment(before, supplier, requested.ground, requested.reason, at)
    after = replace(
        contract,
        version=contract.version + 1,
        status=status,
        supplier=supplier,
        assignments=(*contract.assignments, assignment),
        requested_assignment=None,
    )
    event = Assigned(
        **after.of(),
        before=before,
        supplier=supplier,
        ground=requested.ground,
        reason=requested.reason,
        at=at,
        reference=reference,
    )
    return after, (event,)


def requested_assignment(contract: Contract) -> AssignmentRequest:
    """Return what waits to be consented to or decided.

    Raises:
        NotAllowed: contract-not-active, assignment-not-requested.
    """
    CONTRACT.admit("assign", contract.status)
    requested = contract.requested_assignment
    if requested is None or requested.refused_because is not None:
        raise NotAllowed(
            "assignment-not-requested",
            "The supplier has not asked that another takes the contract over.",
            satisfied_by="A request by the supplier.",
        )
    return requested


def _permit(contract: Contract, supplier: Party, ground: str, pack: RulePack) -> RuleReference:
    """Hold an assignment to the pack, which allows it on a ground or not at all; return the rule."""
    exception = pack.rules.get(GROUNDS)
    if exception is None:
        require(check_rule(pack.rule(REFUSED), {"contract.assigned": True}, pack.calendar).result)
    elif ground not in pack.choice(GROUNDS):
        raise NotAllowed(
            "assignment-ground-not-permitted",
            "A contract does not go over to another provider on this ground.",
            reference=pack.reference(GROUNDS),
            satisfied_by=f"One of: {', '.join(pack.choice(GROUNDS))}.",
        )
    if contract.pending is not None:
        raise NotAllowed(
            "change-pending",
            "A change is not signed yet.",
            reference=pack.reference("contract-change.pending-cap"),
            satisfied_by="Its signature or withdrawal.",
        )
    if supplier.id == contract.supplier.id:
        raise Invalid("supplier-unchanged", "This provider holds the contract.", pointer="/body/supplier")
    if supplier.id == contract.buyer.id:
        raise Invalid("supplier-is-buyer", "The buyer does not deliver to itself.", pointer="/body/supplier")
    return pack.reference(REFUSED if exception is None else GROUNDS)


def _with(contract: Contract, requested: AssignmentRequest) -> Contract:
    return replace(contract, version=contract.version + 1, requested_assignment=requested)
