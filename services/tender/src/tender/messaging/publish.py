"""The tender service's events, as the others read them."""

from collections.abc import Mapping

from shared.contracts import award, challenge, contract, framework, preparation, tender
from shared.contracts.event import EventData
from shared.kernel.events import DomainEvent
from tender.domain import (
    challenge_events,
    contract_events,
    events,
    exception_events,
    framework_events,
    plan_events,
    publicity_events,
    question_events,
)
from tender.messaging.publish_contract import contract_event
from tender.messaging.publish_draw import draw_event
from tender.messaging.publish_panel import panel_event
from tender.messaging.publish_tender import tender_event

AsItIs = Mapping[type[DomainEvent], type[EventData]]

_OF_PLANS: AsItIs = {
    plan_events.Planned: tender.Planned,
    plan_events.PlanChanged: tender.PlanChanged,
    plan_events.PlanCompleted: tender.PlanCompleted,
    plan_events.PlanCancelled: tender.PlanCancelled,
}
_OF_TENDERS: AsItIs = {
    events.ReturnedToDraft: tender.ReturnedToDraft,
    events.Cancelled: tender.Cancelled,
    events.FundsUnneeded: tender.FundsUnneeded,
    events.TalksRecorded: tender.TalksRecorded,
    events.TermsChanged: tender.TermsChanged,
    events.FinalQuotesRequested: tender.FinalQuotesRequested,
    question_events.QuestionAsked: tender.QuestionAsked,
    question_events.QuestionAnswered: tender.QuestionAnswered,
    events.AwardProposed: award.Proposed,
    events.RankingContinued: award.RankingContinued,
    events.AwardConfirmed: award.Confirmed,
    events.AwardCancelled: award.Cancelled,
    events.PriceExplanationRequested: award.PriceExplanationRequested,
    events.PriceExplained: award.PriceExplained,
    events.PriceExplanationDecided: award.PriceExplanationDecided,
    events.DeficiencyNotified: award.DeficiencyNotified,
    events.DeficiencyCorrected: award.DeficiencyCorrected,
    events.DeficiencyDecided: award.DeficiencyDecided,
    challenge_events.SentBack: challenge.SentBack,
    framework_events.FrameworkProposed: framework.FrameworkProposed,
}
_OF_EXCEPTIONS: AsItIs = {exception_events.ExceptionGranted: preparation.ExceptionGranted}
_OF_PUBLICITIES: AsItIs = {
    publicity_events.SingleSourcePublicised: preparation.SingleSourcePublicised,
    publicity_events.ObjectionRaised: preparation.ObjectionRaised,
    publicity_events.ObjectionReviewed: preparation.ObjectionReviewed,
}
_OF_CHALLENGES: AsItIs = {
    challenge_events.ChallengeRaised: challenge.ChallengeRaised,
    challenge_events.ChallengeAnswered: challenge.ChallengeAnswered,
    challenge_events.ComplaintFiled: challenge.ComplaintFiled,
    challenge_events.ComplaintAdmitted: challenge.ComplaintAdmitted,
    challenge_events.ComplaintDecided: challenge.ComplaintDecided,
    challenge_events.ChallengeClosed: challenge.ChallengeClosed,
}
_OF_FRAMEWORKS: AsItIs = {
    framework_events.FrameworkConcluded: framework.FrameworkConcluded,
    framework_events.SupplierJoined: framework.SupplierJoined,
    framework_events.SupplierLeft: framework.SupplierLeft,
    framework_events.FrameworkEnded: framework.FrameworkEnded,
    framework_events.CompetitionOpened: framework.CompetitionOpened,
    framework_events.CompetitionDecided: framework.CompetitionDecided,
    framework_events.CompetitionLapsed: framework.CompetitionLapsed,
    framework_events.CalledOff: framework.CalledOff,
    framework_events.CallOffReturned: framework.CallOffReturned,
    framework_events.OrderChanged: framework.OrderChanged,
}
_OF_CONTRACTS: AsItIs = {
    events.ContractGenerated: contract.Generated,
    events.SupplierSigned: contract.SupplierSigned,
    contract_events.Annulled: contract.Annulled,
    contract_events.ChangeRequested: contract.ChangeRequested,
    contract_events.Changed: contract.Changed,
    contract_events.ChangeFailed: contract.ChangeFailed,
}
_AS_THEY_ARE: Mapping[str, AsItIs] = {
    "plan": _OF_PLANS,
    "tender": _OF_TENDERS,
    "exception": _OF_EXCEPTIONS,
    "publicity": _OF_PUBLICITIES,
    "challenge": _OF_CHALLENGES,
    "framework": _OF_FRAMEWORKS,
    "contract": _OF_CONTRACTS,
}
"""By what the aggregate of the event is called."""

_NAMED = {event: (model, name) for name, group in _AS_THEY_ARE.items() for event, model in group.items()}


def published(event: DomainEvent) -> EventData:
    """Write a domain event in the published language."""
    if type(event) in _NAMED:
        model, name = _NAMED[type(event)]
        return model.of(event, **{name: event.aggregate})
    told = tender_event(event) or contract_event(event) or panel_event(event) or draw_event(event)
    if told is None:
        raise TypeError(type(event).__name__)
    return told
