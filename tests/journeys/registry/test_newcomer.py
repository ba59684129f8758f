"""Journey: a non-profit comes from nothing to its first eligible bid, and is not harmed by having no record."""

from decimal import Decimal
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
    opened,
    published,
    submitted,
    tender_path,
)
from shared.testing.registration import (
    SERVICE,
    against,
    change,
    declare,
    eligibility_told,
    eligible_for,
    enter,
    hand_in,
    head,
    named_in_events,
    paper,
    provider_path,
    shown,
)
from shared.testing.town import Town, done, flow, refusal, seen

LOTS = {"all": "2500000.00"}
OFFERS = {"all": {"birch": ("2000000.00", "88"), "cedar": ("2400000.00", "93"), "alder": ("1800000.00", "78")}}
HEAD = "Annegret Lindqvist"
CARE = "elder-care.home"


async def lacking(town: Town) -> set[str]:
    path = await shown(town, "seedling", "/next-steps")
    assert path["eligible"] == (not path["lacking"])
    return set(path["lacking"])


async def rate_the_peer(town: Town, line: str) -> None:
    """Let birch win a contract and have three periods of it graded, 70 in the mean."""
    tender, contract = await in_force(town, MODEL, line, LOTS, OFFERS)
    for period, score in (("1", 60), ("2", 70), ("3", 80)):
        graded = PeriodGraded(
            ocid=tender["ocid"],
            contract=UUID(contract["id"]),
            period=period,
            provider="birch",
            score=Decimal(score),
            grade="C",
            derivation=(),
        )
        await town.services[SERVICE].deliver("evaluation", graded)


async def follow_the_steps(town: Town) -> None:
    """Do what the next steps say until none is left."""
    path = provider_path("seedling")
    criteria = {f"declared.{one['id']}" for one in await seen(town, "/v1/criteria/model", service=SERVICE)}
    assert await lacking(town) == {"evidence", "check", "verification"} | criteria
    await change(town, "seedling", "/people", head(HEAD))
    await declare(town, "seedling")
    assert await lacking(town) == {"evidence", "check", "verification"}
    evidence = {"evidence": [{"document_type": "statutes", "digest": "a" * 64, "valid_until": "2028-06-30"}]}
    await done(town, clerk("seedling"), f"{path}/evidence", evidence, service=SERVICE)
    assert await lacking(town) == {"check", "verification"}
    await done(town, REGISTRY[0], f"{path}/check", service=SERVICE)
    assert await lacking(town) == {"verification"}
    alone = await refusal(town, REGISTRY[0], f"{path}/verification", service=SERVICE)
    assert alone[:2] == (403, "second-person-needed")
    await done(town, REGISTRY[1], f"{path}/verification", service=SERVICE)
    await flow(town)
    assert await lacking(town) == set()


async def prove(town: Town) -> None:
    """Prove what was declared, each document accepted by another person than who entered it."""
    documents = provider_path("seedling", "/documents")
    span = {"first": "2026-03-01", "last": "2027-02-28"}
    record = paper("criminal-record", ["criminal-conviction"], **span)
    entered = await done(town, REGISTRY[0], documents, record, service=SERVICE)
    alone = await refusal(town, REGISTRY[0], f"{documents}/{entered['id']}/acceptance", service=SERVICE)
    assert alone == (403, "second-person-needed", "second-person.evidence", MODEL_PACK)
    await done(town, REGISTRY[1], f"{documents}/{entered['id']}/acceptance", service=SERVICE)
    await hand_in(town, "seedling", paper("tax-clearance", ["taxes-unpaid"], **span))
    left = await against(town, "seedling", "model", "orders")
    assert left == {("proved.insolvency", "unresolved"), ("proved.enrolled", "unresolved")}
    await hand_in(town, "seedling", paper("registry-extract", ["insolvency", "enrolled"], **span))


async def test_newcomer_is_led_to_its_first_bid_and_ranks_with_its_peers(town: Town) -> None:
    line = await appropriate(town, MODEL, "9000000.00")
    await rate_the_peer(town, line)
    later = {"start": "2026-12-01", "end": "2027-02-28", "periods": 3}
    tender = await published(town, MODEL, line, content(MODEL, LOTS, delivery=later))

    await enter(town, "seedling", name="Seedling Neighbours", legal_form="association")
    await flow(town)
    body = {"lot": "all", "scheme": "access/v1", "financial": "e30="}
    early = await refusal(town, clerk("seedling"), tender_path(tender, "/bids"), body)
    assert early == (409, "bidder-not-verified", "bidder-verified", MODEL_PACK)
    await follow_the_steps(town)
    answer = await shown(town, "seedling", "/eligibility")
    assert (answer["eligible"], {one["verdict"] for one in answer["findings"]}) == (True, {"pass"})
    assert all(one["rule"] and one["source"] for one in answer["findings"])
    steps = (await shown(town, "seedling", "/next-steps"))["steps"]
    assert [one["rule"] for one in steps if one["code"] == "age"] == ["qualification.age-alone"]
    assert await eligible_for(town, "seedling", "model") == {"tenders": True, "orders": False, "payments": True}
    await prove(town)
    assert await eligible_for(town, "seedling", "model") == {"tenders": True, "orders": True, "payments": True}

    # Who has never been graded ranks with its peers.
    (peer,) = (await shown(town, "birch", f"/record?category={CARE}"))["categories"]
    assert (peer["rated"], peer["observations"], peer["mean"]) == (True, 3, "70.00")
    (new,) = (await shown(town, "seedling", f"/record?category={CARE}"))["categories"]
    assert (new["rated"], new["score"], new["level"], new["ranking"]) == (False, None, None, "70.00")

    await submitted(town, MODEL, tender, OFFERS)
    await bid(town, MODEL, tender, "all", "seedling", "1900000.00")
    await opened(town, tender)
    bids = await seen(town, tender_path(tender, "/bids"))
    assert {one["bidder"]["id"]: one["valid"] for one in bids} == dict.fromkeys((*OFFERS["all"], "seedling"), True)
    told = await eligibility_told(town, "seedling", "model", "tenders")
    assert [eligible for _, eligible in told] == [False, True]
    assert await named_in_events(town, HEAD, "seedling-clerk", '"rosa"', '"rolf"') == []
