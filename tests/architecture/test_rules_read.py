"""Every rule of a pack is read by the code, or stands in a list here with the reason why it informs only."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from shared.rules.pack import PackRule, available_packs, load_pack

ROOT = Path(__file__).parents[2]
# What shows packs, and what tests take, acts on no rule.
SHOWN_ONLY = ("services/portal/", "shared/src/shared/testing/")
CODE = [
    file
    for source in sorted([*ROOT.glob("services/*/src"), ROOT / "shared" / "src"])
    for file in sorted(source.rglob("*.py"))
    if not file.relative_to(ROOT).as_posix().startswith(SHOWN_ONLY)
]
PREFIX = re.compile(r"[a-z-]+\.")

HOLDS_ANYWAY = "the procedure has no other course, or another rule that is read repeats it"
NAMED = "the draft names the threshold that applies by the rule's id"
FIGURE = "a figure, or a list of words, that people go by; there is nothing that it is checked on"
TOLD_BY_ASKER = "no service states the fact that it is checked on; who asks `POST /v1/rules/check` states it"

UNREAD: Mapping[str, str] = {
    HOLDS_ANYWAY: """
        conditions-of-participation policy-deduction.consortium-share policy-deduction.never-stacked
        policy.fully-reserved scores-not-trimmed supervisor-drawn-at-random
    """,
    NAMED: """
        threshold.central threshold.light-regime threshold.light-touch threshold.procurement.central
        threshold.sub-central
    """,
    FIGURE: """
        abnormally-low.basis bid-security-refund.late-interest claim-window.extension-cap
        complaint-correction criteria.light-regime criteria.light-touch
        exclusion.fine
        expert.fine expert.fine-serious
        ineffectiveness-window-without-notice payment-publication
        payments-compliance-notice planned-notice.longest prior-information.longest
        set-aside-window.longest standstill.light-regime uk-2023/award-basis
    """,
    TOLD_BY_ASKER: """
        abnormally-low.breach-rejected abnormally-low.raise-to-max acceptance.published
        acceptance.recipients-heard acceptance.signed-by award-choice award-notice
        award-notice-before-standstill award-notice-light bid-security-non-cash bid-security-refund.losers
        bid-security-refund.winner bidders-under-common-control clarification-prequalification
        collusion.presumptions committee.absent-from-opening complaint-intake complaint-response
        complaint-service complaint.unfounded conflicts-assessed conflicts-exclusion conflicts-mitigated
        conflicts-of-interest contract-copy contract-copy-light-touch contract-details
        contract-details-light-touch contract-filing contract-financing-not-guaranteed contract-publication
        debriefing evaluation-report evidence-before-award
        exclusion.notice
        framework.feedback framework.first-reopening
        framework.later-reopening framework.refill-below framework.result-publication framework.summary-report
        gate.on-failure ineffectiveness-window kpi.assessment-interval kpi.minimum kpi.ratings losers-told
        method.emergency.addition-cap method.single-source.addition-cap participation-period-urgent
        policy.own-staff
        policy.reserved-share policy.reserved-share-small-micro policy.social-organisations-share
        poor-performance-notice prior-involvement.exclusion prior-involvement.information
        prior-involvement.time
        result-publication retention set-aside-window
        supervisor-pay supervisor-type.advisory supervisor-type.deducting termination-notice
    """,
}


def _texts(trees: Iterable[ast.AST]) -> Iterator[str]:
    """Yield what the code writes as text."""
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _composed(trees: Iterable[ast.AST]) -> Iterator[re.Pattern[str]]:
    """Yield the ids that the code puts together from a beginning and a word."""
    for node in (node for tree in trees for node in ast.walk(tree)):
        if not isinstance(node, ast.JoinedStr) or not node.values:
            continue
        parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
        if PREFIX.match(str(parts[0])):
            yield re.compile("".join("[a-z-]+" if part is None else re.escape(str(part)) for part in parts))


@pytest.fixture(scope="module")
def read() -> frozenset[str]:
    """Return every id of a rule and every fact that the code names."""
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in CODE]
    patterns = list(_composed(trees))
    ids = {rule_id for pack in available_packs() for rule_id in load_pack(pack).rules}
    return frozenset(_texts(trees)) | {rule_id for rule_id in ids if any(one.fullmatch(rule_id) for one in patterns)}


def _listed(pack: str, ids: str) -> set[str]:
    """Return the listed rules of a pack; one that only this pack leaves unread is written pack/rule."""
    return {listed.removeprefix(f"{pack}/") for listed in ids.split()} & load_pack(pack).rules.keys()


def _is_read(rule: PackRule, read: frozenset[str]) -> bool:
    return rule.id in read or (rule.check is not None and rule.check.fact in read)


@pytest.mark.parametrize("pack", available_packs())
def test_rule_is_listed_with_its_reason_when_no_code_reads_it(pack: str, read: frozenset[str]) -> None:
    listed = set().union(*(_listed(pack, ids) for ids in UNREAD.values()))
    assert {rule.id for rule in load_pack(pack).rules.values() if not _is_read(rule, read)} == listed


@pytest.mark.parametrize("pack", available_packs())
@pytest.mark.parametrize(("reason", "checked"), [(TOLD_BY_ASKER, True), (FIGURE, False), (NAMED, False)])
def test_reason_fits_when_the_rule_is_checked_on_a_fact_or_on_none(pack: str, reason: str, checked: bool) -> None:
    rules = load_pack(pack).rules
    assert {rule for rule in _listed(pack, UNREAD[reason]) if (rules[rule].check is not None) is not checked} == set()


def test_each_rule_is_listed_once_and_is_one_of_a_pack() -> None:
    listed = [rule for ids in UNREAD.values() for rule in ids.split()]
    known = {name for pack in available_packs() for rule in load_pack(pack).rules for name in (rule, f"{pack}/{rule}")}
    assert len(listed) == len(set(listed))
    assert set(listed) <= known
