"""Two entries of one organisation made one: what was of the one that is given up goes over to the one that is kept."""

from dataclasses import replace
from datetime import datetime

from provider_registry.domain.events import ProviderAbsorbed, ProviderMerged
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import FormerName, Status

Merged = tuple[Provider, Provider, tuple[ProviderMerged, ProviderAbsorbed]]


def merge(given_up: Provider, kept: Provider, *, at: datetime) -> Merged:
    """Give one entry up for another of the same organisation; what was verified of the one that is kept stays.

    Raises:
        NotAllowed: provider-merged, provider-being-verified, of either.
    """
    given_up.open_to_change()
    kept.open_to_change()
    pointing = replace(
        given_up,
        version=given_up.version + 1,
        status=Status.REGISTERED,
        verified_at=None,
        valid_until=None,
        merged_into=kept.organisation,
    )
    names = [FormerName(given_up.name, given_up.named_since, at.date())] if given_up.name != kept.name else []
    holding = replace(
        kept,
        version=kept.version + 1,
        other_identifiers=tuple(dict.fromkeys((*kept.other_identifiers, *given_up.identifiers))),
        former_names=tuple(dict.fromkeys((*kept.former_names, *given_up.former_names, *names))),
        absorbed=(*kept.absorbed, given_up.organisation, *given_up.absorbed),
    )
    return (
        pointing,
        holding,
        (
            ProviderMerged(
                aggregate=pointing.id,
                version=pointing.version,
                organisation=pointing.organisation,
                into=kept.organisation,
            ),
            ProviderAbsorbed(
                aggregate=holding.id,
                version=holding.version,
                organisation=holding.organisation,
                given_up=pointing.organisation,
                other_identifiers=holding.other_identifiers,
                former_names=holding.former_names,
            ),
        ),
    )
