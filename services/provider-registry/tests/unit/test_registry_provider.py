from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from provider_registry.domain.events import (
    EvidenceChecked,
    EvidenceSubmitted,
    ProviderRegistered,
    ProviderVerified,
    VerificationRefused,
)
from provider_registry.domain.provider import Provider, register
from provider_registry.domain.provider_data import Evidence, FormerName, Identifier, Status
from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = datetime(2026, 3, 16, 9, 0, tzinfo=UTC)
IDENTIFIER = Identifier("XX-REG", "4711")
MakeProvider = Callable[[Status], Provider]
Document = Callable[..., Evidence]


def test_organisation_has_the_same_id_when_it_is_entered_again() -> None:
    first, (event,) = register(
        organisation="org-a", name="A", legal_form="company", identifier=Identifier("XX-REG", "1")
    )
    again, _ = register(organisation="org-a", name="B", legal_form="company", identifier=Identifier("XX-REG", "2"))
    other, _ = register(organisation="org-b", name="A", legal_form="company", identifier=Identifier("XX-REG", "1"))
    assert first.id == again.id
    assert first.id != other.id
    assert event == ProviderRegistered(
        aggregate=first.id,
        version=1,
        organisation="org-a",
        name="A",
        legal_form="company",
        identifier=Identifier("XX-REG", "1"),
    )
    assert (first.status, first.version, first.check_due, first.evidence) == (Status.REGISTERED, 1, None, ())


def test_provider_may_bid_when_two_officers_have_looked(provider: MakeProvider, document: Document) -> None:
    papers = (document("a", date(2027, 3, 2)), document("b", date(2026, 9, 30)))
    submitted, (first,) = provider(Status.REGISTERED).submit(papers, at=NOW, check_due=DUE)
    checked, (second,) = submitted.check(by="rosa")
    verified, (third,) = checked.verify(by="rolf", at=NOW)
    common: dict[str, Any] = {"aggregate": verified.id, "organisation": "org-oarsmen"}
    assert first == EvidenceSubmitted(version=2, evidence=papers, check_due=DUE, **common)
    assert second == EvidenceChecked(version=3, **common)
    # It holds until the first of its documents expires.
    assert third == ProviderVerified(
        version=4,
        name="Oarsmen Care",
        legal_form="association",
        verified_at=NOW,
        valid_until=date(2026, 9, 30),
        **common,
    )
    assert (submitted.check_due, checked.check_due, verified.check_due) == (DUE, DUE, None)
    assert (verified.status, verified.verified_at, verified.valid_until) == (Status.VERIFIED, NOW, date(2026, 9, 30))


@pytest.mark.parametrize("status", [Status.REGISTERED, Status.VERIFIED])
def test_what_was_verified_does_not_carry_over_when_the_entry_changes(provider: MakeProvider, status: Status) -> None:
    before = provider(status)
    changed, (event,) = before.change(name="Oarsmen Care and Nursing", legal_form="foundation", at=NOW)
    assert event == ProviderRegistered(
        aggregate=before.id,
        version=before.version + 1,
        organisation="org-oarsmen",
        name="Oarsmen Care and Nursing",
        legal_form="foundation",
        identifier=IDENTIFIER,
        former_names=(FormerName("Oarsmen Care", None, NOW.date()),),
    )
    assert (changed.status, changed.verified_at, changed.valid_until) == (Status.REGISTERED, None, None)


def test_earlier_verification_ends_when_renewed_evidence_is_refused(provider: MakeProvider, document: Document) -> None:
    renewing, _ = provider(Status.VERIFIED).submit((document("b"),), at=NOW, check_due=DUE)
    assert (renewing.status, renewing.valid_until) == (Status.SUBMITTED, date(2027, 3, 2))
    refused, (event,) = renewing.refuse("The statutes are not those of the register.")
    assert event == VerificationRefused(
        aggregate=refused.id,
        version=6,
        organisation="org-oarsmen",
        reason="The statutes are not those of the register.",
    )
    assert (refused.status, refused.check_due, refused.checked_by) == (Status.REGISTERED, None, None)
    assert (refused.verified_at, refused.valid_until) == (None, None)


def test_first_officer_is_forgotten_when_evidence_is_submitted_anew(provider: MakeProvider, document: Document) -> None:
    refused, _ = provider(Status.CHECKED).refuse("Not legible.")
    again, _ = refused.submit((document("b"),), at=NOW, check_due=DUE)
    checked, _ = again.check(by="rolf")
    verified, _ = checked.verify(by="rosa", at=NOW)
    assert (again.checked_by, checked.checked_by, verified.status) == (None, "rolf", Status.VERIFIED)


SUBMIT: Callable[[Provider], Any] = lambda one: one.submit(  # noqa: E731 - a table of calls
    (Evidence("statutes", "c" * 64, date(2028, 1, 1)),), at=NOW, check_due=DUE
)
CHANGE: Callable[[Provider], Any] = lambda one: one.change(name="N", legal_form="company", at=NOW)  # noqa: E731
CHECK: Callable[[Provider], Any] = lambda one: one.check(by="rolf")  # noqa: E731
VERIFY: Callable[[Provider], Any] = lambda one: one.verify(by="rolf", at=NOW)  # noqa: E731
REFUSE: Callable[[Provider], Any] = lambda one: one.refuse("No.")  # noqa: E731


@pytest.mark.parametrize(
    ("statuses", "attempt", "code"),
    [
        ((Status.SUBMITTED, Status.CHECKED), SUBMIT, "provider-being-verified"),
        ((Status.SUBMITTED, Status.CHECKED), CHANGE, "provider-being-verified"),
        ((Status.REGISTERED, Status.CHECKED, Status.VERIFIED), CHECK, "nothing-to-check"),
        ((Status.REGISTERED, Status.SUBMITTED, Status.VERIFIED), VERIFY, "not-checked"),
        ((Status.REGISTERED, Status.VERIFIED), REFUSE, "nothing-to-check"),
    ],
)
def test_step_is_refused_when_it_is_not_its_turn(
    provider: MakeProvider, statuses: tuple[Status, ...], attempt: Callable[[Provider], Any], code: str
) -> None:
    for status in statuses:
        with pytest.raises(NotAllowed) as refusal:
            attempt(provider(status))
        assert refusal.value.code == code


def test_verification_is_refused_when_it_is_the_same_officer(provider: MakeProvider) -> None:
    with pytest.raises(Forbidden) as refusal:
        provider(Status.CHECKED).verify(by="rosa", at=NOW)
    assert refusal.value.code == "second-person-needed"


@pytest.mark.parametrize(
    ("papers", "code"),
    [
        ((), "evidence-missing"),
        ((("a", date(2026, 3, 2)),), "evidence-expired"),
        ((("a", date(2027, 1, 1)), ("b", date(2026, 3, 1))), "evidence-expired"),
        ((("a", date(2027, 1, 1)), ("a", date(2028, 1, 1))), "evidence-repeated"),
    ],
)
def test_evidence_is_refused_when_it_cannot_hold(
    provider: MakeProvider, document: Document, papers: tuple[tuple[str, date], ...], code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        provider(Status.REGISTERED).submit(tuple(document(*paper) for paper in papers), at=NOW, check_due=DUE)
    assert (refusal.value.code, refusal.value.pointer) == (code, "/body/evidence")


@pytest.mark.parametrize(("day", "holds"), [(1, True), (2, False), (3, False)])
def test_verification_is_refused_when_a_document_has_expired_meanwhile(
    provider: MakeProvider, day: int, holds: bool
) -> None:
    at = datetime(2027, 3, day, 23, 59, tzinfo=UTC)  # the document is valid until 2 March 2027
    if holds:
        assert provider(Status.CHECKED).verify(by="rolf", at=at)[0].status is Status.VERIFIED
        return
    with pytest.raises(DomainError) as refusal:
        provider(Status.CHECKED).verify(by="rolf", at=at)
    assert refusal.value.code == "evidence-expired"
