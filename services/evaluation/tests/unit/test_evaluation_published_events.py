import json
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from evaluation.domain import events
from evaluation.domain.agreement import Party
from evaluation.domain.supervision_data import Draw, SkippedSupervisor
from evaluation.domain.supervisor_data import InspectionBodyType
from evaluation.messaging.publish import published
from shared.contracts.inspection import Assigned, PeriodGraded
from shared.kernel.events import DomainEvent
from shared.rules.grading import Finding, KpiObservation

ABOUT: dict[str, Any] = {"aggregate": UUID(int=1), "version": 1}
CONTRACT = str(UUID(int=1))
EXAMPLES = files("shared.contracts").joinpath("examples")


@pytest.mark.parametrize(
    ("event", "event_type", "key", "data"),
    [
        (
            events.SupervisorAccredited(
                **ABOUT,
                supervisor="inspect-a",
                name="Inspect A",
                inspection_body_type=InspectionBodyType.C,
                valid_until=date(2027, 1, 1),
            ),
            "inspection.supervisor-accredited.v1",
            "inspect-a",
            {
                "supervisor": "inspect-a",
                "name": "Inspect A",
                "inspection_body_type": "C",
                "valid_until": "2027-01-01",
            },
        ),
        (
            events.ConflictDeclared(**ABOUT, supervisor="inspect-a", organisation="meals-coop"),
            "inspection.conflict-declared.v1",
            "inspect-a",
            {"supervisor": "inspect-a", "organisation": "meals-coop"},
        ),
        (
            events.SupervisorAssigned(
                **ABOUT,
                ocid="ocds-test-1",
                supervisor=Party("inspect-a", "Inspect A"),
                draw=Draw(
                    "vrs",
                    "00ff",
                    ("inspect-a", "inspect-b"),
                    ("inspect-b", "inspect-a"),
                    (SkippedSupervisor("inspect-b", "supervisor-accredited"),),
                ),
                report_due=datetime(2026, 5, 6, tzinfo=UTC),
            ),
            "inspection.assigned.v1",
            "ocds-test-1",
            {
                "ocid": "ocds-test-1",
                "contract": CONTRACT,
                "supervisor": {"id": "inspect-a", "name": "Inspect A"},
                "pool": ["inspect-a", "inspect-b"],
                "order": ["inspect-b", "inspect-a"],
                "skipped": [{"supervisor": "inspect-b", "rule": "supervisor-accredited"}],
                "seed": "00ff",
                "method": "vrs",
                "report_due": "2026-05-06T00:00:00.000000Z",
            },
        ),
        (
            events.InspectionReported(
                **ABOUT,
                ocid="ocds-test-1",
                period="2026-03",
                inspection=UUID(int=2),
                supervisor="inspect-a",
                visited_on=date(2026, 3, 20),
                kpis=(KpiObservation("meals", "Meals", Decimal("100.0"), Decimal(95), "higher"),),
                findings=(Finding("major", "No cool box."),),
                acceptance_due=datetime(2026, 4, 22, tzinfo=UTC),
            ),
            "inspection.reported.v1",
            "ocds-test-1",
            {
                "ocid": "ocds-test-1",
                "contract": CONTRACT,
                "period": "2026-03",
                "inspection": str(UUID(int=2)),
                "supervisor": "inspect-a",
                "visited_on": "2026-03-20",
                "kpis": [{"id": "meals", "title": "Meals", "direction": "higher", "target": "100.0", "observed": "95"}],
                "findings": [{"severity": "major", "text": "No cool box."}],
                "acceptance_due": "2026-04-22T00:00:00.000000Z",
            },
        ),
        (
            events.PeriodGraded(
                **ABOUT,
                ocid="ocds-test-1",
                period="2026-03",
                provider="meals-coop",
                score=Decimal("69.50"),
                grade="C",
                derivation=({"step": "score", "score": "69.50"},),
                kpis=(KpiObservation("meals", "Meals", Decimal("100.0"), Decimal(95), "higher"),),
            ),
            "inspection.period-graded.v1",
            "ocds-test-1",
            {
                "ocid": "ocds-test-1",
                "contract": CONTRACT,
                "period": "2026-03",
                "provider": "meals-coop",
                "score": "69.50",
                "grade": "C",
                "derivation": [{"step": "score", "score": "69.50"}],
                "kpis": [{"kpi": "meals", "value": "95"}],
            },
        ),
        (
            events.SupervisionClosed(**ABOUT, ocid="ocds-test-1", not_accepted=("2026-04",)),
            "inspection.closed.v1",
            "ocds-test-1",
            {"ocid": "ocds-test-1", "contract": CONTRACT, "not_accepted": ["2026-04"]},
        ),
    ],
)
def test_event_is_written_in_the_published_language(
    event: DomainEvent, event_type: str, key: str, data: dict[str, Any]
) -> None:
    written = published(event)
    assert (written.TYPE, written.key(), written.model_dump(mode="json")) == (event_type, key, data)


def test_event_of_another_service_is_not_published() -> None:
    with pytest.raises(TypeError):
        published(DomainEvent(**ABOUT))


def test_golden_draws_can_be_repeated_by_anybody() -> None:
    shown = [Assigned.model_validate(data) for data in examples("inspection.assigned.v1")]
    assert any(draw.skipped for draw in shown)
    for draw in shown:
        # HKDF (RFC 5869) of another library: salt the contract's id, input the seed, info the label.
        places = {
            label: HKDF(SHA256(), 32, salt=str(draw.contract).encode(), info=label.encode()).derive(
                bytes.fromhex(draw.seed)
            )
            for label in draw.pool
        }
        assert list(draw.order) == sorted(draw.pool, key=places.__getitem__)
        assert [skip.supervisor for skip in draw.skipped] == list(draw.order[: len(draw.skipped)])
        assert draw.supervisor.id == draw.order[len(draw.skipped)]


def test_golden_grades_are_those_of_a_hand_calculation() -> None:
    # 96.5 of 98 is 98.469..., 3 complaints of at most 4 are 100; mean 99.2346...; less 3 is 96.23, less 30 is 69.23.
    shown = [PeriodGraded.model_validate(data) for data in examples("inspection.period-graded.v1")]
    assert {(grade.score, grade.grade) for grade in shown} == {(Decimal("69.23"), "D"), (Decimal("96.23"), "A")}


def examples(event_type: str) -> list[dict[str, Any]]:
    folder = EXAMPLES.joinpath(event_type)
    return [json.loads(file.read_text("utf-8")) for file in folder.iterdir()]
