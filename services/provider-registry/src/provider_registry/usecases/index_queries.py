"""What can be asked of a provider's years and indices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from provider_registry.db import store, yearly_reports
from provider_registry.domain.index_reading import reading
from provider_registry.domain.index_values import Found, Index, Quartiles, Years, published_value, quartiles
from provider_registry.domain.indices import INDICES
from provider_registry.domain.yearly_report import YearlyReport
from provider_registry.usecases.yearly_reports import confirmed_years, kind_of
from shared.kernel.errors import NotFound
from shared.rules.pack import RulePack


@dataclass(frozen=True, slots=True)
class IndexAnswer:
    """Hold an index of the last confirmed year: its value or what is missing, its course, its peers, its reading."""

    index: Index
    found: Found
    value: str | None
    trend: Sequence[tuple[int, str | None]]
    peers: Quartiles | None
    reading: str


@dataclass(frozen=True, slots=True)
class IndicesAnswer:
    """Hold all indices as they were at an instant; year is None while no year is confirmed."""

    organisation: str
    name: str
    at: datetime
    year: int | None
    kind: str
    size_band: str | None
    least_peers: int
    indices: Sequence[IndexAnswer]


async def reports(connection: AsyncConnection, organisation: str, at: datetime) -> Sequence[YearlyReport]:
    await store.provider(connection, organisation)
    return await yearly_reports.known(connection, organisation, at)


async def report(connection: AsyncConnection, organisation: str, year: int) -> YearlyReport:
    found = await yearly_reports.report(connection, organisation, year)
    if found.version == 0:
        raise NotFound("not-found", "Nothing was reported of this year.")
    return found


async def indices(connection: AsyncConnection, organisation: str, at: datetime, pack: RulePack) -> IndicesAnswer:
    """Work out every index of the last year that was confirmed by an instant."""
    provider = await store.provider(connection, organisation)
    years = confirmed_years(await yearly_reports.known(connection, organisation, at))
    least = int(pack.number("indices.minimum-peers"))
    kind = kind_of(provider)
    band = years[-1][1].size_band if years else None
    peers: Sequence[Mapping[str, str | None]] = ()
    if years and band is not None:
        peers = await yearly_reports.values_of_peers(connection, organisation, years[-1][0], (kind, band), at)
    return IndicesAnswer(
        organisation=organisation,
        name=provider.name,
        at=at,
        year=years[-1][0] if years else None,
        kind=kind,
        size_band=band,
        least_peers=least,
        indices=[_answer(index, years, peers, least) for index in INDICES],
    )


def _answer(index: Index, years: Years, peers: Sequence[Mapping[str, str | None]], least: int) -> IndexAnswer:
    found = index.find(years) if years else Found(None, (), ("a confirmed yearly report",))
    compared = None if index.unit == "opinion" else quartiles(_values(index, peers), least)
    trend = [(years[place][0], published_value(index.find(years[: place + 1]))) for place in range(len(years))]
    return IndexAnswer(index, found, published_value(found), trend, compared, reading(index, found, compared))


def _values(index: Index, peers: Sequence[Mapping[str, str | None]]) -> Sequence[Decimal]:
    return [Decimal(value) for one in peers if (value := one.get(index.code)) is not None]
