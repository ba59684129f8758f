"""Providers, money, plan, publication."""

from datetime import timedelta
from typing import Any

from onebox.journey.course import Course, digest, today

PROVIDERS = (
    ("sunrise", "Sunrise Neighbourhood Care", "association"),
    ("harbour", "Harbour Care Services Ltd", "company"),
    ("newcomer", "Fresh Start Cooperative", "cooperative"),
)


async def providers(course: Course) -> None:
    """Register three providers and verify two of them; a second officer is needed."""
    for short, name, form in PROVIDERS:
        await _register(course, short, name, form)
    for short in ("sunrise", "harbour"):
        await _verify(course, short)


async def appropriation(course: Course) -> None:
    """Record the year's money."""
    year = today().year
    with course.log.step("2", "finance office", "records the appropriation of the year: EUR 250,000.00") as step:
        body = {
            "code": f"5300-{course.run}",
            "title": "Care for older people",
            "fiscal_year": year,
            "amount": {"amount": "250000.00", "currency": "EUR"},
        }
        answer = step.answered(
            await course.party("finance-officer").ask("POST", "budget", "/v1/appropriations", body), 201
        )
        course.facts["line"] = answer["id"]
        data = step.saw(await course.feeds.wait_for("budget", "budget.appropriated.v1", answer["id"]))
        step.expect("all of it is available", kept=data["available"] == body["amount"])


async def publication(course: Course) -> None:
    """Plan, draft, ask for the funds, publish: the main tender and three that end early."""
    officer = course.party("procurement-officer")
    with course.log.step("3", "purchasing office", "plans a service that stays with government") as step:
        response = await officer.ask("POST", "tender", "/v1/plans", _plan(course, "licensing", "1000.00"))
        step.refused(response, 409, "service-on-negative-list")
    plan = await make_plan(course, "elder-care.home", "150000.00")
    with course.log.step("3", "purchasing office", "drafts a tender whose weights add up to 99") as step:
        body = draft(course, plan, "Home care for older people, north district", "120000.00")
        body["criteria"][0]["weight"] = "29"
        step.refused(await officer.ask("POST", "tender", "/v1/tenders", body), 409, "weights-total-wrong")
    course.facts["tender"], course.facts["ocid"] = await make_draft(
        course, plan, "Home care for older people, north district", "120000.00"
    )
    too_much = await make_plan(course, "elder-care.day", "900000.00")
    tender, ocid = await make_draft(course, too_much, "Day care for the whole county", "900000.00")
    with course.log.step("3", "purchasing office", "the head asks for more money than the line has") as step:
        step.answered(await ask_to_publish(course, tender), 202)
        step.saw(await course.feeds.wait_for("tender", "tender.funding-requested.v1", ocid))
        refused = step.saw(await course.feeds.wait_for("budget", "budget.refused.v1", ocid))
        step.saw(await course.feeds.wait_for("tender", "tender.returned-to-draft.v1", ocid))
        step.outcome = f"{refused['code']} ({refused['rule']}: {refused['source']})"
    await _publish_main(course)
    await _publish_others(course)


async def make_plan(course: Course, service: str, estimate: str) -> str:
    """Enter a need."""
    with course.log.step("3", "purchasing office", f"plans {service} for EUR {estimate}") as step:
        response = await course.party("procurement-officer").ask(
            "POST", "tender", "/v1/plans", _plan(course, service, estimate)
        )
        plan: str = step.answered(response, 201)["id"]
        step.saw(await course.feeds.wait_for("tender", "tender.planned.v1", plan))
        return plan


async def make_draft(course: Course, plan: str, title: str, value: str) -> tuple[str, str]:
    """Draft a tender; return its id and its ocid."""
    with course.log.step("3", "purchasing office", f"drafts “{title}”") as step:
        response = await course.party("procurement-officer").ask(
            "POST", "tender", "/v1/tenders", draft(course, plan, title, value)
        )
        answer = step.answered(response, 201)
        return answer["id"], answer["ocid"]


async def ask_to_publish(course: Course, tender: str) -> Any:
    """Ask for publication as the second person."""
    return await course.party("procurement-head").ask("POST", "tender", f"/v1/tenders/{tender}/publication")


def draft(course: Course, plan: str, title: str, value: str) -> dict[str, Any]:
    """Write a tender: price 30, two quality criteria, twelve months of delivery."""
    amount = {"amount": value, "currency": "EUR"}
    start = (today() + timedelta(days=60)).date().replace(day=1)
    return {
        "plan": plan,
        "title": title,
        "description": "Help with daily life at home, seven days a week, for about 60 people.",
        "value": amount,
        "lots": [{"id": "lot-1", "title": title, "value": amount}],
        "criteria": [
            {"id": "price", "title": "Price", "kind": "price", "weight": "30"},
            {"id": "continuity", "title": "Continuity of the care team", "kind": "quality", "weight": "45"},
            {"id": "training", "title": "Training of the staff", "kind": "quality", "weight": "25"},
        ],
        "delivery": {"start": str(start), "end": str(start + timedelta(days=364)), "periods": 12},
        "acceleration": course.acceleration,
    }


async def _register(course: Course, short: str, name: str, form: str) -> None:
    organisation = f"{short}-{course.run}"
    with course.log.step("1", name, "is given a client, registers and submits evidence") as step:
        enrolment = {"organisation": organisation, "organisation_name": name, "roles": ["provider"]}
        administrator = course.party("identity-administrator")
        enrolled = step.answered(await administrator.ask("POST", "identity", "/clients", enrolment), 201)
        party = course.joined(name, enrolled["client_id"], enrolled["client_secret"])
        course.parties[short] = party
        course.facts[short] = organisation
        registration = {
            "name": name,
            "legal_form": form,
            "identifier": {"scheme": "XX-REG", "id": organisation},
        }
        step.answered(await party.ask("POST", "provider-registry", "/v1/providers", registration), 201)
        step.saw(await course.feeds.wait_for("provider-registry", "provider.registered.v1", organisation))
        until = str((today() + timedelta(days=365)).date())
        evidence = [
            {"document_type": kind, "digest": digest(f"{organisation} {kind}"), "valid_until": until}
            for kind in ("statutes", "registration-certificate", "annual-accounts")
        ]
        path = f"/v1/providers/{organisation}/evidence"
        step.answered(await party.ask("POST", "provider-registry", path, {"evidence": evidence}), 200)
        step.saw(await course.feeds.wait_for("provider-registry", "provider.evidence-submitted.v1", organisation))


async def _verify(course: Course, short: str) -> None:
    organisation = course.facts[short]
    path = f"/v1/providers/{organisation}"
    first, second = course.party("registry-officer-1"), course.party("registry-officer-2")
    with course.log.step("1", "registry office", f"checks {short}; the same officer cannot verify") as step:
        step.answered(await first.ask("POST", "provider-registry", f"{path}/check"), 200)
        response = await first.ask("POST", "provider-registry", f"{path}/verification")
        step.refused(response, 403, "second-person-needed")
    with course.log.step("1", "registry office", f"a second officer verifies {short}") as step:
        step.answered(await second.ask("POST", "provider-registry", f"{path}/verification"), 200)
        step.saw(await course.feeds.wait_for("provider-registry", "provider.verified.v1", organisation))


async def _publish_main(course: Course) -> None:
    tender, ocid = course.facts["tender"], course.facts["ocid"]
    with course.log.step("3", "purchasing office", "the author asks to publish the own draft") as step:
        author = course.party("procurement-officer")
        response = await author.ask("POST", "tender", f"/v1/tenders/{tender}/publication")
        step.refused(response, 403, "role-missing")
    with course.log.step("3", "purchasing office", "the head asks to publish; the budget reserves the funds") as step:
        step.answered(await ask_to_publish(course, tender), 202)
        step.saw(await course.feeds.wait_for("tender", "tender.funding-requested.v1", ocid))
        step.saw(await course.feeds.wait_for("budget", "budget.reserved.v1", ocid))
        published = step.saw(await course.feeds.wait_for("tender", "tender.published.v1", ocid))
        course.facts["closes_at"] = published["closes_at"]
        step.outcome = f"open until {published['closes_at'][:19]}Z"


async def _publish_others(course: Course) -> None:
    plan = await make_plan(course, "meals.delivered", "40000.00")
    course.facts["lonely"], course.facts["lonely_ocid"] = await make_draft(
        course, plan, "Meals at home, island villages", "20000.00"
    )
    cancelled, cancelled_ocid = await make_draft(course, plan, "Meals at home, south district", "20000.00")
    with course.log.step("3", "purchasing office", "publishes two more") as step:
        for tender, ocid in ((course.facts["lonely"], course.facts["lonely_ocid"]), (cancelled, cancelled_ocid)):
            step.answered(await ask_to_publish(course, tender), 202)
            published = step.saw(await course.feeds.wait_for("tender", "tender.published.v1", ocid))
            course.facts["lonely_closes_at"] = course.facts.get("lonely_closes_at", published["closes_at"])
    with course.log.step("3", "purchasing office", "cancels one; its money is released") as step:
        head = course.party("procurement-head")
        reason = {"reason": "The villages are served by the county kitchen from next year."}
        step.answered(await head.ask("POST", "tender", f"/v1/tenders/{cancelled}/cancellation", reason), 200)
        step.saw(await course.feeds.wait_for("tender", "tender.cancelled.v1", cancelled_ocid))
        released = step.saw(await course.feeds.wait_for("budget", "budget.released.v1", cancelled_ocid))
        step.expect("all of it is released", kept=released["amount"]["amount"] == "20000.00")


def _plan(course: Course, service: str, estimate: str) -> dict[str, Any]:
    return {
        "title": f"Need for {service}",
        "buyer_name": "Harbour County, Office for Social Services",
        "service": service,
        "estimate": {"amount": estimate, "currency": "EUR"},
        "budget_line": course.facts["line"],
    }
