"""Who may do what in the evaluation."""

from shared.kernel.access import Policy, Relation, rule

POLICY: Policy = {
    "supervisor.accredit": rule("accreditation-officer"),
    "supervisor.renew": rule("accreditation-officer"),
    "supervisor.declare-conflict": rule("supervisor", relation=Relation.OWN_ORGANISATION),
    "supervision.assign": rule("supervision-coordinator"),
    "supervision.report": rule("supervisor"),
    "supervision.accept": rule("contract-manager", relation=Relation.OWN_ORGANISATION),
    "original.keep": rule("importer"),
    "original.read": rule("importer", "operator"),
    "external-process.import": rule("importer"),
}
