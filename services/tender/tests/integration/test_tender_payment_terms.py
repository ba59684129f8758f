"""Terms of payment: written in the draft, published with the tender, carried by the contract that is signed."""

from decimal import Decimal
from typing import Any

import pytest

from shared.rules.pack import load_pack
from shared.rules.payment_formula import pack_formula
from tender.domain.contract_terms import ContractTerms

GRADES = [
    {"grade": grade, "share": share, "reason": f"As {grade}."}
    for grade, share in zip("ABCD", ("1", "0.9", "0.5", "0"), strict=True)
]
INDICATOR = {"kpi": "attendance", "target": "95", "direction": "higher", "step": "1", "share": "0.01", "cap": "0.10"}
FORMULA = "payment-formula"
TERMS: dict[str, Any] = {
    "grades": GRADES,
    "indicators": [INDICATOR],
    "guarantee": "0.50",
    "deduction_cap": "0.10",
    "retention_share": "0.05",
    "retention_release": {"when": "days-after", "days": 90},
    "shortcoming_release": {"when": "next-grade-at-least", "grade": "B"},
}
SHOWN = {
    **TERMS,
    "retention_release": {"when": "days-after", "grade": None, "days": 90},
    "shortcoming_release": {"when": "next-grade-at-least", "grade": "B", "days": None},
}


async def last(parties: Any, kind: str) -> Any:
    return [data for told, data in await parties.events() if told == kind][-1]


async def test_terms_go_from_the_draft_into_the_contract_that_is_signed(parties: Any) -> None:
    path = await parties.signed(payment_terms=TERMS)
    published = await last(parties, "tender.published.v1")
    signed = await last(parties, "contract.signed.v1")
    assert published["payment_terms"] == SHOWN
    assert signed["payment"] == {"id": f"{signed['ocid']}/payment-formula", "version": "1", "terms": SHOWN}
    assert (await parties.shown(path))["payment_terms"] == SHOWN
    assert (await parties.shown(f"/v1/tenders/{signed['tender']}"))["content"]["payment_terms"] == SHOWN


async def test_contract_carries_the_formula_of_its_pack_when_the_tender_states_none(parties: Any) -> None:
    path = await parties.signed()
    signed = await last(parties, "contract.signed.v1")
    assert (signed["payment"]["id"], signed["payment"]["version"]) == ("model/payment-formula", "1.0.0")
    shares = {one["grade"]: one["share"] for one in signed["payment"]["terms"]["grades"]}
    assert shares == {"A": "1.00", "B": "0.95", "C": "0.80", "D": "0.00"}
    assert (await parties.shown(path))["payment_terms"] is None
    assert (await last(parties, "tender.published.v1"))["payment_terms"] is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"retention_share": "1.01"}, "payment-share-out-of-range"),
        ({"grades": [{**GRADES[0], "share": "-0.1"}, *GRADES[1:]]}, "payment-share-out-of-range"),
        ({"guarantee": "0.96"}, "payment-guarantee-above-rest"),
        ({"grades": GRADES[:3]}, "payment-grade-missing"),
        ({"grades": [*GRADES[:3], {**GRADES[3], "grade": "E"}]}, "payment-grade-unknown"),
        ({"grades": [*GRADES[:3], {**GRADES[3], "share": "0.6"}]}, "payment-share-rises"),
        ({"indicators": [INDICATOR, INDICATOR]}, "kpi-repeated"),
        ({"indicators": [{**INDICATOR, "step": "0"}]}, "payment-step-not-positive"),
        ({"shortcoming_release": {"when": "next-grade-at-least", "grade": "E"}}, "payment-release-grade-unknown"),
        ({"retention_release": {"when": "days-after"}}, "payment-release-incomplete"),
        ({"retention_release": {"when": "days-after", "days": 0}}, "payment-days-out-of-range"),
    ],
)
async def test_draft_is_refused_for_terms_that_contradict_themselves(
    same_day: Any, changed: dict[str, Any], code: str
) -> None:
    plan = await same_day.plan()
    body = {**same_day.content_body(), "plan": plan["id"], "payment_terms": {**TERMS, **changed}}
    refused = same_day.refused(await same_day.send("POST", "/v1/tenders", same_day.officer, body), 422, code, FORMULA)
    assert refused["pointer"].startswith("/body/payment_terms")


async def test_terms_are_amended_for_everybody_before_the_opening(same_day: Any) -> None:
    tender = await same_day.active()
    body = {"content": same_day.content_body(payment_terms=TERMS), "reason": "Quality is to count."}
    amendment = await same_day.done("POST", f"/v1/tenders/{tender['id']}/amendments", same_day.officer, body)
    path = f"/v1/tenders/{tender['id']}/amendments/{amendment['id']}/publication"
    assert (await same_day.done("POST", path, same_day.head))["changed"] == ["payment_terms"]
    assert (await last(same_day, "tender.amended.v1"))["payment_terms"] == SHOWN
    assert (await same_day.shown(f"/v1/tenders/{tender['id']}"))["content"]["payment_terms"] == SHOWN


def test_orders_under_a_framework_agreement_have_its_terms_of_payment_and_no_securities() -> None:
    formula = pack_formula(load_pack("model"))
    terms = ContractTerms(performance_security=Decimal("0.1"), regime="light", payment=formula)
    assert terms.of_orders == ContractTerms(regime="light", payment=formula)
