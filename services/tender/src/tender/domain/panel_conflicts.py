"""What members declare once the bidders are known, and which ties end a membership."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.rules.facts import Facts, FactValue
from shared.rules.pack import RulePack
from tender.domain.expert import Expert, ExpertStatus
from tender.domain.panel import Panel, changed, recuse
from tender.domain.panel_events import MemberReplaced
from tender.domain.panel_obstacles import Candidates, not_kept, tied_to
from tender.domain.panel_parts import LIFECYCLE, Seat, Tie
from tender.domain.parts import Status
from tender.domain.roles import broken, roles_of
from tender.domain.tender import Tender

_LONGEST = Decimal(100)
# Whoever works for, directs or controls a bidder now is one of the bidder's people.
_OF_THE_BIDDER = frozenset({"employment", "directorship", "control"})


def declare(
    panel: Panel,
    person: str,
    ties: Sequence[Tie],
    *,
    organisation: str,
    at: datetime,
    tender: Tender,
    pack: RulePack,
    candidates: Candidates,
) -> tuple[Panel, tuple[MemberReplaced, ...]]:
    """Declare how one stands to every bidder; a tie that the pack excludes ends the membership, others are disclosed.

    So does that the member has left the pool since.

    Raises:
        NotAllowed: tender-not-evaluation, panel-not-forming, declared.
        Forbidden: not-on-panel.
        Invalid: declaration-incomplete, tie-incomplete.
    """
    tender.expect(Status.EVALUATION)
    seat = panel.member(person)
    LIFECYCLE.admit("declare", panel.status)
    if seat.ties is not None:
        raise NotAllowed("declared", "You have declared your interests.")
    _check_ties(ties, {bid.bidder.id for bid in tender.bids}, pack.reference("committee.conflicts-declared"))
    declared = replace(seat, ties=tuple(ties))
    after = changed(panel, seat, declared)
    expert = candidates.experts.get(seat.label)
    rule = exclusion(declared, organisation, expert, panel=panel, tender=tender, pack=pack)
    if rule is None:
        return after, ()
    # The version grows once, whatever the declaration leads to.
    return recuse(
        replace(after, version=panel.version), declared, rule, at=at, tender=tender, pack=pack, candidates=candidates
    )


def exclusion(
    seat: Seat, organisation: str, expert: Expert | None, *, panel: Panel, tender: Tender, pack: RulePack
) -> RuleReference | None:
    """Return the rule by which a member's ties end the membership; none if none does.

    Shape: expert is the member as the pool knows it, whose ties are on record there; none for a representative.
    """
    ties = seat.ties or ()
    in_pool: Facts = {} if expert is None else {"expert.admitted": expert.status is ExpertStatus.ADMITTED}
    for facts in (in_pool, *map(_facts, ties)):
        for check in not_kept(facts, pack):
            return check.result.rule
    roles = [
        *roles_of(seat.person, seat.organisation, panel.parts(tender), tender),
        *roles_of(seat.person, organisation, (), tender),
        *(tied_to(expert, tender) if expert is not None else ()),
    ]
    if any(tie.relation in _OF_THE_BIDDER and not tie.years_since for tie in ties):
        roles.append("bidder")
    found = broken({seat.person: tuple(dict.fromkeys(roles))}, tender.content.procurement.method, pack)
    return found[0].result.rule if found else None


def undeclared(panel: Panel) -> int:
    """Count the members who have not declared their interests."""
    return sum(seat.ties is None for seat in panel.members)


def _facts(tie: Tie) -> dict[str, FactValue]:
    former = tie.relation in {"employment", "directorship"}
    facts: dict[str, FactValue] = {
        "conflict.former_tie": former,
        "conflict.kin": tie.relation == "kinship",
        "conflict.controls_supplier": tie.relation == "control",
        "conflict.years_since_tie": Fraction(tie.years_since or 0),
        "conflict.kinship_degree": Fraction(tie.degree or 0),
    }
    return facts


def _check_ties(ties: Sequence[Tie], bidders: set[str], reference: RuleReference) -> None:
    named = [(tie.bidder, tie.relation) for tie in ties]
    free = {tie.bidder for tie in ties if tie.relation == "none"}
    tied = {tie.bidder for tie in ties if tie.relation != "none"}
    if len(named) != len(set(named)) or free & tied or free | tied != bidders:
        raise Invalid(
            "declaration-incomplete",
            "A declaration names every bidder: with no tie, or with each tie once.",
            pointer="/body/ties",
            reference=reference,
            satisfied_by="One entry or more for each bidder that was opened.",
        )
    for tie in ties:
        timed = tie.relation in {"employment", "directorship", "shareholding", "control"}
        years = tie.years_since is not None and 0 <= tie.years_since <= _LONGEST
        degree = tie.degree is not None and tie.degree >= 1
        if (timed and not years) or ((tie.relation == "kinship") != degree):
            raise Invalid(
                "tie-incomplete",
                "A tie says how many years ago it ended, 0 while it lasts; kinship says its degree.",
                pointer="/body/ties",
                reference=reference,
                satisfied_by="`years_since` of a tie that ends, `degree` of kinship.",
            )
