from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluation.domain.draw import draw_supervisor, obstacle
from evaluation.domain.supervision_data import Draw, SkippedSupervisor
from evaluation.domain.supervision_file import SupervisionFile
from evaluation.domain.supervisor import Supervisor
from evaluation.messaging.publish import published
from shared.contracts.inspection import Assigned
from shared.kernel.access import Actor
from shared.kernel.errors import NotAllowed
from shared.rules.pack import load_pack

CONTRACT = UUID("0195a000-0000-7000-8000-000000000001")
PACK = load_pack("model")
TODAY = date(2026, 3, 2)
MakeSupervisor = Callable[..., Supervisor]
seeds = st.binary(min_size=32, max_size=32)
# Bodies that may be drawn, that have a tie to a party, that are of another type, and whose accreditation has ended.
bodies = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True).filter(lambda name: name not in {"county", "meals-coop"}),
    st.sampled_from([("A", 2027, ()), ("A", 2027, ("meals-coop",)), ("B", 2027, ()), ("A", 2026, ())]),
    max_size=12,
)


def positions(contract: UUID, seed: bytes, pool: Sequence[str]) -> dict[str, bytes]:
    """Work positions out with another library's HKDF (RFC 5869)."""
    return {label: HKDF(SHA256(), 32, salt=str(contract).encode(), info=label.encode()).derive(seed) for label in pool}


def run(register: Sequence[Supervisor], seed: bytes = bytes(32)) -> tuple[Supervisor, Draw]:
    return draw_supervisor(
        register,
        contract=CONTRACT,
        parties=frozenset({"county", "meals-coop"}),
        seed=seed,
        on=TODAY,
        pack=PACK,
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=seeds, names=st.sets(st.from_regex(r"[a-z][a-z0-9-]{0,12}", fullmatch=True), min_size=1, max_size=15))
def test_published_order_is_found_again_when_it_is_worked_out_from_seed_and_pool(
    seed: bytes, names: set[str], signed_file: Callable[[], SupervisionFile], supervisor: MakeSupervisor
) -> None:
    coordinator = Actor("carla", "the supervision office", frozenset())
    _, (event,) = signed_file().assign(
        [supervisor(name) for name in names], seed=seed, by=coordinator, at=datetime(2026, 3, 3, tzinfo=UTC), pack=PACK
    )
    data = published(event)
    assert isinstance(data, Assigned)
    expected = positions(data.contract, bytes.fromhex(data.seed), data.pool)
    assert list(data.order) == sorted(data.pool, key=expected.__getitem__)
    assert set(data.pool) == names
    assert data.method == "vrs-operator-seed"
    assert data.supervisor.id == data.order[len(data.skipped)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=seeds, described=bodies)
def test_first_of_the_order_who_may_is_drawn_and_each_before_is_named_with_its_rule(
    seed: bytes, described: dict[str, tuple[str, int, tuple[str, ...]]], supervisor: MakeSupervisor
) -> None:
    register = [supervisor(name, kind, date(year, 3, 2), ties) for name, (kind, year, ties) in described.items()]
    eligible = {name for name, state in described.items() if state == ("A", 2027, ())}
    if not eligible:
        with pytest.raises(NotAllowed):
            run(register, seed)
        return
    drawn, draw = run(register, seed)
    expected = positions(CONTRACT, seed, list(described))
    assert drawn.organisation == min(eligible, key=expected.__getitem__)
    passed = [name for name in draw.order if expected[name] < expected[drawn.organisation]]
    rules = {
        name: "supervisor-independent" if state == ("A", 2027, ("meals-coop",)) else "supervisor-accredited"
        for name, state in described.items()
    }
    assert list(draw.skipped) == [SkippedSupervisor(name, rules[name]) for name in passed]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=seeds, described=bodies)
def test_draw_falls_on_the_same_supervisor_when_those_who_may_not_are_left_out(
    seed: bytes, described: dict[str, tuple[str, int, tuple[str, ...]]], supervisor: MakeSupervisor
) -> None:
    register = [supervisor(name, kind, date(year, 3, 2), ties) for name, (kind, year, ties) in described.items()]
    eligible = [one for one in register if described[one.organisation] == ("A", 2027, ())]
    if eligible:
        assert run(register, seed)[0] == run(eligible, seed)[0]


@pytest.mark.parametrize(
    ("organisation", "kind", "valid_until", "conflicts", "expected"),
    [
        ("inspect-a", "A", date(2026, 3, 3), (), None),
        ("inspect-a", "A", date(2026, 3, 3), ("somebody-else",), None),
        ("inspect-a", "A", date(2026, 3, 2), (), "supervisor-accredited"),
        ("inspect-a", "B", date(2027, 1, 1), (), "supervisor-accredited"),
        ("inspect-a", "C", date(2027, 1, 1), (), "supervisor-accredited"),
        ("inspect-a", "A", date(2027, 1, 1), ("x", "meals-coop"), "supervisor-independent"),
        ("inspect-a", "A", date(2027, 1, 1), ("county",), "supervisor-independent"),
        ("meals-coop", "A", date(2027, 1, 1), (), "supervisor-independent"),
        ("county", "A", date(2027, 1, 1), (), "supervisor-independent"),
    ],
)
def test_supervisor_is_kept_from_a_contract_when_a_rule_says_so(
    organisation: str,
    kind: str,
    valid_until: date,
    conflicts: tuple[str, ...],
    expected: str | None,
    supervisor: MakeSupervisor,
) -> None:
    body = supervisor(organisation, kind, valid_until, conflicts)
    assert obstacle(body, parties=frozenset({"county", "meals-coop"}), on=TODAY, pack=PACK) == expected


def test_draw_is_refused_with_the_rule_when_nobody_may_supervise(supervisor: MakeSupervisor) -> None:
    with pytest.raises(NotAllowed) as nobody:
        run([])
    with pytest.raises(NotAllowed) as tied:
        run([supervisor("one", "B"), supervisor("two", conflicts=("meals-coop",))])
    assert nobody.value.code == tied.value.code == "no-supervisor-without-conflict"
    assert nobody.value.reference == PACK.reference("supervisor-accredited")
    assert tied.value.reference == PACK.reference("supervisor-independent")
    assert tied.value.satisfied_by
