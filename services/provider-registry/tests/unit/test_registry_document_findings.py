"""What declarations and documents say of a provider at an instant."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from provider_registry.domain.criteria import criteria_of
from provider_registry.domain.declaration import CriterionAnswer, Declaration, declare
from provider_registry.domain.document import Document, Paper, enter
from provider_registry.domain.document_findings import document_findings
from provider_registry.domain.finding import Finding, Purpose
from shared.kernel.access import Actor
from shared.rules.pack import RulePack, available_packs, load_pack
from shared.rules.result import Verdict

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PACK = load_pack("model")


def declaration(pack: RulePack = PACK, **against: bool) -> Declaration:
    answers = tuple(
        CriterionAnswer(one.id, one.goes_against(answer=True) is bool(against.get(one.id)), "Explained.")
        for one in criteria_of(pack).values()
    )
    return declare(None, "oarsmen", answers, by="carl", at=START, pack=pack)[0]


def clearance(first: date = date(2026, 3, 1), last: date = date(2026, 5, 31), digit: str = "a") -> Document:
    paper = Paper("tax-clearance", "Tax Office", digit, date(2026, 3, 1), first, last, digit * 64, ("taxes-unpaid",))
    document, _ = enter(UUID(int=int(digit, 16)), "oarsmen", paper, others=(), by="carl", at=START, pack=PACK)
    return document.accept(Actor("rosa", "registry", frozenset()), at=START, pack=PACK)[0]


def found(code: str, *documents: Document, at: datetime = START, declared: Declaration | None = None) -> Finding:
    findings = document_findings(documents, (declared or declaration(),), PACK, at)
    (one,) = [finding for finding in findings if finding.code == code]
    return one


@pytest.mark.parametrize("pack", available_packs())
def test_provider_that_declares_nothing_against_itself_may_bid_without_documents(pack: str) -> None:
    rules = load_pack(pack)
    findings = document_findings((), (declaration(rules),), rules, START)
    assert [one.code for one in findings if one.excludes and Purpose.TENDERS in one.purposes] == []
    assert {one.verdict for one in findings if Purpose.ORDERS in one.purposes} == {Verdict.PASS, Verdict.UNRESOLVED}
    assert not any(Purpose.PAYMENTS in one.purposes for one in findings)


@pytest.mark.parametrize("pack", available_packs())
def test_every_criterion_is_unresolved_when_nothing_is_declared(pack: str) -> None:
    rules = load_pack(pack)
    for declarations in ((), (declaration(load_pack("eu-light" if pack == "model" else "model")),)):
        findings = document_findings((), declarations, rules, START)
        assert [one.missing for one in findings] == [(criterion,) for criterion in criteria_of(rules)]
        assert all(one.reference is not None and one.verdict is Verdict.UNRESOLVED for one in findings)


def test_declaration_counts_from_its_instant_until_it_ends() -> None:
    declared = declaration()
    for at, verdict in (
        (START - timedelta(microseconds=1), Verdict.UNRESOLVED),
        (START, Verdict.PASS),
        (declared.valid_until - timedelta(microseconds=1), Verdict.PASS),
        (declared.valid_until, Verdict.UNRESOLVED),
    ):
        assert found("declared.debarred", at=at).verdict is verdict
    assert found("declared.debarred").until == declared.valid_until


def test_declared_ground_fails_with_its_rule() -> None:
    finding = found("declared.debarred", declared=declaration(debarred=True))
    assert finding.verdict is Verdict.FAIL
    assert finding.reference == PACK.reference("exclusion.debarred")
    assert finding.purposes == {Purpose.TENDERS, Purpose.ORDERS}
    missing = found("declared.enrolled", declared=declaration(enrolled=True))
    assert missing.verdict is Verdict.FAIL


def test_proof_is_asked_for_only_where_the_declaration_is_in_favour() -> None:
    owing = document_findings((), (declaration(**{"taxes-unpaid": True}),), PACK, START)
    assert not [one for one in owing if one.code == "proved.taxes-unpaid"]


def test_proof_passes_until_the_last_of_the_documents_expires() -> None:
    short, long = clearance(), clearance(last=date(2026, 8, 31), digit="b")
    finding = found("proved.taxes-unpaid", short, long)
    assert (finding.verdict, finding.purposes) == (Verdict.PASS, {Purpose.ORDERS})
    assert finding.evidence == ("a" * 64, "b" * 64)
    assert finding.until == datetime(2026, 9, 1, tzinfo=UTC)


def test_proof_fails_when_it_has_expired_and_names_when_the_next_one_begins() -> None:
    expired, later = clearance(), clearance(date(2026, 7, 1), date(2026, 12, 31), "b")
    june = datetime(2026, 6, 15, tzinfo=UTC)
    finding = found("proved.taxes-unpaid", expired, later, at=june)
    assert (finding.verdict, finding.since) == (Verdict.FAIL, datetime(2026, 6, 1, tzinfo=UTC))
    assert (finding.until, finding.evidence) == (datetime(2026, 7, 1, tzinfo=UTC), ("a" * 64,))
    # Whether the clock has noticed makes no difference.
    noticed, _ = expired.let_time_act(june)
    assert found("proved.taxes-unpaid", noticed, later, at=june) == finding


def test_document_proves_nothing_when_it_was_not_accepted_or_names_another_criterion() -> None:
    good = clearance()
    withdrawn, _ = good.withdraw("Wrong.")
    other = replace(good, paper=replace(good.paper, criteria=("insolvency",)))
    kind = replace(good, paper=replace(good.paper, document_type="statutes"))
    for document in (withdrawn, other, kind):
        finding = found("proved.taxes-unpaid", document)
        assert (finding.verdict, finding.missing) == (Verdict.UNRESOLVED, ("tax-clearance",))


@pytest.mark.parametrize("pack", available_packs())
def test_criteria_rest_on_rules_of_their_pack(pack: str) -> None:
    rules = load_pack(pack)
    assert {one.reference.rule for one in criteria_of(rules).values()} <= rules.rules.keys()
