"""Who runs, owns and forms a provider: what is refused, and what ends its verification."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_registry.domain import details
from provider_registry.domain.legal_forms import Kind, form_with_identifier, legal_form, legal_forms
from provider_registry.domain.ownership import refuse_cycle
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import (
    Address,
    Contact,
    Control,
    Identifier,
    Member,
    Owner,
    OwnerKind,
    PersonInRole,
    PersonRole,
    Status,
)
from shared.kernel.errors import DomainError, Invalid, NotAllowed
from shared.rules.pack import available_packs

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MakeProvider = Callable[[Status], Provider]


def person(name: str = "Ann Lee", **changes: Any) -> PersonInRole:
    return PersonInRole(**{"name": name, "role": PersonRole.HEAD, "since": date(2024, 1, 1), **changes})


def owner(name: str = "Parent", share: str | None = "60", **changes: Any) -> Owner:
    given_changes = {"kind": OwnerKind.ORGANISATION, "control": (Control.SHAREHOLDING,), "since": date(2024, 1, 1)}
    return Owner(name=name, share=Decimal(share) if share else None, **{**given_changes, **changes})


def test_people_are_counted_and_never_named_when_they_are_told(provider: MakeProvider) -> None:
    people = (
        person(),
        person("Bo Lin", role=PersonRole.BOARD_MEMBER),
        person("Cy Ray", role=PersonRole.BOARD_MEMBER),
        person("Di Fox", role=PersonRole.BOARD_MEMBER, until=date(2025, 12, 31)),
    )
    changed, (event,) = details.staff(provider(Status.VERIFIED), people, at=NOW)
    assert (changed.status, changed.people, event.verification_ended) == (Status.VERIFIED, people, False)
    assert dict(event.people) == {PersonRole.HEAD: 1, PersonRole.BOARD_MEMBER: 2}
    assert not any(one.name in repr(event) for one in people)
    assert event.version == changed.version == provider(Status.VERIFIED).version + 1


def test_person_may_return_to_a_role_and_have_two(provider: MakeProvider) -> None:
    people = (
        person(until=date(2024, 6, 30)),
        person("ANN  LEE", since=date(2024, 7, 1)),
        person(role=PersonRole.AUTHORISED_SIGNATORY),
    )
    assert details.staff(provider(Status.REGISTERED), people, at=NOW)[0].people == people


@pytest.mark.parametrize(
    ("people", "code", "pointer"),
    [
        ((person(), person("ann lee")), "person-repeated", "/body/people/1"),
        ((person(until=date(2025, 1, 1)), person(since=date(2025, 1, 1))), "person-repeated", "/body/people/1"),
        ((person(since=date(2026, 3, 3)),), "date-in-future", "/body/people/0"),
        ((person(until=date(2026, 3, 3)),), "date-in-future", "/body/people/0"),
        ((person(until=date(2023, 12, 31)),), "dates-reversed", "/body/people/0"),
    ],
)
def test_people_are_refused_when_they_contradict_themselves(
    provider: MakeProvider, people: tuple[PersonInRole, ...], code: str, pointer: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        details.staff(provider(Status.REGISTERED), people, at=NOW)
    assert (refusal.value.code, refusal.value.pointer) == (code, pointer)


def test_verification_ends_when_the_owners_change_and_not_when_they_are_told_again(provider: MakeProvider) -> None:
    owners = (owner(), owner("Ann Lee", "40", kind=OwnerKind.PERSON))
    changed, (event,) = details.own(provider(Status.VERIFIED), owners, at=NOW)
    assert (changed.status, changed.verified_at, changed.valid_until) == (Status.REGISTERED, None, None)
    assert (event.verification_ended, event.owners, event.owning_persons) == (True, owners[:1], 1)
    assert "Ann" not in repr(event)
    verified = replace(provider(Status.VERIFIED), owners=owners)
    same, (told,) = details.own(verified, owners, at=NOW)
    assert (same.status, told.verification_ended) == (Status.VERIFIED, False)


def test_shares_may_change_hands_when_no_day_has_more_than_the_whole(provider: MakeProvider) -> None:
    owners = (
        owner("A", "70", until=date(2025, 6, 30)),
        owner("B", "70", since=date(2025, 7, 1)),
        owner("C", "30"),
        owner("D", None),
    )
    assert details.own(provider(Status.REGISTERED), owners, at=NOW)[0].owners == owners


@pytest.mark.parametrize(
    ("owners", "code"),
    [
        ((owner("A", "60"), owner("B", "40.0001")), "shares-above-whole"),
        ((owner("A", "70", until=date(2025, 6, 30)), owner("B", "40", since=date(2025, 6, 30))), "shares-above-whole"),
        ((owner("A", "0"),), "share-out-of-range"),
        ((owner("A", "100.01"),), "share-out-of-range"),
        ((owner("A", "1"), owner("a", "1")), "owner-repeated"),
        ((owner("A", "1", organisation="org-a"), owner("Z", "1", organisation="org-a")), "owner-repeated"),
        ((owner("A", "1", kind=OwnerKind.PERSON, organisation="org-a"),), "owner-contradicted"),
        ((owner("A", "1", since=date(2027, 1, 1)),), "date-in-future"),
        ((owner("A", "1", until=date(2020, 1, 1)),), "dates-reversed"),
    ],
)
def test_owners_are_refused_when_they_contradict_themselves(
    provider: MakeProvider, owners: tuple[Owner, ...], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        details.own(provider(Status.REGISTERED), owners, at=NOW)
    assert refusal.value.code == code


MEMBERS = (Member("org-a", Decimal("66.6")), Member("org-b", Decimal("33.4")))


@pytest.mark.parametrize(
    ("form", "members", "code"),
    [
        ("consortium", MEMBERS, None),
        ("company", MEMBERS, "not-a-consortium"),
        ("consortium", MEMBERS[:1], "members-too-few"),
        ("consortium", (*MEMBERS, MEMBERS[0]), "member-repeated"),
        ("consortium", (Member("org-oarsmen", Decimal(50)), Member("org-b", Decimal(50))), "member-is-consortium"),
        ("consortium", (MEMBERS[0], Member("org-b", Decimal("33.3"))), "shares-not-whole"),
        ("consortium", (MEMBERS[0], Member("org-b", Decimal(-1))), "share-out-of-range"),
    ],
)
def test_consortium_is_formed_by_members_whose_shares_are_the_whole(
    provider: MakeProvider, form: str, members: tuple[Member, ...], code: str | None
) -> None:
    entry = replace(provider(Status.VERIFIED), legal_form=form)
    if code is None:
        changed, (event,) = details.form_consortium(entry, members)
        assert (changed.members, event.members, changed.status) == (members, members, Status.REGISTERED)
        return
    with pytest.raises(DomainError) as refusal:
        details.form_consortium(entry, members)
    assert refusal.value.code == code


def test_seat_of_an_individual_is_nobodys_business(provider: MakeProvider) -> None:
    seat, contact = Address(street="1 Quay", locality="Lakeside", country="XX"), Contact(name="Ann", email="a@b.c")
    changed, (event,) = details.reach(provider(Status.VERIFIED), address=seat, contact=contact)
    assert (changed.status, event.address, changed.public_address) == (Status.VERIFIED, seat, seat)
    alone = replace(provider(Status.VERIFIED), legal_form="individual")
    changed, (event,) = details.reach(alone, address=seat, contact=contact)
    assert (changed.address, event.address, changed.public_address) == (seat, None, None)
    assert "Ann" not in repr(event)


@pytest.mark.parametrize("status", [Status.SUBMITTED, Status.CHECKED])
def test_nothing_changes_while_officers_look(provider: MakeProvider, status: Status) -> None:
    before = provider(status)
    steps: tuple[Callable[[], Any], ...] = (
        lambda: details.reach(before, address=None, contact=None),
        lambda: details.staff(before, (), at=NOW),
        lambda: details.own(before, (), at=NOW),
        lambda: details.form_consortium(before, MEMBERS),
    )
    for step in steps:
        with pytest.raises(NotAllowed) as refusal:
            step()
        assert refusal.value.code == "provider-being-verified"


NAMES = "abcdef"


@given(st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=3)))
def test_owners_are_refused_exactly_when_a_chain_of_any_length_leads_back(owners: dict[str, set[str]]) -> None:
    # The transitive closure, as Warshall has it.
    reaches = {(one, other) for one in NAMES for other in owners.get(one, ())}
    for middle in NAMES:
        reaches |= {(one, other) for one in NAMES for other in NAMES if {(one, middle), (middle, other)} <= reaches}
    for start in NAMES:
        if (start, start) not in reaches:
            refuse_cycle(start, owners)
            continue
        with pytest.raises(NotAllowed) as refusal:
            refuse_cycle(start, owners)
        assert refusal.value.code == "ownership-cyclic"


def test_forms_of_law_name_packs_and_schemes_that_there_are() -> None:
    known = {"association", "foundation", "social-service-institution", "cooperative", "company", "individual"}
    assert known <= legal_forms().keys()
    assert set(Kind) == {form.kind for form in legal_forms().values()}
    assert {pack for form in legal_forms().values() for pack in form.packs} <= set(available_packs())


def test_form_of_law_carries_the_numbers_of_its_registers() -> None:
    form_with_identifier("community-interest-company", Identifier("GB-COH", "09506232"))
    form_with_identifier("community-interest-company", Identifier("XI-LEI", "724500PMK2A2M1SQQ228"))
    with pytest.raises(Invalid) as refusal:
        form_with_identifier("community-interest-company", Identifier("CN-USCI", "91110000600037341L"))
    assert (refusal.value.code, refusal.value.satisfied_by) == ("identifier-not-of-legal-form", "A number of: GB-COH.")
    with pytest.raises(Invalid) as unknown:
        legal_form("guild")
    assert unknown.value.code == "legal-form-unknown"
