"""Two entries of one organisation: suggested, judged, merged by two officers."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from provider_registry.domain.duplicate import (
    Duplicate,
    DuplicateStatus,
    Likeness,
    compare,
    found_by_hand,
    pair,
    pairs,
    suggest,
)
from provider_registry.domain.merging import merge
from provider_registry.domain.provider import Provider, register
from provider_registry.domain.provider_data import FormerName, Identifier, PersonInRole, PersonRole, Status
from provider_registry.domain.record import empty_record
from provider_registry.domain.record_data import GradedPeriod
from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed
from shared.kernel.ids import derived_id

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def entry(organisation: str, name: str, **changes: Any) -> Provider:
    state, _ = register(
        organisation=organisation, name=name, legal_form="company", identifier=Identifier("XX-REG", organisation)
    )
    return replace(state, **changes)


def head(name: str, until: date | None = None) -> tuple[PersonInRole, ...]:
    return (PersonInRole(name=name, role=PersonRole.HEAD, since=date(2020, 1, 1), until=until),)


@pytest.mark.parametrize(
    ("one", "other", "reasons"),
    [
        (entry("a", "Oarsmen Care"), entry("b", "OARSMEN CARE LTD"), (Likeness.SIMILAR_NAME,)),
        (entry("a", "Oarsmen Care"), entry("b", "Scullers Aid"), None),
        (
            entry("a", "Lakeside Aid", former_names=(FormerName("Oarsmen Care", None, date(2025, 1, 1)),)),
            entry("b", "Oarsmen Care"),
            (Likeness.SIMILAR_FORMER_NAME,),
        ),
        (
            entry("a", "Oarsmen Care North", people=head("Ann Lee")),
            entry("b", "Oarsmen Care", people=head("ann  lee")),
            (Likeness.SIMILAR_NAME, Likeness.SAME_HEAD),
        ),
        (
            entry("a", "Oarsmen Care North", people=head("Ann Lee", date(2025, 1, 1))),
            entry("b", "Oarsmen Care", people=head("Ann Lee")),
            None,
        ),
        (entry("a", "Oarsmen", people=head("Ann Lee")), entry("b", "Quay Meals", people=head("Ann Lee")), None),
    ],
)
def test_entries_are_alike_by_their_names_and_heads(
    one: Provider, other: Provider, reasons: tuple[Likeness, ...] | None
) -> None:
    for found in (compare(one, other), compare(other, one)):
        assert (found.reasons if found else None) == reasons


def suggested() -> Duplicate:
    one, other = entry("b", "Oarsmen Care Ltd"), entry("a", "Oarsmen Care")
    comparison = compare(one, other)
    assert comparison is not None
    return suggest(one, other, comparison)


def test_pair_is_the_same_whichever_is_named_first() -> None:
    assert pair("a", "b") == pair("b", "a") == suggested().id
    assert pair("a", "bc") != pair("ab", "c")
    assert set(pairs(entry("a", "A", absorbed=("x",)), entry("b", "B"))) == {pair("a", "b"), pair("x", "b")}


def test_merge_takes_two_officers() -> None:
    proposed = suggested().propose(given_up="a", kept="b", reason="One office.", by="rosa")
    assert (proposed.status, proposed.organisation, proposed.other) == (DuplicateStatus.MERGE_PROPOSED, "a", "b")
    with pytest.raises(Forbidden) as refusal:
        proposed.confirm(by="rosa")
    assert refusal.value.code == "second-person-needed"
    assert proposed.confirm(by="rolf").status is DuplicateStatus.MERGED
    assert [one.version for one in (proposed, proposed.confirm(by="rolf"))] == [2, 3]


def test_pair_that_was_judged_different_stays_so_until_an_officer_proposes_otherwise() -> None:
    different = suggested().judge_different("Two towns.", by="rosa")
    again = compare(entry("b", "Oarsmen Care"), entry("a", "Oarsmen Care"))
    assert again is not None
    assert different.compared_again(again) is different
    assert suggested().compared_again(again).score == 100
    assert different.propose(given_up="a", kept="b", reason="After all.", by="rosa").decided_by == "rosa"
    rejected = suggested().propose(given_up="a", kept="b", reason="?", by="rosa").reject("No.", by="rosa")
    assert (rejected.status, rejected.because) == (DuplicateStatus.DIFFERENT, "No.")


@pytest.mark.parametrize(
    ("status", "step", "code"),
    [
        (DuplicateStatus.DIFFERENT, "judge_different", "duplicate-decided"),
        (DuplicateStatus.MERGE_PROPOSED, "judge_different", "duplicate-decided"),
        (DuplicateStatus.MERGE_PROPOSED, "propose", "duplicate-decided"),
        (DuplicateStatus.MERGED, "propose", "duplicate-decided"),
        (DuplicateStatus.SUGGESTED, "confirm", "merge-not-proposed"),
        (DuplicateStatus.MERGED, "confirm", "merge-not-proposed"),
        (DuplicateStatus.DIFFERENT, "reject", "merge-not-proposed"),
    ],
)
def test_step_is_refused_when_it_is_not_its_turn(status: DuplicateStatus, step: str, code: str) -> None:
    state = replace(suggested(), status=status, decided_by="rosa")
    steps: dict[str, Callable[[], Duplicate]] = {
        "judge_different": lambda: state.judge_different("No.", by="rolf"),
        "propose": lambda: state.propose(given_up="a", kept="b", reason="One.", by="rolf"),
        "confirm": lambda: state.confirm(by="rolf"),
        "reject": lambda: state.reject("No.", by="rolf"),
    }
    with pytest.raises(NotAllowed) as refusal:
        steps[step]()
    assert refusal.value.code == code


def test_entry_is_not_merged_with_itself() -> None:
    with pytest.raises(Invalid) as refusal:
        found_by_hand(entry("a", "A"), entry("a", "A"))
    assert refusal.value.code == "merge-with-itself"


def test_what_was_of_the_entry_that_is_given_up_goes_over() -> None:
    verified = {"status": Status.VERIFIED, "verified_at": NOW, "valid_until": date(2027, 1, 1)}
    gone = entry(
        "b",
        "Oarsmen Care Ltd",
        other_identifiers=(Identifier("GB-COH", "09506232"),),
        former_names=(FormerName("Quay Care", None, date(2020, 1, 1)),),
        absorbed=("c",),
        named_since=date(2020, 1, 2),
        **verified,
    )
    stays = entry("a", "Oarsmen Care", **verified)
    pointing, holding, (merged, absorbed) = merge(gone, stays, at=NOW)
    assert (pointing.merged_into, pointing.status, pointing.valid_until) == ("a", Status.REGISTERED, None)
    assert (pointing.name, pointing.identifiers) == (gone.name, gone.identifiers)
    assert (holding.status, holding.valid_until) == (Status.VERIFIED, date(2027, 1, 1))
    assert holding.identifiers == (*stays.identifiers, *gone.identifiers)
    assert holding.former_names == (
        FormerName("Quay Care", None, date(2020, 1, 1)),
        FormerName("Oarsmen Care Ltd", date(2020, 1, 2), date(2026, 3, 2)),
    )
    assert holding.absorbed == ("b", "c")
    assert (merged.organisation, merged.into, merged.version) == ("b", "a", gone.version + 1)
    assert (absorbed.organisation, absorbed.given_up, absorbed.version) == ("a", "b", stays.version + 1)
    with pytest.raises(NotAllowed) as refusal:
        pointing.change(name="B", legal_form="company", at=NOW)
    assert refusal.value.code == "provider-merged"


@pytest.mark.parametrize(
    ("gone", "stays", "code"),
    [
        ({"merged_into": "c"}, {}, "provider-merged"),
        ({}, {"merged_into": "c"}, "provider-merged"),
        ({"status": Status.SUBMITTED}, {}, "provider-being-verified"),
        ({}, {"status": Status.CHECKED}, "provider-being-verified"),
    ],
)
def test_entries_are_not_merged_while_either_is_closed_to_change(
    gone: dict[str, Any], stays: dict[str, Any], code: str
) -> None:
    with pytest.raises(DomainError) as refusal:
        merge(entry("b", "B", **gone), entry("a", "A", **stays), at=NOW)
    assert refusal.value.code == code


def graded(number: int, period: str, score: str) -> GradedPeriod:
    return GradedPeriod(f"ocds-{number}", derived_id("contract", number), period, Decimal(score), "B")


def test_records_are_united_with_each_contract_and_period_once() -> None:
    first, second = derived_id("contract", 1), derived_id("contract", 2)
    kept = empty_record("a").sign(first)[0].grade(graded(1, "1", "80"))[0]
    gone = (
        empty_record("b").sign(first)[0].sign(second)[0].grade(graded(1, "1", "10"))[0].grade(graded(2, "1", "90"))[0]
    )
    united, (event,) = kept.take_over(gone)
    assert united.contracts == (first, second)
    assert sorted((one.ocid, one.score) for one in united.periods) == [("ocds-1", Decimal(80)), ("ocds-2", Decimal(90))]
    assert (event.organisation, event.contracts, event.periods_graded) == ("a", 2, 2)
    assert united.take_over(gone) == (united, ())
    emptied, (left,) = gone.hand_over()
    assert (emptied.contracts, emptied.periods, emptied.version) == ((), (), gone.version + 1)
    assert (left.organisation, left.contracts) == ("b", 0)
    assert empty_record("b").hand_over() == (empty_record("b"), ())
