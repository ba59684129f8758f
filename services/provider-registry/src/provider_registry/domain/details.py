"""Who runs, owns and forms a provider, and where it has its seat."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from provider_registry.domain.days import in_order
from provider_registry.domain.events import DetailsChanged
from provider_registry.domain.legal_forms import Kind, legal_form_kind
from provider_registry.domain.names import normalised
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import (
    Address,
    Contact,
    Member,
    Owner,
    OwnerKind,
    PersonInRole,
    PersonRole,
    Status,
)
from shared.kernel.errors import Invalid, NotAllowed

WHOLE = Decimal(100)
Changed = tuple[Provider, tuple[DetailsChanged, ...]]


class InTime(Protocol):
    """What holds from one day to another."""

    @property
    def since(self) -> date: ...
    @property
    def until(self) -> date | None: ...


def reach(provider: Provider, *, address: Address | None, contact: Contact | None) -> Changed:
    """Say where a provider has its seat and whom to ask; what was verified of it stays.

    Raises:
        NotAllowed: provider-merged, provider-being-verified.
    """
    provider.open_to_change()
    return _changed(replace(provider, address=address, contact=contact))


def staff(provider: Provider, people: tuple[PersonInRole, ...], *, at: datetime) -> Changed:
    """Name who has which role; what was verified of the provider stays.

    Raises:
        NotAllowed: provider-merged, provider-being-verified.
        Invalid: date-in-future, dates-reversed, person-repeated.
    """
    provider.open_to_change()
    _in_order(people, at.date(), "/body/people")
    for place, one in enumerate(people):
        same = [other for other in people[:place] if _same_person(one, other) and _overlap(one, other)]
        if same:
            raise Invalid(
                "person-repeated",
                "A person is listed twice in one role at the same time.",
                pointer=f"/body/people/{place}",
            )
    return _changed(replace(provider, people=people))


def own(provider: Provider, owners: tuple[Owner, ...], *, at: datetime) -> Changed:
    """Name who owns or controls a provider; what was verified of it under other owners does not carry over.

    Raises:
        NotAllowed: provider-merged, provider-being-verified.
        Invalid: date-in-future, dates-reversed, owner-repeated, owner-contradicted, share-out-of-range,
            shares-above-whole.
    """
    provider.open_to_change()
    _in_order(owners, at.date(), "/body/owners")
    for place, one in enumerate(owners):
        if any(_same_owner(one, other) and _overlap(one, other) for other in owners[:place]):
            raise Invalid("owner-repeated", "An owner is listed twice.", pointer=f"/body/owners/{place}")
        if one.kind is OwnerKind.PERSON and (one.organisation or one.identifier):
            raise Invalid(
                "owner-contradicted",
                "A person is no organisation and has no number in a register of organisations.",
                pointer=f"/body/owners/{place}/kind",
            )
        if one.share is not None:
            _in_range(one.share, f"/body/owners/{place}/share")
    _within_whole(owners)
    ended = owners != provider.owners and provider.status is Status.VERIFIED
    return _changed(_unverified(replace(provider, owners=owners)) if ended else replace(provider, owners=owners), ended)


def form_consortium(provider: Provider, members: tuple[Member, ...]) -> Changed:
    """Name the organisations of a consortium; what was verified of it with other members does not carry over.

    Raises:
        NotAllowed: provider-merged, provider-being-verified, not-a-consortium.
        Invalid: members-too-few, member-repeated, member-is-consortium, share-out-of-range, shares-not-whole.
    """
    provider.open_to_change()
    if legal_form_kind(provider.legal_form) is not Kind.CONSORTIUM:
        raise NotAllowed(
            "not-a-consortium", "Only a consortium has members.", satisfied_by="A change of the legal form."
        )
    if len(members) < 2:
        raise Invalid("members-too-few", "A consortium has two members at the least.", pointer="/body/members")
    if len({one.organisation for one in members}) < len(members):
        raise Invalid("member-repeated", "A member is listed twice.", pointer="/body/members")
    if any(one.organisation == provider.organisation for one in members):
        raise Invalid("member-is-consortium", "A consortium is no member of itself.", pointer="/body/members")
    for place, one in enumerate(members):
        _in_range(one.share, f"/body/members/{place}/share")
    if sum(one.share for one in members) != WHOLE:
        raise Invalid("shares-not-whole", "The members' shares add up to 100 percent.", pointer="/body/members")
    ended = members != provider.members and provider.status is Status.VERIFIED
    changed = replace(provider, members=members)
    return _changed(_unverified(changed) if ended else changed, ended)


def counted(people: Sequence[PersonInRole]) -> Mapping[PersonRole, int]:
    """Count the people in each role now, in the order of the roles; that much of them is public."""
    number = Counter(one.role for one in people if one.until is None)
    return {role: number[role] for role in PersonRole if number[role]}


def owning_persons(owners: Sequence[Owner]) -> int:
    """Count the persons who own or control now."""
    return sum(one.kind is OwnerKind.PERSON and one.until is None for one in owners)


def _changed(provider: Provider, verification_ended: bool = False) -> Changed:
    changed = replace(provider, version=provider.version + 1)
    organisations = tuple(one for one in changed.owners if one.kind is OwnerKind.ORGANISATION)
    return changed, (
        DetailsChanged(
            aggregate=changed.id,
            version=changed.version,
            organisation=changed.organisation,
            address=changed.public_address,
            people=counted(changed.people),
            owners=organisations,
            owning_persons=owning_persons(changed.owners),
            members=changed.members,
            verification_ended=verification_ended,
        ),
    )


def _unverified(provider: Provider) -> Provider:
    return replace(provider, status=Status.REGISTERED, verified_at=None, valid_until=None)


def _in_order(entries: Sequence[InTime], today: date, pointer: str) -> None:
    for place, one in enumerate(entries):
        in_order(one.since, one.until, today=today, pointer=f"{pointer}/{place}")


def _overlap(one: InTime, other: InTime) -> bool:
    return (one.until is None or other.since <= one.until) and (other.until is None or one.since <= other.until)


def _same_person(one: PersonInRole, other: PersonInRole) -> bool:
    return one.role is other.role and normalised(one.name) == normalised(other.name)


def _same_owner(one: Owner, other: Owner) -> bool:
    if one.organisation is not None and other.organisation is not None:
        return one.organisation == other.organisation
    if one.identifier is not None and other.identifier is not None:
        return one.identifier == other.identifier
    return one.kind is other.kind and normalised(one.name) == normalised(other.name)


def _in_range(share: Decimal, pointer: str) -> None:
    if not 0 < share <= WHOLE:
        raise Invalid("share-out-of-range", "A share is above 0 and at the most 100 percent.", pointer=pointer)


def _within_whole(owners: Sequence[Owner]) -> None:
    # Shares grow only where an owner begins: no other day need be looked at.
    for begun in owners:
        together = [
            one for one in owners if one.since <= begun.since and (one.until is None or begun.since <= one.until)
        ]
        if sum(one.share or Decimal(0) for one in together) > WHOLE:
            raise Invalid(
                "shares-above-whole",
                "At some time the shares add up to more than 100 percent.",
                pointer="/body/owners",
            )
