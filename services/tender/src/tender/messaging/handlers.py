"""What the tender service does about the events of others."""

from collections.abc import Mapping
from typing import cast

from shared.contracts import budget, provider, provider_eligibility
from shared.platform.consumer import Delivery, Handlers
from shared.platform.work import Work
from tender.domain.eligibility import Exclusion
from tender.messaging.handle_contract import ON_BUDGET
from tender.usecases import bidders, eligibility, planning


async def on_funds_reserved(work: Work, delivery: Delivery) -> None:
    reserved = cast("budget.Reserved", delivery.data)
    await planning.publish_funded(work, reserved.tender)


async def on_funds_refused(work: Work, delivery: Delivery) -> None:
    refused = cast("budget.Refused", delivery.data)
    await planning.return_unfunded(work, refused.tender, refused.code, refused.reason)


async def on_provider_registered(work: Work, delivery: Delivery) -> None:
    registered = cast("provider.ProviderRegistered", delivery.data)
    await bidders.suspend(work, registered.provider, registered.name, since=delivery.event.time)


async def on_provider_verified(work: Work, delivery: Delivery) -> None:
    verified = cast("provider.ProviderVerified", delivery.data)
    await bidders.admit(
        work, verified.provider, verified.name, verified_at=verified.verified_at, valid_until=verified.valid_until
    )


async def on_evidence_in_question(work: Work, delivery: Delivery) -> None:
    refused = cast("provider.VerificationRefused", delivery.data)
    await bidders.suspend(work, refused.provider, None, since=delivery.event.time)


async def on_eligibility_changed(work: Work, delivery: Delivery) -> None:
    changed = cast("provider_eligibility.EligibilityChanged", delivery.data)
    exclusions = [
        Exclusion(
            answer.pack,
            answer.purpose,
            exclusion.code,
            exclusion.verdict == "unresolved",
            exclusion.rule,
            exclusion.source,
            exclusion.until,
        )
        for answer in changed.answers
        for exclusion in answer.exclusions
    ]
    await eligibility.remember(work, changed.provider, exclusions, since=changed.changed_at)


async def on_provider_details_changed(work: Work, delivery: Delivery) -> None:
    changed = cast("provider.DetailsChanged", delivery.data)
    if changed.verification_ended:
        await bidders.suspend(work, changed.provider, None, since=delivery.event.time)


async def on_provider_merged(work: Work, delivery: Delivery) -> None:
    merged = cast("provider.ProviderMerged", delivery.data)
    await bidders.suspend(work, merged.provider, None, since=delivery.event.time)


HANDLERS: Mapping[str, Handlers] = {
    "budget": {
        budget.Reserved.TYPE: on_funds_reserved,
        budget.Refused.TYPE: on_funds_refused,
        **ON_BUDGET,
    },
    "provider-registry": {
        provider.ProviderRegistered.TYPE: on_provider_registered,
        provider.ProviderVerified.TYPE: on_provider_verified,
        provider.VerificationRefused.TYPE: on_evidence_in_question,
        provider_eligibility.EligibilityChanged.TYPE: on_eligibility_changed,
        provider.DetailsChanged.TYPE: on_provider_details_changed,
        provider.ProviderMerged.TYPE: on_provider_merged,
    },
}
