"""Who holds which roles in one procedure, and the roles that nobody holds together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.kernel.errors import Forbidden, RuleReference
from shared.rules.checks import Check, check_rules
from shared.rules.facts import FactValue
from shared.rules.pack import RulePack
from shared.rules.result import Verdict
from tender.domain.tender import Tender


@dataclass(frozen=True, slots=True)
class Part:
    """A role that a person, speaking for an organisation, has in the procedure."""

    person: str
    organisation: str
    role: str


def parts(tender: Tender, *others: Part) -> tuple[Part, ...]:
    """Return the parts that a tender itself tells of, and others beside them."""
    buyer = tender.buyer.id
    known = [Part(person, buyer, "specification-writer") for person in tender.authors]
    proposers = {award.proposed_by for lot in tender.lots for award in (*lot.awards, lot.framework) if award}
    known += [Part(person, buyer, "award-proposer") for person in sorted(proposers)]
    return (*known, *others)


def handlers(tender: Tender) -> frozenset[str]:
    """Return the persons who handled the purchase: who wrote it, proposed its award, or decided on a bid."""
    decided = [inquiry.decided_by for inquiry in tender.inquiries]
    decided += [deficiency.decided_by for deficiency in tender.deficiencies]
    persons = {part.person for part in parts(tender)} | {person for person in decided if person is not None}
    return frozenset(persons | set(tender.qualified_by))


def roles_of(person: str, organisation: str, known: Iterable[Part], tender: Tender) -> tuple[str, ...]:
    """Return every role of a person: the own ones, and those of the organisation it belongs to.

    Before the opening nobody's organisation counts as a bidder, since nobody knows.
    """
    roles = [part.role for part in known if part.person == person]
    if any(bid.bidder.id == organisation for bid in tender.bids):
        roles.append("bidder")
    if organisation == tender.buyer.id:
        roles.append("purchaser-staff")
    return tuple(dict.fromkeys(roles))


def broken(held: Mapping[str, tuple[str, ...]], method: str, pack: RulePack) -> tuple[Check, ...]:
    """Return the rules that somebody breaks by holding two roles together."""
    rules = {rule_id: rule for rule_id, rule in pack.rules.items() if rule_id.startswith("incompatible.")}
    facts: Mapping[str, FactValue] = {"roles": held, "procedure.method": method}
    checks = check_rules(rules, facts, pack.calendar)
    return tuple(check for check in checks if check.result.verdict in {Verdict.FAIL, Verdict.UNRESOLVED})


def kept_out(specifiers: Iterable[str], tender: Tender, pack: RulePack) -> Mapping[str, RuleReference]:
    """Return which organisations may not bid, each with the rule that says so: who specified it, and who buys it."""
    method = tender.content.procurement.method
    held = {tender.buyer.id: ("bidder", "purchaser-staff")}
    held |= dict.fromkeys(specifiers, ("provider", "specification-writer"))
    return {
        organisation: check.result.rule
        for organisation, roles in held.items()
        for check in broken({organisation: roles}, method, pack)
    }


def take_part(part: Part, known: Iterable[Part], tender: Tender, pack: RulePack) -> None:
    """Admit a person to one more role; whatever the other roles break among themselves is no matter of this step.

    Raises:
        Forbidden: roles-incompatible.
    """
    roles = roles_of(part.person, part.organisation, (*known, part), tender)
    for check in broken({part.person: roles}, tender.content.procurement.method, pack):
        pair = check.rule.value
        if part.role not in {pair["role"], *pair["never_with"]}:
            continue
        raise Forbidden(
            "roles-incompatible",
            "One person does not hold these two roles in one procedure.",
            reference=check.result.rule,
            satisfied_by="The same step by somebody who has no such part in the procedure.",
        )
