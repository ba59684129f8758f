"""Who may do what in the tender service."""

from shared.kernel.access import Policy, Relation, rule

POLICY: Policy = {
    "plan.make": rule("procurement-officer"),
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
    "tender.score": rule("panel-member"),
    "award.propose": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "award.confirm": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "bid.submit": rule("provider"),
    "bid.receipt": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-supplier": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-buyer": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
}
