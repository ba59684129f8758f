"""Every lifecycle of the service: what the documents draw, and the tests hold the code to."""

from tender.domain import amendment, bid, exception, expert, invitation, panel_parts, plan, question
from tender.domain.challenge import CHALLENGE
from tender.domain.contract import CONTRACT
from tender.domain.contract_change import CHANGE
from tender.domain.framework_parts import FRAMEWORK
from tender.domain.handover import HANDOVER_ITEM
from tender.domain.lifecycles import AWARD, LOT, TENDER
from tender.domain.negotiation_parts import FINAL_QUOTE, NEGOTIATION

LIFECYCLES = (
    plan.LIFECYCLE,
    TENDER,
    LOT,
    exception.LIFECYCLE,
    invitation.LIFECYCLE,
    question.LIFECYCLE,
    amendment.LIFECYCLE,
    bid.LIFECYCLE,
    expert.LIFECYCLE,
    panel_parts.LIFECYCLE,
    NEGOTIATION,
    FINAL_QUOTE,
    AWARD,
    CHALLENGE,
    FRAMEWORK,
    CONTRACT,
    CHANGE,
    HANDOVER_ITEM,
)
