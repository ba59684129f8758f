"""Do these facts meet the rules of a pack?"""

from typing import Any

from shared.kernel.errors import Invalid
from shared.rules.checks import Check, check_rules, shown
from shared.rules.facts import read_facts
from shared.rules.questions.packs import calendar_with, read_pack_on
from shared.rules.questions.reading import read_object
from shared.rules.result import Verdict


def answer(document: Any) -> dict[str, Any]:
    """Check the facts of `{"pack", "on", "facts", "holidays", "working_saturdays"}` against every rule of the pack.

    Units: days are written as 2026-03-02; facts are those of shared/rules/facts.yaml, as objects within objects.
    Shape: on is the day on which the procedure started, and without it the newest version of the pack holds; facts that
    are left out or null are not known; days off and days made up are added to the pack's calendar. passed is true if
    and only if no rule fails and none is unresolved.

    Raises:
        Invalid: for a document of another form, with its JSON pointer.
    """
    members = read_object(document, "", ("pack", "facts"), ("on", "holidays", "working_saturdays"))
    pack = read_pack_on(members["pack"], members.get("on"), "/on")
    calendar = calendar_with(pack, members)
    try:
        facts = read_facts(members["facts"])
    except Invalid as refusal:
        raise Invalid(
            refusal.code, refusal.detail, pointer=f"/facts{refusal.pointer}", satisfied_by=refusal.satisfied_by
        ) from refusal
    checks = check_rules(pack.rules, facts, calendar)
    return {
        "pack": pack.id,
        "version": pack.version,
        "results": [_shown(check) for check in checks],
        "passed": all(check.result.verdict in {Verdict.PASS, Verdict.NOT_APPLICABLE} for check in checks),
    }


def _shown(check: Check) -> dict[str, Any]:
    return {
        "rule": check.rule.id,
        "title": check.rule.title,
        "result": check.result.verdict.name,
        "source": check.rule.source,
        "mark": check.rule.mark,
        "verified": check.rule.verified,
        "fact": check.rule.check.fact if check.rule.check else None,
        "found": shown(check.found),
        "bound": shown(check.bound),
        "missing": list(check.result.missing),
    }
