"""Scores, the ranking's first, and its confirmation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import Forbidden, Invalid, NotAllowed
from shared.kernel.ids import derived_id
from shared.kernel.money import Money
from shared.rules.pack import RulePack, pack_document, read_pack
from tender.domain.award import Score, ScoreSheet, check_sheet, confirm_award, propose_award
from tender.domain.parts import OpenedBid, Party, Status
from tender.domain.tender import Tender

A, B, C = UUID(int=10), UUID(int=11), UUID(int=12)
CONTRACT = UUID(int=99)


def opened(bid: UUID, name: str, price: int | None, at: datetime) -> OpenedBid:
    amount = None if price is None else Money(price * 100, "EUR")
    return OpenedBid(bid, Party(name, name.title()), at, "0" * 64, amount, price is not None, None)


@pytest.fixture
def evaluation(active: Tender, noon: datetime) -> Tender:
    """The bids of the worked vector F1b."""
    bids = (opened(A, "alder", 900_000, noon), opened(B, "birch", 1_000_000, noon), opened(C, "cedar", 1_200_000, noon))
    return replace(active, status=Status.EVALUATION, bids=bids, version=4)


def sheet(a: str, b: str, c: str, member: str = "pia") -> ScoreSheet:
    return ScoreSheet(member, tuple(Score(bid, "quality", Decimal(value)) for bid, value in ((A, a), (B, b), (C, c))))


def test_winner_is_the_published_one_when_price_weighs_thirty(
    evaluation: Tender, pack: RulePack, noon: datetime
) -> None:
    proposed, (event,) = propose_award(evaluation, sheet("78", "88", "93").scores, by="olga", at=noon, pack=pack)
    # Vector F1b: price points 30 / 27 / 22.5 and 0.7 of the quality 78 / 88 / 93.
    assert [(place.bid, place.rank, place.price_points, place.total) for place in event.ranking] == [
        (B, 1, Decimal(27), Decimal("88.6")),
        (C, 2, Decimal("22.5"), Decimal("87.6")),
        (A, 3, Decimal(30), Decimal("84.6")),
    ]
    assert [place.quality_points for place in event.ranking] == [
        {"quality": Decimal("61.6")},
        {"quality": Decimal("65.1")},
        {"quality": Decimal("54.6")},
    ]
    assert proposed.award is not None
    assert (proposed.award.supplier.id, proposed.award.value) == ("birch", Money(100_000_000, "EUR"))
    assert (event.supplier, event.value, event.award) == (
        proposed.award.supplier,
        proposed.award.value,
        derived_id("award", evaluation.id, B),
    )
    assert (event.formula, event.version, proposed.version) == ("ratio_to_lowest", 5, 5)


def test_standstill_is_ten_days_when_an_award_is_proposed(evaluation: Tender, pack: RulePack, noon: datetime) -> None:
    proposed, (event,) = propose_award(evaluation, sheet("78", "88", "93").scores, by="olga", at=noon, pack=pack)
    # Ten days after Monday the 2nd is Thursday the 12th, a working day; then five working days to confirm: the day of
    # the end, Friday the 13th, is not counted, so Monday the 16th to Friday the 20th.
    assert event.standstill_ends_at == datetime(2026, 3, 13, tzinfo=UTC)
    assert proposed.due_at == datetime(2026, 3, 21, tzinfo=UTC)


def test_invalid_bid_is_not_ranked_when_an_award_is_proposed(
    evaluation: Tender, pack: RulePack, noon: datetime
) -> None:
    invalid = replace(evaluation.bids[0], valid=False, reason="The price is above the tender's value.")
    tender = replace(evaluation, bids=(invalid, *evaluation.bids[1:]))
    scores = ScoreSheet("pia", (Score(B, "quality", Decimal(88)), Score(C, "quality", Decimal(93))))
    check_sheet(tender, scores, "city")
    _, (event,) = propose_award(tender, scores.scores, by="olga", at=noon, pack=pack)
    # Without A, B is the lowest: B 30 + 61.6 = 91.6, C 25 + 65.1 = 90.1.
    assert [(place.bid, place.total) for place in event.ranking] == [(B, Decimal("91.6")), (C, Decimal("90.1"))]


def priced(tender: Tender, *prices: int) -> Tender:
    bids = (replace(bid, price=Money(price * 100, "EUR")) for bid, price in zip(tender.bids, prices, strict=True))
    return replace(tender, bids=tuple(bids))


def test_lower_price_wins_when_totals_are_equal(evaluation: Tender, pack: RulePack, noon: datetime) -> None:
    tender = priced(evaluation, 300_000, 230_000, 1_200_000)
    proposed, (event,) = propose_award(tender, sheet("50", "40", "0").scores, by="olga", at=noon, pack=pack)
    # A 30 * 230/300 + 35 = 58, B 30 + 28 = 58, C 30 * 230/1200 + 0 = 5.75.
    assert [(place.bid, place.rank, place.total) for place in event.ranking] == [
        (B, 1, Decimal(58)),
        (A, 1, Decimal(58)),
        (C, 3, Decimal("5.75")),
    ]
    assert proposed.award is not None
    assert proposed.award.supplier.id == "birch"


def test_award_is_refused_when_the_best_are_equal_in_total_and_price(
    evaluation: Tender, pack: RulePack, noon: datetime
) -> None:
    tender = priced(evaluation, 900_000, 1_000_000, 1_000_000)
    with pytest.raises(NotAllowed, match="tie-unresolved"):
        propose_award(tender, sheet("0", "90", "90").scores, by="olga", at=noon, pack=pack)


def test_award_is_refused_when_no_scores_are_locked(evaluation: Tender, pack: RulePack, noon: datetime) -> None:
    with pytest.raises(NotAllowed, match="scores-missing"):
        propose_award(evaluation, None, by="olga", at=noon, pack=pack)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.EVALUATION])
def test_scores_and_award_are_refused_when_the_tender_is_not_in_evaluation(
    evaluation: Tender, pack: RulePack, noon: datetime, status: Status
) -> None:
    tender = replace(evaluation, status=status)
    with pytest.raises(NotAllowed, match="tender-not-evaluation"):
        check_sheet(tender, sheet("1", "2", "3"), "city")
    with pytest.raises(NotAllowed, match="tender-not-evaluation"):
        propose_award(tender, sheet("1", "2", "3").scores, by="olga", at=noon, pack=pack)


@pytest.mark.parametrize("organisation", ["alder", "birch", "cedar"])
def test_sheet_is_refused_when_its_member_belongs_to_a_bidder(evaluation: Tender, organisation: str) -> None:
    with pytest.raises(Forbidden, match="panel-member-conflicted"):
        check_sheet(evaluation, sheet("1", "2", "3"), organisation)


@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ((), "scores-incomplete"),
        (((A, "quality", 1), (B, "quality", 2)), "scores-incomplete"),
        (((A, "quality", 1), (B, "quality", 2), (C, "quality", 3), (A, "quality", 1)), "scores-incomplete"),
        (((A, "quality", 1), (B, "quality", 2), (C, "price", 3)), "scores-incomplete"),
        (((A, "quality", 1), (B, "quality", 2), (CONTRACT, "quality", 3)), "scores-incomplete"),
        (((A, "quality", 1), (B, "quality", 2), (C, "quality", 3), (A, "price", 4)), "scores-incomplete"),
        (((A, "quality", 1), (B, "quality", 2), (C, "quality", "100.000001")), "score-out-of-range"),
        (((A, "quality", 1), (B, "quality", 2), (C, "quality", "-0.000001")), "score-out-of-range"),
    ],
)
def test_sheet_is_refused_when_it_is_not_one_score_for_each_bid_and_criterion(
    evaluation: Tender, scores: tuple[tuple[UUID, str, Any], ...], code: str
) -> None:
    given = ScoreSheet("pia", tuple(Score(bid, criterion, Decimal(value)) for bid, criterion, value in scores))
    with pytest.raises(Invalid) as refusal:
        check_sheet(evaluation, given, "city")
    assert refusal.value.code == code


def test_sheet_is_admitted_when_scores_are_at_both_ends_of_the_scale(evaluation: Tender) -> None:
    check_sheet(evaluation, sheet("0", "100", "50.5"), "city")


@pytest.fixture
def standstill(evaluation: Tender, pack: RulePack, noon: datetime) -> Tender:
    return propose_award(evaluation, sheet("78", "88", "93").scores, by="olga", at=noon, pack=pack)[0]


def ends(tender: Tender) -> datetime:
    assert tender.award is not None
    return tender.award.standstill_ends_at


def test_award_is_confirmed_when_the_standstill_has_just_ended(standstill: Tender, pack: RulePack) -> None:
    confirmed, (event,) = confirm_award(standstill, by="hugo", at=ends(standstill), pack=pack, contract=CONTRACT)
    assert confirmed.award is not None
    assert (confirmed.status, confirmed.due_at, confirmed.award.contract) == (Status.AWARDED, None, CONTRACT)
    assert (event.supplier.id, event.value, event.contract) == ("birch", Money(100_000_000, "EUR"), CONTRACT)
    # 30 days after Friday 2026-03-13 is Sunday 2026-04-12, so Monday the 13th is the last day to sign.
    assert event.signature_due == datetime(2026, 4, 14, tzinfo=UTC)


def test_award_is_not_confirmed_when_the_standstill_runs_another_microsecond(
    standstill: Tender, pack: RulePack
) -> None:
    at = ends(standstill) - timedelta(microseconds=1)
    with pytest.raises(NotAllowed) as refusal:
        confirm_award(standstill, by="hugo", at=at, pack=pack, contract=CONTRACT)
    assert (refusal.value.code, refusal.value.reference) == ("standstill-running", pack.reference("standstill"))


def test_award_is_not_confirmed_when_the_same_person_proposed_it(standstill: Tender, pack: RulePack) -> None:
    with pytest.raises(Forbidden, match="second-person-needed"):
        confirm_award(standstill, by="olga", at=ends(standstill), pack=pack, contract=CONTRACT)


def test_one_person_is_enough_when_the_pack_switches_the_second_off(standstill: Tender) -> None:
    document = pack_document("model")
    document["rules"]["second-person.award"]["value"] = False
    confirmed, _ = confirm_award(
        standstill, by="olga", at=ends(standstill), pack=read_pack(document), contract=CONTRACT
    )
    assert confirmed.status is Status.AWARDED


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.STANDSTILL])
def test_confirmation_is_refused_when_no_standstill_has_begun(
    standstill: Tender, pack: RulePack, status: Status
) -> None:
    with pytest.raises(NotAllowed, match="tender-not-standstill"):
        confirm_award(replace(standstill, status=status), by="hugo", at=ends(standstill), pack=pack, contract=CONTRACT)
