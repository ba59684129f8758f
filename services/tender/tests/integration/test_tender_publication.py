"""Funds first, then the publication; and the cancellation at any time before a contract."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from shared.contracts import budget
from shared.kernel.ids import opaque_id
from shared.kernel.money import Money
from tender.domain.catalogue import Catalogue, Catalogues, Decision, Effect, Entry


async def test_publication_waits_for_the_budget_when_it_is_asked_for(same_day: Any) -> None:
    draft = await same_day.draft()
    response = await same_day.send("POST", f"/v1/tenders/{draft['id']}/publication", same_day.head)
    waiting = response.json()
    assert (response.status_code, waiting["status"], response.headers["etag"]) == (202, "funding-requested", '"2"')
    assert (waiting["published_at"], waiting["due_at"]) == (None, "2026-03-05T00:00:00.000000Z")
    ((kind, data),) = await same_day.events(draft)
    assert (kind, data["amount"]) == ("tender.funding-requested.v1", draft["content"]["value"])
    assert (data["budget_line"], data["answer_due"]) == (
        "0190a000-0000-7000-8000-00000000000b",
        "2026-03-05T00:00:00.000000Z",
    )


async def test_tender_is_published_as_it_was_written_when_its_funds_are_reserved(same_day: Any) -> None:
    tender = await same_day.active()
    assert (tender["published_at"], tender["closes_at"], tender["due_at"]) == (
        "2026-03-02T09:00:00.000000Z",
        "2026-03-24T00:00:00.000000Z",
        "2026-03-26T00:00:00.000000Z",
    )
    data = dict(await same_day.events(tender))["tender.published.v1"]
    content = same_day.content_body()
    assert data["procurement"] == {"method": "open", "ground": None, "rationale": None, "follows": None}
    del content["procurement"]
    assert {name: data[name] for name in content} == content


async def test_publication_is_refused_when_the_author_asks_for_it(same_day: Any) -> None:
    draft = await same_day.draft()
    author = replace(same_day.head, name=same_day.officer.name)
    response = await same_day.send("POST", f"/v1/tenders/{draft['id']}/publication", author)
    rule = ("second-person.publication", "Coxswain model pack")
    problem = same_day.refused(response, 403, "second-person-needed", *rule)
    assert problem["satisfied_by"] == "The same request from another authorised person."


async def test_publication_is_refused_when_another_office_or_a_stale_reader_asks(same_day: Any) -> None:
    draft = await same_day.draft()
    path = f"/v1/tenders/{draft['id']}/publication"
    stranger = replace(same_day.head, organisation="county")
    same_day.refused(await same_day.send("POST", path, stranger), 403, "not-own-organisation")
    same_day.refused(await same_day.send("POST", path, same_day.head, version=2), 412, "stale")
    await same_day.done("POST", path, same_day.head, version=1)
    same_day.refused(
        await same_day.send("POST", path, same_day.head), 409, "tender-not-draft", "funds-reserved-before-publication"
    )


async def test_running_procedure_keeps_its_catalogue_when_the_service_comes_onto_the_negative_list(
    parties: Any,
) -> None:
    draft = await parties.draft()
    state = parties.service.app.state
    (before,) = state.catalogues.versions
    ended = replace(before, effect=replace(before.effect, last=date(2026, 3, 1)))
    excluded = Entry("elder-care", "Care of older people", Decision.DENY, "Care Act, s. 7")
    state.catalogues = Catalogues((ended, Catalogue("2026.2", Effect(date(2026, 3, 2), None), (excluded,))))
    response = await parties.send("POST", "/v1/plans", parties.officer, parties.plan_body())
    parties.refused(response, 409, "service-on-negative-list", "service-not-on-negative-list", "Care Act, s. 7")
    assert (await parties.send("POST", f"/v1/tenders/{draft['id']}/publication", parties.head)).status_code == 202


async def test_draft_says_why_and_can_be_sent_again_when_the_funds_are_refused(same_day: Any) -> None:
    waiting = await same_day.requested()
    await same_day.refuse_funds(waiting)
    path = f"/v1/tenders/{waiting['id']}"
    draft = await same_day.shown(path, same_day.officer)
    assert (draft["status"], draft["returned_because"], draft["due_at"]) == (
        "draft",
        "The line has not enough left.",
        None,
    )
    same_day.refused(await same_day.send("GET", path), 404, "not-found")
    again = await same_day.done("POST", f"{path}/publication", same_day.head)
    assert (again["status"], again["returned_because"]) == ("funding-requested", None)
    await same_day.fund(again)
    assert (await same_day.shown(path))["status"] == "active"
    story = await same_day.events(again)
    assert [kind for kind, _ in story] == [
        "tender.funding-requested.v1",
        "tender.returned-to-draft.v1",
        "tender.funding-requested.v1",
        "tender.published.v1",
    ]
    returned = dict(story)["tender.returned-to-draft.v1"]
    assert (returned["code"], returned["reason"]) == ("funds-insufficient", "The line has not enough left.")


async def test_answer_of_the_budget_changes_nothing_when_it_comes_again_or_too_late(same_day: Any) -> None:
    tender = await same_day.active()
    cancelled = await same_day.requested()
    body = {"reason": "Not needed any more."}
    await same_day.done("POST", f"/v1/tenders/{cancelled['id']}/cancellation", same_day.head, body)
    told = (await same_day.events(tender), await same_day.events(cancelled))
    for known in (tender, cancelled):
        shown = await same_day.shown(f"/v1/tenders/{known['id']}", same_day.officer)
        await same_day.fund(known)
        await same_day.refuse_funds(known)
        assert await same_day.shown(f"/v1/tenders/{known['id']}", same_day.officer) == shown
    assert (await same_day.events(tender), await same_day.events(cancelled)) == told


async def test_answer_is_parked_and_others_go_on_when_nobody_knows_its_tender(same_day: Any) -> None:
    stray = budget.Reserved(
        ocid="ocds-coxswn-stray",
        tender=opaque_id(),
        line=opaque_id(),
        amount=Money(1, "EUR"),
        available=Money(1, "EUR"),
    )
    await same_day.service.deliver("budget", stray)
    operator = replace(same_day.head, roles=("operator",))
    (parked,) = await same_day.shown("/v1/parked", operator)
    assert (parked["type"], parked["problem"]) == ("budget.reserved.v1", "NotFound: not-found")
    assert (await same_day.active())["status"] == "active"


@pytest.mark.parametrize("stage", ["draft", "requested", "active"])
async def test_procedure_ends_when_it_is_cancelled_before_the_opening(same_day: Any, stage: str) -> None:
    await cancels(same_day, await getattr(same_day, stage)())


async def test_procedure_ends_when_it_is_cancelled_after_the_opening_or_the_proposal(parties: Any) -> None:
    tender, _ = await parties.opened({"alder": "1.00", "birch": "2.00"})
    await cancels(parties, tender)
    proposed = await parties.proposed()
    await cancels(parties, proposed)
    cancelled = await parties.shown(f"/v1/tenders/{proposed['id']}")
    # No award outlives its lot.
    (award,) = cancelled["lots"][0]["awards"]
    assert (award["status"], award["cancelled_because"]) == ("cancelled", "The need has gone.")


async def cancels(parties: Any, tender: Mapping[str, Any]) -> None:
    """Cancel a tender, and see that nothing else of it changes and nobody cancels it twice."""
    path = f"/v1/tenders/{tender['id']}/cancellation"
    body = {"reason": "The need has gone."}
    parties.refused(await parties.send("POST", path, parties.head, body, version=99), 412, "stale")
    cancelled = await parties.done("POST", path, parties.head, body)
    assert [lot["status"] for lot in cancelled["lots"]] == ["cancelled"] * len(tender["lots"])
    assert {**cancelled, "lots": tender["lots"]} == {**tender, "status": "cancelled", "due_at": None}
    # What an office says of a draft is its own business.
    reason = "It was given up before it was published." if tender["status"] == "draft" else body["reason"]
    assert (await parties.events(tender))[-1] == (
        "tender.cancelled.v1",
        {"ocid": tender["ocid"], "tender": tender["id"], "reason": reason, "ground": None},
    )
    parties.refused(await parties.send("POST", path, parties.head, body), 409, "tender-not-cancellable")


async def test_cancellation_is_refused_when_the_procedure_was_unsuccessful(parties: Any) -> None:
    tender, _ = await parties.opened({"alder": "1.00"})
    assert tender["status"] == "unsuccessful"
    response = await parties.send(
        "POST", f"/v1/tenders/{tender['id']}/cancellation", parties.head, {"reason": "Anyway."}
    )
    parties.refused(response, 409, "tender-not-cancellable")


async def test_cancellation_is_refused_when_the_award_is_confirmed_or_no_reason_is_given(parties: Any) -> None:
    tender = await parties.awarded()
    path = f"/v1/tenders/{tender['id']}/cancellation"
    parties.refused(
        await parties.send("POST", path, parties.head, {"reason": "Too late."}), 409, "tender-not-cancellable"
    )
    parties.refused(await parties.send("POST", path, parties.head, {"reason": " "}), 422, "value-invalid")
    parties.refused(await parties.send("POST", path, parties.head, {}), 422, "field-missing")


async def test_envelopes_stay_closed_for_good_when_the_tender_is_cancelled_before_the_opening(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    await parties.bid(tender, "alder", "1.00")
    await parties.bid(tender, "birch", "2.00")
    path = f"/v1/tenders/{tender['id']}"
    await parties.done("POST", f"{path}/cancellation", parties.head, {"reason": "The need has gone."})
    parties.refused(await parties.send_bid(tender, "alder", b"{}"), 409, "tender-not-active")
    parties.until_deadline(tender)
    parties.refused(
        await parties.send("POST", f"{path}/opening", parties.officer), 409, "tender-not-active", "bid-deadline"
    )
    parties.refused(await parties.send("GET", f"{path}/bids"), 409, "bids-sealed", "bid-deadline")
    assert await parties.count("sealed_reads") == 0
