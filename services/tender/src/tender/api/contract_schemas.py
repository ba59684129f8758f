"""Contracts, over the wire."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from shared.contracts.fields import (
    Amount,
    Day,
    Instant,
    LongText,
    Moment,
    OrganisationId,
    PositiveAmount,
    Sha256,
    ShortText,
)
from shared.contracts.payment_terms import PaymentTerms
from tender.api.schemas import Code, MilestoneView, PartyView, Request, ServiceView, View
from tender.domain.contract_parts import ChangeStatus, ContractStatus, ItemStatus, NonSignature


class NonSignatureBody(Request):
    code: NonSignature
    reason: LongText


class SecurityBody(Request):
    amount: PositiveAmount
    kind: Code
    received_on: Day


class SecurityReturnBody(Request):
    returned_on: Day


class MilestoneBody(Request):
    period: ShortText
    start: Day
    end: Day
    amount: PositiveAmount


class DocumentBody(Request):
    title: ShortText
    digest: Sha256


class ChangeBody(Request):
    """A change; `difference` is below zero where it takes away.

    `milestones` take the place of all periods from the start of the first of them on; without any, the difference is
    spread over the periods that have not ended, and `end` is the new end of the last one.
    """

    ground: Code
    reason: LongText
    difference: Amount
    end: Day | None = None
    milestones: Annotated[list[MilestoneBody], Field(default_factory=list, max_length=240)]
    documents: Annotated[list[DocumentBody], Field(default_factory=list, max_length=40)]


class SuspensionBody(Request):
    """A suspension always has an end."""

    reason: LongText
    until: Moment


class AssignmentBody(Request):
    supplier: OrganisationId
    ground: Code
    reason: LongText


class TerminationBody(Request):
    ground: Code
    reason: LongText
    last_day: Day


class ClosingBody(Request):
    """What was paid in all; `without_handover` says why there is no handover, if there is none."""

    amount_paid: Amount
    without_handover: LongText | None = None


class HandoverBody(Request):
    due_at: Moment


class SettlementBody(Request):
    """`note` refers to what was handed over, or says why there is nothing to hand over; it names no recipient."""

    applicable: bool
    note: LongText
    successor: ShortText | None = None


class OptionView(View):
    id: str
    title: str
    months: int
    value: Amount
    exercise_before: date
    change: UUID | None


class SecurityView(View):
    amount: Amount
    kind: str
    received_on: date
    returned_on: date | None


class DocumentView(View):
    title: str
    digest: Sha256


class ChangeView(View):
    id: UUID
    ground: str
    reason: str
    difference: Amount
    end: date
    milestones: list[MilestoneView]
    documents: list[DocumentView]
    option: str | None
    status: ChangeStatus
    due_at: Instant | None
    signed_at: Instant | None
    failed_because: str | None


class SuspensionView(View):
    reason: str
    since: Instant
    until: Instant
    ended_at: Instant | None


class AssignmentView(View):
    before: PartyView
    supplier: PartyView
    ground: str
    reason: str
    at: Instant


class AssignmentRequestView(View):
    """What the supplier asked for; `refused_because` says why it was refused, where it was."""

    supplier: PartyView
    ground: str
    reason: str
    requested_at: Instant
    due_at: Instant | None
    consented_at: Instant | None
    refused_because: str | None


class TerminationView(View):
    ground: str
    reason: str
    last_day: date
    notified_at: Instant | None
    consented_at: Instant | None


class HandoverItemView(View):
    kind: str
    responsible: str
    due_at: Instant
    status: ItemStatus
    applicable: bool
    note: str | None
    settled_at: Instant | None
    confirmed_at: Instant | None


class HandoverView(View):
    successor: str | None
    completed_at: Instant | None
    items: list[HandoverItemView]


class ClosingView(View):
    amount_paid: Amount
    without_handover: str | None


class ContractView(View):
    """A contract; `proposed_end` and `closing` wait for a second person.

    Without `payment_terms` it is paid as its rule pack's formula says.
    """

    id: UUID
    ocid: str
    tender: UUID
    award: UUID
    title: str
    buyer: PartyView
    supplier: PartyView
    service: ServiceView
    value: Amount
    milestones: list[MilestoneView]
    payment_terms: PaymentTerms | None
    status: ContractStatus
    signature_due: Instant | None
    signed_at: Instant | None
    options: list[OptionView]
    security_required: Amount | None
    security: SecurityView | None
    not_signed_because: NonSignature | None
    annulled_because: str | None
    changes: list[ChangeView]
    suspensions: list[SuspensionView]
    assignments: list[AssignmentView]
    proposed_end: TerminationView | None
    termination: TerminationView | None
    handover: HandoverView | None
    closing: ClosingView | None
    amount_paid: Amount | None
