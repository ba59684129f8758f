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
    "contract.record-non-signature": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.receive-security": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.return-security": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.propose-change": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.approve-change": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "contract.suspend": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "contract.assign": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "contract.propose-end": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.confirm-end": rule("procurement-head", relation=Relation.OWN_ORGANISATION),
    "contract.plan-handover": rule("procurement-officer", relation=Relation.OWN_ORGANISATION),
    "contract.hand-over": rule("procurement-officer", "provider", relation=Relation.OWN_ORGANISATION),
}
