"""Who may do what in the tender service."""

from shared.kernel.access import Policy, Relation, rule

POLICY: Policy = {
    "plan.make": rule("procurement-officer"),
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
    "bid.show": rule("provider", relation=Relation.OWN_ORGANISATION),
    "document.upload": rule("provider", "procurement-officer"),
    "document.attach": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-supplier": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-buyer": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
}
