"""A provider, from its registration to the day two officers have looked at its evidence."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from provider_registry.domain.events import (
    EvidenceChecked,
    EvidenceSubmitted,
    ProviderRegistered,
    ProviderVerified,
    VerificationRefused,
)
from provider_registry.domain.legal_forms import Kind, form_with_identifier, legal_form_kind
from provider_registry.domain.provider_data import (
    Address,
    Contact,
    Evidence,
    FormerName,
    Identifier,
    Member,
    Owner,
    PersonInRole,
    Status,
)
from shared.kernel.access import different_persons
from shared.kernel.errors import Invalid, NotAllowed, RuleReference
from shared.kernel.ids import derived_id


@dataclass(frozen=True, slots=True)
class Provider:
    """An organisation that offers services; its identity is the one its tokens carry.

    Shape: merged_into names the entry that this one was given up for, absorbed those that were given up for this one.
    """

    id: UUID
    version: int
    organisation: str
    name: str
    legal_form: str
    identifier: Identifier
    status: Status
    evidence: tuple[Evidence, ...] = ()
    check_due: datetime | None = None
    checked_by: str | None = None
    verified_at: datetime | None = None
    valid_until: date | None = None
    other_identifiers: tuple[Identifier, ...] = ()
    named_since: date | None = None
    former_names: tuple[FormerName, ...] = ()
    address: Address | None = None
    contact: Contact | None = None
    people: tuple[PersonInRole, ...] = ()
    owners: tuple[Owner, ...] = ()
    members: tuple[Member, ...] = ()
    merged_into: str | None = None
    absorbed: tuple[str, ...] = ()

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """Return all registration numbers, the one that it is entered under first."""
        return (self.identifier, *self.other_identifiers)

    @property
    def public_address(self) -> Address | None:
        """Return the seat; that of an individual is a home and nobody's business."""
        return None if legal_form_kind(self.legal_form) is Kind.INDIVIDUAL else self.address

    def open_to_change(self) -> None:
        """Refuse what would change an entry that is given up, or that officers look at.

        Raises:
            NotAllowed: provider-merged, provider-being-verified.
        """
        if self.merged_into is not None:
            raise NotAllowed(
                "provider-merged",
                "This entry was given up for another of the same organisation.",
                satisfied_by="The same request for the entry that was kept.",
            )
        if self.status in {Status.SUBMITTED, Status.CHECKED}:
            raise NotAllowed(
                "provider-being-verified",
                "The entry does not change while its evidence is being checked.",
                satisfied_by="The end of the verification.",
            )

    def change(
        self,
        *,
        name: str,
        legal_form: str,
        at: datetime,
        identifiers: tuple[Identifier, ...] | None = None,
    ) -> tuple["Provider", tuple[ProviderRegistered, ...]]:
        """Correct what was registered; what was verified of the old entry does not carry over.

        Shape: identifiers are all registration numbers, the one it is entered under first; None for those it has.

        Raises:
            NotAllowed: provider-merged, provider-being-verified.
            Invalid: legal-form-unknown, identifier-not-of-legal-form, identifier-repeated.
        """
        self.open_to_change()
        numbers = identifiers or self.identifiers
        _hold(legal_form, numbers)
        today = at.date()
        renamed = name != self.name
        changed = replace(
            self,
            version=self.version + 1,
            name=name,
            legal_form=legal_form,
            identifier=numbers[0],
            other_identifiers=numbers[1:],
            named_since=today if renamed else self.named_since,
            former_names=(
                *self.former_names,
                *((FormerName(self.name, self.named_since, today),) if renamed else ()),
            ),
            status=Status.REGISTERED,
            verified_at=None,
            valid_until=None,
        )
        return changed, (registered(changed),)

    def submit(
        self, evidence: tuple[Evidence, ...], *, at: datetime, check_due: datetime
    ) -> tuple["Provider", tuple[EvidenceSubmitted, ...]]:
        """Put evidence forward to be checked.

        Raises:
            NotAllowed: provider-merged, provider-being-verified.
            Invalid: evidence-missing, evidence-expired, evidence-repeated.
        """
        self.open_to_change()
        if not evidence:
            raise Invalid(
                "evidence-missing", "At least one document supports a registration.", pointer="/body/evidence"
            )
        if any(document.valid_until <= at.date() for document in evidence):
            raise Invalid("evidence-expired", "A document has expired.", pointer="/body/evidence")
        if len({document.digest for document in evidence}) != len(evidence):
            raise Invalid("evidence-repeated", "A document is named twice.", pointer="/body/evidence")
        version = self.version + 1
        submitted = replace(
            self, version=version, status=Status.SUBMITTED, evidence=evidence, check_due=check_due, checked_by=None
        )
        return submitted, (
            EvidenceSubmitted(
                aggregate=self.id,
                version=version,
                organisation=self.organisation,
                evidence=evidence,
                check_due=check_due,
            ),
        )

    def check(self, *, by: str) -> tuple["Provider", tuple[EvidenceChecked, ...]]:
        """Record a first officer's finding that the evidence holds; only a second one makes it count.

        Raises:
            NotAllowed: nothing-to-check.
        """
        if self.status is not Status.SUBMITTED:
            raise NotAllowed("nothing-to-check", "No evidence waits to be checked.")
        version = self.version + 1
        checked = replace(self, version=version, status=Status.CHECKED, checked_by=by)
        return checked, (EvidenceChecked(aggregate=self.id, version=version, organisation=self.organisation),)

    def verify(
        self, *, by: str, at: datetime, reference: RuleReference | None = None
    ) -> tuple["Provider", tuple[ProviderVerified, ...]]:
        """Confirm the evidence as a second officer; it holds until its first document expires.

        Raises:
            NotAllowed: not-checked.
            Forbidden: second-person-needed.
            Invalid: evidence-expired.
        """
        if self.status is not Status.CHECKED or self.checked_by is None:
            raise NotAllowed("not-checked", "No first officer has checked the evidence.")
        different_persons(self.checked_by, by, "Verifying a provider", reference)
        valid_until = min(document.valid_until for document in self.evidence)
        if valid_until <= at.date():
            raise Invalid("evidence-expired", "A document has expired in the meantime.")
        version = self.version + 1
        verified = replace(
            self, version=version, status=Status.VERIFIED, check_due=None, verified_at=at, valid_until=valid_until
        )
        return verified, (
            ProviderVerified(
                aggregate=self.id,
                version=version,
                organisation=self.organisation,
                name=self.name,
                legal_form=self.legal_form,
                verified_at=at,
                valid_until=valid_until,
            ),
        )

    def refuse(self, reason: str) -> tuple["Provider", tuple[VerificationRefused, ...]]:
        """Send the evidence back with a reason; an earlier verification ends too, and the provider may submit again.

        Raises:
            NotAllowed: nothing-to-check.
        """
        if self.status not in {Status.SUBMITTED, Status.CHECKED}:
            raise NotAllowed("nothing-to-check", "No evidence waits to be checked.")
        version = self.version + 1
        refused = replace(
            self,
            version=version,
            status=Status.REGISTERED,
            check_due=None,
            checked_by=None,
            verified_at=None,
            valid_until=None,
        )
        return refused, (
            VerificationRefused(aggregate=self.id, version=version, organisation=self.organisation, reason=reason),
        )


def register(
    *,
    organisation: str,
    name: str,
    legal_form: str,
    identifier: Identifier,
    other_identifiers: tuple[Identifier, ...] = (),
    former_names: tuple[FormerName, ...] = (),
    address: Address | None = None,
    contact: Contact | None = None,
) -> tuple[Provider, tuple[ProviderRegistered, ...]]:
    """Enter an organisation; its id follows from the organisation, so that it is entered once.

    Raises:
        Invalid: legal-form-unknown, identifier-not-of-legal-form, identifier-repeated.
    """
    _hold(legal_form, (identifier, *other_identifiers))
    provider = Provider(
        id=derived_id("provider", organisation),
        version=1,
        organisation=organisation,
        name=name,
        legal_form=legal_form,
        identifier=identifier,
        status=Status.REGISTERED,
        other_identifiers=other_identifiers,
        former_names=former_names,
        address=address,
        contact=contact,
    )
    return provider, (registered(provider),)


def registered(provider: Provider) -> ProviderRegistered:
    """Say what is entered of a provider."""
    return ProviderRegistered(
        aggregate=provider.id,
        version=provider.version,
        organisation=provider.organisation,
        name=provider.name,
        legal_form=provider.legal_form,
        identifier=provider.identifier,
        other_identifiers=provider.other_identifiers,
        former_names=provider.former_names,
        address=provider.public_address,
    )


def _hold(legal_form: str, identifiers: tuple[Identifier, ...]) -> None:
    form_with_identifier(legal_form, identifiers[0])
    if len(set(identifiers)) < len(identifiers):
        raise Invalid("identifier-repeated", "A registration number is named twice.", pointer="/body/other_identifiers")
