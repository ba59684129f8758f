"""Who may do what in the tender service."""

from shared.kernel.access import Policy, Relation, rule

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
    "invitation.draw": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "publicity.make": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "objection.raise": rule("provider"),
    "objection.review": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.draft": rule("procurement-officer"),
    "tender.change": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "tender.publish": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.cancel": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.open": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "tender.score": rule("panel-member"),
    "award.propose": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "award.confirm": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "bid.submit": rule("provider"),
    "bid.receipt": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-supplier": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-buyer": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
}
