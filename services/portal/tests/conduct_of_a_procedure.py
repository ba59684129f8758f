"""A procedure with a single source made public, a panel, challenges, and a lot that is a framework agreement."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from procedure_with_lots import BRIGHT, BUYER, FAST, NORTH_A, NORTH_B, OAK, OF, START, eur, journey

from shared.contracts import award, challenge, framework, panel, preparation, tender
from shared.contracts.event import EventData

FIRST, SECOND, THIRD, REPRESENTATIVE = (UUID(int=number) for number in range(51, 55))
PUBLICITY, OBJECTION = UUID(int=61), UUID(int=62)
UPHELD, LAPSED, CONCEDED = UUID(int=71), UUID(int=72), UUID(int=73)
AGREEMENT, ORDERED, RETURNED = UUID(int=81), UUID(int=82), UUID(int=83)
BEACON = panel.Beacon(source="drand", at=START, chain="ab" * 32, round=7)


def conduct() -> Sequence[tuple[str, EventData]]:
    """Tell of the procedure with lots until the opening, and then of how it was conducted."""
    told = journey()
    opened = next(place for place, (_, data) in enumerate(told) if isinstance(data, tender.Opened))
    further = (*_single_source(), *_panel(), *_challenges(), *_framework())
    return (*told[: opened + 1], *(("tender", data) for data in further))


def _single_source() -> Sequence[EventData]:
    return (
        preparation.SingleSourcePublicised(
            **OF, publicity=PUBLICITY, buyer=BUYER, title="Home care", value=eur(900_000), supplier=OAK,
            ground="only-provider", rationale="Nobody else is licensed <here>.", until=START + timedelta(days=5)),
        preparation.ObjectionRaised(
            **OF, publicity=PUBLICITY, objection=OBJECTION, raised_at=START, review_due=START + timedelta(days=9)),
        preparation.ObjectionReviewed(
            **OF, publicity=PUBLICITY, objection=OBJECTION, outcome="upheld", answer="There is another.",
            reviewed_at=START),
    )  # fmt: skip


def _panel() -> Sequence[EventData]:
    drawn = {
        "method": "vrs", "pool": (FIRST, SECOND, THIRD), "commitment": "cc" * 32, "iteration": 1, "beacon": BEACON,
        "places": 2, "closed_at": START,
    }  # fmt: skip
    first_round = panel.ScoresLocked(**OF, round=1, scores=(_score(NORTH_A, "11.00"),), signatures=())
    return (
        panel.PanelPoolClosed(**OF, **drawn, representatives=1),
        panel.PanelDrawn(
            **OF, **drawn, randomness="5e" * 32, code="c0" * 32, order=(FIRST, SECOND, THIRD),
            selected=(FIRST, SECOND), skipped=(), drawn_at=START),
        panel.PanelMemberReplaced(
            **OF, left=FIRST, because="refused", substitute=THIRD, iteration=1, skipped=()),
        panel.ScoresRevealed(**OF, round=1, scores=()),
        first_round,
        panel.PanelRoundOpened(**OF, round=2, reason="A complaint was upheld."),
        panel.ScoresRevealed(**OF, round=2, scores=()),
        panel.ScoresLocked(**OF, round=2, scores=(_score(NORTH_A, "77.00"),), signatures=(), part=1, parts=2),
        panel.ScoresLocked(**OF, round=2, scores=(_score(NORTH_B, "55.00"),), signatures=(), part=2, parts=2),
    )  # fmt: skip


def _score(bid: UUID, value: str) -> panel.FinalScore:
    return panel.FinalScore(bid=bid, criterion="concept", mean=Decimal(value), value=Decimal(value))


def _challenges() -> Sequence[EventData]:
    def raised(identifier: UUID, lot: str | None) -> EventData:
        return challenge.ChallengeRaised(
            **OF, challenge=identifier, challenger=FAST, relates_to="qualification", lot=lot,
            ground="criteria-not-applied", remedies=("qualify-again",), answer_due=START)  # fmt: skip

    return (
        raised(UPHELD, "north"),
        challenge.ChallengeAnswered(
            **OF, challenge=UPHELD, conceded=False, remedy=None, complaint_until=START + timedelta(days=20)),
        challenge.ComplaintFiled(**OF, challenge=UPHELD, filed_at=START, decision_due=START + timedelta(days=30)),
        challenge.ComplaintAdmitted(**OF, challenge=UPHELD, admitted=True, reason="In time."),
        challenge.ComplaintDecided(
            **OF, challenge=UPHELD, upheld=True, remedy="qualify-again", reason="The criteria were not applied."),
        raised(LAPSED, None),
        challenge.ChallengeClosed(**OF, challenge=LAPSED, how="withdrawn"),
        raised(CONCEDED, None),
        challenge.ChallengeAnswered(
            **OF, challenge=CONCEDED, conceded=True, remedy="evaluate-again", complaint_until=START),
    )  # fmt: skip


def _framework() -> Sequence[EventData]:
    ranking = tuple(
        award.RankedBid(
            bid=bid, bidder=bidder, rank=rank, price=eur(250_000 * rank), price_points=Decimal("40.0000"),
            quality_points={"concept": Decimal("51.0000")}, total=Decimal("91.0000"))
        for rank, (bid, bidder) in enumerate(((NORTH_B, FAST), (NORTH_A, OAK)), start=1)
    )  # fmt: skip
    under = {**OF, "framework": AGREEMENT}
    order = framework.CalledOff(
        **under, contract=ORDERED, supplier=FAST, value=eur(70_000), called_off=eur(70_000), stage_two="cascade",
        reason="The first in the ranking.")  # fmt: skip
    return (
        framework.FrameworkProposed(
            **OF, lot="north", suppliers=(FAST, OAK), ranking=ranking, formula="lowest-over-price", derivation=(),
            standstill_ends_at=START + timedelta(days=50)),
        award.RankingContinued(
            **OF, lot="north", award=None, part=2, parts=2, derivation=(),
            ranking=(ranking[0].model_copy(update={"rank": 3, "bidder": BRIGHT}),)),
        framework.FrameworkConcluded(
            **under, lot="north", title="Home care", suppliers=(FAST, OAK), ceiling=eur(400_000),
            start=date(2026, 6, 1), end=date(2027, 5, 31), stage_two="cascade"),
        order,
        order.model_copy(update={"contract": RETURNED, "value": eur(30_000), "called_off": eur(100_000)}),
        framework.CallOffReturned(**under, contract=RETURNED, value=eur(30_000), called_off=eur(70_000)),
        framework.SupplierJoined(**under, supplier=BRIGHT, admitted=True, reason="It meets the terms."),
    )  # fmt: skip
