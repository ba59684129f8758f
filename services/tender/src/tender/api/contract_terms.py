"""What a tender says of its contract, as it comes over the wire."""

from tender.api.content_schemas import TermsBody
from tender.domain.contract_terms import NO_TERMS, ContractTerms, OptionTerms


def contract_terms(body: TermsBody | None) -> ContractTerms:
    """Read the terms; without any, the contract has no options and asks for no security."""
    if body is None:
        return NO_TERMS
    return ContractTerms(
        options=tuple(
            OptionTerms(option.id, option.title, option.months, option.share, option.exercise_before)
            for option in body.options
        ),
        performance_security=body.performance_security,
        bid_security=body.bid_security,
        stable_for_years=body.stable_for_years,
        regime=body.regime,
        threshold=body.threshold,
    )
