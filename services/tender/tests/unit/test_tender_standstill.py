"""How long an award stands still: by the rule that binds here, or not at all, and never by a fact nobody knows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.kernel.errors import NotAllowed
from shared.rules.pack import RulePack, load_pack
from tender.domain.award import confirm_award, standing_award
from tender.domain.procurement import Procurement
from tender.domain.standstill import standstill, unstated

OFFERS = (("lot-1", "alder", "400000"), ("lot-1", "birch", "410000"), ("lot-1", "cedar", "420000"))
CURRENCIES = {"uk-2023": "GBP", "cn-services": "CNY"}
MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
# Ten days after the 2nd of March end at midnight of the 12th in Brussels; eight working days, the 2nd counted, end with
# the 11th in London.
BRUSSELS, LONDON = datetime(2026, 3, 12, 23, tzinfo=UTC), datetime(2026, 3, 12, tzinfo=UTC)


def priced(walk: Any, pack: RulePack, facts: dict[str, Any], value: str = "1250000", bids: int = 3) -> Any:
    """Return a procedure whose prices are open on Monday the 2nd of March."""
    procedure = walk(pack, currency=CURRENCIES.get(pack.id, "EUR"), **{"lot-1": value})
    content = replace(procedure.tender.content, procurement=Procurement(facts={"procedure": facts}))
    procedure.tender = replace(procedure.tender, content=content)
    procedure.opened(*OFFERS[:bids]).qualified().scored().priced()
    procedure.now = MONDAY
    return procedure


@pytest.mark.parametrize(
    ("name", "facts", "value", "bids", "ends_at", "rule"),
    [
        ("eu-light", {"regime": "light"}, "750000", 3, BRUSSELS, "standstill"),
        ("eu-light", {"regime": "light"}, "749999.99", 3, MONDAY, None),
        ("eu-light", {"regime": "full"}, "749999.99", 3, BRUSSELS, "standstill"),
        # Whatever the regime, this is above its value.
        ("eu-light", {}, "1250000", 2, BRUSSELS, "standstill"),
        ("eu-light", {}, "1250000", 1, MONDAY, None),
        ("uk-2023", {"regime": "full", "standstill_exempt": False}, "1250000", 3, LONDON, "standstill"),
        ("uk-2023", {"regime": "full", "standstill_exempt": True}, "1250000", 3, MONDAY, None),
        ("uk-2023", {"regime": "light"}, "1250000", 3, MONDAY, None),
        (
            "uk-2023",
            {"regime": "light", "adopted_rules": ["standstill"], "standstill_exempt": False},
            "1250000",
            3,
            LONDON,
            "standstill",
        ),
        # Ten days after are Thursday the 12th; a working day after is the 3rd, at its end in Shanghai.
        ("model", {}, "450000", 3, datetime(2026, 3, 13, tzinfo=UTC), "standstill"),
        ("cn-services", {}, "450000", 3, datetime(2026, 3, 3, 16, tzinfo=UTC), "result-notice"),
    ],
)
def test_standstill_is_that_of_the_rule_that_binds_when_an_award_is_proposed(
    walk: Any, name: str, facts: dict[str, Any], value: str, bids: int, ends_at: datetime, rule: str | None
) -> None:
    pack = load_pack(name)
    procedure = priced(walk, pack, facts, value, bids).proposed()
    award = standing_award(procedure.tender, "lot-1")
    assert (award.standstill_ends_at, award.standstill_rule) == (ends_at, rule)
    assert (procedure.events[-1].standstill_ends_at, procedure.events[-1].standstill_rule) == (ends_at, rule)
    if rule is None:
        procedure.confirmed()
        return
    with pytest.raises(NotAllowed) as problem:
        confirm_award(
            procedure.tender, "lot-1", by="hugo", at=ends_at - timedelta(microseconds=1), pack=pack, contract=award.id
        )
    assert (problem.value.code, problem.value.reference) == ("standstill-running", pack.reference(rule))


@pytest.mark.parametrize(
    ("name", "facts", "value", "missing"),
    [
        ("eu-light", {}, "700000", "procedure.regime"),
        ("uk-2023", {}, "1250000", "procedure.regime"),
        ("uk-2023", {"regime": "full"}, "1250000", "procedure.standstill_exempt"),
    ],
)
def test_award_waits_for_the_fact_when_nobody_said_whether_there_is_a_standstill(
    walk: Any, name: str, facts: dict[str, Any], value: str, missing: str
) -> None:
    pack = load_pack(name)
    procedure = priced(walk, pack, facts, value)
    with pytest.raises(NotAllowed) as problem:
        standstill(procedure.tender, "lot-1", at=MONDAY, pack=pack)
    assert (problem.value.code, problem.value.reference) == ("facts-missing", pack.reference("standstill"))
    assert missing in str(problem.value.satisfied_by)
    # It is asked for before the publication, since nobody can say it later.
    asked = dict(unstated(procedure.tender.content, pack))
    assert asked[pack.rule("standstill")] == (missing,)
