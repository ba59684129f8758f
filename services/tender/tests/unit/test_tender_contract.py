"""The contract: made from the award, signed by the supplier first and the buyer second."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import NotAllowed
from shared.kernel.money import Money
from shared.rules.pack import RulePack
from shared.rules.payment_formula import pack_formula
from tender.domain.contract import Contract, ContractStatus, generate_contract
from tender.domain.contract_terms import AgreedPayment
from tender.domain.events import ContractGenerated, ContractSigned, SupplierSigned
from tender.domain.parts import Award, Milestone, Party, Status
from tender.domain.tender import Tender

SUPPLIER = Party("birch", "Birch Ltd")
IDENTIFIER = UUID(int=99)


@pytest.fixture
def generated(active: Tender, noon: datetime) -> tuple[Contract, tuple[ContractGenerated, ...]]:
    award = Award(
        id=UUID(int=50),
        lot="lot-1",
        bid=UUID(int=51),
        supplier=SUPPLIER,
        value=Money(100_000_001, "EUR"),
        proposed_by="olga",
        proposed_at=noon,
        standstill_ends_at=noon,
        confirmation_due=noon,
        ranking=(),
        contract=IDENTIFIER,
    )
    tender = replace(active, status=Status.COMPLETE, acceleration=7)
    return generate_contract(tender, award, identifier=IDENTIFIER, signature_due=noon)


def test_contract_says_what_the_award_says_when_it_is_generated(
    generated: tuple[Contract, tuple[ContractGenerated, ...]], active: Tender, noon: datetime
) -> None:
    contract, (event,) = generated
    assert (contract.supplier, contract.value, contract.award) == (SUPPLIER, Money(100_000_001, "EUR"), UUID(int=50))
    assert (contract.buyer, contract.service, contract.title) == (active.buyer, active.service, active.content.title)
    assert (contract.pack, contract.pack_version, contract.acceleration) == (active.pack, active.pack_version, 7)
    # 100,000,001 cents are three times 33,333,333 and two over: the first two parts get one each.
    assert contract.milestones == (
        Milestone("1", date(2026, 7, 1), date(2026, 7, 30), Money(33_333_334, "EUR")),
        Milestone("2", date(2026, 7, 31), date(2026, 8, 30), Money(33_333_334, "EUR")),
        Milestone("3", date(2026, 8, 31), date(2026, 9, 30), Money(33_333_333, "EUR")),
    )
    assert event == ContractGenerated(
        aggregate=IDENTIFIER,
        version=1,
        ocid=active.ocid,
        award=contract.award,
        buyer=contract.buyer,
        supplier=SUPPLIER,
        value=contract.value,
        milestones=contract.milestones,
        signature_due=noon,
    )


def test_contract_is_in_force_when_supplier_and_then_buyer_have_signed(
    generated: tuple[Contract, tuple[ContractGenerated, ...]], noon: datetime, pack: RulePack
) -> None:
    contract, _ = generated
    supplier_signed, first = contract.sign_as_supplier(noon)
    assert (supplier_signed.status, supplier_signed.signature_due) == (ContractStatus.SUPPLIER_SIGNED, noon)
    assert first == (
        SupplierSigned(aggregate=IDENTIFIER, version=2, ocid=contract.ocid, supplier=SUPPLIER, signed_at=noon),
    )
    active, second = supplier_signed.sign_as_buyer(noon, pack, ("1" * 64,))
    assert (active.status, active.signature_due, active.signed_at) == (ContractStatus.ACTIVE, None, noon)
    assert second == (
        ContractSigned(
            aggregate=IDENTIFIER,
            version=3,
            ocid=contract.ocid,
            tender=contract.tender,
            award=contract.award,
            title=contract.title,
            buyer=contract.buyer,
            supplier=SUPPLIER,
            service=contract.service,
            value=contract.value,
            milestones=contract.milestones,
            signed_at=noon,
            pack=contract.pack,
            pack_version=contract.pack_version,
            acceleration=7,
            handlers=("1" * 64,),
            payment=AgreedPayment("model/payment-formula", pack.version, pack_formula(pack)),
        ),
    )


@pytest.mark.parametrize("status", [ContractStatus.GENERATED, ContractStatus.ACTIVE])
def test_buyer_cannot_sign_when_it_is_not_the_buyers_turn(
    generated: tuple[Contract, tuple[ContractGenerated, ...]], noon: datetime, pack: RulePack, status: ContractStatus
) -> None:
    with pytest.raises(NotAllowed, match="contract-not-supplier-signed"):
        replace(generated[0], status=status).sign_as_buyer(noon, pack, ())


@pytest.mark.parametrize("status", [ContractStatus.SUPPLIER_SIGNED, ContractStatus.ACTIVE])
def test_supplier_cannot_sign_when_it_is_not_the_suppliers_turn(
    generated: tuple[Contract, tuple[ContractGenerated, ...]], noon: datetime, status: ContractStatus
) -> None:
    with pytest.raises(NotAllowed, match="contract-not-generated"):
        replace(generated[0], status=status).sign_as_supplier(noon)


def test_contract_is_named_after_its_lot_when_the_tender_has_several(walk: Any) -> None:
    procedure = walk(north="300.00", south="200.00")
    procedure.opened(("north", "alder", "250.00"), ("north", "birch", "290.00"), ("south", "alder", "199.99"))
    procedure.qualified().scored({"alder": "90"}).priced().proposed("north")
    contract = procedure.confirmed("north")
    # South had one bid, and the model pack asks for two.
    assert (contract.title, contract.value) == ("Home care in the north: North", Money(25_000, "EUR"))
    assert (contract.supplier.id, sum(part.amount.minor for part in contract.milestones)) == ("alder", 25_000)


def test_title_of_a_contract_keeps_within_its_bound_when_tender_and_lot_have_long_ones(walk: Any) -> None:
    procedure = walk(north="300.00", south="200.00")
    procedure.opened(("north", "alder", "250.00"), ("north", "birch", "290.00")).qualified().scored().priced()
    content = replace(procedure.tender.content, title="T" * 200)
    procedure.tender = replace(procedure.tender, content=content)
    assert procedure.proposed("north").confirmed("north").title == "T" * 200


@pytest.mark.parametrize(
    ("known", "ended", "lost"),
    [(5, 3, 3), (5, 5, 5), (5, 9, 9)],
    ids=["sooner than known", "as known", "later than known"],
)
def test_time_to_sign_is_longer_by_what_a_challenge_took_when_it_was_decided(
    generated: tuple[Contract, tuple[ContractGenerated, ...]], noon: datetime, known: int, ended: int, lost: int
) -> None:
    day, (contract, _) = timedelta(days=1), generated
    due = noon + 7 * day
    contract = replace(contract, signature_due=due)
    held = contract.hold_up(noon + known * day, noon, held=False)
    assert held.signature_due == due + known * day
    going_on = held.hold_up(None, noon + ended * day, held=True)
    assert (going_on.signature_due, going_on.held_up_until) == (due + lost * day, None)


def test_time_to_sign_does_not_stand_still_longer_than_the_longest_suspension(
    generated: tuple[Contract, tuple[ContractGenerated, ...]], noon: datetime
) -> None:
    day, (contract, _) = timedelta(days=1), generated
    contract = replace(contract, signature_due=noon + 7 * day)
    held = contract.hold_up(noon + 5 * day, noon, held=False)
    # The suspension ended by itself on the fifth day; the challenge was decided on the ninth.
    going_on = held.hold_up(None, noon + 9 * day, held=False)
    assert (going_on.signature_due, going_on.held_up_until) == (noon + 12 * day, None)


def test_time_to_sign_does_not_begin_again_when_it_was_over(
    generated: tuple[Contract, tuple[ContractGenerated, ...]], noon: datetime
) -> None:
    contract, _ = generated
    assert contract.signature_due == noon
    assert contract.hold_up(noon + timedelta(days=5), noon, held=False) == contract
