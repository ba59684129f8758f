"""Who may do what in the registry."""

from shared.kernel.access import Policy, Relation, rule

POLICY: Policy = {
    "provider.register": rule("provider"),
    "provider.change": rule("provider", relation=Relation.OWN_ORGANISATION),
    "provider.submit-evidence": rule("provider", relation=Relation.OWN_ORGANISATION),
    "provider.check": rule("registry-officer"),
    "provider.verify": rule("registry-officer"),
    "provider.refuse": rule("registry-officer"),
    "record.reply": rule("provider", relation=Relation.OWN_ORGANISATION),
}
