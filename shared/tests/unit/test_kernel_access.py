"""The policy table lets through what it names and nothing else."""

import pytest

from shared.kernel.access import Actor, Relation, different_persons, permit, permit_relation, rule
from shared.kernel.errors import Forbidden

POLICY = {
    "publish-tender": rule("procurement-officer", "procurement-head"),
    "submit-bid": rule("bidder", relation=Relation.OWN_ORGANISATION),
    "closed": rule(),
}
OFFICER = Actor("person-1", "city", frozenset({"procurement-officer"}))
BIDDER = Actor("person-2", "provider", frozenset({"bidder"}))


def test_actor_passes_when_one_of_its_roles_is_in_the_row() -> None:
    permit(POLICY, "publish-tender", OFFICER)
    permit(POLICY, "publish-tender", Actor("person-3", "city", frozenset({"auditor", "procurement-head"})))


@pytest.mark.parametrize(
    ("action", "actor"),
    [
        pytest.param("publish-tender", BIDDER, id="another-role"),
        pytest.param("publish-tender", Actor("person-4", "city", frozenset()), id="no-role"),
        pytest.param("closed", OFFICER, id="row-without-roles"),
        pytest.param("not-in-the-table", OFFICER, id="unnamed-action"),
    ],
)
def test_actor_is_refused_when_no_role_matches(action: str, actor: Actor) -> None:
    with pytest.raises(Forbidden) as refusal:
        permit(POLICY, action, actor)
    assert refusal.value.code == "role-missing"


def test_refusal_names_the_roles_in_order_when_the_action_is_known() -> None:
    with pytest.raises(Forbidden) as refusal:
        permit(POLICY, "publish-tender", BIDDER)
    assert refusal.value.satisfied_by == "One of the roles: procurement-head, procurement-officer."


def test_owner_passes_when_the_table_asks_for_the_own_organisation() -> None:
    permit_relation(POLICY, "submit-bid", BIDDER, "provider")


def test_stranger_is_refused_when_the_table_asks_for_the_own_organisation() -> None:
    with pytest.raises(Forbidden, match="not-own-organisation"):
        permit_relation(POLICY, "submit-bid", BIDDER, "another-provider")


def test_stranger_passes_when_the_table_asks_for_no_relation() -> None:
    permit_relation(POLICY, "publish-tender", OFFICER, "another-city")


def test_one_person_is_refused_when_two_are_needed() -> None:
    with pytest.raises(Forbidden) as refusal:
        different_persons("person-1", "person-1", "An award")
    assert refusal.value.code == "second-person-needed"
    assert refusal.value.detail == "An award needs a second person."


def test_two_persons_pass_when_two_are_needed() -> None:
    different_persons("person-1", "person-2", "An award")
