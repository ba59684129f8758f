"""What becomes of yearly reports; nothing here commits."""

from collections.abc import Sequence

from provider_registry.db import store, yearly_reports
from provider_registry.domain import indices
from provider_registry.domain.figures import Figures
from provider_registry.domain.index_values import IndexValue, Years
from provider_registry.domain.legal_forms import Kind, legal_form_kind
from provider_registry.domain.policy import POLICY
from provider_registry.domain.provider import Provider
from provider_registry.domain.yearly_report import YearlyReport
from shared.kernel.access import Actor, permit_relation
from shared.kernel.errors import Forbidden, NotAllowed, expect_version
from shared.platform.work import Work
from shared.rules.pack import RulePack


async def enter(
    work: Work, actor: Actor, organisation: str, year: int, figures: Figures, *, version: int | None, pack: RulePack
) -> YearlyReport:
    """Put the figures of a year forward."""
    permit_relation(POLICY, "year.enter", actor, organisation)
    _has_no_person(await store.provider(work.connection, organisation))
    before = await yearly_reports.report(work.connection, organisation, year, lock=True)
    expect_version(version, before.version)
    due = pack.ends_at("yearly-report.confirmation", work.now)
    entered, events = before.enter(figures, by=actor.person, at=work.now, due=due)
    await yearly_reports.save(work.connection, before, entered, work.now)
    await work.record(events)
    return entered


async def confirm(work: Work, actor: Actor, organisation: str, year: int, pack: RulePack) -> YearlyReport:
    """Let the figures of a year count, as an officer of the registry."""
    provider = await _of_another(work, actor, organisation)
    _has_no_person(provider)
    before = await yearly_reports.report(work.connection, organisation, year, lock=True)
    confirmed = before.confirm(by=actor.person, at=work.now, pack=pack)
    await yearly_reports.save(work.connection, before, confirmed, work.now)
    await work.record(confirmed.tell_confirmed(await _work_out(work, provider, year)))
    return confirmed


async def send_back(work: Work, actor: Actor, organisation: str, year: int, reason: str) -> YearlyReport:
    """Return the figures of a year with a reason."""
    await _of_another(work, actor, organisation)
    before = await yearly_reports.report(work.connection, organisation, year, lock=True)
    back, events = before.send_back(reason)
    await yearly_reports.save(work.connection, before, back, work.now)
    await work.record(events)
    return back


def kind_of(provider: Provider) -> str:
    """Return the kind that a provider is compared within; a form that is none of the data is a kind by itself."""
    return legal_form_kind(provider.legal_form) or provider.legal_form


def confirmed_years(reports: Sequence[YearlyReport]) -> Years:
    """Return the years that count, the earliest first."""
    return [(one.year, one.confirmed) for one in reports if one.confirmed is not None]


async def _of_another(work: Work, actor: Actor, organisation: str) -> Provider:
    if actor.organisation == organisation:
        raise Forbidden("own-verification", "An officer does not decide on the report of the own organisation.")
    return await store.provider(work.connection, organisation)


def _has_no_person(provider: Provider) -> None:
    # What is confirmed is public, and the income of a person is that person's own affair.
    if legal_form_kind(provider.legal_form) is Kind.INDIVIDUAL:
        raise NotAllowed("individual-reports-nothing", "The figures of an individual are personal; none are reported.")


async def _work_out(work: Work, provider: Provider, year: int) -> tuple[IndexValue, ...]:
    """Keep the indices of a year and of the later ones, which may rest on it; return those of the year."""
    reports = await yearly_reports.known(work.connection, provider.organisation, work.now)
    years, of_the_year = confirmed_years(reports), tuple[IndexValue, ...]()
    for place, (each, figures) in enumerate(years):
        if each < year:
            continue
        values = indices.values(years[: place + 1])
        group = (kind_of(provider), figures.size_band)
        await yearly_reports.keep_values(work.connection, provider.organisation, each, group, values, work.now)
        of_the_year = values if each == year else of_the_year
    return of_the_year
