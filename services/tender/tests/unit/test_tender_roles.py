"""Roles that nobody holds together, whatever the order in which they are taken."""

from typing import cast

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from shared.kernel.errors import Forbidden
from shared.rules.pack import RulePack, load_pack
from tender.domain.roles import Part, kept_out, roles_of, take_part
from tender.domain.tender import Tender

# Written by hand from the table of incompatible roles, not read from the pack.
PAIRS = {
    ("provider", "designer"),
    ("provider", "specification-writer"),
    ("provider", "project-manager"),
    ("provider", "supervisor"),
    ("provider", "tester"),
    ("bidder", "committee-member"),
    ("bidder", "purchaser-staff"),
    ("agency-staff", "committee-member"),
    ("purchaser-representative", "committee-chair"),
    ("demand-author", "demand-reviewer"),
    ("purchase-handler", "contract-reviewer"),
    ("purchase-handler", "acceptance-officer"),
    ("specification-writer", "committee-member"),
    ("award-proposer", "committee-member"),
    ("supervisor", "provider-affiliate"),
    ("supervisor", "agency-staff"),
    ("supervisor", "committee-member"),
    ("supervisor", "acceptance-signer"),
    ("supervisor", "payer"),
    ("complaint-decider", "purchaser-staff"),
    ("complaint-decider", "agency-staff"),
    ("complaint-decider", "supervisor"),
}
ROLES = sorted({role for pair in PAIRS for role in pair})
PEOPLE = ("ana", "ben", "cleo")
ORGANISATIONS = ("city", "birch", "institute")


class Course(RuleBasedStateMachine):
    """Lets people ask for any role, for any organisation, in any order."""

    def __init__(self, tender: Tender, pack: RulePack) -> None:
        super().__init__()
        self.tender, self.pack = tender, pack
        self.known: tuple[Part, ...] = ()

    def held(self, person: str, organisation: str, known: tuple[Part, ...]) -> set[str]:
        own = {part.role for part in known if part.person == person}
        return own | ({"purchaser-staff"} if organisation == "city" else set())

    @rule(person=st.sampled_from(PEOPLE), organisation=st.sampled_from(ORGANISATIONS), role=st.sampled_from(ROLES))
    def ask(self, person: str, organisation: str, role: str) -> None:
        part = Part(person, organisation, role)
        together = self.held(person, organisation, (*self.known, part))
        clash = any(role in pair and set(pair) <= together for pair in PAIRS)
        if clash:
            with pytest.raises(Forbidden) as problem:
                take_part(part, self.known, self.tender, self.pack)
            assert problem.value.code == "roles-incompatible"
            assert problem.value.reference is not None
            assert problem.value.reference.rule.startswith("incompatible.")
            assert problem.value.reference.source
        else:
            take_part(part, self.known, self.tender, self.pack)
            self.known = (*self.known, part)

    @invariant()
    def nobody_holds_two_roles_that_are_kept_apart(self) -> None:
        for person in PEOPLE:
            roles = set(roles_of(person, "nowhere", self.known, self.tender))
            assert not [pair for pair in PAIRS if set(pair) <= roles]


@pytest.mark.parametrize("name", ["model", "cn-services", "eu-light", "uk-2023"])
def test_neither_who_specified_it_nor_who_buys_it_may_bid(draft: Tender, name: str) -> None:
    out = kept_out(["alder"], draft, load_pack(name))
    assert {organisation: reference.rule for organisation, reference in out.items()} == {
        "alder": "incompatible.provider",
        draft.buyer.id: "incompatible.bidder",
    }


@pytest.mark.parametrize("name", ["model", "cn-services", "eu-light", "uk-2023"])
def test_nobody_ever_holds_two_roles_that_the_law_keeps_apart(draft: Tender, name: str) -> None:
    pack = load_pack(name)
    run_state_machine_as_test(
        cast("type[Course]", lambda: Course(draft, pack)),
        settings=settings(max_examples=200, stateful_step_count=50, deadline=None),
    )
