"""Who may do what in the tender service."""

from shared.kernel.access import Actor, Policy, Relation, rule

OFFICES = frozenset({"procurement-officer", "procurement-head"})
AUDIT = frozenset({"auditor", "supervision-coordinator"})
"""Who watches over procurement; an inspector of one contract's delivery is none of them."""

POLICY: Policy = {
    "plan.make": rule("procurement-officer"),
    "plan.approve": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "plan.schedule": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "plan.change": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "plan.complete": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "plan.cancel": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.check": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "exception.request": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "exception.decide": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "invitation.pool": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "invitation.witness": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "invitation.draw": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "publicity.make": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "objection.raise": rule("provider"),
    "objection.review": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.draft": rule("procurement-officer"),
    "tender.change": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "tender.publish": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.cancel": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "amendment.draft": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "amendment.publish": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "question.ask": rule("provider"),
    "question.answer": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "interest.register": rule("provider"),
    "notices.read": rule("provider"),
    "tender.open": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "tender.qualify": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "negotiation.record-talks": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "negotiation.change-terms": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "negotiation.request-quotes": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "tender.confirm-qualification": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.read-qualification": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.score": rule("panel-member"),
    "award.propose": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "award.confirm": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "award.cancel": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "award.examine": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "award.draw-tie": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "award.read-evaluation": rule(*OFFICES, *AUDIT, "panel-member", "complaint-decider"),
    "award.read-explanation": rule("procurement-officer", "procurement-head", "panel-member", "provider"),
    "bid.submit": rule("provider"),
    "bid.receipt": rule("provider", relation=Relation.OWN_ORGANISATION),
    "bid.answer": rule("provider", relation=Relation.OWN_ORGANISATION),
    "framework.call-off": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "framework.admit": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "framework.quote": rule("provider"),
    "framework.join": rule("provider"),
    "challenge.raise": rule("provider", relation=Relation.OWN_ORGANISATION),
    "challenge.answer": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "challenge.concede": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "challenge.decide": rule("complaint-decider"),
    "bid.show": rule("provider", relation=Relation.OWN_ORGANISATION),
    "document.upload": rule("provider", "procurement-officer"),
    "document.attach": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-supplier": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-buyer": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "expert.propose": rule("procurement-officer"),
    "expert.admit": rule("procurement-officer", "procurement-head"),
    "expert.retire": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.close-pool": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "panel.draw": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.appoint": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.represent": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.release-seat": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.name-chair": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.open-round": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.sit": rule("panel-member"),
    "contract.record-non-signature": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.receive-security": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.return-security": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.propose-change": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.approve-change": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "contract.suspend": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "contract.request-assignment": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.read-assignment": rule("provider", *OFFICES),
    "contract.consent-to-assignment": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.approve-assignment": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.assign": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "contract.propose-end": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.consent-to-end": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.confirm-end": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "contract.plan-handover": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.hand-over": rule("procurement-officer", "provider", relation=Relation.OWN_ORGANISATION),
}


def in_an_office(actor: Actor | None) -> bool:
    """Tell whether somebody works in a purchasing office, whichever it is."""
    return actor is not None and bool(actor.roles & OFFICES)


def in_office_of(actor: Actor | None, buyer: str) -> bool:
    """Tell whether somebody works in the office of a purchaser."""
    return actor is not None and actor.organisation == buyer and in_an_office(actor)
