from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.domain.agreement import Milestone, Party, Service
from evaluation.domain.contract_facts import (
    AmountHeld,
    AmountPaid,
    AwardCancelled,
    AwardConfirmed,
    AwardProposed,
    ContractAnnulled,
    ContractAssigned,
    ContractChanged,
    ContractNotSigned,
    ContractSigned,
    ContractTerminated,
    Entry,
    Fact,
    FundsCommitted,
    FundsReleased,
    TenderPublished,
)
from evaluation.domain.contract_record import ContractState, contract_records
from shared.kernel.errors import Invalid
from shared.kernel.money import Money

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
AWARD, CONTRACT, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
BUYER, SUPPLIER, SERVICE = Party("county", "The County"), Party("meals-coop", "Meals"), Service("meals", "Meals")
MONTHS = (Milestone("2026-03", date(2026, 3, 1), date(2026, 3, 31), Money(100_000, "EUR")),)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


FACTS: tuple[Fact, ...] = (
    TenderPublished("Meals", BUYER, SERVICE, START + timedelta(days=25)),
    TenderPublished("Meals on wheels", BUYER, SERVICE, START + timedelta(days=30)),
    AwardProposed(AWARD, SUPPLIER, eur(100_000), START + timedelta(days=45)),
    AwardConfirmed(AWARD, CONTRACT, SUPPLIER, eur(100_000), START + timedelta(days=75)),
    ContractSigned(AWARD, CONTRACT, "Contract: meals", BUYER, SUPPLIER, SERVICE, eur(100_000), MONTHS, START),
    FundsCommitted(CONTRACT, eur(100_000)),
    AmountPaid(CONTRACT, eur(40_000)),
    AmountPaid(CONTRACT, eur(40_000)),
    AmountHeld(CONTRACT, eur(5_000)),
    AmountPaid(OTHER, eur(1)),
)
# The last two have the same instant: then the event's id decides.
ENTRIES = tuple(
    Entry(UUID(int=100 + number), START + timedelta(days=min(number, 8)), "ocds-test-1", number == 2, fact)
    for number, fact in enumerate(FACTS)
)


@given(st.permutations(ENTRIES))
def test_contract_is_the_same_whatever_order_its_facts_arrived_in(shuffled: list[Entry]) -> None:
    assert contract_records(shuffled) == contract_records(ENTRIES)


def test_contract_adds_up_and_shows_the_latest_of_what_was_published() -> None:
    (record,) = contract_records(ENTRIES)
    assert (record.id, record.ocid, record.state) == (CONTRACT, "ocds-test-1", ContractState.SIGNED)
    assert (record.title, record.buyer, record.supplier, record.service) == (
        "Contract: meals",
        BUYER,
        SUPPLIER,
        SERVICE,
    )
    assert record.closes_at == START + timedelta(days=30)
    assert record.standstill_ends_at == START + timedelta(days=45)
    assert record.signature_due == START + timedelta(days=75)
    assert (record.value, record.committed, record.paid, record.held) == (
        eur(100_000),
        eur(100_000),
        eur(80_000),
        eur(5_000),
    )
    assert record.milestones == MONTHS
    assert record.sandbox


def test_contract_is_awarded_with_the_tenders_title_when_it_is_not_signed() -> None:
    (record,) = contract_records(ENTRIES[:4])
    assert (record.state, record.title, record.signed_at) == (ContractState.AWARDED, "Meals on wheels", None)
    assert (record.value, record.paid, record.milestones) == (eur(100_000), eur(0), ())


@pytest.mark.parametrize(
    ("fact", "state"),
    [
        (ContractNotSigned(CONTRACT), ContractState.NOT_SIGNED),
        (AwardCancelled(AWARD), ContractState.NOT_SIGNED),
        (ContractAnnulled(CONTRACT), ContractState.ANNULLED),
        (ContractNotSigned(OTHER), ContractState.AWARDED),
        (AwardCancelled(UUID(int=9)), ContractState.AWARDED),
    ],
)
def test_contract_is_not_awarded_any_more_when_it_will_never_be_signed(fact: Fact, state: ContractState) -> None:
    later = Entry(UUID(int=500), START + timedelta(days=20), "ocds-test-1", False, fact)
    assert [record.state for record in contract_records([*ENTRIES[:4], later])] == [state]


def test_contract_is_known_by_its_parties_when_only_the_award_has_arrived() -> None:
    (record,) = contract_records(ENTRIES[3:4])
    assert (record.title, record.buyer, record.service, record.closes_at) == (None, None, None, None)
    assert record.supplier == SUPPLIER


def test_no_contract_is_shown_when_only_money_or_a_tender_is_known() -> None:
    assert contract_records([*ENTRIES[:3], *ENTRIES[5:]]) == ()
    assert contract_records([]) == ()


def test_contracts_of_one_process_are_kept_apart() -> None:
    second = AwardConfirmed(UUID(int=9), OTHER, Party("care-org", "Care"), eur(7), START)
    first, other = contract_records([*ENTRIES, Entry(UUID(int=500), START, "ocds-test-1", False, second)])
    assert (first.id, other.id) == (CONTRACT, OTHER)
    assert (other.paid, other.held, other.standstill_ends_at) == (eur(1), eur(0), None)


def test_amounts_are_refused_when_their_currency_is_not_the_contracts() -> None:
    foreign = Entry(UUID(int=500), START, "ocds-test-1", False, AmountPaid(CONTRACT, Money(1, "USD")))
    with pytest.raises(Invalid) as refused:
        contract_records([*ENTRIES, foreign])
    assert refused.value.code == "currencies-differ"


def test_contract_shows_what_its_change_and_its_end_made_of_it() -> None:
    longer = (*MONTHS, Milestone("2026-04", date(2026, 4, 1), date(2026, 4, 30), Money(20_000, "EUR")))
    successor = Party("successor", "Successor Ltd")
    later: tuple[Fact, ...] = (
        FundsCommitted(CONTRACT, eur(20_000)),
        ContractChanged(CONTRACT, eur(120_000), longer),
        ContractAssigned(CONTRACT, successor),
        ContractTerminated(CONTRACT),
        FundsReleased(CONTRACT, eur(35_000)),
        FundsReleased(None, eur(7)),
        FundsReleased(OTHER, eur(8)),
    )
    entries = [
        Entry(UUID(int=200 + number), START + timedelta(days=20 + number), "ocds-test-1", False, fact)
        for number, fact in enumerate(later)
    ]
    (record,) = contract_records([*ENTRIES, *entries])
    assert (record.state, record.value, record.milestones) == (ContractState.TERMINATED, eur(120_000), longer)
    assert record.supplier == successor
    # 100,000 + 20,000 - 35,000
    assert record.committed == eur(85_000)
