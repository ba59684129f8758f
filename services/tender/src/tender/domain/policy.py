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
    "contract.sign-as-supplier": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-buyer": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "expert.propose": rule("procurement-officer"),
    "expert.admit": rule("procurement-officer", "procurement-head"),
    "expert.retire": rule("procurement-officer", "procurement-head"),
    "panel.close-pool": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "panel.draw": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.appoint": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.represent": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.name-chair": rule("procurement-officer", "procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.open-round": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "panel.sit": rule("panel-member"),
}
