"""Who decides a complaint, and who reads what of a challenge."""

from typing import Any
from uuid import UUID

import pytest
from challenged import OFFERS, ONLOOKER, complained, raised, refusal

from shared.kernel.access import Actor
from shared.kernel.errors import Forbidden, RuleReference
from tender.domain.challenge import (
    Matter,
)
from tender.domain.challenge_parties import Case, Insight, check_decider, insight
from tender.domain.panel import Panel
from tender.domain.panel_parts import Seat, SeatStatus


@pytest.fixture
def proposed(walk: Any) -> Any:
    """A procedure whose award is proposed, by the model pack."""
    return walk().opened(*OFFERS).qualified().scored({"birch": "60"}).priced().proposed()


def decider(organisation: str = "board", name: str = "dora", *roles: str) -> Actor:
    return Actor(name, organisation, frozenset(roles or {"complaint-decider"}))


@pytest.mark.parametrize(
    ("organisation", "person"),
    [("city", "dora"), ("birch", "dora"), ("onlooker", "dora"), ("board", "olga"), ("board", "eva"), ("board", "rita")],
)
def test_complaint_is_not_decided_by_whoever_has_a_part_in_it(proposed: Any, organisation: str, person: str) -> None:
    # olga wrote the tender; the city buys, birch bid, the onlooker challenges; eva scored, rita recused herself.
    case = Case(proposed.tender, panel_of(eva=SeatStatus.ACCEPTED, rita=SeatStatus.RECUSED, rex=SeatStatus.REFUSED))
    challenge = raised(proposed, proposed.tender.published_at, Matter.DOCUMENTS, challenger=ONLOOKER)
    with pytest.raises(Forbidden) as problem:
        check_decider(case, challenge, decider(organisation, person), proposed.pack)
    assert refusal(problem) == (
        "complaint-decider-not-independent",
        RuleReference("incompatible.complaint-decider", "Coxswain model pack"),
    )
    for independent in ("dora", "rex"):
        check_decider(case, challenge, decider("board", independent), proposed.pack)


def test_complaint_is_decided_by_the_body_that_has_admitted_it(proposed: Any) -> None:
    case = Case(proposed.tender, None)
    admitted, _ = complained(proposed).admit("In time.", admitted=True, decider="board")
    check_decider(case, admitted, decider("board", "doris"), proposed.pack)
    with pytest.raises(Forbidden) as problem:
        check_decider(case, admitted, decider("court"), proposed.pack)
    assert problem.value.code == "complaint-of-another-body"


def test_arguments_are_read_by_the_parties_and_by_who_decides(proposed: Any) -> None:
    case = Case(proposed.tender, panel_of(eva=SeatStatus.ACCEPTED))
    challenge = raised(proposed, proposed.now)
    filed = complained(proposed)
    admitted, _ = filed.admit("In time.", admitted=True, decider="board")
    steps = (challenge, filed, admitted)

    def read(actor: Actor | None) -> list[bool]:
        return [insight(step, actor, case).arguments for step in steps]

    assert (
        read(decider("birch", "bo", "provider")) == read(decider("city", "olga", "procurement-officer")) == [True] * 3
    )
    # Any body may admit a complaint that it has no part in; the one that did decides it.
    assert read(decider("board")) == [False, True, True]
    assert read(decider("court")) == [False, True, False]
    assert read(decider("board", "eva")) == [False, False, True]
    assert read(decider("alder")) == read(decider("board", "dora", "operator")) == read(None) == [False] * 3


def test_challenger_is_named_after_the_opening_whatever_was_challenged(walk: Any) -> None:
    procedure = walk()
    challenge = raised(procedure, procedure.now, Matter.DOCUMENTS, challenger=ONLOOKER)
    stranger = decider("village", "olga", "procurement-officer")
    assert insight(challenge, stranger, Case(procedure.tender, None)) == Insight(challenger=False, arguments=False)
    opened = Case(procedure.opened(*OFFERS).tender, None)
    assert insight(challenge, stranger, opened) == Insight(challenger=True, arguments=False)


def panel_of(**seats: SeatStatus) -> Panel:
    taken = tuple(
        Seat(UUID(int=number), "expert", person, person.title(), "university", status)
        for number, (person, status) in enumerate(seats.items())
    )
    return Panel(UUID(int=5), 1, "ocds-coxswn-3", UUID(int=3), len(taken), 0, None, seats=taken)
