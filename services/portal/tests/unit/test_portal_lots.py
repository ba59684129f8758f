import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import procedure_with_lots as given_lots
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.awards import AwardStatus
from portal.domain.course import course
from portal.domain.entry import Entry
from portal.domain.lots import Lot, LotState
from portal.domain.procedure import Party, State, procedure
from shared.contracts import award, contract, inspection, tender
from shared.contracts.event import EventData
from shared.contracts.panel import Beacon, PublicDraw
from shared.kernel.draw import position
from shared.kernel.money import Money

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
OF = given_lots.OF


def entry(number: int, data: EventData) -> Entry:
    return Entry(
        id=UUID(int=1000 + number),
        source=data.OWNER,
        position=number,
        type=data.TYPE,
        key=data.key(),
        time=START + timedelta(minutes=number // 2),
        sandbox=False,
        event={"data": data.model_dump(mode="json")},
    )


TOLD = [entry(number, data) for number, (_, data) in enumerate(given_lots.journey())]


def told(*further: EventData) -> list[Entry]:
    return [*TOLD, *(entry(100 + number, data) for number, data in enumerate(further))]


def until(last: type[EventData]) -> list[Entry]:
    return TOLD[: [one.type for one in TOLD].index(last.TYPE) + 1]


def by_id(entries: Sequence[Entry]) -> dict[str | None, Lot]:
    return {lot.id: lot for lot in course(entries).lots}


@given(st.permutations(TOLD))
def test_the_lots_are_the_same_when_the_events_come_in_another_order(shuffled: Sequence[Entry]) -> None:
    assert course(shuffled) == course(TOLD)
    assert procedure(course(shuffled)) == procedure(course(TOLD))


def test_ranking_is_put_together_when_one_event_had_no_room_for_it() -> None:
    (whole,) = (data for _, data in given_lots.journey() if isinstance(data, award.Proposed) and data.lot == "south")
    of = {"lot": "south", "award": whole.award, "parts": 3}
    further = [
        award.RankingContinued(**OF, **of, part=3, ranking=(), derivation=whole.derivation),
        award.RankingContinued(**OF, **of, part=2, ranking=whole.ranking[1:], derivation=()),
        award.RankingContinued(**OF, **{**of, "award": None}, part=2, ranking=whole.ranking, derivation=()),
    ]
    shorter = whole.model_copy(update={"ranking": whole.ranking[:1], "derivation": (), "parts": 3})
    journey = [shorter if data == whole else data for _, data in given_lots.journey()]
    entries = [entry(number, data) for number, data in enumerate(journey)]
    found = by_id([*entries, *(entry(100 + number, data) for number, data in enumerate(further))])["south"].award
    expected = by_id(TOLD)["south"].award
    assert found is not None
    assert expected is not None
    assert (found.ranking, found.derivation) == (expected.ranking, expected.derivation)
    assert [one.data["part"] for one in found.continued] == [2, 3]


@given(st.lists(st.sampled_from(TOLD), min_size=1, unique_by=id))
def test_every_part_of_the_course_can_be_shown_when_events_are_missing(part: list[Entry]) -> None:
    found, whole = course(part), course(TOLD)

    assert procedure(course(part)).events == len(part)
    bids = {bid.id for lot in found.lots for bid in lot.bids}
    assert bids <= {bid.id for lot in whole.lots for bid in lot.bids}
    assert {one.id for one in found.contracts} <= {one.id for one in whole.contracts}


def test_each_lot_stands_where_its_own_events_left_it() -> None:
    lots = by_id(TOLD)

    assert {id_: lot.state for id_, lot in lots.items()} == {
        "north": LotState.CONTRACTED,
        "south": LotState.STANDSTILL,
        "east": LotState.UNSUCCESSFUL,
    }
    assert [lot.title for lot in lots.values()] == ["North of the river", "South of the river", "East"]
    assert lots["east"].ended is not None
    assert lots["east"].ended.data["rule"] == "gate.responsive.minimum-bids"


def test_an_award_that_was_taken_back_is_kept_beside_the_one_that_stands() -> None:
    north = by_id(TOLD)["north"]

    assert [(one.supplier["id"], one.status) for one in north.fallen] == [("fastcare", AwardStatus.CANCELLED)]
    assert north.award is not None
    assert north.contract is not None
    assert (north.award.supplier["id"], north.award.contract) == ("silver-oak", str(given_lots.SIGNED))
    assert north.contract.id == str(given_lots.SIGNED)
    # The contract that nobody signed is there to be seen, and is not the lot's.
    assert [one.id for one in course(TOLD).contracts] == [str(given_lots.UNSIGNED), str(given_lots.SIGNED)]


def test_a_lot_is_open_again_when_its_award_was_taken_back() -> None:
    assert by_id(until(award.Confirmed))["north"].state is LotState.AWARDED
    fallen = until(award.Cancelled)

    assert by_id(fallen)["north"].state is LotState.ACTIVE
    assert procedure(course(fallen)).state is State.EVALUATION
    assert procedure(course(fallen)).suppliers == ()
    assert procedure(course(fallen)).amounts.awarded is None


def test_prices_are_unknown_until_they_are_opened_and_then_each_bid_has_its_own() -> None:
    before = [bid for lot in course(until(tender.BidsQualified)).lots for bid in lot.bids]
    after = {bid.id: bid for lot in course(TOLD).lots for bid in lot.bids}

    assert len(before) == 6
    assert {(bid.price is None, bid.priced) for bid in before} == {(True, None)}
    assert all(lot.priced == [] for lot in course(until(tender.BidsQualified)).lots)
    north = by_id(TOLD)["north"]
    assert [(bid.id, bid.price and bid.price["amount"]) for bid in north.priced] == [
        (str(given_lots.NORTH_B), "250000.00"),
        (str(given_lots.NORTH_A), "380000.00"),
    ]
    # Whoever did not qualify keeps its price to itself.
    excluded = after[str(given_lots.NORTH_C)]
    assert (excluded.valid, excluded.priced, excluded.price) == (False, None, None)
    assert (excluded.reason, excluded.rule) == ("No proof of insurance was handed in.", "qualification.insurance")
    dear = after[str(given_lots.EAST_B)]
    assert (dear.valid, dear.qualified, dear.rule) == (False, True, "bid-within-estimate")


def test_a_bid_does_not_count_when_it_is_excluded_after_the_prices() -> None:
    out = tender.BidExcluded(**OF, bid=given_lots.NORTH_A, lot="north", bidder=given_lots.OAK, reason="Too low.")

    (bid,) = [one for one in by_id(told(out))["north"].bids if one.id == str(given_lots.NORTH_A)]

    assert (bid.valid, bid.reason, bid.rule) == (False, "Too low.", None)
    assert bid.price == {"amount": "380000.00", "currency": "EUR"}


def test_a_bid_counts_again_when_the_qualification_is_decided_again() -> None:
    again = tender.BidsQualified(**OF, qualified=(given_lots.NORTH_C,))

    (bid,) = [one for one in by_id(told(again))["north"].bids if one.id == str(given_lots.NORTH_C)]

    assert (bid.valid, bid.reason, bid.excluded, bid.qualified) == (True, None, None, True)


def test_the_amounts_are_sums_over_the_lots() -> None:
    confirmed = award.Confirmed(
        **OF, lot="south", award=given_lots.DRAWN, contract=UUID(int=43), supplier=given_lots.FAST,
        value=given_lots.eur(299_999), signature_due=START,
    )  # fmt: skip
    found = procedure(course(told(confirmed)))

    # 380,000 and 299,999; the award of 250,000 was taken back.
    assert found.amounts.awarded == Money(67_999_900, "EUR")
    assert (found.amounts.contracted, found.amounts.estimate) == (Money(38_000_000, "EUR"), Money(90_000_000, "EUR"))
    assert found.amounts.reserved == Money(70_000_000, "EUR")
    assert [supplier.id for supplier in found.suppliers] == ["silver-oak", "fastcare"]
    assert found.title == "Home care in three districts"


def graded(period: str) -> EventData:
    return inspection.PeriodGraded(
        ocid=given_lots.OCID, contract=given_lots.SIGNED, period=period, provider="silver-oak", score="90", grade="A",
        derivation=(),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("further", "state"),
    [
        ((), State.CONTRACTED),
        ((graded("1"), graded("2")), State.CONTRACTED),  # one lot still goes on
        ((tender.LotCancelled(**OF, lot="south", amount=given_lots.eur(1), reason="Gone."),), State.CONTRACTED),
        (
            (
                tender.LotCancelled(**OF, lot="south", amount=given_lots.eur(1), reason="Gone."),
                graded("1"),
                graded("2"),
            ),
            State.COMPLETE,
        ),
        (
            (tender.LotCancelled(**OF, lot="south", amount=given_lots.eur(1), reason="Gone."), graded("1")),
            State.CONTRACTED,
        ),
    ],
)
def test_the_procedure_is_complete_when_every_lot_has_ended_and_every_period_is_graded(
    further: Sequence[EventData], state: State
) -> None:
    assert procedure(course(told(*further))).state is state


def test_the_procedure_goes_on_when_only_a_lot_ends_without_an_award() -> None:
    entries = until(tender.LotUnsuccessful)

    assert procedure(course(entries)).state is State.EVALUATION
    assert [lot.state for lot in course(entries).lots] == [LotState.ACTIVE, LotState.ACTIVE, LotState.UNSUCCESSFUL]


def test_each_lot_keeps_its_own_reason_when_the_procedure_ends_with_the_last_of_them() -> None:
    ended = [*until(tender.LotUnsuccessful), entry(90, tender.Cancelled(**OF, reason="The need is gone."))]

    assert procedure(course(ended)).state is State.CANCELLED
    assert {id_: (lot.state, lot.ended and lot.ended.data["reason"]) for id_, lot in by_id(ended).items()} == {
        "north": (LotState.CANCELLED, "The need is gone."),
        "south": (LotState.CANCELLED, "The need is gone."),
        "east": (LotState.UNSUCCESSFUL, "There are fewer bids than the rule asks for."),
    }


def test_an_award_falls_with_its_lot_when_it_was_only_proposed() -> None:
    south = by_id(told(tender.LotCancelled(**OF, lot="south", amount=given_lots.eur(1), reason="Gone.")))["south"]

    assert (south.state, south.award) == (LotState.CANCELLED, None)
    assert [(one.status, one.cancelled) for one in south.fallen] == [(AwardStatus.CANCELLED, None)]


def test_inquiries_and_deficiencies_are_told_from_beginning_to_end() -> None:
    lots = by_id(TOLD)
    (inquiry,), (deficiency,) = lots["north"].inquiries, lots["south"].deficiencies

    assert [one and one.type for one in (inquiry.requested, inquiry.explained, inquiry.decided)] == [
        award.PriceExplanationRequested.TYPE,
        award.PriceExplained.TYPE,
        award.PriceExplanationDecided.TYPE,
    ]
    assert deficiency.notified is not None
    assert deficiency.corrected is not None
    assert deficiency.excluded is None
    assert lots["south"].inquiries == lots["north"].deficiencies == ()


@pytest.mark.parametrize(("rule", "counts_for_it"), [("deficiency-window", True), ("abnormally-low", False)])
def test_an_exclusion_is_the_outcome_of_a_deficiency_only_when_its_rule_says_so(rule: str, counts_for_it: bool) -> None:
    out = tender.BidExcluded(
        **OF, bid=given_lots.SOUTH_B, lot="south", bidder=given_lots.FAST, reason="Late.", rule=rule, source="Art. 1"
    )

    (deficiency,) = by_id(told(out))["south"].deficiencies

    assert (deficiency.excluded is not None) is counts_for_it


def test_an_inquiry_begins_anew_when_the_same_price_is_asked_about_again() -> None:
    asked = next(one for one in TOLD if one.type == award.PriceExplanationRequested.TYPE)
    again = replace(asked, id=UUID(int=9000), time=START + timedelta(days=9))

    first, second = by_id([*TOLD, again])["north"].inquiries

    assert (first.decided is not None, second.decided, second.explained) == (True, None, None)


def test_the_draw_of_a_tie_is_worked_out_again() -> None:
    (tie,) = by_id(TOLD)["south"].ties

    # Worked out by hand: HKDF-SHA-256 of the beacon, the salt being SHA-256("ocds-cxswn1-0002/south").
    assert tie.code == "3441921adf1b2c918927eca44efa66734a477da7b35b7b4d6aecc7b60cd69655"
    assert tie.hashed is None
    assert [(place.bid, place.position) for place in tie.places] == [
        (str(given_lots.SOUTH_B), "d2f2b09dee86fcd3127e22ca1fb6f06e5b3f9fc83fe49a285e4f33bcd94ca8bd"),
        (str(given_lots.SOUTH_A), "dc82ed933f901155f60a95c330f8c055f957767641a2168e370b494c6ed34597"),
    ]
    assert tie.agrees is True


@pytest.mark.parametrize(
    "changed",
    [
        {"order": (given_lots.SOUTH_A, given_lots.SOUTH_B)},
        {"randomness": "01" * 32},
        {"randomness": "not a number"},
    ],
)
def test_it_is_said_when_a_draw_does_not_come_to_what_was_published(changed: dict[str, Any]) -> None:
    drawn = next(data for _, data in given_lots.journey() if isinstance(data, award.TieDrawn))
    others = [one for one in TOLD if one.type != award.TieDrawn.TYPE]

    (tie,) = by_id([*others, entry(90, drawn.model_copy(update=changed))])["south"].ties

    assert tie.agrees is False


def test_a_draw_by_one_time_codes_is_worked_out_again_with_the_code_of_its_turn() -> None:
    drawn = next(data for _, data in given_lots.journey() if isinstance(data, award.TieDrawn))
    others = [one for one in TOLD if one.type != award.TieDrawn.TYPE]
    code = hashlib.sha256(f"{drawn.ocid}/south".encode()).digest()
    # The second draw of a lot reveals the 62nd hash of 64.
    for _ in range(62):
        code = hashlib.sha256(code).digest()
    randomness = bytes.fromhex(drawn.randomness)
    order = tuple(sorted(drawn.order, key=lambda bid: position(code, randomness, str(bid))))
    told = PublicDraw(
        method="vrs",
        pool=drawn.order,
        commitment="0" * 64,
        iteration=2,
        beacon=Beacon(source="public-records", at=datetime(2026, 5, 1, tzinfo=UTC), records=("Lottery",)),
        places=1,
        closed_at=datetime(2026, 4, 30, tzinfo=UTC),
        randomness=drawn.randomness,
        code=code.hex(),
        order=order,
        selected=order[:1],
        skipped=(),
        drawn_at=datetime(2026, 5, 1, tzinfo=UTC),
    )
    changed = drawn.model_copy(update={"order": order, "draw": told})

    (tie,) = by_id([*others, entry(90, changed)])["south"].ties

    assert (tie.code, tie.hashed, tie.agrees) == (code.hex(), 62, True)


def test_nothing_is_worked_out_when_the_beacon_was_not_read() -> None:
    (tie,) = by_id([one for one in TOLD if one.type != award.TieDrawn.TYPE])["south"].ties

    assert (tie.drawn, tie.places, tie.agrees) == (None, (), None)
    assert tie.announced is not None


@pytest.mark.parametrize("lots", [0, 1, 2])
def test_events_without_a_lot_are_shown_as_one_lot_when_they_are_older_than_lots(
    portal_journey: Sequence[tuple[str, EventData]], lots: int
) -> None:
    named = tuple(tender.Lot(id=f"L{number}", title=f"Lot {number}", value=Money(100, "EUR")) for number in range(lots))
    old = [
        data.model_copy(update={"lots": named}) if isinstance(data, tender.Published) else data
        for _, data in portal_journey
        if hasattr(data, "ocid")
    ]

    (lot,) = course([entry(number, data) for number, data in enumerate(old)]).lots

    assert lot.id == ("L0" if lots == 1 else None)
    assert lot.title == ("Lot 0" if lots == 1 else "Home care 2026")
    assert (lot.state, len(lot.bids), len(lot.priced)) == (LotState.CONTRACTED, 2, 2)
    assert lot.award is not None
    assert lot.contract is not None
    assert all(bid.opened and bid.opened == bid.priced for bid in lot.bids)


def test_a_lot_without_an_award_is_open_when_the_tender_was_just_published() -> None:
    lots = course(until(tender.Published)).lots

    assert [(lot.id, lot.state, lot.bids) for lot in lots] == [
        ("north", LotState.ACTIVE, ()),
        ("south", LotState.ACTIVE, ()),
        ("east", LotState.ACTIVE, ()),
    ]
    assert course(until(tender.FundingRequested)).lots == ()


def test_events_of_a_contract_that_are_new_to_the_portal_stand_with_it() -> None:
    new = replace(
        entry(90, graded("1")),
        type="contract.suspended.v1",
        event={"data": {"ocid": given_lots.OCID, "contract": str(given_lots.SIGNED), "reason": "A flood."}},
    )

    assert [one.further for one in course([*TOLD, new]).contracts] == [(), (new,)]


def test_a_provider_supplies_nothing_when_its_only_award_was_taken_back() -> None:
    first = next(data for _, data in given_lots.journey() if isinstance(data, contract.Generated))

    assert first.supplier == given_lots.FAST
    assert procedure(course(TOLD)).suppliers == (Party("silver-oak", "Silver Oak Association"),)
