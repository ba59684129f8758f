"""Events are written field by field from what the domain says, so that none of them is left out unnoticed."""

import ast
from pathlib import Path

import budget.messaging
from budget.domain.events import FundsRefused, FundsReserved, stating_available
from budget.messaging.publish import published
from shared.contracts.catalogue import event_types
from shared.kernel.errors import RuleReference
from shared.kernel.ids import derived_id
from shared.kernel.money import Money

FILES = sorted(Path(budget.messaging.__path__[0]).glob("publish*.py"))
NAMES = {one.__name__ for one in event_types().values()}
ASKED = {"aggregate": derived_id("funds"), "version": 1, "ocid": "ocds-1", "tender": derived_id("tender")}


def test_no_event_is_written_by_hand() -> None:
    assert FILES
    for file in FILES:
        calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
        made = [node.func for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr in NAMES]
        assert [f"{file.name}:{one.lineno} {one.attr}" for one in made] == []


def test_refusal_names_its_rule_and_where_that_stands() -> None:
    euros, line = Money(100, "EUR"), derived_id("line")
    refused = FundsRefused(
        **ASKED,
        line=line,
        requested=euros,
        available=None,
        code="line-unknown",
        reason="There is none.",
        reference=RuleReference("funds-reserved-before-publication", "Coxswain model pack"),
    )
    told = published(refused).model_dump()
    assert (told["rule"], told["source"]) == ("funds-reserved-before-publication", "Coxswain model pack")
    assert (told["available"], told["code"]) == (None, "line-unknown")
    (reserved,) = stating_available([FundsReserved(**ASKED, line=line, amount=euros)], Money(7, "EUR"))
    assert published(reserved).model_dump()["available"] == {"amount": "0.07", "currency": "EUR"}
