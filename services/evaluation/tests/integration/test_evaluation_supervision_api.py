from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.contract import Signed
from shared.contracts.tender import PinnedPack
from shared.kernel.pseudonyms import pseudonym
from shared.testing.services import PERSONS_KEY, RunningService

CONTRACT = UUID("0195a000-0000-7000-8000-000000000001")
FILE = f"/v1/supervision-files/{CONTRACT}"
MakeSigned = Callable[..., Signed]


@pytest.fixture
async def file(evaluation: RunningService, signed: MakeSigned) -> None:
    """Have a contract signed."""
    await evaluation.deliver("tender", signed())


async def test_file_is_opened_once_when_a_contract_is_signed(evaluation: RunningService, signed: MakeSigned) -> None:
    await evaluation.deliver("tender", signed(), signed())
    shown = await evaluation.client.get(FILE)
    assert shown.headers["ETag"] == '"0"'
    assert shown.json() == {
        "contract": str(CONTRACT),
        "ocid": f"ocds-test-{CONTRACT}",
        "title": "Meals on wheels",
        "buyer": {"id": "county", "name": "The County"},
        "provider": {"id": "meals-coop", "name": "Meals Cooperative"},
        "pack": {"id": "model", "version": "1.0.0"},
        "acceleration": 1,
        "sandbox": False,
        "signed_at": "2026-03-02T09:00:00.000000Z",
        "status": "awaiting-assignment",
        "waiting_until": "2026-03-17T00:00:00.000000Z",
        "milestones": [
            {
                "period": "2026-03",
                "start": "2026-03-01",
                "end": "2026-03-31",
                "amount": {"amount": "5000.00", "currency": "EUR"},
            },
            {
                "period": "2026-04",
                "start": "2026-04-01",
                "end": "2026-04-30",
                "amount": {"amount": "5000.00", "currency": "EUR"},
            },
        ],
        "assignment": None,
        "inspections": [],
        "grades": [],
    }
    assert await evaluation.published() == []
    parked = await evaluation.client.get("/v1/parked", headers=evaluation.headers("o", "ops", "operator"))
    assert parked.json() == []


async def test_contract_is_supervised_to_its_end(evaluation: RunningService, office: Any, file: None) -> None:
    await office.accredit("inspect-a")
    await office.accredit("inspect-b", inspection_body_type="B")
    assigned = await office.assign()
    assert (assigned.status_code, assigned.headers["ETag"]) == (201, '"1"')
    assert assigned.json()["assignment"]["supervisor"] == {"id": "inspect-a", "name": "Inspect-A"}
    reported = await office.report(findings=[{"severity": "minor", "text": "A van without a cool box."}])
    assert (reported.status_code, reported.json()["status"]) == (201, "awaiting-acceptance")
    accepted = await office.accept()
    assert (accepted.status_code, accepted.json()["status"]) == (201, "awaiting-report")
    # Attained 95 %, less 3 points for a minor finding: 92, which is at least 90.
    (grade,) = accepted.json()["grades"]
    assert (grade["period"], grade["score"], grade["grade"]) == ("2026-03", "92.00", "A")
    assert grade["derivation"][-1] == {"step": "grade", "grade": "A", "from": "90"}
    await office.report(period="2026-04")
    complete = await office.accept("2026-04")
    assert (complete.json()["status"], complete.json()["waiting_until"]) == ("complete", None)
    events = [event for event in await evaluation.published() if event.subject == str(CONTRACT)]
    assert [(event.type, int(event.sequence)) for event in events] == [
        ("inspection.assigned.v1", 1),
        ("inspection.reported.v1", 2),
        ("inspection.period-graded.v1", 3),
        ("inspection.reported.v1", 4),
        ("inspection.period-graded.v1", 5),
    ]
    assert {event.partitionkey for event in events} == {f"ocds-test-{CONTRACT}"}
    assert events[2].data | {"derivation": []} == {
        "ocid": f"ocds-test-{CONTRACT}",
        "contract": str(CONTRACT),
        "period": "2026-03",
        "provider": "meals-coop",
        "score": "92.00",
        "grade": "A",
        "derivation": [],
        "kpis": [{"kpi": "meals", "value": "95"}],
    }
    assert events[2].data["derivation"] == grade["derivation"]


async def test_no_person_is_named_in_answers_or_events(evaluation: RunningService, office: Any, file: None) -> None:
    await office.accredit()
    for answer in (await office.assign(), await office.report(), await office.accept()):
        assert answer.status_code == 201
        assert not any(person in answer.text for person in ("olga", "carla", "ines", "bruno"))
    public = "".join(event.model_dump_json() for event in await evaluation.published())
    assert not any(person in public for person in ("olga", "carla", "ines", "bruno"))


async def test_draw_is_published_with_all_it_takes_to_repeat_it(
    evaluation: RunningService, office: Any, file: None
) -> None:
    for organisation in ("inspect-a", "inspect-b", "meals-coop", "county"):
        await office.accredit(organisation)
    assigned = (await office.assign()).json()["assignment"]
    event = (await evaluation.published())[-1].data
    assert event["seed"] == bytes(range(32)).hex()
    assert event["pool"] == ["county", "inspect-a", "inspect-b", "meals-coop"]
    assert sorted(event["order"]) == event["pool"]
    assert {key: event[key] for key in ("seed", "pool", "order", "skipped", "method")} == assigned["draw"]
    assert event["supervisor"] == assigned["supervisor"]
    assert event["supervisor"]["id"] in {"inspect-a", "inspect-b"}
    assert event["supervisor"]["id"] == event["order"][len(event["skipped"])]


async def test_draw_is_not_that_of_the_test_when_the_seed_is_made_by_the_service(
    evaluation: RunningService, office: Any, signed: MakeSigned, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    contracts = [UUID(int=11), UUID(int=12)]
    await evaluation.deliver("tender", *(signed(contract) for contract in contracts))
    await office.accredit()
    seeds = {(await office.assign(contract)).json()["assignment"]["draw"]["seed"] for contract in contracts}
    assert len(seeds) == 2
    assert all(len(bytes.fromhex(seed)) == 32 for seed in seeds)


async def test_assignment_is_refused_when_nobody_may_supervise(
    evaluation: RunningService, office: Any, file: None
) -> None:
    await office.accredit()
    await office.post(office.supervisor, "/v1/supervisors/inspect-a/conflicts", {"organisation": "meals-coop"})
    refused = await office.assign()
    assert (refused.status_code, refused.json()["code"]) == (409, "no-supervisor-without-conflict")
    assert refused.json()["rule"] == "supervisor-independent"
    assert refused.json()["source"]
    assert refused.json()["satisfied_by"]
    assert (await evaluation.client.get(FILE)).headers["ETag"] == '"0"'


async def test_assignment_is_refused_when_it_was_made_or_the_coordinator_is_the_provider(
    office: Any, file: None
) -> None:
    await office.accredit()
    own = await office.post(("x", "meals-coop", "supervision-coordinator"), f"{FILE}/assignment")
    assert (own.status_code, own.json()["code"]) == (403, "coordinator-not-independent")
    await office.assign()
    again = await office.assign()
    assert (again.status_code, again.json()["code"]) == (409, "already-assigned")


async def test_nothing_is_drawn_when_it_is_a_dry_run(evaluation: RunningService, office: Any, file: None) -> None:
    await office.accredit()
    tried = await office.post(office.coordinator, f"{FILE}/assignment?dry_run=true")
    assert (tried.status_code, tried.headers["Dry-Run"]) == (201, "true")
    assert (await evaluation.client.get(FILE)).json()["assignment"] is None


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"period": "2027-01"}, 422, "period-unknown"),
        ({"period": "2026-04"}, 409, "period-out-of-order"),
        ({"visited_on": "2026-03-03"}, 422, "visit-in-future"),
        ({"visited_on": "2026-03-01"}, 422, "visit-before-contract"),
        ({"kpis": []}, 422, "value-invalid"),
        ({"findings": [{"severity": "terrible", "text": "x"}]}, 422, "value-invalid"),
        ({"inspector": "ines"}, 422, "unknown-field"),
    ],
)
async def test_report_is_refused_when_it_makes_no_sense(
    office: Any, file: None, changes: dict[str, Any], status: int, code: str
) -> None:
    await office.accredit()
    await office.assign()
    refused = await office.report(**changes)
    assert (refused.status_code, refused.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"observed": 95}, "number-not-text"),
        ({"observed": "1e3"}, "decimal-malformed"),
        ({"target": "-1"}, "kpi-target-negative"),
        ({"direction": "sideways"}, "value-invalid"),
    ],
)
async def test_report_is_refused_when_an_indicator_is_malformed(
    office: Any, file: None, change: dict[str, Any], code: str
) -> None:
    await office.accredit()
    await office.assign()
    kpi = {"id": "meals", "title": "Meals", "direction": "higher", "target": "100", "observed": "95"}
    refused = await office.report(kpis=[kpi | change])
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    repeated = await office.report(kpis=[kpi, kpi])
    assert (repeated.status_code, repeated.json()["code"], repeated.json()["rule"]) == (422, "kpi-repeated", "grading")


async def test_report_is_refused_when_the_supervisor_was_not_drawn(office: Any, file: None) -> None:
    early = await office.report()
    assert (early.status_code, early.json()["code"]) == (403, "not-assigned")
    await office.accredit()
    await office.assign()
    office.supervisor = ("ines", "inspect-b", "supervisor")
    other = await office.report()
    assert (other.status_code, other.json()["code"]) == (403, "not-assigned")


async def test_acceptance_is_refused_when_it_is_not_due_or_not_the_buyers(office: Any, file: None) -> None:
    await office.accredit()
    await office.assign()
    unreported = await office.accept()
    assert (unreported.status_code, unreported.json()["code"]) == (409, "not-reported")
    await office.report()
    again = await office.report()
    assert (again.status_code, again.json()["code"]) == (409, "already-reported")
    unknown = await office.accept("2027-01")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "period-unknown")
    office.contract_manager = ("ines", "county", "contract-manager")
    same_person = await office.accept()
    assert (same_person.status_code, same_person.json()["code"]) == (403, "second-person-needed")
    office.contract_manager = ("bruno", "another-county", "contract-manager")
    foreign = await office.accept()
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not-own-organisation")
    office.contract_manager = ("bruno", "county", "contract-manager")
    assert (await office.accept()).status_code == 201
    twice = await office.accept()
    assert (twice.status_code, twice.json()["code"]) == (409, "already-graded")


async def test_what_waits_too_long_is_listed_with_what_it_waits_for(
    evaluation: RunningService, office: Any, file: None
) -> None:
    async def overdue() -> list[tuple[str, str, str, str]]:
        items = (await evaluation.client.get("/v1/overdue")).json()
        return [(item["kind"], item["id"], item["state"], item["waiting_for"]) for item in items]

    kind = ("supervision-file", str(CONTRACT))
    assert await overdue() == []
    evaluation.clock.set(datetime(2026, 3, 17, tzinfo=UTC))
    assert await overdue() == [(*kind, "awaiting-assignment", "the draw of a supervisor")]
    await office.accredit()
    await office.assign()
    assert await overdue() == []
    evaluation.clock.set(datetime(2026, 4, 29, tzinfo=UTC))
    assert await overdue() == [(*kind, "awaiting-report", "the supervisor's report on the period")]
    await office.report()
    # Ten working days after Wednesday 29 April: 30 April, 1, 4-8, 11-13 May.
    evaluation.clock.set(datetime(2026, 5, 14, tzinfo=UTC))
    assert await overdue() == [(*kind, "awaiting-acceptance", "the buyer's acceptance of the period")]
    await office.accept()
    assert await overdue() == []


async def test_events_are_sandbox_when_the_contract_is(
    evaluation: RunningService, office: Any, signed: MakeSigned
) -> None:
    await evaluation.deliver("tender", signed(acceleration=86_400), sandbox=True)
    await office.accredit()
    assert (await office.assign()).json()["sandbox"] is True
    accredited, assigned = await evaluation.published()
    assert (accredited.sandbox, assigned.sandbox) == (False, True)


async def test_files_are_listed_by_page_and_by_status(
    evaluation: RunningService, office: Any, signed: MakeSigned
) -> None:
    contracts = [UUID(int=number) for number in (13, 11, 12)]
    await evaluation.deliver("tender", *(signed(contract) for contract in contracts))
    await office.accredit()
    await office.assign(UUID(int=12))
    first = (await evaluation.client.get("/v1/supervision-files?limit=2")).json()
    assert [item["contract"] for item in first["items"]] == [str(UUID(int=11)), str(UUID(int=12))]
    second = (await evaluation.client.get(f"/v1/supervision-files?limit=2&cursor={first['next']}")).json()
    assert ([item["contract"] for item in second["items"]], second["next"]) == ([str(UUID(int=13))], None)
    waiting = (await evaluation.client.get("/v1/supervision-files?status=awaiting-report")).json()
    assert [item["contract"] for item in waiting["items"]] == [str(UUID(int=12))]
    for cursor in ("%21", "bm90LWEtdXVpZA"):
        refused = await evaluation.client.get(f"/v1/supervision-files?cursor={cursor}")
        assert (refused.status_code, refused.json()["code"]) == (422, "cursor-malformed")
    assert (await evaluation.client.get(FILE)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"milestones": ()}, "Invalid: milestones-missing"),
        ({"pack": PinnedPack(id="atlantis", version="1.0.0")}, "NotFound: pack-unknown"),
        ({"pack": PinnedPack(id="model", version="0.9.0")}, "NotAllowed: pack-version-differs"),
    ],
)
async def test_signature_is_parked_when_the_contract_cannot_be_supervised(
    evaluation: RunningService, signed: MakeSigned, changes: dict[str, Any], problem: str
) -> None:
    await evaluation.deliver("tender", signed(**changes))
    (parked,) = (await evaluation.client.get("/v1/parked", headers=evaluation.headers("o", "ops", "operator"))).json()
    assert (parked["consumer"], parked["problem"]) == ("tender", problem)


async def test_whoever_handled_the_purchase_does_not_accept_a_period(
    evaluation: RunningService, office: Any, signed: Callable[..., Signed]
) -> None:
    handler = pseudonym(PERSONS_KEY.encode(), CONTRACT, "bruno")
    await evaluation.deliver("tender", signed(handlers=(handler,)))
    await office.accredit()
    await office.assign()
    await office.report()
    refused = await office.accept()
    assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (
        403,
        "roles-incompatible",
        "incompatible.purchase-handler",
    )
    office.contract_manager = ("berta", "county", "contract-manager")
    assert (await office.accept()).status_code == 201
    shown = await evaluation.client.get(f"/v1/supervision-files/{CONTRACT}")
    assert handler not in shown.text
