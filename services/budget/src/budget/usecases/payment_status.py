"""How the bank's reports of payments are taken in; nothing here commits."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import orjson

from budget.db import bank, payment_feed, payment_status
from budget.domain.payment_fact import Fact
from budget.domain.payment_file import read_identifier
from budget.domain.payment_status import PaymentStatusReport, StatusOutcome, apply_report
from budget.usecases import reconciliation
from shared.kernel.access import Actor
from shared.kernel.errors import NotAllowed
from shared.kernel.ids import derived_id
from shared.platform.database import to_document
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenReport:
    """A report, how often each outcome was found in it, and whether it is taken in now."""

    id: UUID
    report: PaymentStatusReport
    outcomes: Mapping[StatusOutcome, int]
    now: bool


async def take(work: Work, actor: Actor, report: PaymentStatusReport) -> TakenReport:
    """Take a report in: what it rejects is undone and owed again, what it says of no payment of ours is a difference.

    Raises:
        NotAllowed: exists-with-different-content, if the bank's id is known.
    """
    await bank.lock_bank(work.connection)
    identifier = derived_id("payment-status-report", actor.organisation, report.id)
    digest = hashlib.sha256(orjson.dumps(to_document(report), option=orjson.OPT_SORT_KEYS)).digest()
    known = await payment_status.find_report(work.connection, identifier)
    if known not in {None, digest}:
        raise NotAllowed(
            "exists-with-different-content",
            "A report with this id was taken in with another content.",
            satisfied_by="The report as the bank made it first, or one with another id.",
        )
    if known is None:
        await payment_status.add_report(
            work.connection, identifier, actor.organisation, report, digest, at=work.now, by=actor.person
        )
        await _apply(work, actor, identifier, report)
    outcomes = await payment_status.outcomes_of(work.connection, identifier)
    return TakenReport(id=identifier, report=report, outcomes=outcomes, now=known is None)


async def _apply(work: Work, actor: Actor, identifier: UUID, report: PaymentStatusReport) -> None:
    named = [read_identifier(one.end_to_end) for group in report.groups for one in group.payments]
    files = [read_identifier(group.reference) for group in report.groups if group.told]
    sent = await payment_status.sent_by(
        work.connection, actor.organisation, [one for one in named if one], [one for one in files if one]
    )
    findings = apply_report(report, sent)
    await payment_status.add_findings(work.connection, identifier, findings)
    rejected = {
        one.payment: (identifier, one.reason)
        for one in findings
        if one.outcome is StatusOutcome.REJECTED and one.payment
    }
    await reconciliation.take_back(work, rejected, rejected=True)
    # What was missing in a statement is explained by its rejection.
    await reconciliation.resolve_missing(work, list(rejected))
    differences = [(None, one.difference) for one in findings if one.difference]
    await reconciliation.report(work, actor.person, identifier, differences)
    await payment_feed.add_facts(work.connection, Fact.REJECTED, list(rejected), work.now)
