"""Who may do what in the registry."""

from shared.kernel.access import Policy, Relation, rule

POLICY: Policy = {
    "provider.register": rule("provider"),
    "provider.change": rule("provider", relation=Relation.OWN_ORGANISATION),
    "provider.submit-evidence": rule("provider", relation=Relation.OWN_ORGANISATION),
    "provider.check": rule("registry-officer"),
    "provider.verify": rule("registry-officer"),
    "provider.refuse": rule("registry-officer"),
    "year.enter": rule("provider", relation=Relation.OWN_ORGANISATION),
    "year.confirm": rule("registry-officer"),
    "year.refuse": rule("registry-officer"),
    "record.reply": rule("provider", relation=Relation.OWN_ORGANISATION),
    "case.report": rule("sanctions-officer"),
    "case.notify": rule("sanctions-officer"),
    "case.withdraw": rule("sanctions-officer"),
    "case.reply": rule("provider", relation=Relation.OWN_ORGANISATION),
    "case.appeal": rule("provider", relation=Relation.OWN_ORGANISATION),
    "case.offer-self-cleaning": rule("provider", relation=Relation.OWN_ORGANISATION),
    "case.decide": rule("sanctions-authority"),
    "case.decide-appeal": rule("sanctions-authority"),
    "case.hear-self-cleaning": rule("sanctions-authority"),
    "case.settle": rule("sanctions-authority"),
}
