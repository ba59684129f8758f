"""A panel of experts: drawn so that anybody can draw it again, scoring in private, revealed at once, locked."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from onebox.journey.course import Course, today
from onebox.journey.parties import sleep_until
from onebox.people import PEOPLE
from shared.kernel.draw_record import verify

EXPERTS = tuple(person for person in PEOPLE if "panel-member" in person.roles)
RECORDS = ["Harbour County lottery, numbers of the day", "Gauge at the old pier at noon, in millimetres"]
NUMBERS = [[4, 17, 23, 31, 40, 42], [1874]]
LEAD = timedelta(seconds=1)


async def drawn(course: Course, tender: str, ocid: str) -> None:
    """Close the pool, wait for the beacon, draw, and let the experts accept."""
    officer, head = course.party("procurement-officer"), course.party("procurement-head")
    path = f"/v1/tenders/{tender}/panel"
    with course.log.step("4", "purchasing office", "has experts in the pool, each admitted by a second person") as step:
        await _pool(course)
        step.outcome = f"{len(EXPERTS)} experts"
    beacon = {"source": "public-records", "records": RECORDS, "at": (today() + LEAD).isoformat()}
    with course.log.step("4", "purchasing office", "closes the pool: labels, commitment and beacon are public") as step:
        body = {"experts": 3, "beacon": beacon}
        step.answered(await officer.ask("POST", "tender", f"{path}/pool", body), 201)
        closed = step.saw(await course.feeds.wait_for("tender", "tender.panel-pool-closed.v1", ocid))
        step.outcome = f"{len(closed['pool'])} labels"
    await sleep_until(datetime.fromisoformat(closed["beacon"]["at"]).timestamp())
    with course.log.step("4", "purchasing office", "two persons read the records; the panel is drawn") as step:
        for person in (officer, head):
            step.answered(await person.ask("POST", "tender", f"{path}/draw", {"numbers": NUMBERS}), 200)
        step.saw(await course.feeds.wait_for("tender", "tender.panel-drawn.v1", ocid))
    with course.log.step("4", "anybody", "draws the panel again from its public record") as step:
        record = (await course.http.get(f"/tender{path}/record")).json()
        step.expect("every finding is as published", kept=all(finding.kept for finding in verify(record)))
        step.outcome = "the same order, the same members"
    members = await _members(course, tender)
    with course.log.step("4", "the experts drawn", "accept their seats") as step:
        for member in members:
            shown = step.answered(await course.party(member).ask("POST", "tender", f"{path}/acceptance"), 200)
        chair = {"member": shown["seats"][0]["label"]}
        step.answered(await officer.ask("POST", "tender", f"{path}/chair", chair), 200)


async def scores(course: Course, tender: str, ocid: str, quality: Mapping[str, str], criteria: Iterable[str]) -> None:
    """Declare, score in private, reveal, sign, lock; every member gives a bid the same on each criterion."""
    path = f"/v1/tenders/{tender}"
    members = await _members(course, tender)
    chair = course.party(members[0])
    sheet = [
        {"bid": bid, "criterion": criterion, "value": value} for bid, value in quality.items() for criterion in criteria
    ]
    with course.log.step("5", "panel member", "scores before declaring any interests") as step:
        response = await chair.ask("POST", "tender", f"{path}/scores", {"scores": sheet})
        step.refused(response, 409, "declaration-missing")
    bids = (await course.http.get(f"/tender{path}/bids")).json()
    ties = [{"bidder": bid["bidder"]["id"], "relation": "none"} for bid in bids]
    with course.log.step("5", "panel", "declares no tie to any bidder, and scores in private") as step:
        for member in members:
            party = course.party(member)
            step.answered(await party.ask("POST", "tender", f"{path}/panel/declaration", {"ties": ties}), 200)
        for member in members[1:]:
            party = course.party(member)
            step.answered(await party.ask("POST", "tender", f"{path}/scores", {"scores": sheet}), 204)
        step.refused(await chair.ask("POST", "tender", f"{path}/panel/reveal"), 409, "sheets-missing")
        step.answered(await chair.ask("POST", "tender", f"{path}/scores", {"scores": sheet}), 204)
    with course.log.step("5", "panel", "reveals all scores at once, signs and locks them") as step:
        step.answered(await chair.ask("POST", "tender", f"{path}/panel/reveal"), 200)
        step.saw(await course.feeds.wait_for("tender", "tender.scores-revealed.v1", ocid))
        for member in members:
            party = course.party(member)
            step.answered(await party.ask("POST", "tender", f"{path}/panel/signature", {"vote": "agreed"}), 200)
        step.answered(await chair.ask("POST", "tender", f"{path}/panel/lock"), 200)
        locked = step.saw(await course.feeds.wait_for("tender", "tender.scores-locked.v1", ocid))
        step.outcome = f"{len(locked['scores'])} scores, {len(locked['signatures'])} signatures"


async def _pool(course: Course) -> None:
    """Propose and admit the experts; others may have done so already, and may be doing so now."""
    officer, head = course.party("procurement-officer"), course.party("procurement-head")
    for person in EXPERTS:
        body = {
            "person": person.client_id,
            "name": f"{person.client_id.replace('-', ' ').title()} of {person.organisation_name}",
            "organisation": person.organisation,
            "specialities": ["elder-care", "meals"],
        }
        await officer.ask("POST", "tender", "/v1/experts", body)
    for expert in await _known(course):
        if expert["status"] == "proposed":
            await head.ask("POST", "tender", f"/v1/experts/{expert['id']}/admission")


async def _known(course: Course) -> list[dict[str, Any]]:
    response: httpx.Response = await course.party("procurement-officer").ask("GET", "tender", "/v1/experts?limit=200")
    experts: list[dict[str, Any]] = response.json()["items"]
    return experts


async def _members(course: Course, tender: str) -> list[str]:
    """Return the clients of those who hold a seat, the first drawn first."""
    people = {expert["id"]: expert["person"] for expert in await _known(course)}
    panel = (await course.http.get(f"/tender/v1/tenders/{tender}/panel")).json()
    return [people[seat["label"]] for seat in panel["seats"] if seat["status"] in {"invited", "accepted"}]
