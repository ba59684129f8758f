"""Scores, the ranking's first, and its confirmation."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

import pytest

from shared.kernel.errors import Forbidden, Invalid, NotAllowed, NotFound, RuleReference
from shared.kernel.money import Money
from shared.rules.pack import RulePack, pack_document, read_pack
from shared.testing.course import SALT
from tender.domain.award import (
    Score,
    ScoreSheet,
    check_scored,
    check_sheet,
    confirm_award,
    propose_award,
)
from tender.domain.endings import standing_award
from tender.domain.events import AwardConfirmed, AwardProposed
from tender.domain.parts import Award, AwardStatus, LotProgress, LotStatus, Status
from tender.domain.tender import Tender

A, B, C = UUID(int=0xB1D0), UUID(int=0xB1D1), UUID(int=0xB1D2)
CONTRACT = UUID(int=99)
OFFERS = (("lot-1", "alder", "900000"), ("lot-1", "birch", "1000000"), ("lot-1", "cedar", "1200000"))


@pytest.fixture
def evaluation(walk: Any) -> Tender:
    """The bids of the worked vector F1b, qualified."""
    return cast("Tender", walk().opened(*OFFERS).qualified().tender)


@pytest.fixture
def priced(walk: Any) -> Tender:
    """The bids of the worked vector F1b with their prices."""
    return cast("Tender", walk().opened(*OFFERS).qualified().scored().priced().tender)


def scores(a: str, b: str, c: str) -> tuple[Score, ...]:
    return tuple(Score(bid, "quality", Decimal(value)) for bid, value in ((A, a), (B, b), (C, c)))


def sheet(a: str, b: str, c: str) -> ScoreSheet:
    return ScoreSheet("pia", scores(a, b, c))


def test_winner_is_the_published_one_when_price_weighs_thirty(priced: Tender, pack: RulePack, noon: datetime) -> None:
    proposed, (event,) = propose_award(
        priced, "lot-1", scores("78", "88", "93"), by="olga", at=noon, pack=pack, salt=SALT
    )
    # Vector F1b: price points 30 / 27 / 22.5 and 0.7 of the quality 78 / 88 / 93.
    assert isinstance(event, AwardProposed)
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
    award = standing_award(proposed, "lot-1")
    assert (award.supplier.id, award.bid, award.value) == ("birch", B, Money(100_000_000, "EUR"))
    assert (event.supplier, event.value, event.award, event.lot) == (award.supplier, award.value, award.id, "lot-1")
    assert (award.ranking, award.status, award.proposed_by) == (event.ranking, AwardStatus.PENDING, "olga")
    assert (event.formula, event.version, proposed.version) == ("ratio_to_lowest", 7, 7)
    assert (proposed.status, proposed.progress("lot-1").status) == (Status.AWARD, LotStatus.ACTIVE)


def test_standstill_is_ten_days_when_an_award_is_proposed(priced: Tender, pack: RulePack, noon: datetime) -> None:
    proposed, (event,) = propose_award(
        priced, "lot-1", scores("78", "88", "93"), by="olga", at=noon, pack=pack, salt=SALT
    )
    # Ten days after Monday the 2nd is Thursday the 12th, a working day; then five working days to confirm: the day of
    # the end, Friday the 13th, is not counted, so Monday the 16th to Friday the 20th.
    assert isinstance(event, AwardProposed)
    assert event.standstill_ends_at == datetime(2026, 3, 13, tzinfo=UTC)
    assert standing_award(proposed, "lot-1").confirmation_due == datetime(2026, 3, 21, tzinfo=UTC)


def test_result_notice_takes_the_place_of_the_standstill_when_the_pack_has_none(walk: Any, cn: RulePack) -> None:
    # Monday 2026-03-16, noon in Shanghai: the notice of one working day lasts to the end of Tuesday the 17th there.
    noon = datetime(2026, 3, 16, 4, 0, tzinfo=UTC)
    procedure = walk(cn, currency="CNY").opened(*OFFERS).qualified().scored({"birch": "90"}).priced()
    proposed, _ = propose_award(procedure.tender, "lot-1", procedure.scores, by="olga", at=noon, pack=cn, salt=SALT)
    ends = datetime(2026, 3, 17, 16, 0, tzinfo=UTC)
    assert standing_award(proposed, "lot-1").standstill_ends_at == ends
    with pytest.raises(NotAllowed) as refusal:
        confirm_award(proposed, "lot-1", by="hugo", at=ends - timedelta(microseconds=1), pack=cn, contract=CONTRACT)
    assert (refusal.value.code, refusal.value.reference) == (
        "standstill-running",
        RuleReference("result-notice", "Ministry of Finance Order 87, art. 69"),
    )
    confirmed, _, _ = confirm_award(proposed, "lot-1", by="hugo", at=ends, pack=cn, contract=CONTRACT)
    assert confirmed.status is Status.COMPLETE


def test_points_are_shown_with_four_decimals_when_a_score_has_them(
    priced: Tender, pack: RulePack, noon: datetime
) -> None:
    _, (event,) = propose_award(priced, "lot-1", scores("0", "0", "33.3333"), by="olga", at=noon, pack=pack, salt=SALT)
    assert isinstance(event, AwardProposed)
    quality = {place.bid: place.quality_points["quality"] for place in event.ranking}
    # 70 % of 33.3333 is 23.33331.
    assert quality == {A: Decimal(0), B: Decimal(0), C: Decimal("23.3333")}


def test_invalid_bid_is_neither_scored_nor_ranked_when_an_award_is_proposed(
    walk: Any, pack: RulePack, noon: datetime
) -> None:
    procedure = walk().opened(*OFFERS).qualified("alder")
    final = (Score(B, "quality", Decimal(88)), Score(C, "quality", Decimal(93)))
    check_sheet(procedure.tender, ScoreSheet("pia", final))
    _, (event,) = propose_award(procedure.priced().tender, "lot-1", final, by="olga", at=noon, pack=pack, salt=SALT)
    # Without A, B is the lowest: B 30 + 61.6 = 91.6, C 25 + 65.1 = 90.1.
    assert isinstance(event, AwardProposed)
    assert [(place.bid, place.total) for place in event.ranking] == [(B, Decimal("91.6")), (C, Decimal("90.1"))]


def test_prices_stay_sealed_when_the_panel_has_not_locked_its_scores(evaluation: Tender, pack: RulePack) -> None:
    with pytest.raises(NotAllowed) as refusal:
        check_scored(evaluation, None, pack)
    assert (refusal.value.code, refusal.value.satisfied_by) == ("scores-missing", "The panel's locked scores.")
    assert refusal.value.reference == pack.reference("quality-locked-before-prices")
    check_scored(evaluation, scores("1", "2", "3"), pack)


def test_prices_are_opened_without_scores_when_quality_is_not_scored(evaluation: Tender, pack: RulePack) -> None:
    price_alone = replace(evaluation.content, criteria=evaluation.content.criteria[:1])
    check_scored(replace(evaluation, content=price_alone), None, pack)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.EVALUATION])
def test_scores_are_refused_when_the_tender_is_not_in_evaluation(
    evaluation: Tender, status: Status, pack: RulePack
) -> None:
    tender = replace(evaluation, status=status)
    with pytest.raises(NotAllowed, match="tender-not-evaluation"):
        check_sheet(tender, sheet("1", "2", "3"))
    with pytest.raises(NotAllowed, match="tender-not-evaluation"):
        check_scored(tender, scores("1", "2", "3"), pack)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWARD])
def test_award_is_refused_when_the_tender_is_not_at_the_award(
    priced: Tender, pack: RulePack, noon: datetime, status: Status
) -> None:
    tender = replace(priced, status=status)
    with pytest.raises(NotAllowed, match="tender-not-award"):
        propose_award(tender, "lot-1", scores("1", "2", "3"), by="olga", at=noon, pack=pack, salt=SALT)


def test_award_is_refused_when_there_is_no_such_lot(priced: Tender, pack: RulePack, noon: datetime) -> None:
    with pytest.raises(NotFound, match="lot-unknown"):
        propose_award(priced, "lot-2", scores("1", "2", "3"), by="olga", at=noon, pack=pack, salt=SALT)


def test_award_is_refused_when_one_stands(standstill: Tender, pack: RulePack, noon: datetime) -> None:
    with pytest.raises(NotAllowed, match="award-pending"):
        propose_award(standstill, "lot-1", scores("1", "2", "3"), by="olga", at=noon, pack=pack, salt=SALT)


@pytest.mark.parametrize(
    ("given", "code"),
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
    evaluation: Tender, given: tuple[tuple[UUID, str, Any], ...], code: str
) -> None:
    made = ScoreSheet("pia", tuple(Score(bid, criterion, Decimal(value)) for bid, criterion, value in given))
    with pytest.raises(Invalid) as refusal:
        check_sheet(evaluation, made)
    assert refusal.value.code == code


def test_sheet_is_admitted_when_scores_are_at_both_ends_of_the_scale(evaluation: Tender) -> None:
    check_sheet(evaluation, sheet("0", "100", "50.5"))


@pytest.fixture
def standstill(priced: Tender, pack: RulePack, noon: datetime) -> Tender:
    return propose_award(priced, "lot-1", scores("78", "88", "93"), by="olga", at=noon, pack=pack, salt=SALT)[0]


def ends(tender: Tender) -> datetime:
    return standing_award(tender, "lot-1").standstill_ends_at


def confirm(tender: Tender, at: datetime, pack: RulePack, by: str = "hugo") -> tuple[Tender, Award, AwardConfirmed]:
    return confirm_award(tender, "lot-1", by=by, at=at, pack=pack, contract=CONTRACT)


def test_award_is_confirmed_when_the_standstill_has_just_ended(standstill: Tender, pack: RulePack) -> None:
    confirmed, award, event = confirm(standstill, ends(standstill), pack)
    assert (confirmed.status, confirmed.due_at, confirmed.version) == (Status.COMPLETE, None, standstill.version + 1)
    assert (award.contract, award.status) == (CONTRACT, AwardStatus.ACTIVE)
    assert confirmed.progress("lot-1") == LotProgress("lot-1", LotStatus.COMPLETE, (award,))
    assert (event.supplier.id, event.value, event.contract) == ("birch", Money(100_000_000, "EUR"), CONTRACT)
    assert (event.lot, event.award, event.version) == ("lot-1", award.id, confirmed.version)
    # 30 days after Friday 2026-03-13 is Sunday 2026-04-12, so Monday the 13th is the last day to sign.
    assert event.signature_due == datetime(2026, 4, 14, tzinfo=UTC)


def test_time_to_sign_is_whole_when_the_award_is_confirmed_long_after_the_standstill(
    standstill: Tender, pack: RulePack
) -> None:
    # 31 days after the standstill, as when a challenge held the award up: Monday 2026-04-13. 30 days to Wednesday the
    # 13th of May.
    _, _, event = confirm(standstill, ends(standstill) + timedelta(days=31), pack)
    assert event.signature_due == datetime(2026, 5, 14, tzinfo=UTC)


def test_award_is_not_confirmed_when_the_standstill_runs_another_microsecond(
    standstill: Tender, pack: RulePack
) -> None:
    with pytest.raises(NotAllowed) as refusal:
        confirm(standstill, ends(standstill) - timedelta(microseconds=1), pack)
    assert (refusal.value.code, refusal.value.reference) == ("standstill-running", pack.reference("standstill"))


def test_award_is_not_confirmed_when_the_same_person_proposed_it(standstill: Tender, pack: RulePack) -> None:
    with pytest.raises(Forbidden) as refusal:
        confirm(standstill, ends(standstill), pack, by="olga")
    assert (refusal.value.code, refusal.value.reference) == (
        "second-person-needed",
        pack.reference("second-person.award"),
    )


def test_one_person_is_enough_when_the_pack_switches_the_second_off(standstill: Tender) -> None:
    document = pack_document("model")
    document["rules"]["second-person.award"]["value"] = False
    confirmed, _, _ = confirm(standstill, ends(standstill), read_pack(document), by="olga")
    assert confirmed.status is Status.COMPLETE


def test_confirmation_is_refused_when_no_award_was_proposed(priced: Tender, pack: RulePack, noon: datetime) -> None:
    with pytest.raises(NotAllowed) as refusal:
        confirm(priced, noon, pack)
    assert (refusal.value.code, refusal.value.satisfied_by) == ("award-missing", "A proposed award.")


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWARD])
def test_confirmation_is_refused_when_the_tender_is_not_at_the_award(
    standstill: Tender, pack: RulePack, status: Status
) -> None:
    with pytest.raises(NotAllowed, match="tender-not-award"):
        confirm(replace(standstill, status=status), ends(standstill), pack)


def test_award_is_confirmed_once_when_it_is_confirmed_again(walk: Any) -> None:
    procedure = walk(north="300", south="200")
    offers = [(lot, name, "190") for lot in ("north", "south") for name in ("alder", "birch")]
    procedure.opened(*offers).qualified().scored({"alder": "60"}).priced().proposed("north")
    procedure.confirmed("north")
    with pytest.raises(NotAllowed, match="award-not-pending"):
        confirm_award(
            procedure.tender, "north", by="hugo", at=procedure.now, pack=procedure.pack, contract=UUID(int=98)
        )
