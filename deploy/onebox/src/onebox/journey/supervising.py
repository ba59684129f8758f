"""A third party, drawn by lot, looks at what is delivered."""

from datetime import timedelta

from onebox.journey.course import Course, today
from onebox.people import PEOPLE
from shared.kernel import draw

SUPERVISORS = tuple(person for person in PEOPLE if "supervisor" in person.roles)


async def supervision(course: Course) -> None:
    """Accredit, draw, inspect, accept."""
    await _accredit(course)
    await _draw(course)
    await _report(course)
    await _accept(course)


async def _accredit(course: Course) -> None:
    with course.log.step("6", "supervision office", "accredits three inspection bodies of type A") as step:
        officer = course.party("accreditation-officer")
        for person in SUPERVISORS:
            body = {
                "organisation": person.organisation,
                "name": person.organisation_name,
                "inspection_body_type": "A",
                "valid_until": str((today() + timedelta(days=730)).date()),
            }
            response = await officer.ask("POST", "evaluation", "/v1/supervisors", body)
            if response.status_code == 409 and response.json()["code"] == "already-accredited":
                step.outcome = "accredited before"
                continue
            step.answered(response, 201)
            step.saw(
                await course.feeds.wait_for("evaluation", "inspection.supervisor-accredited.v1", person.organisation)
            )
    with course.log.step("6", SUPERVISORS[0].organisation_name, "declares a conflict with the provider") as step:
        path = f"/v1/supervisors/{SUPERVISORS[0].organisation}/conflicts"
        body = {"organisation": course.facts["sunrise"]}
        step.answered(await course.party(SUPERVISORS[0].client_id).ask("POST", "evaluation", path, body), 200, 201)


async def _draw(course: Course) -> None:
    contract, ocid = course.facts["contract"], course.facts["ocid"]
    with course.log.step("6", "supervision office", "draws a supervisor; anybody can repeat the draw") as step:
        path = f"/v1/supervision-files/{contract}/assignment"
        response = await course.party("supervision-coordinator").ask_once_known("POST", "evaluation", path)
        step.answered(response, 200, 201)
        drawn = step.saw(await course.feeds.wait_for("evaluation", "inspection.assigned.v1", ocid))
        order = list(draw.order(contract.encode(), bytes.fromhex(drawn["seed"]), drawn["pool"]))
        skipped = {entry["supervisor"] for entry in drawn["skipped"]}
        first = next((label for label in order if label not in skipped), "")
        step.expect("the published seed gives the published order", kept=order == drawn["order"])
        step.expect("the first without a conflict is drawn", kept=first == drawn["supervisor"]["id"])
        step.expect("the conflicted one is not drawn", kept=first != SUPERVISORS[0].organisation)
        clients = {person.organisation: person.client_id for person in SUPERVISORS}
        step.expect("one of the three is drawn; others are accredited here too", kept=first in clients)
        course.facts["supervisor"] = clients[first]
        step.outcome = f"{drawn['supervisor']['name']}, order repeated from the seed"


async def _report(course: Course) -> None:
    contract, ocid = course.facts["contract"], course.facts["ocid"]
    path = f"/v1/supervision-files/{contract}/inspections"
    report = {
        "period": "1",
        "visited_on": str(today().date()),
        "kpis": [
            _kpi("on-time", "Visits begun within 15 minutes of the time agreed, per cent", "98", "91"),
            _kpi("satisfaction", "Satisfaction of recipients, mean of 1 to 5", "4.5", "4.0"),
        ],
        "findings": [{"severity": "minor", "text": "Two visit records were not countersigned."}],
    }
    with course.log.step("6", "another supervisor", "reports without being assigned") as step:
        other = next(person for person in SUPERVISORS if person.client_id != course.facts["supervisor"])
        step.refused(await course.party(other.client_id).ask("POST", "evaluation", path, report), 403, "not-assigned")
    with course.log.step("6", "the supervisor", "reports on the first period: two KPIs, one finding") as step:
        response = await course.party(course.facts["supervisor"]).ask("POST", "evaluation", path, report)
        step.answered(response, 200, 201)
        step.saw(await course.feeds.wait_for("evaluation", "inspection.reported.v1", ocid))


async def _accept(course: Course) -> None:
    contract, ocid = course.facts["contract"], course.facts["ocid"]
    with course.log.step("6", "purchasing office", "accepts the period; the grade follows from the report") as step:
        path = f"/v1/supervision-files/{contract}/periods/1/acceptance"
        step.answered(await course.party("contract-manager").ask("POST", "evaluation", path), 200, 201)
        graded = step.saw(await course.feeds.wait_for("evaluation", "inspection.period-graded.v1", ocid))
        # (91/98 + 4.0/4.5)/2 = 90.87 %, less 3 for the minor finding
        step.expect("the grade is B with 87.87", kept=(graded["grade"], graded["score"]) == ("B", "87.87"))
        step.outcome = f"grade {graded['grade']}, score {graded['score']}"


def _kpi(identifier: str, title: str, target: str, observed: str) -> dict[str, str]:
    return {"id": identifier, "title": title, "direction": "higher", "target": target, "observed": observed}
