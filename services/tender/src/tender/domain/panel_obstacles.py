"""What keeps a drawn expert from a panel: looked at after the order is known, never before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from shared.kernel.errors import NotAllowed, RuleReference
from shared.rules.checks import Check, check_rules
from shared.rules.facts import FactValue
from shared.rules.pack import RulePack
from shared.rules.result import Verdict
from tender.domain.draw_parts import Skip
from tender.domain.expert import Expert, ExpertStatus
from tender.domain.roles import Part, broken, roles_of
from tender.domain.tender import Tender

# The facts of the procedure beside them only say which rules bind here.
_OF_PANELS = ("committee.", "conflict.", "evaluation.", "expert.")
NOT_KEPT = frozenset({Verdict.FAIL, Verdict.UNRESOLVED})


@dataclass(frozen=True, slots=True)
class Candidates:
    """The experts of a pool as they are now, and on how many panels each sits."""

    experts: Mapping[UUID, Expert]
    panels: Mapping[UUID, int]


def walk(
    order: Sequence[UUID],
    places: int,
    *,
    candidates: Candidates,
    known: Iterable[Part],
    tender: Tender,
    pack: RulePack,
) -> tuple[tuple[UUID, ...], tuple[Skip, ...], int]:
    """Take the first of an order whom no rule keeps away; return them, the others, and how many were looked at."""
    known = tuple(known)
    found: list[UUID] = []
    skipped: list[Skip] = []
    for label in order:
        if len(found) == places:
            break
        expert = candidates.experts[label]
        rule = obstacle(expert, candidates.panels.get(label, 0), known=known, tender=tender, pack=pack)
        if rule is None:
            found.append(label)
        else:
            skipped.append(Skip(label, rule.rule, rule.source))
    return tuple(found), tuple(skipped), len(found) + len(skipped)


def obstacle(
    expert: Expert, panels: int, *, known: Iterable[Part], tender: Tender, pack: RulePack
) -> RuleReference | None:
    """Return the rule that keeps an expert from the panel; none if none does."""
    buyer = tender.buyer.id
    facts: Mapping[str, FactValue] = {
        "expert.admitted": expert.status is ExpertStatus.ADMITTED,
        "expert.of_purchaser": buyer == expert.organisation or buyer in expert.conflicts,
        "expert.panels": Fraction(panels + 1),
        "procedure.method": tender.content.procurement.method,
    }
    seat = Part(expert.person, expert.organisation, "committee-member")
    roles = [*roles_of(expert.person, expert.organisation, (*known, seat), tender), *tied_to(expert, tender)]
    held = {expert.person: tuple(dict.fromkeys(roles))}
    refused = (*not_kept(facts, pack), *broken(held, tender.content.procurement.method, pack))
    return refused[0].result.rule if refused else None


def tied_to(expert: Expert, tender: Tender) -> tuple[str, ...]:
    """Return as what an expert counts who declared a tie to a bidder; before the opening nobody knows who bids."""
    bidders = {bid.bidder.id for bid in tender.bids}
    return () if bidders.isdisjoint(expert.conflicts) else ("bidder",)


def expect_free(label: UUID, *, known: Iterable[Part], tender: Tender, pack: RulePack, candidates: Candidates) -> None:
    """Offer a seat, or let one be taken, only where no rule keeps the expert from the panel.

    Raises:
        NotAllowed: expert-kept-away.
    """
    panels = candidates.panels.get(label, 0)
    rule = obstacle(candidates.experts[label], panels, known=known, tender=tender, pack=pack)
    if rule is not None:
        raise NotAllowed(
            "expert-kept-away",
            "A rule keeps an expert from this panel.",
            reference=rule,
            satisfied_by="Another expert.",
        )


def not_kept(facts: Mapping[str, FactValue], pack: RulePack) -> tuple[Check, ...]:
    """Return the rules that speak of one of these facts and are not kept, or cannot be told for want of another."""
    rules = {
        rule_id: rule
        for rule_id, rule in pack.rules.items()
        if rule.check is not None and rule.check.fact in facts and rule.check.fact.startswith(_OF_PANELS)
    }
    return tuple(check for check in check_rules(rules, facts, pack.calendar) if check.result.verdict in NOT_KEPT)


def hold_to(facts: Mapping[str, FactValue], pack: RulePack, code: str, detail: str) -> None:
    """Hold a step to every rule that speaks of one of these facts.

    Raises:
        NotAllowed: the code given; fact-missing, naming the facts without which nobody can tell.
    """
    for check in not_kept(facts, pack):
        if check.result.verdict is Verdict.UNRESOLVED:
            raise NotAllowed(
                "fact-missing",
                "Without a fact that is missing nobody can tell whether the rule is kept.",
                reference=check.result.rule,
                satisfied_by=f"{', '.join(check.result.missing)}.",
            )
        raise NotAllowed(code, detail, reference=check.result.rule, satisfied_by=check.result.satisfied_by)
