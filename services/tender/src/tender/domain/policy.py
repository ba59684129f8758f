"""Who may do what in the tender service."""

from shared.kernel.access import Policy, Relation, rule

POLICY: Policy = {
    "plan.make": rule("procurement-officer"),
    "tender.draft": rule("procurement-officer"),
    "tender.change": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "tender.publish": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.cancel": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "tender.open": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "tender.qualify": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "tender.score": rule("panel-member"),
    "award.propose": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "award.confirm": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "award.cancel": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "award.examine": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "bid.submit": rule("provider"),
    "bid.receipt": rule("provider", relation=Relation.OWN_ORGANISATION),
    "bid.answer": rule("provider", relation=Relation.OWN_ORGANISATION),
    "framework.call-off": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "framework.admit": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "framework.quote": rule("provider"),
    "framework.join": rule("provider"),
    "challenge.raise": rule("provider", relation=Relation.OWN_ORGANISATION),
    "challenge.answer": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "challenge.decide": rule("complaint-decider"),
    "bid.show": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-supplier": rule("provider", relation=Relation.OWN_ORGANISATION),
    "contract.sign-as-buyer": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
}
