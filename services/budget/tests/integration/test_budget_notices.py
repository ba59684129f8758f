"""The notice to the provider: every unit of a period, as data and as a page, and nothing that is not public."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

from shared.contracts.inspection import Measurement
from shared.contracts.payment_terms import AgreedPayment

TERMS = {
    "grades": [
        {"grade": grade, "share": share, "reason": f"As <{grade}>."}
        for grade, share in (("A", "1"), ("B", "0.9"), ("C", "0.5"), ("D", "0"))
    ],
    "indicators": [
        {"kpi": kpi, "target": "95", "direction": "higher", "step": "1", "share": "0.01", "cap": "0.10"}
        for kpi in ("attendance", "meals")
    ],
    "guarantee": "0.20",
    "deduction_cap": "0.04",
    "retention_share": "0.05",
    "retention_release": {"when": "days-after", "days": 90},
    "shortcoming_release": {"when": "next-grade-at-least", "grade": "B"},
}


async def settled(budget: Any, case: Any, grade: str, terms: Any = TERMS) -> Any:
    """Grade a period of 1,000 of a contract; return its notice."""
    payment = AgreedPayment.model_validate({"id": "own", "version": "1", "terms": terms})
    line = await budget.appropriate(5_000)
    await budget.service.deliver("tender", case.requested(line, case.money(2_000)))
    await budget.service.deliver("tender", case.signed(1_000, 1_000, payment=payment))
    measured = (Measurement(kpi="attendance", value=Decimal(90)),)
    await budget.service.deliver("evaluation", case.graded("2026-01", grade, kpis=measured))
    return await budget.get(f"/v1/contracts/{case.contract}/notice?period=2026-01")


def text_of(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)))


async def test_every_unit_is_explained_line_by_line(budget: Any, procedure: Any) -> None:
    shown = await settled(budget, procedure(), "C")
    # Five steps would be 50.00, of which the cap leaves 40.00; of 960.00 a twentieth is retained: 48.00; half of the
    # rest, 912.00, is payable: 456.00; held: 960.00 - 456.00.
    missed = "Full steps of 1 missed: 5, at 0.01 each, at most 0.10: a share of 0.05."
    assert [line["text"] for line in shown["lines"]] == [
        "The period is worth 1000.00 EUR.",
        "In any case 200.00 EUR of it are paid: 1000.00 * 0.20, half up.",
        f"Indicator attendance: 90 measured, 95 agreed, higher is better. {missed}",
        "Deducted for attendance: 40.00 EUR, that is 1000.00 * 0.05, half up, of which the limits leave 40.00.",
        "Indicator meals was not measured; nothing is deducted for it.",
        "That leaves 960.00 EUR: 1000.00 - 40.00.",
        "Retained: 48.00 EUR, that is 960.00 * 0.05, half up.",
        "Grade C makes a share of 0.5 of what is left payable.",
        "Payable: 456.00 EUR, that is 912.00 * 0.5, half up.",
        "Held: 504.00 EUR, that is 960.00 - 456.00.",
    ]
    parts = {part: shown[part]["amount"] for part in ("due", "paid", "payable", "held", "deducted")}
    assert parts == {"due": "1000.00", "paid": "0.00", "payable": "456.00", "held": "504.00", "deducted": "40.00"}
    (order,) = shown["orders"]
    assert await budget.get(f"/v1/notices/{order['id']}") == shown


async def test_parts_still_add_up_after_a_payment_and_a_release(budget: Any, procedure: Any) -> None:
    case = procedure()
    await settled(budget, case, "C")
    await budget.pay_all()
    await budget.service.deliver("evaluation", case.graded("2026-02", "A"))
    shown = await budget.get(f"/v1/contracts/{case.contract}/notice?period=2026-01")
    parts = {part: shown[part]["amount"] for part in ("due", "paid", "payable", "held", "deducted")}
    assert parts == {"due": "1000.00", "paid": "456.00", "payable": "456.00", "held": "48.00", "deducted": "40.00"}
    response = await budget.service.client.get(f"/v1/notices/{shown['orders'][1]['id']}/page")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    page = response.text
    assert "As &lt;C&gt;." in page
    for line in (
        "Payable and not paid yet 456.00 EUR",
        "It is paid 90 days after the acceptance, or once two persons decide so.",
        "Of the period 456.00 EUR were held: As <C>.",
        "Released: 456.00 EUR. Period 2026-02 was graded A.",
        "456.00 EUR of 456.00 EUR are paid.",
    ):
        assert line in text_of(page)
    assert re.findall(r"(?:src|href)=", page) == []
    assert not any(secret in page for secret in ("p-finance", "p-treasurer"))


async def test_every_unit_is_explained_when_a_period_was_deducted_to_nothing(budget: Any, procedure: Any) -> None:
    case = procedure()
    missed = {**TERMS["indicators"][0], "share": "0.5", "cap": "1"}
    terms = {**TERMS, "indicators": [missed], "guarantee": "0", "deduction_cap": "1", "retention_share": "0"}
    shown = await settled(budget, case, "A", terms)
    # What is owed to nobody was nobody else's delivery either, whoever holds the contract by now.
    await budget.service.deliver("tender", case.assigned())
    assert await budget.get(f"/v1/contracts/{case.contract}/notice?period=2026-01") == shown
    parts = {part: shown[part]["amount"] for part in ("due", "paid", "payable", "held", "deducted")}
    assert parts == {"due": "1000.00", "paid": "0.00", "payable": "0.00", "held": "0.00", "deducted": "1000.00"}
    assert (shown["payee"], shown["holds"], shown["orders"]) == ("org-oarsmen", [], [])
    deducted = "Deducted for attendance: 1000.00 EUR, that is 1000.00 * 1, half up."
    assert deducted in [line["text"] for line in shown["lines"]]
    page = text_of((await budget.service.client.get(f"/v1/contracts/{case.contract}/notice/page?period=2026-01")).text)
    for line in (deducted, "Deducted 1,000.00 EUR", "all that it is worth was deducted"):
        assert line in page


async def test_grounds_and_proposals_are_no_part_of_a_notice(budget: Any, procedure: Any) -> None:
    case = procedure()
    (retained, *_) = (await settled(budget, case, "C"))["holds"]
    path = f"/v1/holds/{retained['id']}"
    provider = budget.service.headers("p-oar", "org-oarsmen", "provider")
    assert (
        await budget.service.client.post(f"{path}/appeal", json={"grounds": "Our drivers."}, headers=provider)
    ).status_code == 200
    proposal = {"reason": "Perhaps."}
    proposed = await budget.service.client.post(f"{path}/release", json=proposal, headers=budget.officer())
    assert proposed.status_code == 202
    notice = f"/v1/contracts/{case.contract}/notice"
    for told in (f"{notice}?period=2026-01", f"{notice}/page?period=2026-01"):
        text = (await budget.service.client.get(told, headers=provider)).text
        assert ("Our drivers." in text, "Perhaps." in text, "p-oar" in text) == (False, False, False)


async def test_there_is_no_notice_of_what_is_not_graded_or_not_there(budget: Any, procedure: Any) -> None:
    case = procedure()
    await settled(budget, case, "D")
    nowhere = "00000000-0000-0000-0000-000000000000"
    for path in (
        f"/v1/contracts/{case.contract}/notice?period=2026-02",
        f"/v1/contracts/{case.contract}/notice?period=never",
        f"/v1/contracts/{nowhere}/notice?period=2026-01",
        f"/v1/notices/{nowhere}",
        f"/v1/notices/{nowhere}/page",
    ):
        response = await budget.service.client.get(path)
        assert (response.status_code, response.json()["code"]) == (404, "not-found")
