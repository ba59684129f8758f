"""The handover at the end of a contract: whoever serves next is given what the recipients need."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.errors import Forbidden, Invalid, NotAllowed, NotFound
from shared.kernel.lifecycle import lifecycle, transition
from shared.rules.pack import RulePack
from tender.domain.contract import CONTRACT, Contract
from tender.domain.contract_events import HandoverCompleted
from tender.domain.contract_parts import Handover, HandoverItem, ItemStatus, Side

HANDOVER_ITEM = lifecycle(
    "handover-item",
    ItemStatus.OPEN,
    transition("settle", "open", "settled", "the responsible side"),
    transition("confirm", "settled", "confirmed", "the other side"),
    transition("object", "settled", "open", "the other side"),
)
ITEMS = "contract-handover.items"
SUCCESSOR = "successor"
_BY_BUYER = frozenset({SUCCESSOR, "notice-to-recipients"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a side says of an item: handed over, or why there is nothing to hand over; successor names who serves."""

    applicable: bool
    note: str
    successor: str | None = None


def plan_handover(contract: Contract, *, due: datetime, at: datetime, pack: RulePack) -> Contract:
    """Begin the handover before the contract ends, with the items that the pack names.

    Raises:
        NotAllowed: contract-not-active, handover-planned.
        Invalid: handover-due-early.
    """
    CONTRACT.admit("hand-over", contract.status)
    if contract.handover is not None:
        raise NotAllowed("handover-planned", "The handover is planned.")
    if due <= at:
        raise Invalid("handover-due-early", "The handover is due in time to come.", pointer="/body/due_at")
    return replace(contract, version=contract.version + 1, handover=new_handover(due, pack))


def new_handover(due: datetime, pack: RulePack) -> Handover:
    """Plan a handover: the supplier hands over, the buyer says who serves next and tells the recipients."""
    return Handover(
        items=tuple(
            HandoverItem(kind=kind, responsible="buyer" if kind in _BY_BUYER else "supplier", due_at=due)
            for kind in pack.choice(ITEMS)
        )
    )


def settle_item(contract: Contract, kind: str, settlement: Settlement, *, side: Side, at: datetime) -> Contract:
    """Say, as the side that is responsible for it, that an item was handed over or needs no handing over.

    Raises:
        NotFound: handover-not-planned, handover-item-unknown.
        NotAllowed: contract-not-active, handover-item-not-open.
        Forbidden: not-responsible.
        Invalid: successor-missing.
    """
    item = _item(contract, kind)
    if item.responsible != side:
        raise Forbidden("not-responsible", "The other side is responsible for this item.")
    status = HANDOVER_ITEM.move("settle", item.status, ItemStatus.SETTLED)
    if kind == SUCCESSOR and settlement.successor is None:
        raise Invalid(
            "successor-missing", "Somebody serves next, if only the office itself.", pointer="/body/successor"
        )
    settled = replace(
        item, status=status, applicable=settlement.applicable, note=settlement.note, settled_by=side, settled_at=at
    )
    return _with(contract, settled, settlement.successor if kind == SUCCESSOR else None)


def confirm_item(
    contract: Contract, kind: str, *, side: Side, at: datetime
) -> tuple[Contract, tuple[HandoverCompleted, ...]]:
    """Confirm, as the other side, what was said of an item; with the last one the handover is complete.

    Raises:
        NotFound: handover-not-planned, handover-item-unknown.
        NotAllowed: contract-not-active, handover-item-not-settled.
        Forbidden: other-side-needed.
    """
    item = _of_the_other_side(contract, kind, side)
    status = HANDOVER_ITEM.move("confirm", item.status, ItemStatus.CONFIRMED)
    after = _with(contract, replace(item, status=status, confirmed_at=at))
    handover = after.handover
    assert handover is not None  # noqa: S101 - it has the item
    if any(one.status is not ItemStatus.CONFIRMED for one in handover.items):
        return after, ()
    after = replace(after, handover=replace(handover, completed_at=at))
    successor = handover.successor or "Nobody was named."
    return after, (HandoverCompleted(**after.of(), successor=successor, items=len(handover.items), at=at),)


def object_to_item(contract: Contract, kind: str, *, side: Side) -> Contract:
    """Say, as the other side, that an item was not handed over as was said; it is open again.

    Raises:
        NotFound: handover-not-planned, handover-item-unknown.
        NotAllowed: contract-not-active, handover-item-not-settled.
        Forbidden: other-side-needed.
    """
    item = _of_the_other_side(contract, kind, side)
    status = HANDOVER_ITEM.move("object", item.status, ItemStatus.OPEN)
    return _with(contract, replace(item, status=status, note=None, settled_by=None, settled_at=None))


def _of_the_other_side(contract: Contract, kind: str, side: Side) -> HandoverItem:
    item = _item(contract, kind)
    if item.responsible == side:
        raise Forbidden(
            "other-side-needed",
            "Nobody confirms what their own side says.",
            satisfied_by="The same request from the other side of the contract.",
        )
    return item


def _item(contract: Contract, kind: str) -> HandoverItem:
    CONTRACT.admit("hand-over", contract.status)
    if contract.handover is None:
        raise NotFound("handover-not-planned", "No handover is planned.")
    for item in contract.handover.items:
        if item.kind == kind:
            return item
    raise NotFound("handover-item-unknown", "The handover has no such item.")


def _with(contract: Contract, item: HandoverItem, successor: str | None = None) -> Contract:
    handover = contract.handover
    assert handover is not None  # noqa: S101 - it has the item
    items = tuple(item if one.kind == item.kind else one for one in handover.items)
    planned = replace(handover, items=items, successor=successor or handover.successor)
    return replace(contract, version=contract.version + 1, handover=planned)
