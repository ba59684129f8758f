"""Eligibility: what speaks against a provider, until when, and that it changes by itself at that instant."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from provider_registry.domain import case as steps
from provider_registry.domain import case_decision as deciding
from provider_registry.domain.case import Case
from provider_registry.domain.case_parts import Body, CaseKind, Reply, Report
from provider_registry.domain.criteria import criteria_of
from provider_registry.domain.declaration import CriterionAnswer, Declaration, declare
from provider_registry.domain.eligibility import Known, answer, nothing_told
from provider_registry.domain.finding import Purpose
from provider_registry.domain.identity_findings import identity_findings
from provider_registry.domain.provider import Provider
from provider_registry.domain.provider_data import Evidence, Member, Status
from shared.kernel.errors import RuleReference
from shared.rules.pack import load_pack
from shared.rules.result import Verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=10)
EXPIRY = datetime(2027, 3, 3, tzinfo=UTC)  # the day after the only document's last
MODEL = load_pack("model")


def suspended(*scopes: Purpose, last_day: date = date(2026, 6, 30)) -> Case:
    report = Report(by=Body("olga", "office"), at=NOW, facts="X.", evidence=("a" * 64,), event_day=NOW.date())
    case = steps.report_case(
        UUID(int=3), "org-oarsmen", report, MODEL, kind=CaseKind.SUSPENSION, ground=None, scopes=scopes
    )
    case, _ = steps.notify(case, MODEL, at=NOW)
    case, _ = steps.reply(case, Reply(NOW, "No.", ()), MODEL)
    given: dict[str, Any] = {"at": LATER, "upheld": True, "reasons": "So.", "last_day": last_day}
    return deciding.decide(case, Body("carl", "court"), MODEL, **given)[0]


def declared(name: str) -> Declaration:
    """Declare to a pack's criteria what speaks for the provider; nothing is proved, which orders ask for."""
    pack = load_pack(name)
    answers = tuple(
        CriterionAnswer(one.id, answer=not one.goes_against(answer=True)) for one in criteria_of(pack).values()
    )
    return declare(None, "org-oarsmen", answers, by="clerk", at=NOW - timedelta(days=2), pack=pack)[0]


DECLARED = tuple(map(declared, ("model", "cn-services", "eu-light", "uk-2023")))


def known(provider: Provider | None, *cases: Case) -> Known:
    return Known(organisation="org-oarsmen", provider=provider, declarations=DECLARED, cases=cases)


def test_verified_provider_is_eligible_until_its_first_document_expires(provider: Any) -> None:
    verified = known(provider(Status.VERIFIED))
    found = answer(verified, MODEL, Purpose.TENDERS, NOW)
    assert (found.eligible, found.next_change) == (True, DECLARED[0].valid_until)
    assert {one.verdict for one in found.findings} == {Verdict.PASS}
    assert [found.findings[place].code for place in (0, -1)] == ["provider-verified", "not-restricted"]
    renewed = replace(DECLARED[0], valid_until=EXPIRY + timedelta(days=9))
    verified = replace(verified, declarations=(renewed,))
    assert answer(verified, MODEL, Purpose.TENDERS, NOW).next_change == EXPIRY
    assert found.findings[0].reference == MODEL.reference("bidder-verified")
    assert answer(verified, MODEL, Purpose.TENDERS, EXPIRY - timedelta(microseconds=1)).eligible
    assert not answer(verified, MODEL, Purpose.TENDERS, EXPIRY).eligible
    assert not answer(verified, MODEL, Purpose.TENDERS, NOW - timedelta(days=1)).eligible  # not verified yet


@pytest.mark.parametrize("status", [None, Status.REGISTERED, Status.SUBMITTED, Status.CHECKED])
def test_provider_that_is_not_verified_gets_no_new_work_and_is_paid(provider: Any, status: Status | None) -> None:
    entered = known(provider(status) if status else None)
    answers = {purpose: answer(entered, MODEL, purpose, NOW).eligible for purpose in Purpose}
    assert answers == {Purpose.TENDERS: False, Purpose.ORDERS: False, Purpose.PAYMENTS: True}


def test_kind_that_a_pack_excludes_is_not_eligible_under_it_alone(provider: Any) -> None:
    body = replace(provider(Status.VERIFIED), legal_form="class-1-public-institution")
    found = answer(known(body), load_pack("cn-services"), Purpose.TENDERS, NOW)
    (against,) = [one for one in found.findings if one.excludes]
    assert against.code == "kind-excluded"
    assert against.reference == RuleReference(
        "provider.kinds-excluded", "Ministry of Finance Order 102 (purchase of services), arts. 6-8"
    )
    assert answer(known(body), MODEL, Purpose.TENDERS, NOW).eligible


def test_entry_that_was_given_up_gets_no_new_work(provider: Any) -> None:
    found = answer(known(replace(provider(Status.VERIFIED), merged_into="org-other")), MODEL, Purpose.TENDERS, NOW)
    assert [one.code for one in found.findings if one.excludes] == ["provider-merged"]


def test_suspension_counts_for_its_purposes_from_its_instant_to_its_instant(provider: Any) -> None:
    both = known(provider(Status.VERIFIED), suspended(Purpose.TENDERS, Purpose.PAYMENTS))
    until = datetime(2026, 7, 1, tzinfo=UTC)
    for purpose, kept_from in ((Purpose.TENDERS, True), (Purpose.ORDERS, False), (Purpose.PAYMENTS, True)):
        instants = (LATER - timedelta(microseconds=1), LATER, until - timedelta(microseconds=1), until)
        assert [
            any(one.code == "suspended" and one.excludes for one in answer(both, MODEL, purpose, at).findings)
            for at in instants
        ] == [False, kept_from, kept_from, False]
    found = answer(both, MODEL, Purpose.TENDERS, LATER)
    assert found.next_change == until
    (against,) = [one for one in found.findings if one.excludes]
    assert (against.code, against.until, against.evidence) == ("suspended", until, (str(UUID(int=3)),))


def test_nothing_is_told_of_whom_nothing_new_is_known_and_all_changes_are_told_once(provider: Any) -> None:
    nothing = Known(organisation="org-oarsmen", provider=provider(Status.REGISTERED))
    state, events = nothing_told("org-oarsmen").refreshed(nothing, NOW)
    assert (events, state.version) == ((), 1)
    state, (verified,) = state.refreshed(known(provider(Status.VERIFIED)), NOW)
    assert {(one.purpose, one.eligible) for one in verified.answers} == {
        (Purpose.TENDERS, True),
        (Purpose.ORDERS, False),  # nothing is proved
        (Purpose.PAYMENTS, True),
    }
    assert {(one.pack, one.purpose) for one in verified.answers} == {
        (pack, purpose) for pack in ("cn-services", "eu-light", "model", "uk-2023") for purpose in Purpose
    }
    assert verified.version == state.version == 2
    assert state.refreshed(known(provider(Status.VERIFIED)), NOW) == (state, ())


def test_late_clock_tells_each_change_at_the_instant_at_which_it_was_due(provider: Any) -> None:
    both = known(provider(Status.VERIFIED), suspended(Purpose.TENDERS))
    state, _ = nothing_told("org-oarsmen").refreshed(both, LATER)
    _, events = state.refreshed(both, datetime(2027, 6, 1, tzinfo=UTC))
    model = [
        (event.changed_at, [one.eligible for one in event.answers if (one.pack, one.purpose) == ("model", "tenders")])
        for event in events
    ]
    assert (datetime(2026, 7, 1, tzinfo=UTC), [True]) in model
    assert (DECLARED[0].valid_until, [False]) in model
    assert [event.version for event in events] == list(range(state.version + 1, state.version + 1 + len(events)))


def test_answer_of_a_past_instant_rests_on_what_is_given_and_nothing_else(provider: Any) -> None:
    then = known(provider(Status.VERIFIED))
    assert answer(then, MODEL, Purpose.TENDERS, LATER) == answer(then, MODEL, Purpose.TENDERS, LATER)
    now = known(provider(Status.REGISTERED), suspended(Purpose.TENDERS))
    assert answer(now, MODEL, Purpose.TENDERS, LATER) != answer(then, MODEL, Purpose.TENDERS, LATER)


@pytest.mark.parametrize(
    ("pack", "changes", "codes"),
    [
        ("model", {"merged_into": "org-b"}, {"provider-merged": "fail"}),
        ("model", {"legal_form": "consortium"}, {"consortium-members-open": "unresolved"}),
        ("model", {"legal_form": "consortium", "members": (Member("org-b", Decimal(100)),)}, {}),
        ("cn-services", {"legal_form": "social-group"}, {"kind-admitted": "pass"}),
        ("cn-services", {"legal_form": "class-1-public-institution"}, {"kind-excluded": "fail"}),
        (
            "cn-services",
            {"legal_form": "individual-business"},
            {"kind-admitted": "pass", "individual-suitability-open": "unresolved"},
        ),
        (
            "cn-services",
            {"legal_form": "individual", "evidence": (Evidence("individual-suitability", "b" * 64, NOW.date()),)},
            {"kind-admitted": "pass", "individual-suitable": "pass"},
        ),
        ("eu-light", {"legal_form": "individual"}, {}),
    ],
)
def test_entry_speaks_for_or_against_a_provider_by_what_it_is(
    provider: Any, pack: str, changes: dict[str, Any], codes: dict[str, str]
) -> None:
    entry = replace(provider(Status.VERIFIED), **changes)
    found = identity_findings(entry, load_pack(pack), NOW)
    assert {one.code: one.verdict.value for one in found if one.code != "provider-verified"} == codes
    assert all(one.purposes == {Purpose.TENDERS, Purpose.ORDERS} for one in found)
