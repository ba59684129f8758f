"""Journey: two entries of one organisation are made one by two officers, and what was known of each stays readable."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from shared.contracts.inspection import PeriodGraded
from shared.testing.callers import MODEL_PACK
from shared.testing.course import (
    MODEL,
    REGISTRY,
    appropriate,
    bid,
    clerk,
    content,
    in_force,
    published,
    tender_path,
    verify,
)
from shared.testing.registration import (
    COURT,
    SERVICE,
    against,
    change,
    enter,
    head,
    named_in_events,
    notify,
    provider_path,
    shown,
)
from shared.testing.town import Town, done, flow, refusal, seen

LOTS = {"all": "2500000.00"}
OFFERS = {"all": {"birch": ("2000000.00", "88"), "cedar": ("2400000.00", "93"), "alder": ("1800000.00", "78")}}
BODY = {"lot": "all", "scheme": "access/v1", "financial": "e30="}
EVIDENCE = {"evidence": [{"document_type": "statutes", "digest": "a" * 64, "valid_until": "2029-03-02"}]}
SUSPENSION = {
    "kind": "suspension",
    "scopes": ["tenders"],
    "facts": "Fraud is looked into.",
    "evidence": ["c" * 64],
    "event_day": "2026-03-01",
}
HEAD = "Leopoldine Achterberg"


async def grade(town: Town, ocid: str, contract: str, period: str) -> None:
    graded = PeriodGraded(
        ocid=ocid,
        contract=UUID(contract),
        period=period,
        provider="birch",
        score=Decimal(80),
        grade="B",
        derivation=(),
    )
    await town.services[SERVICE].deliver("evaluation", graded)


async def merged(town: Town) -> None:
    """Let the second entry be suggested, proposed by one officer and confirmed by the other."""
    suggested = await seen(town, "/v1/duplicates", REGISTRY[0], service=SERVICE)
    (pair,) = suggested["items"]
    assert {pair["organisation"], pair["other"]} == {"birch", "birch-care"}
    body = {"given_up": "birch", "kept": "birch-care", "reason": "The same number in the same street."}
    merge = (await done(town, REGISTRY[0], "/v1/merges", body, service=SERVICE))["id"]
    alone = await refusal(town, REGISTRY[0], f"/v1/merges/{merge}/confirmation", service=SERVICE)
    assert alone == (403, "second-person-needed", "second-person.merge", MODEL_PACK)
    await done(town, REGISTRY[1], f"/v1/merges/{merge}/confirmation", service=SERVICE)
    await flow(town)


async def test_merged_entry_hands_over_what_it_did_and_bids_no_more(town: Town) -> None:
    line = await appropriate(town, MODEL, "9000000.00")
    first, contract = await in_force(town, MODEL, line, LOTS, OFFERS)
    await grade(town, first["ocid"], contract["id"], "1")
    later = {"start": "2026-12-01", "end": "2027-02-28", "periods": 3}
    tender = await published(town, MODEL, line, content(MODEL, LOTS, delivery=later))
    await enter(town, "birch-care", name="Birch Limited", legal_form="company")
    await change(town, "birch-care", "/people", head(HEAD))
    await verify(town, "birch-care")
    await flow(town)

    case = await notify(town, "birch", SUSPENSION)
    await done(town, clerk("birch"), f"{case}/reply", {"statement": "No."}, service=SERVICE)

    before = town.clock.now().isoformat().replace("+00:00", "Z")
    asked = [f"{rest}?at={before}" for rest in ("", "/record", "/eligibility", "/restrictions")]
    known = [await shown(town, "birch", rest) for rest in asked]
    town.clock.advance(hours=1)
    await merged(town)

    kept: dict[str, Any] = await shown(town, "birch-care")
    assert kept["absorbed"] == ["birch"]
    assert {"scheme": "XX-REG", "id": "birch"} in kept["other_identifiers"]
    record = await shown(town, "birch-care", "/record")
    assert (record["contracts"], [one["period"] for one in record["periods"]]) == (1, ["1"])
    assert (await shown(town, "birch", "/record"))["contracts"] == 0
    # What was known of the entry that was given up is what it was.
    assert [await shown(town, "birch", rest) for rest in asked] == known
    assert (known[0]["merged_into"], known[0]["status"], known[1]["contracts"]) == (None, "verified", 1)
    # What is still told of it is of the organisation.
    await grade(town, first["ocid"], contract["id"], "2")
    assert len((await shown(town, "birch-care", "/record"))["periods"]) == 2

    assert ("provider-merged", "fail") in await against(town, "birch", "model", "tenders")
    status, code, _, source = await refusal(town, clerk("birch"), tender_path(tender, "/bids"), BODY)
    assert (status, code, source) == (409, "bidder-not-verified", MODEL_PACK)
    await bid(town, MODEL, tender, "all", "birch-care", "1900000.00")
    # Nor does a merge end what is looked into: what is decided of the one entry holds against the other.
    decision = {"upheld": True, "reasons": "It is.", "last_day": str((town.clock.now() + timedelta(days=90)).date())}
    await done(town, COURT, f"{case}/decision", decision, service=SERVICE)
    await flow(town)
    suspended = await refusal(town, clerk("birch-care"), tender_path(tender, "/bids"), BODY)
    assert suspended == (409, "bidder-not-eligible", "suspension.longest", MODEL_PACK)
    again = await refusal(town, clerk("birch"), provider_path("birch", "/evidence"), EVIDENCE, service=SERVICE)
    assert again[:2] == (409, "provider-merged")
    assert await named_in_events(town, HEAD, "birch-clerk", "birch-care-clerk", '"rosa"', '"rolf"') == []
