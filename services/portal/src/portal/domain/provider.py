"""A provider at a glance, worked out from the registry's events alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.domain import types
from portal.domain.entry import Entry, in_order, latest


class Status(StrEnum):
    """How far the check of a provider's evidence has come."""

    REGISTERED = "registered"
    SUBMITTED = "submitted"
    CHECKED = "checked"
    VERIFIED = "verified"
    REFUSED = "refused"
    MERGED = "merged"


_REACHED: Mapping[str, Status] = {
    types.REGISTERED: Status.REGISTERED,
    types.EVIDENCE_SUBMITTED: Status.SUBMITTED,
    types.EVIDENCE_CHECKED: Status.CHECKED,
    types.VERIFIED: Status.VERIFIED,
    types.VERIFICATION_REFUSED: Status.REFUSED,
    types.MERGED: Status.MERGED,
}


@dataclass(frozen=True, slots=True)
class Record:
    """Hold a track record as the registry last published it.

    Units: mean_score is from 0 to 100, and none while the provider is not rated.
    """

    contracts: int
    periods_graded: int
    mean_score: str | None
    latest_grade: str | None
    latest_ocid: str | None


@dataclass(frozen=True, slots=True)
class Provider:
    """Hold a provider's summary; what was published last counts.

    Shape: merged_into is the entry of the same organisation that this one was given up for.
    """

    organisation: str
    sandbox: bool
    name: str | None
    legal_form: str | None
    identifier: str | None
    status: Status | None
    verified_at: str | None
    valid_until: str | None
    merged_into: str | None
    record: Record | None
    last_event_at: datetime


def provider(entries: Iterable[Entry]) -> Provider:
    """Work a provider out from its events, in whatever order they came."""
    ordered = in_order(entries)
    described: dict[str, Any] = {}
    for entry in ordered:
        described |= entry.data
    reached = [found for entry in ordered if (found := _reached(entry)) is not None]
    status = reached[-1] if reached else None
    merged = latest(ordered, types.MERGED)
    verified = latest(ordered, types.VERIFIED) if status is Status.VERIFIED else None
    recorded = latest(ordered, types.RECORD_UPDATED)
    identifier = described.get("identifier")
    return Provider(
        organisation=ordered[0].key,
        sandbox=any(entry.sandbox for entry in ordered),
        name=described.get("name"),
        legal_form=described.get("legal_form"),
        identifier=f"{identifier['scheme']} {identifier['id']}" if identifier else None,
        status=status,
        verified_at=verified.data["verified_at"] if verified else None,
        valid_until=verified.data["valid_until"] if verified else None,
        merged_into=merged.data["into"] if merged else None,
        record=_record(recorded.data) if recorded else None,
        last_event_at=ordered[-1].time,
    )


def _reached(entry: Entry) -> Status | None:
    if entry.type == types.DETAILS_CHANGED:
        return Status.REGISTERED if entry.data["verification_ended"] else None
    return _REACHED.get(entry.type)


def _record(data: Mapping[str, Any]) -> Record:
    return Record(
        contracts=data["contracts"],
        periods_graded=data["periods_graded"],
        mean_score=data["mean_score"],
        latest_grade=data["latest_grade"],
        latest_ocid=data["latest_ocid"],
    )
