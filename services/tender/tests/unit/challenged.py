"""What the tests of challenges begin with."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.kernel.errors import DomainError, RuleReference
from tender.domain.challenge import (
    Challenge,
    Ground,
    Matter,
    Remedy,
    Statement,
)
from tender.domain.challenge_raising import raise_challenge
from tender.domain.parts import Party

MICROSECOND = timedelta(microseconds=1)
BIRCH, ONLOOKER = Party("birch", "Birch"), Party("onlooker", "Onlooker Ltd")
ORDER_94 = "Government Procurement Law (政府采购法), arts. 52-58; Order 94"
OFFERS = (("lot-1", "alder", "900000"), ("lot-1", "birch", "1000000"), ("lot-1", "cedar", "1200000"))


def said(matter: Matter = Matter.AWARD, lot: str | None = None) -> Statement:
    return Statement(
        relates_to=matter,
        lot=lot,
        ground=Ground.WRONG_SCORING,
        arguments="The scores do not fit the concept.",
        evidence=("d" * 64,),
        remedies=(Remedy.EVALUATE_AGAIN,),
    )


def raised(
    procedure: Any, at: datetime, matter: Matter = Matter.AWARD, lot: str | None = None, challenger: Party = BIRCH
) -> Challenge:
    challenge, _ = raise_challenge(
        procedure.tender, said(matter, lot), identifier=UUID(int=7), challenger=challenger, at=at, pack=procedure.pack
    )
    return challenge


def refusal(problem: pytest.ExceptionInfo[DomainError]) -> tuple[str, RuleReference | None]:
    return problem.value.code, problem.value.reference


def complained(procedure: Any) -> Challenge:
    challenge = raised(procedure, procedure.now)
    assert challenge.due_at is not None
    return challenge.complain("The office is silent.", at=challenge.due_at, pack=procedure.pack)[0]
