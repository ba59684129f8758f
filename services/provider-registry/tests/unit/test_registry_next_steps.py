"""The newcomer's path: what is done, what is lacking, and that its age is nothing to wait for."""

import pytest

from provider_registry.domain.finding import Finding, Purpose
from provider_registry.domain.next_steps import AGE, Step, next_steps
from provider_registry.domain.provider_data import Status
from shared.rules.pack import available_packs, load_pack
from shared.rules.result import Verdict

MODEL = load_pack("model")
TENDERS = frozenset({Purpose.TENDERS})


def finding(code: str, verdict: Verdict) -> Finding:
    missing = ("taxes",) if verdict is Verdict.UNRESOLVED else ()
    return Finding(code=code, verdict=verdict, text=f"{code}.", purposes=TENDERS, missing=missing)


def lacking(steps: tuple[Step, ...]) -> list[str]:
    return [step.code for step in steps if not step.done]


@pytest.mark.parametrize(
    ("status", "left"),
    [
        (Status.REGISTERED, ["evidence", "check", "verification"]),
        (Status.SUBMITTED, ["check", "verification"]),
        (Status.CHECKED, ["verification"]),
        (Status.VERIFIED, ["evidence", "check", "verification"]),  # it has expired
    ],
)
def test_newcomer_lacks_the_steps_of_the_verification_that_are_left(status: Status, left: list[str]) -> None:
    steps = next_steps(status, [finding("provider-not-verified", Verdict.FAIL)], MODEL)
    assert (steps[0].code, steps[0].done, lacking(steps)) == ("entry", True, left)


@pytest.mark.parametrize("status", Status)
def test_nothing_of_the_verification_is_lacking_while_it_holds(status: Status) -> None:
    assert lacking(next_steps(status, [finding("provider-verified", Verdict.PASS)], MODEL)) == []


def test_what_is_undeclared_is_the_providers_step_and_a_ban_nobodys() -> None:
    found = [
        finding("provider-verified", Verdict.PASS),
        finding("declared.taxes", Verdict.UNRESOLVED),
        finding("declared.enrolled", Verdict.PASS),
        finding("debarment", Verdict.FAIL),
    ]
    steps = {step.code: step for step in next_steps(Status.VERIFIED, found, MODEL)}
    assert lacking(tuple(steps.values())) == ["declared.taxes", "debarment"]
    assert (steps["declared.taxes"].who, steps["debarment"].who) == ("provider", None)
    assert steps["declared.enrolled"].done


@pytest.mark.parametrize("pack", available_packs())
def test_age_alone_keeps_nobody_from_a_bid_under_any_pack(pack: str) -> None:
    steps = next_steps(Status.REGISTERED, [], load_pack(pack))
    (age,) = (step for step in steps if step.code == "age")
    assert age.done
    assert age.reference == load_pack(pack).reference(AGE)
