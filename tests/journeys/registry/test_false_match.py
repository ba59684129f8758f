"""Journey: a name on a list is somebody else's, and that is remembered until the list says something new."""

from datetime import date

from shared.testing.callers import MODEL_PACK
from shared.testing.course import (
    MODEL,
    appropriate,
    bid,
    clerk,
    content,
    opened,
    published,
    register,
    tender_path,
    verify,
)
from shared.testing.registration import (
    REPORTER,
    SERVICE,
    against,
    change,
    declare,
    eligibility_told,
    eligible_for,
    enter,
    head,
    let_time_act,
    named_in_events,
    shown,
)
from shared.testing.town import Town, done, flow, refusal, seen

LOTS = {"all": "2500000.00"}
BIDDERS = ("alder", "birch", "seedling")
HEAD, LISTED, ALIAS = "Ignatius Featherstone", "Ignatius Fetherstone", "Ignace Featherston"
HEADING = "id,name,aliases\n"
ENTRY = f"7,{LISTED},\n"


async def hold_against(town: Town, *entries: str) -> None:
    """Let an office enter an edition of the list, of today, and the clock hold everybody against it."""
    day: date = town.clock.now().date()
    body = {"publisher": "Union", "title": "Listed persons", "day": str(day), "format": "csv"}
    content = HEADING + "".join(entries)
    await done(town, REPORTER, "/v1/screening-lists", {**body, "content": content}, service=SERVICE)
    await let_time_act(town)


async def open_matches(town: Town) -> list[str]:
    found = await seen(town, "/v1/matches?status=open", REPORTER, service=SERVICE)
    return [one["id"] for one in found["items"]]


async def test_false_match_is_not_made_again_until_the_entry_has_another_name(town: Town) -> None:
    line = await appropriate(town, MODEL, "4000000.00")
    await register(town, "alder", "birch")
    await enter(town, "seedling", name="Seedling Neighbours")
    await change(town, "seedling", "/people", head(HEAD))
    await verify(town, "seedling")
    await declare(town, "seedling")
    tender = await published(town, MODEL, line, content(MODEL, LOTS))
    assert await eligible_for(town, "seedling", "model", "tenders", "payments") == {"tenders": True, "payments": True}

    await hold_against(town, ENTRY, "8,Nobody Known,\n")
    (match,) = await open_matches(town)
    for purpose in ("tenders", "payments"):
        assert ("listed", "unresolved") in await against(town, "seedling", "model", purpose)
    # That two names are alike is no fact against anybody: it keeps nobody from bidding.
    for bidder in BIDDERS:
        await bid(town, MODEL, tender, "all", bidder, "1900000.00")
    path = f"/v1/matches/{match}"
    detail = await seen(town, path, REPORTER, service=SERVICE)
    assert (detail["part"], detail["entry_names"], detail["status"]) == ("person", [LISTED], "open")
    own = await refusal(town, clerk("seedling"), f"{path}/rejection", {"reason": "Not she."}, service=SERVICE)
    assert own[:2] == (403, "role-missing")
    await done(town, REPORTER, f"{path}/rejection", {"reason": f"{HEAD} was born elsewhere."}, service=SERVICE)
    await flow(town)
    assert await eligible_for(town, "seedling", "model", "tenders", "payments") == {"tenders": True, "payments": True}

    town.clock.advance(days=1)
    await hold_against(town, ENTRY, "9,Somebody Else,\n")
    assert await open_matches(town) == []
    await opened(town, tender)
    received = await seen(town, tender_path(tender, "/bids"))
    assert {one["bidder"]["id"]: one["valid"] for one in received} == dict.fromkeys(BIDDERS, True)
    town.clock.advance(days=1)
    await hold_against(town, f"7,{LISTED},{ALIAS}\n")
    assert await open_matches(town) == [match]
    (listed,) = (one for one in (await shown(town, "seedling", "/eligibility"))["findings"] if one["code"] == "listed")
    assert (listed["rule"], listed["source"]) == ("screening.open-match-blocks", MODEL_PACK)
    told = await eligibility_told(town, "seedling", "model", "payments")
    assert [able for _, able in told] == [True, False, True, False]
    types = [event.type for event in await town.services[SERVICE].published() if ".match-" in event.type]
    assert types == ["provider.match-found.v1", "provider.match-decided.v1", "provider.match-found.v1"]
    assert await named_in_events(town, HEAD, LISTED, ALIAS, "seedling-clerk", '"sven"') == []
