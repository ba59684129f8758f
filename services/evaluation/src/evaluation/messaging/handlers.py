"""What the evaluation does about the events of others."""

from collections.abc import Mapping
from typing import cast

from evaluation.domain.agreement import PinnedPack
from evaluation.messaging.agreements import milestones, party
from evaluation.usecases.commands import supervision
from shared.contracts.contract import Signed
from shared.platform.consumer import Delivery, Handlers
from shared.platform.work import Work


async def on_contract_signed(work: Work, delivery: Delivery) -> None:
    signed = cast("Signed", delivery.data)
    await supervision.open_file(
        work,
        contract=signed.contract,
        ocid=signed.ocid,
        title=signed.title,
        buyer=party(signed.buyer),
        provider=party(signed.supplier),
        milestones=milestones(signed),
        pinned=PinnedPack(signed.pack.id, signed.pack.version),
        acceleration=signed.acceleration,
        signed_at=signed.signed_at,
    )


HANDLERS: Mapping[str, Handlers] = {"tender": {Signed.TYPE: on_contract_signed}}
