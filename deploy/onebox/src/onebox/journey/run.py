"""Walks the journey and tells how it went."""

import json
from typing import Any

import httpx
from rich.console import Console

from onebox.journey import bidding, money, panel, preparing, supervising
from onebox.journey.course import Course
from onebox.journey.log import OTHER_FORM, Log, show
from onebox.journey.parties import NotAsPromised

SERVICES = ("tender", "budget", "evaluation", "provider-registry")


async def walk(url: str, *, accelerate: bool, as_json: bool, console: Console, patience: float) -> int:
    """Return 0 if everything was as promised, else 1."""
    log, failure, facts = Log(), None, dict[str, Any]()
    limits = httpx.Limits(max_connections=20)
    async with httpx.AsyncClient(base_url=url, timeout=httpx.Timeout(20, read=40), limits=limits) as http:
        course = Course(http, log, url, accelerate=accelerate, patience=patience)
        try:
            facts = await _legs(course)
        except NotAsPromised as problem:
            failure = str(problem)
        except httpx.HTTPError as error:
            failure = f"{url} does not answer ({type(error).__name__}); start it with `make run`"
        except OTHER_FORM as error:
            failure = f"{url} answers, but not as Coxswain does ({type(error).__name__})"
    if as_json:
        document = json.dumps(log.document(failure=failure, facts=facts), ensure_ascii=False)
        console.print(document, soft_wrap=True, highlight=False, markup=False)
    else:
        show(console, log, failure, facts)
    return 0 if failure is None else 1


async def _legs(course: Course) -> dict[str, Any]:
    """Walk all legs; return what a person may want to look up afterwards."""
    response = await course.http.get("/health/ready")
    if response.status_code != httpx.codes.OK:
        raise NotAsPromised(f"{course.url} is not ready ({response.status_code})")
    await course.feeds.start(*SERVICES)
    await preparing.providers(course)
    await preparing.appropriation(course)
    await preparing.publication(course)
    await bidding.bids(course)
    await panel.drawn(course, course.facts["tender"], course.facts["ocid"])
    await bidding.opening(course)
    await bidding.award(course)
    await supervising.supervision(course)
    await money.payment(course)
    await money.record_and_portal(course)
    return {
        "ocid": course.facts["ocid"],
        "portal": f"{course.url}/procedures/{course.facts['ocid']}",
        "contract": course.facts["contract"],
    }
