"""Every refusal of the tender service names its rule and what would satisfy it, or is listed with why it has none."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.rules.pack import available_packs, load_pack, pack_versions
from tender.domain.state_machines import LIFECYCLES

ROOT = Path(__file__).parents[2]
TENDER = ROOT / "services" / "tender" / "src" / "tender"
ROOMS = ("domain", "usecases", "db", "api")
# What is not there, and what has changed since it was read, rests on no rule of a pack, whatever it is.
DECIDED = {"NotAllowed", "Forbidden", "Invalid"}

FORM = "the request contradicts itself, or names what is not there: nobody could carry it out"
IDENTITY = "it is another party's to do, or was this party's and is done"
STATE = "something comes before it, or has been done already"
LIMIT = "what is kept and computed here has an end"
OWN_TERMS = "what the office, or the contract, says itself"

NO_RULE: Mapping[str, str] = {
    FORM: """
        amendment-empty amount-negative award-criterion-unknown bid-repeated breakdown-differs-from-estimate
        breakdown-missing budget-line-repeated candidate-repeated catalogue-invalid change-empty
        closes-at-without-offset criterion-unknown currencies-differ currency-missing date-in-future
        delivery-reversed delivery-too-short envelope-malformed
        envelope-missing estimate-not-positive evaluation-method-contradicted evaluation-method-unknown
        evidence-missing expected-dates-reversed expert-unknown fact-not-stated-here framework-reversed
        handover-due-early invitees-more-than-candidates last-day-after-term last-day-passed
        levels-not-ascending lot-repeated lot-unknown lots-differ-from-value lots-missing
        milestone-not-positive milestone-repeated milestones-differ-from-value milestones-out-of-order
        non-signature-differs option-not-positive option-repeated option-too-late paid-above-value
        randomness-not-of-signature randomness-of-another-beacon reason-missing regime-contradicted
        requirement-contradicts-itself requirement-empty requirement-repeated returned-before-received
        score-change-without-reason score-out-of-range score-unknown scores-incomplete seat-unknown
        security-not-positive signature-not-of-round specialities-repeated successor-missing
        ground-missing requirement-unknown supplier-is-buyer
        supplier-unchanged suspension-ends-early talks-not-held term-end-differs term-start-differs
        value-not-positive
    """,
    IDENTITY: """
        already-objected chair-not-member challenge-open document-confidential not-chair
        not-on-panel not-responsible numbers-entered other-side-needed own-single-source
        representative-of-another-organisation supplier-not-in-framework
    """,
    STATE: """
        already-in-framework approval-not-needed assignment-consented assignment-not-requested
        award-cancelled award-missing award-pending
        bid-not-valid candidates-missing catalogue-not-in-force change-signed-too-early
        closing-not-proposed competition-decided consent-not-asked-for contract-in-force declared
        deficiency-decided expert-known followed-tender-not-unsuccessful framework-in-force
        framework-missing framework-proposed handover-complete handover-planned invitation-exists
        joining-asked last-day-not-passed lot-awarded lot-ended no-period-left no-security-held
        objection-reviewed option-exercised panel-known panel-places-filled plan-has-open-tenders
        price-inquiry-decided price-inquiry-made publicity-exists representatives-complete
        requirement-not-met result-open round-not-ordered seat-taken security-already-received
        security-still-needed sheets-missing signed stage-not-reached tender-not-cancellable
        termination-consented termination-not-proposed
    """,
    LIMIT: """
        deadline-too-far documents-too-many drafts-too-many
        pool-too-large requirements-too-many seal-scheme-unknown
    """,
    OWN_TERMS: """
        amendment-of-method composition-differs deduction-not-provided ended-lot-changed
        experts-differ-from-places framework-terms-missing framework-terms-needless
        score-between-levels security-not-asked-for security-too-small tender-for-framework
        tender-not-framework
    """,
}


@dataclass(frozen=True)
class Refusal:
    where: str
    code: str
    cites: bool
    satisfiable: bool


def _refusals(tree: ast.AST, where: str) -> Iterator[Refusal]:
    """Yield the refusals that the code makes by itself; a code that is put together is written as the code is."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=kind), args=[code, *_], keywords=given) if kind in DECIDED:
                named = {one.arg for one in given if not _is_none(one.value)}
                written = code.value if isinstance(code, ast.Constant) else ast.unparse(code)
                yield Refusal(f"{where}:{node.lineno}", str(written), "reference" in named, "satisfied_by" in named)
            case _:
                continue


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


@pytest.fixture(scope="module")
def refusals() -> tuple[Refusal, ...]:
    files = [file for room in ROOMS for file in sorted((TENDER / room).rglob("*.py"))]
    return tuple(
        refusal
        for file in files
        for refusal in _refusals(ast.parse(file.read_text("utf-8")), file.relative_to(TENDER).as_posix())
    )


def _listed() -> list[str]:
    return [code for codes in NO_RULE.values() for code in codes.split()]


def test_refusal_is_listed_with_its_reason_when_it_cites_no_rule(refusals: tuple[Refusal, ...]) -> None:
    unlisted = {one.code: one.where for one in refusals if not one.cites and one.code not in _listed()}
    assert unlisted == {}, "a refusal cites the rule that it rests on, or says in NO_RULE why it rests on none"


def test_listed_refusal_is_one_that_is_made_without_a_rule(refusals: tuple[Refusal, ...]) -> None:
    assert set(_listed()) - {one.code for one in refusals if not one.cites} == set()
    assert len(_listed()) == len(set(_listed()))


def test_refusal_says_what_would_satisfy_it_when_it_cites_a_rule(refusals: tuple[Refusal, ...]) -> None:
    assert [f"{one.where} {one.code}" for one in refusals if one.cites and not one.satisfiable] == []


def test_act_rests_on_a_rule_of_every_pack_when_its_lifecycle_names_one() -> None:
    named = {row.rule for cycle in LIFECYCLES for row in cycle.transitions.values() if row.rule is not None}
    assert named
    for pack in available_packs():
        for version in pack_versions(pack):
            assert named - load_pack(pack, version["version"]).rules.keys() == set()


def test_act_that_rests_on_a_rule_is_admitted_where_the_pack_is_known() -> None:
    # Whoever admits it without a pack finds out in the first test that does; this finds who never admits it at all.
    code = "\n".join(file.read_text("utf-8") for file in sorted((TENDER / "domain").rglob("*.py")))
    admitted = set(re.findall(r'\.(?:admit|move)\(\s*"([a-z -]+)", [^()\n]+, pack\)', code))
    for cycle in LIFECYCLES:
        for row in cycle.transitions.values():
            assert row.rule is None or row.action in admitted, f"{cycle.object}: {row.action}"


@pytest.mark.parametrize(
    ("code", "cites", "satisfiable"),
    [
        ('raise NotAllowed("a-code", "Why.")', False, False),
        ('raise Invalid("a-code", "Why.", reference=None, satisfied_by="That.")', False, True),
        ('error = Forbidden("a-code", "Why.", reference=pack.reference("rule"))', True, False),
        ('raise NotAllowed("a-code", "Why.", reference=rule, satisfied_by="That.")', True, True),
    ],
)
def test_rule_sees_what_it_looks_for_when_it_is_planted(code: str, cites: bool, satisfiable: bool) -> None:
    (seen,) = _refusals(ast.parse(code), "planted")
    assert (seen.code, seen.cites, seen.satisfiable) == ("a-code", cites, satisfiable)
