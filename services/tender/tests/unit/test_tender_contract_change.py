"""What may be changed in a contract under each rule book, to the cent and to the month."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import DomainError, Forbidden, Invalid, NotAllowed
from shared.kernel.lifecycle import UndeclaredTransitionError
from shared.kernel.money import Money
from shared.rules.pack import RulePack, load_pack
from tender.domain import contract_assignment, contract_suspension, contract_termination
from tender.domain import contract_change as changes
from tender.domain.catalogue import Service
from tender.domain.contract import Contract, ContractStatus, signing_due
from tender.domain.contract_parts import ChangeStatus, Document
from tender.domain.contract_terms import NO_TERMS, ContractTerms, OptionTerms, add_months, check_terms
from tender.domain.parts import Milestone, Party

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
CURRENCIES = {"model": "EUR", "cn-services": "CNY", "eu-light": "EUR", "uk-2023": "GBP"}
GPL = "Government Procurement Law (政府采购法), art. 49"
REG_72 = "Directive 2014/24/EU, read as Public Contracts Regulations 2015 (UK), reg. 72"
S_74 = "Procurement Act 2023, s. 74"


def contract(pack: RulePack, value: int = 1_050_000, terms: ContractTerms = NO_TERMS) -> Contract:
    """Make a contract of twelve months in four quarters, in force."""
    amounts = Money(value * 100, CURRENCIES[pack.id]).split(4)
    starts = [add_months(date(2026, 4, 1), 3 * number) for number in range(5)]
    return Contract(
        id=UUID(int=1),
        version=3,
        ocid="ocds-coxswn-1",
        tender=UUID(int=2),
        award=UUID(int=3),
        title="Meals",
        buyer=Party("city", "City"),
        supplier=Party("birch", "Birch"),
        service=Service("meals", "Meals"),
        value=Money(value * 100, CURRENCIES[pack.id]),
        milestones=tuple(
            Milestone(str(number + 1), starts[number], starts[number + 1] - timedelta(days=1), amounts[number])
            for number in range(4)
        ),
        pack=pack.id,
        pack_version=pack.version,
        acceleration=1,
        signature_due=None,
        status=ContractStatus.ACTIVE,
        signed_at=AT,
        terms=terms,
        ends_at=datetime(2027, 4, 1, tzinfo=UTC),
    )


def wish(pack: RulePack, units: int, cents: int = 0, **more: Any) -> changes.Wish:
    ground = more.pop("ground", pack.choice("contract-change.grounds")[0])
    difference = Money(units * 100 + cents, CURRENCIES[pack.id])
    return changes.Wish(ground=ground, reason="More people.", difference=difference, **more)


def proposed(before: Contract, pack: RulePack, asked: changes.Wish, number: int = 50) -> Contract:
    return changes.propose_change(before, asked, identifier=UUID(int=number), by="olga", at=AT, pack=pack)[0]


def made(before: Contract, pack: RulePack, asked: changes.Wish, number: int = 50) -> Contract:
    """Bring a change into force."""
    identifier, after = UUID(int=number), proposed(before, pack, asked, number)
    after = changes.fund_change(after, identifier, at=AT, pack=pack)
    after = changes.approve_change(after, identifier, by="hugo", at=AT, pack=pack)
    after = changes.sign_change_as_supplier(after, identifier, at=AT, pack=pack)
    return changes.sign_change_as_buyer(after, identifier, at=AT, pack=pack)[0]


def refused(before: Contract, pack: RulePack, asked: changes.Wish) -> DomainError:
    with pytest.raises(NotAllowed) as refusal:
        proposed(before, pack, asked)
    assert refusal.value.satisfied_by
    return refusal.value


@pytest.mark.parametrize(("pack_id", "source"), [("cn-services", GPL), ("model", "Coxswain model pack")])
def test_ten_percent_are_allowed_and_a_cent_more_is_not_in_all(pack_id: str, source: str) -> None:
    pack = load_pack(pack_id)
    # 1,050,000 + 105,000 is allowed, + 105,001 and even + 105,000.01 is not.
    assert made(contract(pack), pack, wish(pack, 105_000)).value == Money(115_500_000, CURRENCIES[pack_id])
    for asked in (wish(pack, 105_001), wish(pack, 105_000, 1)):
        refusal = refused(contract(pack), pack, asked)
        assert (refusal.code, refusal.reference.rule if refusal.reference else "") == (
            "contract-change-cap",
            "contract-change.cap",
        )
        assert refusal.reference is not None
        assert refusal.reference.source == source
    # The base is the first value, whatever was added since; what was added counts together.
    half = made(contract(pack), pack, wish(pack, 52_500))
    whole = made(half, pack, wish(pack, 52_500), 51)
    assert refused(half, pack, wish(pack, 52_500, 1)).code == "contract-change-cap"
    assert changes.original_value(whole) == contract(pack).value
    # Taking away is no supplement, and gives no room for one.
    less = made(whole, pack, wish(pack, -100_000), 52)
    assert refused(less, pack, wish(pack, 0, 1)).code == "contract-change-cap"


@pytest.mark.parametrize("ground", ["additional-services", "unforeseeable"])
def test_each_change_may_add_half_under_the_directive(ground: str) -> None:
    pack = load_pack("eu-light")
    before = contract(pack, 1_000_000)
    once = made(before, pack, wish(pack, 500_000, ground=ground))
    # Each time a half of the first value: the cap is per change.
    twice = made(once, pack, wish(pack, 500_000, ground=ground), 51)
    assert twice.value == Money(200_000_000, "EUR")
    refusal = refused(twice, pack, wish(pack, 500_000, 1, ground=ground))
    assert (refusal.code, refusal.reference) == (
        f"contract-change-{ground}",
        pack.reference(f"contract-change.{ground}"),
    )
    assert refusal.reference is not None
    assert refusal.reference.source == REG_72


def test_a_review_clause_allows_any_value_under_the_directive() -> None:
    pack = load_pack("eu-light")
    assert made(contract(pack), pack, wish(pack, 9_000_000, ground="review-clause")).value.minor == 1_005_000_000


def test_small_changes_hold_both_limits_net_under_the_directive() -> None:
    pack = load_pack("eu-light")
    light = ContractTerms(threshold="threshold.light-regime")  # 750,000
    before = contract(pack, 1_000_000, light)
    both = made(
        made(before, pack, wish(pack, 100_000, ground="de-minimis")), pack, wish(pack, -50_000, ground="de-minimis"), 51
    )
    # Net 50,000 so far: another 50,000 make ten percent.
    assert made(both, pack, wish(pack, 50_000, ground="de-minimis"), 52).value == Money(110_000_000, "EUR")
    assert refused(both, pack, wish(pack, 50_000, 1, ground="de-minimis")).code == "contract-change-de-minimis"
    # Ten percent of 8 million are above the threshold, and below it means below it.
    large = contract(pack, 8_000_000, light)
    assert made(large, pack, wish(pack, 749_999, 99, ground="de-minimis")).value.minor == 874_999_999
    refusal = refused(large, pack, wish(pack, 750_000, ground="de-minimis"))
    assert refusal.code == "contract-change-de-minimis-threshold"


def test_a_change_is_not_decided_when_the_threshold_is_not_known() -> None:
    pack = load_pack("eu-light")
    refusal = refused(contract(pack), pack, wish(pack, 1, ground="de-minimis"))
    assert (refusal.code, refusal.satisfied_by) == ("facts-missing", "A value for: procedure.threshold.")


def test_a_change_is_refused_when_its_ground_is_none_of_the_rule_book() -> None:
    pack = load_pack("eu-light")
    refusal = refused(contract(pack), pack, wish(pack, 1, ground="needs-changed"))
    assert (refusal.code, refusal.reference) == ("contract-change-grounds", pack.reference("contract-change.grounds"))


@pytest.mark.parametrize(("end", "allowed"), [(date(2027, 5, 6), True), (date(2027, 5, 7), False)])
def test_the_term_moves_by_a_tenth_under_the_procurement_act(end: date, allowed: bool) -> None:
    pack = load_pack("uk-2023")
    full = contract(pack, terms=ContractTerms(regime="full"))
    asked = wish(pack, 0, ground="not-substantial", end=end)
    # A tenth of a year; the year from 2027-04-01 on has 366 days, so that 36 days are no more than 36.6, and 37 are.
    if allowed:
        assert made(full, pack, asked).term.end == end
    else:
        refusal = refused(full, pack, asked)
        assert (refusal.code, refusal.reference) == ("contract-change-term", pack.reference("contract-change.term"))
        assert refusal.reference is not None
        assert refusal.reference.source == S_74


def test_small_changes_add_a_tenth_under_the_procurement_act() -> None:
    pack = load_pack("uk-2023")
    full = contract(pack, 1_000_000, ContractTerms(regime="full", threshold="threshold.sub-central"))
    assert made(full, pack, wish(pack, 100_000, ground="below-threshold")).value == Money(110_000_000, "GBP")
    assert (
        refused(full, pack, wish(pack, 100_000, 1, ground="below-threshold")).code == "contract-change-below-threshold"
    )
    # What was added is no part of what a tenth is taken of.
    half = made(full, pack, wish(pack, 60_000, ground="below-threshold"))
    assert (
        refused(half, pack, wish(pack, 40_000, 1, ground="below-threshold")).code == "contract-change-below-threshold"
    )
    # The threshold of 207,720 binds where ten percent are more.
    large = replace(full, value=Money(300_000_000, "GBP"), milestones=contract(pack, 3_000_000).milestones)
    refusal = refused(large, pack, wish(pack, 207_720, ground="below-threshold"))
    assert refusal.code == "contract-change-below-threshold-total"


def test_changes_of_light_touch_contracts_are_free_under_the_procurement_act() -> None:
    pack = load_pack("uk-2023")
    light = contract(pack, terms=ContractTerms(regime="light"))
    assert made(light, pack, wish(pack, 5_000_000, ground="anything")).value.minor == 605_000_000
    unknown = contract(pack)
    assert "procedure.regime" in (refused(unknown, pack, wish(pack, 1)).satisfied_by or "")


@pytest.mark.parametrize(
    ("pack_id", "months", "allowed"),
    [("model", 36, True), ("model", 37, False), ("cn-services", 24, True), ("cn-services", 25, False)],
)
def test_the_term_counts_with_all_options(pack_id: str, months: int, allowed: bool) -> None:
    pack = load_pack(pack_id)
    terms = ContractTerms(
        options=(OptionTerms("more", "More", months, Decimal(1), date(2027, 3, 1)),), stable_for_years=True
    )
    tendered = {"start": date(2026, 4, 1), "end": date(2027, 3, 31), "value": contract(pack).value, "pack": pack}
    if allowed:
        check_terms(terms, **tendered)
    else:
        with pytest.raises(NotAllowed) as refusal:
            check_terms(terms, **tendered)
        assert (refusal.value.code, refusal.value.reference) == (
            "contract-term-too-long",
            pack.reference("contract-term.cap"),
        )


def test_a_term_beyond_its_cap_stays_and_grows_no_longer_when_something_else_is_changed() -> None:
    pack = load_pack("model")
    whole = contract(pack)
    # Its tender was excepted: five years, of which the model pack allows four.
    last = replace(whole.milestones[-1], end=date(2031, 3, 31))
    long = replace(whole, milestones=(*whole.milestones[:-1], last), ends_at=datetime(2031, 4, 1, tzinfo=UTC))
    assert made(long, pack, wish(pack, 1)).term.end == date(2031, 3, 31)
    refusal = refused(long, pack, wish(pack, 1, end=date(2031, 4, 1)))
    assert (refusal.code, refusal.reference) == ("contract-term-too-long", pack.reference("contract-term.cap"))


def test_a_contract_lasts_a_year_under_order_102_unless_all_is_stable() -> None:
    pack = load_pack("cn-services")
    tendered = {"start": date(2026, 4, 1), "value": contract(pack).value, "pack": pack}
    check_terms(NO_TERMS, end=date(2027, 3, 31), **tendered)
    with pytest.raises(NotAllowed) as refusal:
        check_terms(NO_TERMS, end=date(2027, 4, 1), **tendered)
    assert refusal.value.reference == pack.reference("contract-term.normal")


def test_the_last_day_is_kept_when_a_month_is_shorter() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2027, 11, 30), 15) == date(2029, 2, 28)


def test_the_time_to_sign_runs_from_where_the_rule_book_says() -> None:
    ended, notified = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 5, 3, tzinfo=UTC)
    due = {
        pack_id: signing_due(load_pack(pack_id), standstill_ended=ended, notified=notified, acceleration=1)
        for pack_id in ("model", "cn-services")
    }
    # Thirty days after 2 March are 1 April; thirty days after 5 March are 4 April, a Saturday: the last day is Monday
    # the 6th, which ends in Shanghai eight hours before it does in UTC.
    assert due["model"] == datetime(2026, 4, 2, tzinfo=UTC)
    assert due["cn-services"] == datetime(2026, 4, 6, 16, tzinfo=UTC)
    moved = signing_due(
        load_pack("cn-services"), standstill_ended=ended + timedelta(days=9), notified=notified, acceleration=1
    )
    assert moved == due["cn-services"]


GOES_OVER = [("eu-light", "replacement-of-contractor"), ("uk-2023", "transfer")]
ALDER = Party("alder", "Alder")


def wanted(pack_id: str, ground: str, supplier: Party = ALDER) -> Contract:
    """Let the supplier ask that another takes its contract over."""
    pack = load_pack(pack_id)
    return contract_assignment.apply_for_assignment(
        contract(pack), supplier, ground=ground, reason="A merger.", at=AT, pack=pack
    )


@pytest.mark.parametrize(("pack_id", "ground"), GOES_OVER)
def test_a_contract_goes_over_when_both_providers_and_two_persons_of_the_buyer_want_it(
    pack_id: str, ground: str
) -> None:
    pack = load_pack(pack_id)
    asked = wanted(pack_id, ground)
    assert asked.supplier == Party("birch", "Birch")
    assert asked.waiting is not None
    assert asked.waiting[0] == "the consent of who takes it over"
    with pytest.raises(NotAllowed, match="assignment-consent-missing"):
        contract_assignment.approve_assignment(asked, by="olga", pack=pack)
    consented = contract_assignment.consent_to_assignment(asked, at=AT)
    with pytest.raises(NotAllowed, match="assignment-consented"):
        contract_assignment.consent_to_assignment(consented, at=AT)
    with pytest.raises(NotAllowed, match="assignment-not-approved"):
        contract_assignment.confirm_assignment(consented, by="hugo", at=AT, pack=pack)
    approved = contract_assignment.approve_assignment(consented, by="olga", pack=pack)
    with pytest.raises(Forbidden, match="second-person-needed"):
        contract_assignment.confirm_assignment(approved, by="olga", at=AT, pack=pack)
    after, (event,) = contract_assignment.confirm_assignment(approved, by="hugo", at=AT, pack=pack)
    assert (after.supplier, event.before, event.reference, event.ground) == (
        ALDER,
        Party("birch", "Birch"),
        pack.reference("contract-assignment.grounds"),
        ground,
    )
    assert (after.requested_assignment, after.waiting) == (None, None)


@pytest.mark.parametrize(("pack_id", "ground"), GOES_OVER)
def test_a_refused_or_replaced_request_lets_nothing_go_over(pack_id: str, ground: str) -> None:
    pack = load_pack(pack_id)
    consented = contract_assignment.consent_to_assignment(wanted(pack_id, ground), at=AT)
    refused = contract_assignment.refuse_assignment(consented, "It is not the successor.")
    assert refused.waiting is None
    for step in (
        lambda: contract_assignment.consent_to_assignment(refused, at=AT),
        lambda: contract_assignment.approve_assignment(refused, by="olga", pack=pack),
        lambda: contract_assignment.confirm_assignment(contract(pack), by="hugo", at=AT, pack=pack),
    ):
        with pytest.raises(NotAllowed, match="assignment-not-requested"):
            step()
    again = contract_assignment.apply_for_assignment(
        consented, Party("cedar", "Cedar"), ground=ground, reason="Another one.", at=AT, pack=pack
    )
    # Who agreed did so for itself.
    with pytest.raises(NotAllowed, match="assignment-consent-missing"):
        contract_assignment.approve_assignment(again, by="olga", pack=pack)


@pytest.mark.parametrize(("pack_id", "ground"), GOES_OVER)
def test_a_contract_goes_over_to_another_only_on_the_ground_that_the_rule_book_has(pack_id: str, ground: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        wanted(pack_id, "tired")
    assert refusal.value.reference == load_pack(pack_id).reference("contract-assignment.grounds")
    with pytest.raises(Invalid, match="supplier-unchanged"):
        wanted(pack_id, ground, Party("birch", "Birch"))
    with pytest.raises(Invalid, match="supplier-is-buyer"):
        wanted(pack_id, ground, contract(load_pack(pack_id)).buyer)


@pytest.mark.parametrize("pack_id", ["model", "cn-services"])
def test_a_contract_does_not_go_over_where_the_rule_book_has_no_ground(pack_id: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        wanted(pack_id, "replacement-of-contractor")
    assert refusal.value.reference == load_pack(pack_id).reference("contract-assignment-refused")


def test_a_change_is_signed_after_the_one_before_it() -> None:
    pack = load_pack("model")
    late = replace(contract(pack), signed_at=AT + timedelta(seconds=1))
    with pytest.raises(NotAllowed, match="change-signed-too-early"):
        made(late, pack, wish(pack, 1))


def test_a_document_alone_is_a_change_and_nothing_is_none() -> None:
    pack = load_pack("model")
    after = made(contract(pack), pack, wish(pack, 0, documents=(Document("Annex", "a" * 64),)))
    assert after.value == contract(pack).value
    with pytest.raises(Invalid, match="change-empty"):
        proposed(contract(pack), pack, wish(pack, 0))


def test_the_same_person_does_not_propose_and_approve_or_end() -> None:
    pack = load_pack("cn-services")
    funded = changes.fund_change(proposed(contract(pack), pack, wish(pack, 1)), UUID(int=50), at=AT, pack=pack)
    with pytest.raises(Forbidden, match="second-person-needed"):
        changes.approve_change(funded, UUID(int=50), by="olga", at=AT, pack=pack)
    ending = contract_termination.propose_termination(
        contract(pack), ground="insolvency", reason="Insolvent.", last_day=date(2026, 4, 1), by="olga", at=AT, pack=pack
    )
    with pytest.raises(Forbidden, match="second-person-needed"):
        contract_termination.confirm_termination(ending, by="olga", at=AT, pack=pack)


def test_the_lifecycle_declares_every_way_that_a_change_takes() -> None:
    assert changes.CHANGE.final == {"active", "refused", "withdrawn"}
    with pytest.raises(UndeclaredTransitionError):
        changes.CHANGE.move("fund", ChangeStatus.FUNDING_REQUESTED, ChangeStatus.ACTIVE)


def test_periods_are_shorter_when_the_contract_is_hastened() -> None:
    pack = load_pack("model")
    hastened = replace(contract(pack), acceleration=86_400)
    # A day passes in a second: 30 days from the signature to the first of April, at nine seconds past the ninth hour.
    assert hastened.day(AT + timedelta(seconds=30), pack) == date(2026, 4, 1)
    assert hastened.after(date(2026, 3, 31), pack) == AT + timedelta(seconds=29, microseconds=625_000)
    assert hastened.day(AT + timedelta(days=3650), pack) == (AT + timedelta(days=36_525)).date()


def test_a_hastened_suspension_counts_the_days_of_the_contract() -> None:
    pack = load_pack("model")
    hastened = replace(contract(pack), acceleration=86_400)
    suspended, _ = contract_suspension.suspend(
        hastened, reason="Flood.", until=AT + timedelta(seconds=60), at=AT, pack=pack
    )
    assert suspended.status is ContractStatus.SUSPENDED
    for until in (AT + timedelta(seconds=61), datetime(9999, 12, 31, tzinfo=UTC)):
        with pytest.raises(NotAllowed, match="suspension-too-long"):
            contract_suspension.suspend(
                replace(hastened, acceleration=8_640_000), reason="Flood.", until=until, at=AT, pack=pack
            )
