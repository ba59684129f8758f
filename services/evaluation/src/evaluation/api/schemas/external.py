"""Processes of other publishers over the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from evaluation.api.schemas.common import Request, View
from evaluation.domain.external.imported import Outcome
from shared.contracts.fields import Instant, Sha256, ShortText

MOST_PROCESSES = 200


class OriginalBody(Request):
    sha256: Sha256
    file: ShortText


class SubmissionBody(Request):
    """A compiled release, and what it was made from: files, releases in them, and what was noted when they were read.

    The release is JSON text within JSON, so that its numbers keep every digit.
    """

    release: str
    originals: Annotated[list[OriginalBody], Field(min_length=1, max_length=1_000)]
    sources: Annotated[list[Sha256], Field(min_length=1, max_length=10_000)]
    notes: Annotated[list[ShortText], Field(default_factory=list, max_length=100)]


class ImportBody(Request):
    processes: Annotated[list[SubmissionBody], Field(min_length=1, max_length=MOST_PROCESSES)]


class RefusalView(View):
    code: str
    detail: str


class ResultView(View):
    """What became of a process; a refused one was not taken in, and has the reasons."""

    ocid: str | None
    outcome: Outcome
    problems: list[RefusalView]


class ImportView(View):
    """What became of each process, in the order of the request."""

    results: list[ResultView]


class OriginalView(View):
    sha256: str
    size: int


class FileView(View):
    sha256: str
    file: str


class ProvenanceView(View):
    """What it was made from: files, the digests of the releases in them, and what was noted when they were read."""

    originals: list[FileView]
    sources: list[str]
    remarks: list[str]


class AmountView(View):
    """An amount as published, with all its digits."""

    amount: str
    currency: str


class OrganisationView(View):
    id: str | None
    name: str | None


class AwardView(View):
    id: str | None
    status: str | None
    awarded_at: Instant | None
    value: AmountView | None
    suppliers: list[OrganisationView]


class ContractView(View):
    id: str | None
    award_id: str | None
    status: str | None
    signed_at: Instant | None
    value: AmountView | None


class NoteView(View):
    """Something odd in what was published; `path` is a JSON Pointer into the compiled release."""

    path: str
    code: str
    detail: str


class ProcessView(View):
    """What the publisher tells; null is what was not published, or not in a form that could be read."""

    ocid: str
    title: str | None
    description: str | None
    status: str | None
    buyer: OrganisationView | None
    procurement_method: str | None
    category: str | None
    estimate: AmountView | None
    published_at: Instant | None
    tender_period_start: Instant | None
    tender_period_end: Instant | None
    number_of_tenderers: int | None
    bids: int | None
    awards: list[AwardView]
    contracts: list[ContractView]
    notes: list[NoteView]


class ExternalProcessView(View):
    """A process of another publisher; `release` is the SHA-256 of the compiled release that was kept."""

    id: UUID
    version: int
    release: str
    imported_at: Instant
    provenance: ProvenanceView
    process: ProcessView
