"""Questions and answers: whose they are, how many, and what a late answer does."""

import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.pack import RulePack, load_pack
from tender.domain.opening import check_bid_time, may_open
from tender.domain.parts import Status
from tender.domain.question import NewQuestion, Question, QuestionStatus, answer, ask, pseudonym
from tender.domain.tender import Tender

ASKER = "a" * 64
WHAT = NewQuestion("Which streets?", None, None)
CLOSES = datetime(2026, 3, 24, tzinfo=UTC)
UNTIL = datetime(2026, 3, 19, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def asked(tender: Tender, at: datetime, pack: RulePack, new: NewQuestion = WHAT, open_already: int = 0) -> Any:
    return ask(tender, new, identifier=UUID(int=50), asker=ASKER, unanswered_of_asker=open_already, at=at, pack=pack)


def refusal(problem: Any, code: str, rule: str | None = None) -> None:
    assert problem.value.code == code
    assert (problem.value.reference.rule if problem.value.reference else None) == rule
    if rule:
        assert (problem.value.reference.source, bool(problem.value.satisfied_by)) == ("Coxswain model pack", True)


def test_question_is_public_and_the_tender_waits_when_it_is_asked(
    active: Tender, noon: datetime, pack: RulePack
) -> None:
    tender, question, (event,) = asked(active, noon, pack, NewQuestion("Which streets?", "lot-1", "quality"))
    # Three working days after Monday the 2nd are over at the end of Thursday the 5th.
    assert question == Question(
        UUID(int=50), 1, active.id, ASKER, "Which streets?", "lot-1", "quality", noon, datetime(2026, 3, 6, tzinfo=UTC)
    )
    assert (tender.unanswered, tender.version, tender.closes_at) == (1, active.version + 1, CLOSES)
    assert (event.version, event.asker, event.answer_due) == (tender.version, ASKER, question.due_at)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.ACTIVE])
def test_question_and_answer_are_refused_when_the_tender_is_not_active(
    active: Tender, noon: datetime, pack: RulePack, status: Status
) -> None:
    tender, question, _ = asked(active, noon, pack)
    with pytest.raises(NotAllowed) as problem:
        asked(replace(active, status=status), noon, pack)
    refusal(problem, "tender-not-active")
    with pytest.raises(NotAllowed) as problem:
        answer(replace(tender, status=status), question, "Yes.", by="olga", at=noon, pack=pack)
    refusal(problem, "tender-not-active")


def test_question_is_refused_from_the_instant_on_when_questions_end(active: Tender, pack: RulePack) -> None:
    assert active.questions_until == UNTIL
    asked(active, UNTIL - MICROSECOND, pack)
    with pytest.raises(NotAllowed) as problem:
        asked(active, UNTIL, pack)
    refusal(problem, "questions-closed", "clarification")


def test_question_ends_where_the_pack_says_when_the_tender_is_older_than_the_window(
    active: Tender, pack: RulePack
) -> None:
    old = replace(active, questions_until=None)
    with pytest.raises(NotAllowed, match="questions-closed"):
        asked(old, UNTIL, pack)
    tender, question, _ = asked(old, UNTIL - MICROSECOND, pack)
    told, _, _ = answer(tender, question, "Yes.", by="olga", at=CLOSES, pack=pack)
    # The answer moves the deadline, never the window.
    assert (told.questions_until, told.closes_at) == (UNTIL, datetime(2026, 3, 30, tzinfo=UTC))


def test_question_is_refused_when_five_of_the_asker_wait(active: Tender, noon: datetime, pack: RulePack) -> None:
    asked(active, noon, pack, open_already=4)
    with pytest.raises(NotAllowed) as problem:
        asked(active, noon, pack, open_already=5)
    refusal(problem, "questions-too-many", "questions-per-asker")


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewQuestion("?", "lot-2", None), "lot-unknown"),
        (NewQuestion("?", None, "price-2"), "criterion-unknown"),
    ],
)
def test_question_makes_no_sense_when_it_is_about_what_is_not_there(
    active: Tender, noon: datetime, pack: RulePack, new: NewQuestion, code: str
) -> None:
    with pytest.raises(Invalid, match=code):
        asked(active, noon, pack, new)


def test_deadline_stays_when_the_answer_comes_early(active: Tender, noon: datetime, pack: RulePack) -> None:
    tender, question, _ = asked(active, noon, pack)
    told, answered, (event,) = answer(tender, question, "All.", by="olga", at=UNTIL - MICROSECOND, pack=pack)
    assert (told.unanswered, told.closes_at, told.due_at) == (0, CLOSES, active.due_at)
    assert (answered.status, answered.due_at, answered.version) == (QuestionStatus.ANSWERED, None, 2)
    assert (event.number, event.old_closes_at, event.closes_at) == (1, CLOSES, CLOSES)


def test_deadline_and_the_openings_term_move_when_the_answer_comes_late(
    active: Tender, noon: datetime, pack: RulePack
) -> None:
    tender, question, _ = asked(active, noon, pack)
    told, _, (event,) = answer(tender, question, "All.", by="olga", at=UNTIL, pack=pack)
    # Told on Thursday the 19th, five days: the 24th; the opening one working day after the deadline's Wednesday.
    assert told.closes_at == event.closes_at == datetime(2026, 3, 25, tzinfo=UTC)
    assert told.due_at == pack.ends_at("opening", told.closes_at) == datetime(2026, 3, 27, tzinfo=UTC)


def test_bids_come_in_and_none_is_opened_until_the_answer_when_the_deadline_has_come(
    active: Tender, noon: datetime, pack: RulePack
) -> None:
    tender, question, _ = asked(active, noon, pack)
    later = CLOSES + timedelta(days=2)
    check_bid_time(tender, later, pack)
    with pytest.raises(NotAllowed) as problem:
        may_open(tender, later, pack)
    refusal(problem, "questions-unanswered", "questions-unanswered")
    told, _, _ = answer(tender, question, "All.", by="olga", at=later, pack=pack)
    assert told.closes_at == datetime(2026, 4, 1, tzinfo=UTC)
    check_bid_time(told, told.closes_at - MICROSECOND, pack)
    with pytest.raises(NotAllowed, match="bid-late"):
        check_bid_time(told, told.closes_at, pack)
    with pytest.raises(NotAllowed, match="bids-sealed"):
        may_open(told, told.closes_at - MICROSECOND, pack)
    may_open(told, told.closes_at, pack)


def test_earlier_answer_is_kept_and_the_last_holds_when_it_is_corrected(
    active: Tender, noon: datetime, pack: RulePack
) -> None:
    tender, question, _ = asked(active, noon, pack)
    tender, question, _ = answer(tender, question, "All.", by="olga", at=noon, pack=pack)
    tender, question, (event,) = answer(tender, question, "All but one.", by="otto", at=UNTIL, pack=pack)
    assert [(given.text, given.by) for given in question.answers] == [("All.", "olga"), ("All but one.", "otto")]
    assert (event.number, event.text, tender.unanswered) == (2, "All but one.", 0)
    # A correction is news like any other.
    assert tender.closes_at == datetime(2026, 3, 25, tzinfo=UTC)


def test_correction_is_refused_when_the_deadline_has_passed(active: Tender, noon: datetime, pack: RulePack) -> None:
    tender, question, _ = asked(active, noon, pack)
    tender, question, _ = answer(tender, question, "All.", by="olga", at=noon, pack=pack)
    with pytest.raises(NotAllowed) as problem:
        answer(tender, question, "None.", by="olga", at=CLOSES, pack=pack)
    refusal(problem, "bidding-ended", "bid-deadline")


def test_question_window_is_the_chinese_one_when_that_pack_is_pinned(active: Tender, pack: RulePack) -> None:
    china = load_pack("cn-services")
    closes_at = datetime(2026, 3, 23, 16, tzinfo=UTC)
    tender = replace(active, closes_at=closes_at, questions_until=None)
    with pytest.raises(NotAllowed) as problem:
        asked(tender, datetime(2026, 3, 8, 16, tzinfo=UTC), china)
    assert problem.value.reference is not None
    assert problem.value.reference.source == "Ministry of Finance Order 87, art. 27"
    asked(tender, datetime(2026, 3, 8, 16, tzinfo=UTC) - MICROSECOND, china)
    assert pack.period("clarification") != china.period("clarification")


def test_pseudonym_is_the_hmac_and_no_other_tenders_when_secrets_differ() -> None:
    assert pseudonym(b"one", "birch") == hmac.digest(b"one", b"birch", hashlib.sha256).hex()
    assert len({pseudonym(secret, name) for secret in (b"one", b"two") for name in ("birch", "alder")}) == 4
