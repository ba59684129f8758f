"""A contract that rests, goes over, or ends, with a handover."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.contracts import budget
from shared.kernel.money import Money

MODEL = "Coxswain model pack"
LINE = UUID("0190a000-0000-7000-8000-00000000000b")


def eur(text: str) -> dict[str, str]:
    return {"amount": text, "currency": "EUR"}


def wish(difference: str = "100000.00", **changes: Any) -> dict[str, Any]:
    """Return a change; 100,000 are the ten percent of a contract of 1,000,000 that the model pack allows."""
    return {"ground": "needs-changed", "reason": "More people.", "difference": eur(difference), **changes}


def funded(event: dict[str, Any]) -> budget.ChangeCommitted:
    some = Money(10_500_000, "EUR")
    return budget.ChangeCommitted(
        ocid=event["ocid"], contract=event["contract"], change=event["change"], line=LINE, amount=some, available=some
    )


async def last(parties: Any, kind: str) -> dict[str, Any]:
    return [data for each, data in await parties.events() if each == kind][-1]


async def requested(parties: Any, path: str, **changes: Any) -> str:
    """Propose a change and let the budget answer; return the change's path."""
    shown = await parties.done("POST", f"{path}/changes", parties.officer, wish(**changes))
    await parties.service.deliver("budget", funded(await last(parties, "contract.change-requested.v1")))
    return f"{path}/changes/{shown['changes'][-1]['id']}"


async def test_the_clock_resumes_a_contract_when_its_suspension_ends(parties: Any) -> None:
    path = await parties.signed()
    body = {"reason": "The kitchen is flooded.", "until": "2026-04-18T00:00:00Z"}
    suspended = await parties.done("POST", f"{path}/suspension", parties.head, body)
    assert suspended["status"] == "suspended"
    parties.refused(await parties.send("POST", f"{path}/suspension", parties.head, body), 409, "contract-not-active")
    assert await parties.service.let_time_act() == 0
    parties.service.clock.advance(days=20)
    assert await parties.service.let_time_act() == 1
    shown = await parties.shown(path)
    assert (shown["status"], shown["suspensions"][0]["ended_at"]) == ("active", "2026-04-18T00:00:00.000000Z")
    told = await last(parties, "contract.resumed.v1")
    assert (told["early"], told["resumed_at"]) == (False, "2026-04-18T00:00:00.000000Z")
    assert await parties.service.let_time_act() == 0


async def test_a_suspension_is_refused_when_all_of_them_last_longer_than_the_cap(parties: Any) -> None:
    path = await parties.signed()  # at 2026-04-04T00:00Z
    suspension, resumption = f"{path}/suspension", f"{path}/resumption"
    late = {"reason": "Flood.", "until": "2026-06-03T00:00:01Z"}  # sixty days and a second
    parties.refused(
        await parties.send("POST", suspension, parties.head, late),
        409,
        "suspension-too-long",
        "contract-suspension.cap",
    )
    past = {"reason": "Flood.", "until": "2026-04-04T00:00:00Z"}
    parties.refused(await parties.send("POST", suspension, parties.head, past), 422, "suspension-ends-early")
    parties.refused(await parties.send("POST", resumption, parties.head), 409, "contract-not-suspended")
    await parties.done("POST", suspension, parties.head, {"reason": "Flood.", "until": "2026-06-03T00:00:00Z"})
    parties.service.clock.advance(days=10)
    resumed = await parties.done("POST", resumption, parties.head)
    assert resumed["suspensions"][0]["ended_at"] == "2026-04-14T00:00:00.000000Z"
    assert (await last(parties, "contract.resumed.v1"))["early"] is True
    # Ten of sixty days are used up.
    parties.refused(
        await parties.send("POST", suspension, parties.head, {"reason": "Flood.", "until": "2026-06-03T00:00:01Z"}),
        409, "suspension-too-long", "contract-suspension.cap",
    )  # fmt: skip
    await parties.done("POST", suspension, parties.head, {"reason": "Flood.", "until": "2026-06-03T00:00:00Z"})


async def test_a_contract_does_not_go_over_to_another_when_the_pack_has_no_exception(parties: Any) -> None:
    path = await parties.signed()
    body = {"supplier": "alder", "ground": "replacement-of-contractor", "reason": "A merger."}
    response = await parties.send("POST", f"{path}/assignment", parties.bidder("birch"), body)
    parties.refused(response, 409, "contract-assignment-refused", "contract-assignment-refused")
    assert (await parties.shown(path))["supplier"]["id"] == "birch"


async def test_nobody_signing_is_recorded_when_the_time_to_sign_is_over(parties: Any) -> None:
    tender = await parties.awarded()
    path = f"/v1/contracts/{parties.standing(tender)['contract']}"
    body = {"code": "refused", "reason": "They cannot hire the drivers."}
    parties.service.clock.set(parties.service.clock.now().replace(month=5, day=4, hour=23, minute=59))
    response = await parties.send("POST", f"{path}/non-signature", parties.officer, body)
    parties.refused(response, 409, "signature-still-due", "contract-signing")
    parties.service.clock.advance(minutes=1)
    response = await parties.send(
        "POST", f"{path}/non-signature", parties.officer, {**body, "code": "security-not-given"}
    )
    parties.refused(response, 422, "non-signature-differs")
    shown = await parties.done("POST", f"{path}/non-signature", parties.officer, body)
    assert (shown["status"], shown["signature_due"], shown["not_signed_because"]) == ("not-signed", None, "refused")
    told = await last(parties, "contract.not-signed.v1")
    assert (told["code"], told["rule"], told["source"]) == ("refused", "contract-signing", MODEL)
    award = parties.standing(tender)
    assert (told["tender"], told["award"]) == (tender["id"], award["id"])
    fallen = await last(parties, "award.cancelled.v1")
    assert (fallen["award"], fallen["supplier"]["id"], fallen["reason"]) == (award["id"], "birch", body["reason"])
    response = await parties.send("POST", f"{path}/supplier-signature", parties.bidder("birch"))
    parties.refused(response, 409, "award-cancelled")
    response = await parties.send("POST", f"{path}/non-signature", parties.officer, body)
    parties.refused(response, 409, "contract-not-generated")
    assert await parties.shown("/v1/overdue") == []
    # 22.5 + 65.1 of cedar against 30 + 54.6 of alder.
    assert parties.standing(await parties.propose(tender))["supplier"]["id"] == "cedar"


END = {"ground": "need-ended", "reason": "The city cooks itself.", "last_day": "2026-08-31"}
ITEMS = {"recipients": "supplier", "records": "supplier", "keys": "supplier", "staff": "supplier",
         "successor": "buyer", "notice-to-recipients": "buyer"}  # fmt: skip


async def hand_over(parties: Any, path: str) -> None:
    sides = {"supplier": parties.bidder("birch"), "buyer": parties.officer}
    for kind, side in ITEMS.items():
        other = next(person for name, person in sides.items() if name != side)
        said = {"applicable": True, "note": "Protocol 7"} | ({"successor": "In-house"} if kind == "successor" else {})
        await parties.done("POST", f"{path}/handover/{kind}/settlement", sides[side], said)
        await parties.done("POST", f"{path}/handover/{kind}/confirmation", other)


async def test_a_contract_ends_by_agreement_only_when_its_supplier_agreed(parties: Any) -> None:
    path = await parties.signed()
    consent, confirmation = f"{path}/termination/consent", f"{path}/termination/confirmation"
    birch, agreed = parties.bidder("birch"), {**END, "ground": "agreement"}
    parties.refused(await parties.send("POST", consent, birch), 409, "termination-not-proposed")
    await parties.done("POST", f"{path}/termination", parties.officer, END)
    parties.refused(await parties.send("POST", consent, birch), 409, "consent-not-asked-for")
    await parties.done("POST", f"{path}/termination", parties.officer, agreed)
    alone = await parties.send("POST", confirmation, parties.head)
    parties.refused(alone, 409, "supplier-consent-missing", "contract-termination.grounds")
    shown = await parties.done("POST", consent, birch)
    assert shown["proposed_end"]["consented_at"] is not None
    parties.refused(await parties.send("POST", consent, birch), 409, "termination-consented")
    # Another proposal is no longer what the supplier agreed to.
    await parties.done("POST", f"{path}/termination", parties.officer, {**agreed, "last_day": "2026-08-30"})
    alone = await parties.send("POST", confirmation, parties.head)
    parties.refused(alone, 409, "supplier-consent-missing", "contract-termination.grounds")
    await parties.done("POST", consent, birch)
    ending = await parties.done("POST", confirmation, parties.head)
    assert (ending["status"], ending["termination"]["last_day"]) == ("ending", "2026-08-30")
    told = await last(parties, "contract.termination-notified.v1")
    assert (told["ground"], told["consented_at"]) == ("agreement", ending["termination"]["consented_at"])


async def test_a_contract_ends_early_when_two_persons_settle_it_and_the_service_is_handed_over(parties: Any) -> None:
    path = await parties.signed()
    change = await requested(parties, path)
    proposed = await parties.done("POST", f"{path}/termination", parties.officer, END)
    assert (proposed["status"], proposed["proposed_end"]["last_day"]) == ("active", "2026-08-31")
    same = type(parties.head)(parties.officer.name, "city", ("procurement-head",))
    response = await parties.send("POST", f"{path}/termination/confirmation", same)
    parties.refused(response, 403, "second-person-needed", "second-person.contract")
    ending = await parties.done("POST", f"{path}/termination/confirmation", parties.head)
    assert (ending["status"], ending["termination"]["ground"]) == ("ending", "need-ended")
    assert [item["kind"] for item in ending["handover"]["items"]] == list(ITEMS)
    assert {item["due_at"] for item in ending["handover"]["items"]} == {"2026-09-01T00:00:00.000000Z"}
    # The change that was pending failed, so that the budget gives its money back.
    assert (await last(parties, "contract.change-failed.v1"))["code"] == "contract-ending"
    response = await parties.send("POST", f"{change}/approval", parties.head)
    parties.refused(response, 409, "contract-not-active")
    closing, body = f"{path}/closing", {"amount_paid": eur("600000.00")}
    parties.refused(await parties.send("POST", closing, parties.officer, body), 409, "last-day-not-passed")
    await hand_over(parties, path)
    told = await last(parties, "contract.handover-completed.v1")
    assert (told["items"], told["successor"]) == (6, "In-house")
    parties.service.clock.set(parties.service.clock.now().replace(month=9, day=1, hour=0, minute=0))
    for amount, status, code in (("1000000.01", 409, "paid-above-value"), ("-0.01", 422, "amount-negative")):
        response = await parties.send("POST", closing, parties.officer, {"amount_paid": eur(amount)})
        parties.refused(response, status, code)
    parties.refused(await parties.send("POST", closing, parties.officer, {}), 422, "field-missing")
    parties.refused(await parties.send("POST", f"{closing}/confirmation", parties.head), 409, "closing-not-proposed")
    await parties.done("POST", closing, parties.officer, body)
    response = await parties.send("POST", f"{closing}/confirmation", same)
    parties.refused(response, 403, "second-person-needed", "second-person.contract")
    closed = await parties.done("POST", f"{closing}/confirmation", parties.head)
    assert (closed["status"], closed["amount_paid"]) == ("terminated", eur("600000.00"))
    told = await last(parties, "contract.terminated.v1")
    assert (told["ground"], told["amount_paid"], told["without_handover"]) == ("need-ended", eur("600000.00"), None)
    parties.refused(await parties.send("POST", f"{path}/changes", parties.officer, wish()), 409, "contract-not-active")


async def test_an_end_is_refused_when_it_has_no_ground_or_comes_without_notice(parties: Any) -> None:
    path = await parties.signed()  # on 2026-04-04, thirty days before 2026-05-04
    for changes, status, code, rule in (
        ({"ground": "because"}, 409, "contract-termination-grounds", "contract-termination.grounds"),
        ({"last_day": "2026-05-03"}, 409, "contract-termination-notice", "contract-termination.notice"),
        ({"last_day": "2026-04-03"}, 422, "last-day-passed", None),
        ({"last_day": "2026-10-01"}, 422, "last-day-after-term", None),
    ):
        response = await parties.send("POST", f"{path}/termination", parties.officer, END | changes)
        parties.refused(response, status, code, rule)
    parties.refused(
        await parties.send("POST", f"{path}/termination/confirmation", parties.head), 409, "termination-not-proposed"
    )
    await parties.done("POST", f"{path}/termination", parties.officer, END | {"last_day": "2026-05-04"})
    # A day later the notice would be too short.
    parties.service.clock.advance(days=1)
    response = await parties.send("POST", f"{path}/termination/confirmation", parties.head)
    parties.refused(response, 409, "contract-termination-notice", "contract-termination.notice")
    breach = END | {"ground": "supplier-breach", "last_day": "2026-04-05"}
    await parties.done("POST", f"{path}/termination", parties.officer, breach)
    assert (await parties.done("POST", f"{path}/termination/confirmation", parties.head))["status"] == "ending"


async def test_a_contract_is_closed_without_a_handover_when_two_persons_say_why(parties: Any) -> None:
    path = await parties.signed()
    insolvent = {"ground": "insolvency", "reason": "Insolvent.", "last_day": "2026-04-04"}
    await parties.done("POST", f"{path}/termination", parties.officer, insolvent)
    await parties.done("POST", f"{path}/termination/confirmation", parties.head)
    parties.service.clock.advance(days=1)
    body = {"amount_paid": eur("0.00")}
    response = await parties.send("POST", f"{path}/closing", parties.officer, body)
    parties.refused(response, 409, "handover-incomplete", "contract-handover.items")
    await parties.done("POST", f"{path}/closing", parties.officer, {**body, "without_handover": "Nobody was left."})
    closed = await parties.done("POST", f"{path}/closing/confirmation", parties.head)
    assert (closed["status"], closed["closing"]["without_handover"]) == ("terminated", "Nobody was left.")
    assert (await last(parties, "contract.terminated.v1"))["without_handover"] == "Nobody was left."


async def test_the_clock_ends_a_contract_when_its_term_is_over(parties: Any) -> None:
    path = await parties.signed()
    await requested(parties, path)
    parties.service.clock.set(parties.service.clock.now().replace(month=9, day=30, hour=23, minute=59, second=59))
    assert await parties.service.let_time_act() == 0
    parties.service.clock.advance(days=3)
    assert await parties.service.let_time_act() == 1
    shown = await parties.shown(path)
    assert (shown["status"], shown["termination"]["ground"]) == ("ending", "end-of-term")
    assert shown["termination"]["notified_at"] == "2026-10-01T00:00:00.000000Z"
    assert [kind for kind, _ in await parties.events()][-2:] == [
        "contract.change-failed.v1", "contract.termination-notified.v1"
    ]  # fmt: skip
    (item,) = await parties.shown("/v1/overdue")
    assert item["waiting_for"] == "the handover of recipients to be settled"
    await hand_over(parties, path)
    assert await parties.shown("/v1/overdue") == []
    parties.service.clock.advance(days=14)
    (item,) = await parties.shown("/v1/overdue")
    assert item["waiting_for"] == "the closing of the contract"


async def test_a_term_that_ends_amid_a_suspension_ends_the_contract_too(parties: Any) -> None:
    path = await parties.signed()
    parties.service.clock.set(parties.service.clock.now().replace(month=9, day=20))
    await parties.done(
        "POST", f"{path}/suspension", parties.head, {"reason": "Flood.", "until": "2026-10-20T00:00:00Z"}
    )
    parties.service.clock.advance(days=60)
    await parties.service.let_time_act()
    shown = await parties.shown(path)
    assert (shown["status"], shown["suspensions"][0]["ended_at"]) == ("ending", "2026-10-01T00:00:00.000000Z")


async def test_an_item_goes_back_and_forth_when_the_other_side_objects(parties: Any) -> None:
    path = await parties.signed()
    birch, said = parties.bidder("birch"), {"applicable": True, "note": "Protocol 7"}
    settlement = f"{path}/handover/keys/settlement"
    parties.refused(await parties.send("POST", settlement, birch, said), 404, "handover-not-planned")
    plan = {"due_at": "2026-09-01T00:00:00Z"}
    await parties.done("POST", f"{path}/handover", parties.officer, plan)
    parties.refused(await parties.send("POST", f"{path}/handover", parties.officer, plan), 409, "handover-planned")
    parties.refused(await parties.send("POST", settlement, parties.officer, said), 403, "not-responsible")
    parties.refused(
        await parties.send("POST", f"{path}/handover/cats/settlement", birch, said), 404, "handover-item-unknown"
    )
    confirmation, objection = f"{path}/handover/keys/confirmation", f"{path}/handover/keys/objection"
    parties.refused(await parties.send("POST", confirmation, parties.officer), 409, "handover-item-not-settled")
    await parties.done("POST", settlement, birch, said)
    parties.refused(await parties.send("POST", confirmation, birch), 403, "other-side-needed")
    objected = await parties.done("POST", objection, parties.officer)
    assert next(item for item in objected["handover"]["items"] if item["kind"] == "keys")["status"] == "open"
    await parties.done("POST", settlement, birch, {"applicable": False, "note": "There are no keys."})
    confirmed = await parties.done("POST", confirmation, parties.officer)
    keys = next(item for item in confirmed["handover"]["items"] if item["kind"] == "keys")
    assert (keys["status"], keys["applicable"], keys["note"]) == ("confirmed", False, "There are no keys.")
    response = await parties.send("POST", f"{path}/handover/successor/settlement", parties.officer, said)
    parties.refused(response, 422, "successor-missing")
    parties.service.clock.advance(days=int(timedelta(weeks=30).days))
    assert [item["kind"] for item in await parties.shown("/v1/overdue")] == ["contract"]
