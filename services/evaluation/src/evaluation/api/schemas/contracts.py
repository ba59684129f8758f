"""Contracts over the wire."""

from uuid import UUID

from evaluation.api.schemas.common import MilestoneView, PartyView, View
from evaluation.domain.contract_record import ContractState
from shared.contracts.fields import Amount, Instant


class ServiceView(View):
    code: str
    title: str


class ContractView(View):
    """What is known of a contract from the events of others; what nobody has published yet is null."""

    id: UUID
    ocid: str
    state: ContractState
    sandbox: bool
    title: str | None
    buyer: PartyView | None
    service: ServiceView | None
    closes_at: Instant | None
    supplier: PartyView
    value: Amount
    standstill_ends_at: Instant | None
    signature_due: Instant | None
    signed_at: Instant | None
    milestones: list[MilestoneView]
    committed: Amount
    paid: Amount
    held: Amount
