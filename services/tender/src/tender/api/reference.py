"""What may be outsourced: the catalogue and the negative list."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from shared.platform.access import public
from shared.platform.reading import Now
from tender.api.deps import CurrentCatalogues
from tender.api.schemas import View
from tender.domain.catalogue import Catalogue, Catalogues, Decision, Entry

router = APIRouter(tags=["rules"])
Day = Annotated[date | None, Query(description="The day that something is planned; without it, today.")]


class ClassificationView(View):
    scheme: str
    id: str


class EntryView(View):
    """An entry; what is denied is denied with all that is below it."""

    code: str
    title: str
    decision: Decision
    source: str
    classification: ClassificationView | None
    categories: list[str]
    effective_from: date
    effective_to: date | None


class VersionView(View):
    version: str
    effective_from: date
    effective_to: date | None


class CatalogueView(VersionView):
    """One version of the catalogue, and which others there are."""

    services: list[EntryView]
    negative: list[EntryView]
    versions: list[VersionView]


@router.get("/v1/catalogue", dependencies=[public()])
async def show_catalogue(catalogues: CurrentCatalogues, now: Now, on: Day = None) -> CatalogueView:
    """Show what may be outsourced, and what may not, if it is planned on a day."""
    catalogue = catalogues.on(on or now.date())
    entries = [(entry.decision, _entry(entry, catalogue)) for entry in catalogue.entries]
    return CatalogueView(
        **_version(catalogue).model_dump(),
        services=[view for decision, view in entries if decision is not Decision.DENY],
        negative=[view for decision, view in entries if decision is Decision.DENY],
        versions=_versions(catalogues),
    )


def _versions(catalogues: Catalogues) -> list[VersionView]:
    return [_version(catalogue) for catalogue in catalogues.versions]


def _version(catalogue: Catalogue) -> VersionView:
    effect = catalogue.effect
    return VersionView(version=catalogue.version, effective_from=effect.first, effective_to=effect.last)


def _entry(entry: Entry, catalogue: Catalogue) -> EntryView:
    effect = entry.effect or catalogue.effect
    return EntryView(
        code=entry.code,
        title=entry.title,
        decision=entry.decision,
        source=entry.source,
        classification=ClassificationView.model_validate(entry.classification) if entry.classification else None,
        categories=list(entry.categories),
        effective_from=effect.first,
        effective_to=effect.last,
    )
