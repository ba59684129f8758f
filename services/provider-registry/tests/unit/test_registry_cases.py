"""A case step by step: who may do what and when, and until when its decision holds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from provider_registry.domain import case as steps
from provider_registry.domain import case_decision as deciding
from provider_registry.domain.case import Case
from provider_registry.domain.case_parts import Body, CaseKind, CaseStatus, Ending, Reply, Report
from provider_registry.domain.finding import Purpose
from provider_registry.domain.grounds import grounds_of
from provider_registry.domain.restrictions import case_findings, case_instants, restrictions
from shared.kernel.errors import DomainError
from shared.kernel.money import Money
from shared.rules.pack import load_pack
from shared.rules.result import Verdict

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OFFICE, COURT, REVIEW = Body("olga", "office"), Body("carl", "court"), Body("rita", "review")
ALL = tuple(sorted(Purpose))


def report(**given: Any) -> Report:
    return Report(
        **{"by": OFFICE, "at": NOW, "facts": "What was found.", "evidence": ("a" * 64,), "event_day": NOW.date()}
        | given
    )


def draft(pack: str = "model", kind: str = "debarment", ground: str | None = None, **given: Any) -> Case:
    scopes = given.pop("scopes", (Purpose.TENDERS,))
    return steps.report_case(
        UUID(int=7),
        "oarsmen",
        report(**given),
        load_pack(pack),
        kind=CaseKind(kind),
        ground=ground,
        scopes=scopes,
    )


def notified(pack: str = "model", kind: str = "debarment", ground: str | None = None, **given: Any) -> Case:
    return steps.notify(draft(pack, kind, ground, **given), load_pack(pack), at=NOW)[0]


def replied(pack: str = "model", kind: str = "debarment", ground: str | None = None, **given: Any) -> Case:
    return steps.reply(notified(pack, kind, ground, **given), Reply(NOW + DAY, "No.", ()), load_pack(pack))[0]


def decide(case: Case, **given: Any) -> Case:
    given = {"by": COURT, "at": NOW + 2 * DAY, "upheld": True, "reasons": "It was so."} | given
    return deciding.decide(case, given.pop("by"), load_pack(case.pack), **given)[0]


def in_force(pack: str = "model", kind: str = "suspension", ground: str | None = None, **given: Any) -> Case:
    return decide(replied(pack, kind, ground), **given)


def refused(attempt: Any) -> str:
    with pytest.raises(DomainError) as refusal:
        attempt()
    return refusal.value.code


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"evidence": ()}, "evidence-missing"),
        ({"evidence": ("a" * 64, "a" * 64)}, "evidence-repeated"),
        ({"event_day": date(2026, 3, 3)}, "event-in-future"),
        ({"scopes": ()}, "scopes-missing"),
        ({"kind": "exclusion-ground"}, "ground-missing"),
        ({"kind": "exclusion-ground", "ground": "bad-breath"}, "ground-unknown"),
        ({"by": Body("olga", "oarsmen")}, "own-case"),
        ({"pack": "cn-services", "kind": "exclusion-ground", "ground": "large-fine"}, "fine-missing"),
        (
            {
                "pack": "cn-services",
                "kind": "exclusion-ground",
                "ground": "large-fine",
                "fine": Money(199_999_999, "CNY"),
            },
            "fine-not-large",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_report_is_refused_when_it_rests_on_nothing_that_counts(given: dict[str, Any], code: str) -> None:
    assert refused(lambda: draft(**given)) == code


def test_large_fine_is_reported_when_it_is_just_large() -> None:
    given = {"kind": "exclusion-ground", "ground": "large-fine", "fine": Money(200_000_000, "CNY")}
    assert draft("cn-services", **given).status is CaseStatus.DRAFT


def test_reply_counts_only_within_its_period_and_once() -> None:
    case, pack = notified(), load_pack("model")
    assert case.reply_until == datetime(2026, 3, 17, tzinfo=UTC)  # ten working days after Monday 2 March
    assert refused(lambda: steps.reply(case, Reply(case.reply_until, "Late.", ()), pack)) == "reply-period-over"  # type: ignore[arg-type]
    just, _ = steps.reply(case, Reply(case.reply_until - timedelta(microseconds=1), "In time.", ()), pack)  # type: ignore[operator]
    assert just.status is CaseStatus.REPLIED
    assert refused(lambda: steps.reply(just, Reply(NOW, "Again.", ()), pack)) == "case-not-notified"
    assert refused(lambda: steps.reply(draft(), Reply(NOW, "Early.", ()), pack)) == "case-not-notified"


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (Body("olga", "court"), "another-body-needed"),
        (Body("carl", "office"), "another-body-needed"),
        (Body("carl", "oarsmen"), "another-body-needed"),
    ],
    ids=["same-person", "same-organisation", "the-provider-itself"],
)
def test_case_is_decided_by_another_body_only(by: Body, code: str) -> None:
    given = {"last_day": date(2027, 6, 1)}
    assert refused(lambda: decide(replied(), by=by, **given)) == code
    assert decide(replied(), **given).status is CaseStatus.IN_FORCE


def test_case_is_decided_only_after_the_reply_or_the_time_for_it() -> None:
    case = notified()
    last = case.reply_until
    assert last is not None
    given = {"last_day": date(2027, 6, 1)}
    assert refused(lambda: decide(case, at=last - timedelta(microseconds=1), **given)) == "reply-period-open"
    assert decide(case, at=last, **given).status is CaseStatus.IN_FORCE
    assert refused(lambda: decide(draft(), **given)) == "case-not-notified"


# Days of the events and instants from which on a ground does not count any more; whole years by hand.
TERMS = [
    ("cn-services", "criminal-penalty", date(2025, 5, 10), datetime(2028, 5, 10, 16, tzinfo=UTC)),  # 11 May in Beijing
    ("eu-light", "corruption", date(2025, 5, 10), datetime(2030, 5, 9, 22, tzinfo=UTC)),
    ("eu-light", "collusion", date(2025, 5, 10), datetime(2028, 5, 9, 22, tzinfo=UTC)),
    ("eu-light", "taxes-owed", date(2025, 5, 10), None),
    ("uk-2023", "fraud", date(2025, 5, 10), datetime(2030, 5, 9, 23, tzinfo=UTC)),
    ("uk-2023", "insolvency", date(2025, 5, 10), datetime(2028, 5, 9, 23, tzinfo=UTC)),
    ("uk-2023", "poor-performance", date(2025, 5, 10), datetime(2028, 5, 9, 23, tzinfo=UTC)),
    ("uk-2023", "acting-improperly", date(2025, 5, 10), datetime(2030, 5, 9, 23, tzinfo=UTC)),
    ("model", "fraud", date(2024, 2, 29), datetime(2029, 3, 1, tzinfo=UTC)),
]


@pytest.mark.parametrize(("pack", "ground", "event_day", "until"), TERMS, ids=str)
def test_ground_counts_for_the_packs_term(pack: str, ground: str, event_day: date, until: datetime | None) -> None:
    case = decide(replied(pack, "exclusion-ground", ground, event_day=event_day), likely_to_recur=True)
    assert case.decision is not None
    assert case.decision.until == until
    assert case.clock_at == until


@pytest.mark.parametrize(
    ("pack", "kind", "ground", "given", "code"),
    [
        ("cn-services", "exclusion-ground", "collusion", {}, "term-missing"),
        ("cn-services", "exclusion-ground", "collusion", {"last_day": date(2027, 3, 2)}, "term-out-of-bounds"),
        ("cn-services", "exclusion-ground", "collusion", {"last_day": date(2029, 3, 4)}, "term-out-of-bounds"),
        ("cn-services", "exclusion-ground", "fabricated-complaint", {}, "term-missing"),
        (
            "cn-services",
            "exclusion-ground",
            "criminal-penalty",
            {"last_day": date(2029, 1, 1)},
            "term-not-to-be-chosen",
        ),
        ("model", "debarment", None, {}, "term-missing"),
        ("model", "debarment", None, {"last_day": date(2029, 3, 4)}, "term-out-of-bounds"),
        ("model", "suspension", None, {"last_day": date(2026, 3, 3)}, "last-day-passed"),
        ("model", "suspension", None, {"last_day": date(2026, 9, 1)}, "suspension-too-long"),
        ("eu-light", "exclusion-ground", "collusion", {"last_day": date(2027, 1, 1)}, "term-not-to-be-chosen"),
        ("uk-2023", "exclusion-ground", "fraud", {}, "recurrence-missing"),
        ("uk-2023", "exclusion-ground", "fraud", {"likely_to_recur": False}, "recurrence-not-found"),
    ],
)
def test_decision_is_refused_when_its_term_is_not_the_packs(
    pack: str, kind: str, ground: str | None, given: dict[str, Any], code: str
) -> None:
    assert refused(lambda: decide(replied(pack, kind, ground), **given)) == code


def test_ground_that_is_too_long_ago_excludes_nobody() -> None:
    old = replied("model", "exclusion-ground", "collusion", event_day=date(2023, 3, 4))
    assert refused(lambda: decide(old)) == "ground-expired"


@pytest.mark.parametrize("last_day", [date(2027, 3, 3), date(2029, 3, 3)])
def test_ban_ends_with_the_day_that_is_named_within_one_to_three_years(last_day: date) -> None:
    case = decide(replied("cn-services", "exclusion-ground", "bribery"), last_day=last_day)
    assert case.decision is not None
    assert case.decision.until == datetime(last_day.year, 3, 3, 16, tzinfo=UTC)


def test_judgment_sets_another_term_where_the_pack_lets_it() -> None:
    case = decide(replied("eu-light", "exclusion-ground", "fraud"), last_day=date(2027, 1, 31))
    assert case.decision is not None
    assert case.decision.until == datetime(2027, 1, 31, 23, tzinfo=UTC)


def test_debarment_waits_for_the_standstill_and_then_time_puts_it_in_force_and_ends_it() -> None:
    case = decide(replied("uk-2023"), last_day=date(2027, 6, 1))
    entered = case.clock_at
    assert (case.status, case.holds_at(NOW + 3 * DAY)) == (CaseStatus.DECIDED, False)
    assert entered is not None
    assert case_instants([case], NOW + 3 * DAY) == (entered,)
    assert case.holds_at(entered)  # whether or not the clock has noticed
    one, events = steps.let_time_act(case, entered)
    assert (one.status, [event.version for event in events]) == (CaseStatus.IN_FORCE, [case.version + 1])
    late, events = steps.let_time_act(case, datetime(2030, 1, 1, tzinfo=UTC))
    assert (late.status, late.because, late.version) == (CaseStatus.ENDED, Ending.TERM, case.version + 2)
    assert late.ended_at == datetime(2027, 6, 1, 23, tzinfo=UTC)
    assert len(events) == 2
    assert steps.let_time_act(late, datetime(2031, 1, 1, tzinfo=UTC)) == (late, ())


def test_suspension_ends_by_itself_at_the_latest_with_the_packs_longest() -> None:
    case = in_force()
    assert case.decision is not None
    assert case.decision.until == load_pack("model").ends_at("suspension.longest", NOW + 2 * DAY)


def test_taxes_exclude_until_they_are_settled() -> None:
    case, pack = decide(replied("eu-light", "exclusion-ground", "taxes-owed")), load_pack("eu-light")
    assert case.holds_at(datetime(2060, 1, 1, tzinfo=UTC))
    assert refused(lambda: deciding.settle(case, OFFICE, ("b" * 64,), pack, at=NOW)) == "another-body-needed"
    assert refused(lambda: deciding.settle(case, COURT, (), pack, at=NOW)) == "evidence-missing"
    ended, (event,) = deciding.settle(case, COURT, ("b" * 64,), pack, at=NOW + 5 * DAY)
    assert (ended.because, ended.holds_at(NOW + 6 * DAY), event.version) == (Ending.SETTLED, False, case.version + 1)
    timed = in_force()
    assert refused(lambda: deciding.settle(timed, COURT, ("b" * 64,), load_pack("model"), at=NOW)) == (
        "settlement-ends-nothing"
    )


def test_appeal_is_made_in_time_and_decided_by_yet_another_body() -> None:
    case, pack = in_force(), load_pack("model")
    assert case.decision is not None
    last = case.decision.appeal_until
    assert refused(lambda: deciding.appeal(case, "Wrong.", pack, at=last)) == "appeal-period-over"
    appealed, _ = deciding.appeal(case, "Wrong.", pack, at=last - timedelta(microseconds=1))
    assert appealed.holds_at(last)
    assert refused(lambda: deciding.appeal(appealed, "Again.", pack, at=NOW)) == "already-appealed"

    def decided(by: Body, *, upheld: bool = True) -> Case:
        return deciding.decide_appeal(appealed, by, pack, at=last, upheld=upheld, reasons="So.")[0]

    for by in (OFFICE, COURT, Body("carl", "review"), Body("rita", "court"), Body("olga", "review")):
        assert refused(lambda by=by: decided(by)) == "another-body-needed"
    assert decided(REVIEW, upheld=False).holds_at(last)
    won = decided(REVIEW)
    assert (won.status, won.because, won.holds_at(last)) == (CaseStatus.ENDED, Ending.APPEAL, False)
    assert refused(lambda: deciding.decide_appeal(won, REVIEW, pack, at=last, upheld=True, reasons="")) == (
        "appeal-missing"
    )
    dismissed = decide(replied(), upheld=False)
    assert refused(lambda: deciding.appeal(dismissed, "Why?", pack, at=NOW)) == "case-not-decided"


def test_self_cleaning_is_heard_before_the_ground_counts_and_while_it_does() -> None:
    pack = load_pack("eu-light")
    case = replied("eu-light", "exclusion-ground", "fraud")
    offered, _ = deciding.offer_self_cleaning(case, "A new board.", ("c" * 64,), pack, at=NOW)
    assert refused(lambda: decide(offered)) == "self-cleaning-unheard"
    again = deciding.offer_self_cleaning
    assert refused(lambda: again(offered, "More.", ("d" * 64,), pack, at=NOW)) == "self-cleaning-offered"
    assert refused(lambda: again(case, "Nothing.", (), pack, at=NOW)) == "evidence-missing"

    def heard(by: Body, offer: Case, *, accepted: bool) -> Case:
        return deciding.hear_self_cleaning(offer, by, pack, at=NOW + DAY, accepted=accepted, reasons="So.")[0]

    assert refused(lambda: heard(OFFICE, offered, accepted=True)) == "another-body-needed"
    rejected = heard(COURT, offered, accepted=False)
    holding = decide(rejected)
    assert holding.holds_at(NOW + 2 * DAY)
    second, _ = again(holding, "A new board, and trained.", ("e" * 64,), pack, at=NOW + 3 * DAY)
    assert second.holds_at(NOW + 3 * DAY)
    cleaned = heard(COURT, second, accepted=True)
    assert (cleaned.because, cleaned.holds_at(NOW + 3 * DAY)) == (Ending.SELF_CLEANED, False)
    assert heard(COURT, offered, accepted=True).status is CaseStatus.ENDED
    china = replied("cn-services", "exclusion-ground", "criminal-penalty")
    assert refused(lambda: again(china, "All.", ("c" * 64,), load_pack("cn-services"), at=NOW)) == (
        "self-cleaning-not-provided"
    )


def test_case_is_taken_back_by_who_reported_it_and_of_a_draft_nobody_is_told() -> None:
    assert refused(lambda: steps.withdraw(draft(), "court", at=NOW)) == "not-reporting-body"
    taken, events = steps.withdraw(draft(), "office", at=NOW)
    assert (taken.status, events) == (CaseStatus.WITHDRAWN, ())
    _, events = steps.withdraw(replied(), "office", at=NOW)
    assert len(events) == 1
    assert refused(lambda: steps.withdraw(in_force(), "office", at=NOW)) == "case-not-draft"


def test_restrictions_are_of_each_scope_by_itself_and_of_no_other() -> None:
    payments = replace(in_force(), scopes=(Purpose.PAYMENTS,))
    taxes = decide(replied("eu-light", "exclusion-ground", "taxes-owed", scopes=(Purpose.PAYMENTS, Purpose.ORDERS)))
    found = restrictions([payments, taxes, replied()], NOW + 3 * DAY)
    assert {purpose: [one.kind for one in those] for purpose, those in found.items()} == {
        Purpose.TENDERS: [],
        Purpose.ORDERS: [CaseKind.GROUND],
        Purpose.PAYMENTS: [CaseKind.GROUND, CaseKind.SUSPENSION],  # the one without a date first
    }
    assert restrictions([payments], NOW) == dict.fromkeys(Purpose, ())


def test_finding_names_rule_case_and_term_and_a_ground_counts_where_it_is_known() -> None:
    case = decide(replied("cn-services", "exclusion-ground", "bribery"), last_day=date(2028, 3, 3))
    (finding,) = case_findings([case], load_pack("cn-services"), NOW + 3 * DAY)
    assert finding.reference == load_pack("cn-services").reference("exclusion.ban")
    assert (finding.code, finding.verdict, finding.evidence) == ("bribery", Verdict.FAIL, (str(case.id),))
    assert case.decision is not None
    assert (finding.since, finding.until) == (NOW + 2 * DAY, case.decision.until)
    (nothing,) = case_findings([case], load_pack("eu-light"), NOW + 3 * DAY)
    assert (nothing.verdict, nothing.purposes) == (Verdict.PASS, frozenset(Purpose))
    assert case_findings([in_force()], load_pack("eu-light"), NOW + 3 * DAY)[0].code == "suspended"


def test_every_ground_of_a_pack_has_a_term_there() -> None:
    for name in ("model", "cn-services", "eu-light", "uk-2023"):
        pack = load_pack(name)
        assert grounds_of(pack)
        for ground in grounds_of(pack).values():
            assert {ground.named_by, ground.term} <= set(pack.rules)
    assert [ground.code for ground in grounds_of(load_pack("cn-services")).values()] == [
        "criminal-penalty",
        "ordered-to-close",
        "licence-revoked",
        "large-fine",
        "false-documents",
        "collusion",
        "bribery",
        "refusal-to-sign",
        "fabricated-complaint",
    ]
