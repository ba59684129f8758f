"""Who may do what in the registry."""

from shared.kernel.access import Actor, Policy, Relation, permit_relation, rule

# Who sees of every organisation what others see of none: its people, its numbers, its answers.
OVERSIGHT = frozenset({"registry-officer", "auditor"})


POLICY: Policy = {
    "provider.register": rule("provider"),
    "provider.change": rule("provider", relation=Relation.OWN_ORGANISATION),
    "provider.read-people": rule("provider", *OVERSIGHT, relation=Relation.OWN_ORGANISATION),
    "provider.submit-evidence": rule("provider", relation=Relation.OWN_ORGANISATION),
    "provider.check": rule("registry-officer"),
    "provider.verify": rule("registry-officer"),
    "provider.refuse": rule("registry-officer"),
    "year.enter": rule("provider", relation=Relation.OWN_ORGANISATION),
    "year.confirm": rule("registry-officer"),
    "year.refuse": rule("registry-officer"),
    "programme.open": rule("programme-officer"),
    "application.apply": rule("provider"),
    "application.withdraw": rule("provider", relation=Relation.OWN_ORGANISATION),
    "application.assess": rule("programme-officer", relation=Relation.OWN_ORGANISATION),
    "application.decide": rule("programme-officer", relation=Relation.OWN_ORGANISATION),
    "application.record-outcome": rule("programme-officer", relation=Relation.OWN_ORGANISATION),
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
    "reserved.declare": rule("provider", relation=Relation.OWN_ORGANISATION),
    "screening.enter-list": rule("sanctions-officer"),
    "screening.review": rule("sanctions-officer"),
    "screening.read": rule("sanctions-officer", "sanctions-authority", "auditor"),
    "declaration.declare": rule("provider", relation=Relation.OWN_ORGANISATION),
    "document.enter": rule("provider", "registry-officer", relation=Relation.OWN_ORGANISATION),
    "document.decide": rule("registry-officer"),
    "document.withdraw": rule("provider", "registry-officer", relation=Relation.OWN_ORGANISATION),
    "evidence.read": rule("provider", *OVERSIGHT, relation=Relation.OWN_ORGANISATION),
    "evidence-pack.issue": rule("provider", *OVERSIGHT, relation=Relation.OWN_ORGANISATION),
    "professional.enter": rule("provider", relation=Relation.OWN_ORGANISATION),
    "professional.confirm-certificate": rule("registry-officer"),
    "professional.decide-hours": rule("provider"),
    "duplicate.read": rule(*OVERSIGHT),
    "duplicate.judge": rule("registry-officer"),
    "merge.propose": rule("registry-officer"),
    "merge.confirm": rule("registry-officer"),
    "merge.reject": rule("registry-officer"),
}


def permit_own_or_oversight(action: str, actor: Actor, organisation: str) -> None:
    """Let through who oversees the registry, and everybody else where it is about the own organisation.

    Raises:
        Forbidden: not-own-organisation.
    """
    if not actor.roles & POLICY[action].roles & OVERSIGHT:
        permit_relation(POLICY, action, actor, organisation)


def sees_all(actor: Actor | None, organisation: str) -> bool:
    """Tell whether somebody sees what others do not: as that organisation, or in oversight."""
    return actor is not None and (actor.organisation == organisation or bool(actor.roles & OVERSIGHT))
