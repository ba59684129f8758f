"""Challenges: in time, by whom they concern, answered, complained of, decided, and never longer than they may last."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from challenged import BIRCH, MICROSECOND, OFFERS, ONLOOKER, ORDER_94, complained, raised, refusal, said

from shared.kernel.calendar import DAY
from shared.kernel.errors import Forbidden, NotAllowed, NotFound, RuleReference
from shared.rules.pack import RulePack, load_pack
from tender.domain.amendment import NewAmendment, draft_amendment, publish_amendment
from tender.domain.challenge import (
    CHALLENGE,
    ChallengeStatus,
    Matter,
    Remedy,
)
from tender.domain.challenge_events import (
    ChallengeAnswered,
    ChallengeClosed,
    ChallengeRaised,
    ComplaintAdmitted,
    ComplaintDecided,
    ComplaintFiled,
)
from tender.domain.challenge_raising import raise_challenge, window_ends_at
from tender.domain.challenge_suspension import suspension_rule
from tender.domain.remedy import carry_out
from tender.domain.tender import Tender


@pytest.fixture
def proposed(walk: Any) -> Any:
    """A procedure whose award is proposed, by the model pack."""
    return walk().opened(*OFFERS).qualified().scored({"birch": "60"}).priced().proposed()


def chinese(walk: Any, cn: RulePack, at: datetime) -> Any:
    """Return a procedure whose award is proposed at an instant, by the pack cn-services."""
    procedure = walk(cn, currency="CNY").opened(*OFFERS).qualified().scored({"birch": "60"}).priced()
    procedure.now = at
    return procedure.proposed()


def shanghai(month: int, day: int) -> datetime:
    """Return the end of a day in Shanghai."""
    return datetime(2026, month, day, 16, tzinfo=UTC)


def test_windows_are_those_of_the_published_vector_when_the_pack_is_chinas(walk: Any, cn: RulePack) -> None:
    procedure = chinese(walk, cn, datetime(2026, 3, 16, 2, tzinfo=UTC))
    # The notice of Monday 2026-03-16 ends with the 17th, the window with the 26th.
    assert window_ends_at(procedure.tender, said(), cn) == shanghai(3, 26)
    challenge = raised(procedure, shanghai(3, 26) - MICROSECOND)
    # Seven working days after the 26th end with 2026-04-06, fifteen more with the 27th.
    assert (challenge.due_at, challenge.complaint_until) == (shanghai(4, 6), shanghai(4, 27))
    with pytest.raises(NotAllowed) as problem:
        raised(procedure, shanghai(3, 26))
    assert refusal(problem) == ("question-late", RuleReference("question-window", ORDER_94))


def test_windows_run_from_the_notice_when_the_pack_is_the_model(proposed: Any) -> None:
    # Proposed on Tuesday 2026-03-24: the notice ends with the 25th, seven working days later is Friday, April the 3rd.
    assert proposed.now.date().isoformat() == "2026-03-24"
    assert window_ends_at(proposed.tender, said(), proposed.pack) == datetime(2026, 4, 4, tzinfo=UTC)


def test_claim_is_made_within_thirty_days_when_the_pack_is_britains(walk: Any) -> None:
    uk = load_pack("uk-2023")
    procedure = walk(uk, currency="GBP").opened(*OFFERS).qualified().scored().priced()
    ends = window_ends_at(procedure.tender, said(Matter.OPENING), uk)
    assert ends - procedure.tender.opened_at <= timedelta(days=31)
    with pytest.raises(NotAllowed) as problem:
        raised(procedure, ends, Matter.OPENING)
    assert refusal(problem) == ("question-late", RuleReference("claim-window", "Procurement Act 2023, ss. 104-106"))
    assert raised(procedure, ends - MICROSECOND, Matter.OPENING).status is ChallengeStatus.RAISED


def test_window_is_shorter_when_a_sandbox_procedure_is_accelerated(proposed: Any) -> None:
    earnest = window_ends_at(proposed.tender, said(), proposed.pack) - proposed.now
    hastened = replace(proposed.tender, acceleration=10)
    assert window_ends_at(hastened, said(), proposed.pack) - proposed.now == earnest / 10


@pytest.mark.parametrize(
    ("steps", "reached"),
    [
        ((), {"documents"}),
        (("opened",), {"documents", "opening"}),
        (("opened", "qualified"), {"documents", "opening", "qualification"}),
        (("opened", "qualified", "scored", "priced"), {"documents", "opening", "qualification", "evaluation"}),
        (("opened", "qualified", "scored", "priced", "proposed"), set(Matter)),
    ],
)
def test_matter_is_challenged_once_the_procedure_has_come_to_it(
    walk: Any, steps: Sequence[str], reached: set[str]
) -> None:
    procedure = walk()
    for step in steps:
        procedure = getattr(procedure, step)(*(OFFERS if step == "opened" else ()))
    for matter in Matter:
        if matter in reached:
            window_ends_at(procedure.tender, said(matter), procedure.pack)
        else:
            with pytest.raises(NotAllowed, match="matter-not-reached"):
                window_ends_at(procedure.tender, said(matter), procedure.pack)


def test_documents_alone_are_challenged_when_somebody_did_not_bid(proposed: Any) -> None:
    for matter in set(Matter) - {Matter.DOCUMENTS}:
        with pytest.raises(Forbidden, match="not-concerned"):
            raised(proposed, proposed.now, matter, challenger=ONLOOKER)


def test_challenger_of_the_documents_is_not_told_of_when_the_bids_are_sealed(walk: Any) -> None:
    procedure = walk()
    _, (event,) = raise_challenge(
        procedure.tender,
        said(Matter.DOCUMENTS),
        identifier=UUID(int=7),
        challenger=ONLOOKER,
        at=procedure.now,
        pack=procedure.pack,
    )
    assert isinstance(event, ChallengeRaised)
    assert event.challenger is None
    assert "nlooker" not in repr(event)
    assert "do not fit" not in repr(event)


def test_challenger_is_named_and_its_arguments_are_not_when_the_opening_was(proposed: Any) -> None:
    statement = said(lot="lot-1")
    challenge, (event,) = raise_challenge(
        proposed.tender, statement, identifier=UUID(int=7), challenger=BIRCH, at=proposed.now, pack=proposed.pack
    )
    assert event == ChallengeRaised(
        aggregate=challenge.id,
        version=1,
        ocid=proposed.tender.ocid,
        tender=proposed.tender.id,
        challenger=BIRCH,
        relates_to="award",
        lot="lot-1",
        ground="wrong-scoring",
        remedies=("evaluate-again",),
        # Seven working days after Tuesday the 24th: Thursday, April the 2nd.
        answer_due=datetime(2026, 4, 3, tzinfo=UTC),
    )
    assert (challenge.version, challenge.status, challenge.due_at) == (1, ChallengeStatus.RAISED, event.answer_due)


def test_challenge_is_refused_when_there_is_no_such_lot(proposed: Any) -> None:
    with pytest.raises(NotFound, match="lot-unknown"):
        raised(proposed, proposed.now, lot="lot-9")


def test_answer_opens_the_window_of_a_complaint_when_nothing_is_conceded(proposed: Any) -> None:
    challenge = raised(proposed, proposed.now)
    at = datetime(2026, 3, 27, 9, tzinfo=UTC)
    answered, (event,) = challenge.respond(
        "It is right.", conceded=False, remedy=Remedy.NONE, at=at, pack=proposed.pack
    )
    # Fifteen working days after Friday the 27th of March: Friday the 17th of April.
    until = datetime(2026, 4, 18, tzinfo=UTC)
    assert isinstance(event, ChallengeAnswered)
    assert (event.conceded, event.remedy, event.complaint_until) == (False, None, until)
    assert (answered.status, answered.answer, answered.due_at) == (ChallengeStatus.ANSWERED, "It is right.", None)
    assert answered.complain("No.", at=until - MICROSECOND, pack=proposed.pack)[0].status is ChallengeStatus.COMPLAINED
    with pytest.raises(NotAllowed) as problem:
        answered.complain("No.", at=until, pack=proposed.pack)
    assert refusal(problem) == ("complaint-late", RuleReference("complaint-window", "Coxswain model pack"))


def test_nothing_follows_an_answer_that_concedes(proposed: Any) -> None:
    conceded, (event,) = raised(proposed, proposed.now).respond(
        "You are right.", conceded=True, remedy=Remedy.ANNUL_AWARD, at=proposed.now, pack=proposed.pack
    )
    assert isinstance(event, ChallengeAnswered)
    assert (event.conceded, event.remedy) == (True, Remedy.ANNUL_AWARD)
    assert (conceded.status, conceded.remedy, conceded.clock_at) == (
        ChallengeStatus.CONCEDED,
        Remedy.ANNUL_AWARD,
        None,
    )
    assert conceded.status in CHALLENGE.final


def test_answer_is_refused_when_its_remedy_makes_no_sense(proposed: Any) -> None:
    challenge = raised(proposed, proposed.now)
    for conceded, remedy, code in (
        (False, Remedy.ANNUL_AWARD, "remedy-without-ground"),
        (True, Remedy.CANCEL_PROCEDURE, "cancellation-elsewhere"),
    ):
        with pytest.raises(NotAllowed, match=code):
            challenge.respond("Well.", conceded=conceded, remedy=remedy, at=proposed.now, pack=proposed.pack)


def test_complaint_waits_for_the_answer_until_its_time_is_over(proposed: Any) -> None:
    challenge = raised(proposed, proposed.now)
    assert challenge.due_at is not None
    with pytest.raises(NotAllowed) as problem:
        challenge.complain("No.", at=challenge.due_at - MICROSECOND, pack=proposed.pack)
    assert refusal(problem) == ("answer-awaited", RuleReference("question-answer", "Coxswain model pack"))
    complained, (event,) = challenge.complain("No.", at=challenge.due_at, pack=proposed.pack)
    assert isinstance(event, ComplaintFiled)
    # Thirty working days after Friday, April the 3rd: Friday, May the 15th.
    assert (event.filed_at, event.decision_due) == (challenge.due_at, datetime(2026, 5, 16, tzinfo=UTC))
    # The thirty days are those in all: they began with the challenge.
    assert (complained.due_at, complained.suspended_until) == (event.decision_due, challenge.suspended_until)
    # The office was silent: fifteen working days from the last day of its time, Thursday the 2nd, end with the 23rd.
    assert challenge.complaint_until == datetime(2026, 4, 24, tzinfo=UTC)


def test_complaint_is_decided_when_it_is_admitted(proposed: Any) -> None:
    admitted, (event,) = complained(proposed).admit("It is in time.", admitted=True, decider="board")
    assert isinstance(event, ComplaintAdmitted)
    assert (event.admitted, event.reason, admitted.due_at) == (True, "It is in time.", complained(proposed).due_at)
    upheld, (told,) = admitted.decide("It is right.", upheld=True, remedy=Remedy.EVALUATE_AGAIN, pack=proposed.pack)
    assert isinstance(told, ComplaintDecided)
    assert (told.upheld, told.remedy, told.reason) == (True, Remedy.EVALUATE_AGAIN, "It is right.")
    assert (upheld.status, upheld.decision, upheld.due_at) == (ChallengeStatus.UPHELD, "It is right.", None)
    dismissed, _ = admitted.decide("It is wrong.", upheld=False, remedy=Remedy.NONE, pack=proposed.pack)
    assert dismissed.status is ChallengeStatus.DISMISSED
    with pytest.raises(NotAllowed, match="remedy-without-ground"):
        admitted.decide("It is wrong.", upheld=False, remedy=Remedy.EVALUATE_AGAIN, pack=proposed.pack)


def test_complaint_has_ended_when_it_is_not_admitted(proposed: Any) -> None:
    rejected, _ = complained(proposed).admit("It names nothing.", admitted=False, decider="board")
    assert (rejected.status, rejected.decision, rejected.due_at) == (
        ChallengeStatus.REJECTED,
        "It names nothing.",
        None,
    )
    assert not rejected.suspends(None, proposed.now, proposed.pack)


@pytest.mark.parametrize("status", list(ChallengeStatus))
def test_act_is_refused_when_the_challenge_has_not_come_to_it(proposed: Any, status: ChallengeStatus) -> None:
    challenge = replace(raised(proposed, proposed.now), status=status, due_at=None)
    at, pack = proposed.now, proposed.pack
    acts = {
        "answer": lambda: challenge.respond("Well.", conceded=False, remedy=Remedy.NONE, at=at, pack=pack),
        "complain": lambda: challenge.complain("No.", at=at, pack=pack),
        "admit": lambda: challenge.admit("Well.", admitted=True, decider="board"),
        "decide": lambda: challenge.decide("Well.", upheld=False, remedy=Remedy.NONE, pack=pack),
        "withdraw": challenge.withdraw,
    }
    # Written by hand, beside the lifecycle.
    admitted = {
        "raised": {"answer", "complain", "withdraw"},
        "answered": {"complain", "withdraw"},
        "complained": {"admit", "withdraw"},
        "admitted": {"decide", "withdraw"},
    }.get(status, set())
    refused = {
        "answer": "challenge-not-raised",
        "complain": "challenge-not-raised",
        "admit": "challenge-not-complained",
        "decide": "challenge-not-admitted",
        "withdraw": "challenge-not-raised",
    }
    for name, act in acts.items():
        if name in admitted:
            assert act()[0].version == challenge.version + 1
        else:
            with pytest.raises(NotAllowed, match=refused[name]):
                act()


def test_states_that_nothing_leads_out_of_are_the_ends() -> None:
    assert CHALLENGE.final == {"conceded", "rejected", "upheld", "dismissed", "withdrawn", "lapsed"}
    assert set(CHALLENGE.states) == set(ChallengeStatus)


def test_challenge_is_given_up_when_its_challenger_wants(proposed: Any) -> None:
    withdrawn, (event,) = raised(proposed, proposed.now).withdraw()
    assert isinstance(event, ChallengeClosed)
    assert (event.how, withdrawn.status, withdrawn.due_at, withdrawn.clock_at) == (
        "withdrawn",
        ChallengeStatus.WITHDRAWN,
        None,
        None,
    )


@pytest.mark.parametrize("late", [timedelta(0), timedelta(days=7)])
@pytest.mark.parametrize("answered", [True, False])
def test_challenge_lapses_the_same_when_the_clock_is_punctual_or_a_week_late(
    proposed: Any, late: timedelta, *, answered: bool
) -> None:
    challenge = raised(proposed, proposed.now)
    if answered:
        challenge, _ = challenge.respond(
            "It is right.", conceded=False, remedy=Remedy.NONE, at=proposed.now, pack=proposed.pack
        )
    assert challenge.clock_at == challenge.complaint_until
    assert challenge.lapse(challenge.complaint_until - MICROSECOND) == (challenge, ())
    lapsed, (event,) = challenge.lapse(challenge.complaint_until + late)
    assert isinstance(event, ChallengeClosed)
    assert (event.how, lapsed) == (
        "lapsed",
        replace(challenge, version=challenge.version + 1, status=ChallengeStatus.LAPSED, due_at=None),
    )
    assert lapsed.lapse(challenge.complaint_until + late) == (lapsed, ())


def test_nothing_lapses_when_a_complaint_was_filed(proposed: Any) -> None:
    challenge = complained(proposed)
    assert challenge.clock_at is None
    assert challenge.lapse(challenge.complaint_until + timedelta(days=99)) == (challenge, ())


@pytest.mark.parametrize("status", list(ChallengeStatus))
def test_procedure_is_held_up_while_somebody_else_has_to_act(proposed: Any, status: ChallengeStatus) -> None:
    challenge = replace(raised(proposed, proposed.now), status=status)
    assert challenge.suspends("lot-1", proposed.now, proposed.pack) == (status in {"raised", "complained", "admitted"})
    assert challenge.suspended_until is not None
    assert not challenge.suspends("lot-1", challenge.suspended_until, proposed.pack)


def test_procedure_is_held_up_for_thirty_days_at_the_most_when_nobody_decides(proposed: Any) -> None:
    challenge = raised(proposed, proposed.now)
    # Thirty days after Tuesday the 24th of March: Thursday the 23rd of April.
    assert challenge.suspended_until == datetime(2026, 4, 24, tzinfo=UTC)
    assert challenge.suspends(None, challenge.suspended_until - MICROSECOND, proposed.pack)


def test_thirty_days_are_counted_once_when_the_question_and_the_complaint_hold_the_procedure_up(proposed: Any) -> None:
    challenge = raised(proposed, proposed.now)
    answered_at = proposed.now + timedelta(days=5)
    answered, _ = challenge.respond("No.", conceded=False, remedy=Remedy.NONE, at=answered_at, pack=proposed.pack)
    filed_at = answered_at + timedelta(days=7)
    again, _ = answered.complain("It is.", at=filed_at, pack=proposed.pack)
    assert challenge.suspended_until is not None
    # The week in which nothing was held up is no part of them.
    assert again.suspended_until == challenge.suspended_until + timedelta(days=7)
    late = challenge.suspended_until + timedelta(days=1)
    used_up = replace(challenge, status=ChallengeStatus.ANSWERED, answered_at=late, complaint_until=late + 2 * DAY)
    assert used_up.complain("It is.", at=late + DAY, pack=proposed.pack)[0].suspended_until == late + DAY


def test_other_lots_go_on_when_one_is_challenged(proposed: Any) -> None:
    of_one = raised(proposed, proposed.now, lot="lot-1")
    of_all = raised(proposed, proposed.now)
    at, pack = proposed.now, proposed.pack
    assert [of_one.suspends(lot, at, pack) for lot in ("lot-1", "lot-2", None)] == [True, False, True]
    assert [of_all.suspends(lot, at, pack) for lot in ("lot-1", "lot-2")] == [True, True]


@pytest.mark.parametrize("name", ["eu-light", "uk-2023"])
def test_claim_suspends_until_a_complaint_is_decided_when_the_pack_says_so(walk: Any, name: str) -> None:
    pack = load_pack(name)
    currency = pack.currency or "EUR"
    procedure = walk(pack, currency=currency).opened(*OFFERS).qualified().scored().priced()
    challenge = raised(procedure, procedure.now, Matter.EVALUATION)
    answered, _ = challenge.respond("No.", conceded=False, remedy=Remedy.NONE, at=procedure.now, pack=pack)
    # An answer that concedes nothing leaves the time for a complaint.
    assert answered.suspends(None, answered.complaint_until - MICROSECOND, pack)
    assert not answered.suspends(None, answered.complaint_until, pack)
    complained, _ = answered.complain("It is.", at=answered.complaint_until - MICROSECOND, pack=pack)
    in_a_year = procedure.now + timedelta(days=365)
    admitted, _ = complained.admit("In time.", admitted=True, decider="board")
    assert complained.suspends(None, in_a_year, pack)
    assert admitted.suspends(None, in_a_year, pack)
    decided, _ = admitted.decide("No.", upheld=False, remedy=Remedy.NONE, pack=pack)
    assert not decided.suspends(None, in_a_year, pack)


def test_claim_suspends_by_itself_only_in_the_standstill_when_the_pack_is_britains(walk: Any) -> None:
    uk, eu = load_pack("uk-2023"), load_pack("eu-light")
    procedure = walk(uk, currency="GBP").opened(*OFFERS)
    at = procedure.now
    challenge = raised(procedure, at, Matter.OPENING)
    assert challenge.suspends(None, at, uk, standstill_ends_at=at + MICROSECOND)
    assert not challenge.suspends(None, at, uk, standstill_ends_at=at)
    assert challenge.suspends(None, at, eu, standstill_ends_at=at)


@pytest.mark.parametrize(
    ("pack", "rule"),
    [
        ("model", "suspension-cap"),
        ("cn-services", "question-suspends-signing"),
        ("eu-light", "claim-suspends-signing"),
        ("uk-2023", "claim-suspends-signing"),
    ],
)
def test_hold_up_names_the_packs_own_rule(pack: str, rule: str) -> None:
    assert suspension_rule(load_pack(pack)) == rule


def test_qualification_is_challenged_from_the_instant_at_which_it_was_decided(walk: Any) -> None:
    procedure = walk().opened(*OFFERS)
    # The office takes until the eighth working day, and the time to challenge begins then.
    procedure.now += timedelta(days=10)
    decided_at = procedure.now
    procedure.qualified("alder")
    ends = window_ends_at(procedure.tender, said(Matter.QUALIFICATION), procedure.pack)
    assert ends == procedure.pack.ends_at("question-window", decided_at)
    assert raised(procedure, ends - MICROSECOND, Matter.QUALIFICATION).status is ChallengeStatus.RAISED
    with pytest.raises(NotAllowed, match="question-late"):
        raised(procedure, ends, Matter.QUALIFICATION)


def test_what_was_sent_back_is_challenged_again_only_once_it_is_done_anew(proposed: Any) -> None:
    proposed.now += timedelta(days=20)
    proposed.take(carry_out(proposed.tender, Remedy.QUALIFY_AGAIN, None, "So.", at=proposed.now, pack=proposed.pack))
    for matter in (Matter.QUALIFICATION, Matter.EVALUATION, Matter.AWARD):
        with pytest.raises(NotAllowed, match="matter-not-reached"):
            window_ends_at(proposed.tender, said(matter), proposed.pack)
    again = proposed.now = proposed.now + timedelta(days=8)
    proposed.qualified()
    assert window_ends_at(proposed.tender, said(Matter.QUALIFICATION), proposed.pack) == proposed.pack.ends_at(
        "question-window", again
    )
    with pytest.raises(NotAllowed, match="matter-not-reached"):
        window_ends_at(proposed.tender, said(Matter.EVALUATION), proposed.pack)


def test_amendment_is_challenged_within_a_time_of_its_own(active: Tender, pack: RulePack, noon: datetime) -> None:
    at = noon + timedelta(days=15)
    content = replace(active.content, title="Home care in the north and the east")
    drafted = draft_amendment(
        active,
        NewAmendment(content, "A slip of the pen.", None),
        identifier=UUID(int=1),
        funded=content.value,
        by="olga",
        at=at,
        pack=pack,
    )
    amended, _, _ = publish_amendment(active, drafted, number=1, funded=content.value, by="hugo", at=at, pack=pack)
    documents = said(Matter.DOCUMENTS)
    assert window_ends_at(active, documents, pack) == pack.ends_at("question-window", noon) < at
    assert window_ends_at(amended, documents, pack) == pack.ends_at("question-window", at)
