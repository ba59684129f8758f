"""A contracting process of others, as far as it can be set beside the platform's own."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from evaluation.domain.external.fields import Amount, Node, Note
from evaluation.domain.external.organisations import (
    BUYING,
    SUPPLYING,
    Organisation,
    Parties,
    parties,
    referred,
    with_role,
)
from shared.kernel.errors import Invalid

LONGEST_OCID = 200

# Source: OCDS 1.1.5, code lists tenderStatus, awardStatus, contractStatus, method, procurementCategory.
TENDER_STATUSES = frozenset({"planning", "planned", "active", "cancelled", "unsuccessful", "complete", "withdrawn"})
AWARD_STATUSES = frozenset({"pending", "active", "cancelled", "unsuccessful"})
CONTRACT_STATUSES = frozenset({"pending", "active", "cancelled", "terminated"})
METHODS = frozenset({"open", "selective", "limited", "direct"})
CATEGORIES = frozenset({"goods", "works", "services"})

WITHOUT_SUPPLIER = frozenset({"cancelled", "unsuccessful"})


@dataclass(frozen=True, slots=True)
class Award:
    """A decision to award."""

    id: str | None
    status: str | None
    awarded_at: datetime | None
    value: Amount | None
    suppliers: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract that was signed, or is about to be."""

    id: str | None
    award_id: str | None
    status: str | None
    signed_at: datetime | None
    value: Amount | None


@dataclass(frozen=True, slots=True)
class ExternalProcess:
    """A contracting process that another publisher has made public.

    Shape: what is None was not published, or not in a form that could be read; notes say which.
    """

    ocid: str
    title: str | None
    description: str | None
    status: str | None
    buyer: Organisation | None
    procurement_method: str | None
    category: str | None
    estimate: Amount | None
    published_at: datetime | None
    tender_period_start: datetime | None
    tender_period_end: datetime | None
    number_of_tenderers: int | None
    bids: int | None
    awards: tuple[Award, ...]
    contracts: tuple[Contract, ...]
    notes: tuple[Note, ...]

    @property
    def suppliers(self) -> tuple[Organisation, ...]:
        """Return each organisation that holds an award, once."""
        holding = (award for award in self.awards if award.status not in WITHOUT_SUPPLIER)
        return tuple(dict.fromkeys(supplier for award in holding for supplier in award.suppliers))


def external_process(compiled: object) -> ExternalProcess:
    """Read a compiled release; whatever is odd in it is noted and no reason to refuse it.

    Numbers must have been read from the JSON text without loss, as int or Decimal; a binary number counts as absent.

    Raises:
        Invalid: release-not-an-object, ocid-missing, ocid-too-long or ocid-not-printable.
    """
    if not isinstance(compiled, dict):
        raise Invalid("release-not-an-object", "A compiled release is a JSON object.")
    ocid = _ocid(compiled.get("ocid"))
    notes: list[Note] = []
    release = Node(compiled, "", notes)
    tender = release.node("tender")
    period = tender.node("tenderPeriod")
    known = parties(release)
    awards = tuple(_award(award, known) for award in release.nodes("awards"))
    contracts = tuple(_contract(contract) for contract in release.nodes("contracts"))
    bids = release.node("bids")
    return ExternalProcess(
        ocid=ocid,
        title=tender.text("title", 1_000) or release.text("title", 1_000),
        description=tender.text("description", 10_000) or release.text("description", 10_000),
        status=_status(release, tender, awards, contracts),
        buyer=_buyer(release, tender, known),
        procurement_method=tender.code("procurementMethod", METHODS),
        category=tender.code("mainProcurementCategory", CATEGORIES),
        estimate=tender.amount("value"),
        published_at=release.instant("date"),
        tender_period_start=period.instant("startDate"),
        tender_period_end=period.instant("endDate"),
        number_of_tenderers=tender.count("numberOfTenderers"),
        bids=len(bids.nodes("details")) if bids.has("details") else None,
        awards=awards,
        contracts=contracts,
        notes=tuple(notes),
    )


def _ocid(ocid: object) -> str:
    if not isinstance(ocid, str) or not ocid.strip():
        raise Invalid("ocid-missing", "There is no ocid, or it is not a string.", pointer="/ocid")
    if len(ocid) > LONGEST_OCID:
        raise Invalid("ocid-too-long", f"An ocid has at most {LONGEST_OCID} characters.", pointer="/ocid")
    # Controls, invisible format characters, surrogates, line and paragraph separators.
    if any(unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in ocid):
        raise Invalid("ocid-not-printable", "An ocid has no control characters.", pointer="/ocid")
    return ocid


def _award(award: Node, known: Parties) -> Award:
    suppliers = (referred(supplier, known, SUPPLYING) for supplier in award.nodes("suppliers"))
    return Award(
        id=award.identifier("id"),
        status=award.code("status", AWARD_STATUSES),
        awarded_at=award.instant("date"),
        value=award.amount("value"),
        suppliers=tuple(supplier for supplier in suppliers if supplier is not None),
    )


def _contract(contract: Node) -> Contract:
    return Contract(
        id=contract.identifier("id"),
        award_id=contract.identifier("awardID"),
        status=contract.code("status", CONTRACT_STATUSES),
        signed_at=contract.instant("dateSigned"),
        value=contract.amount("value"),
    )


def _buyer(release: Node, tender: Node, known: Parties) -> Organisation | None:
    return (
        referred(release.node("buyer"), known, BUYING)
        or referred(tender.node("procuringEntity"), known, BUYING)
        or with_role(known, "buyer")
        or with_role(known, "procuringEntity")
    )


def _status(release: Node, tender: Node, awards: tuple[Award, ...], contracts: tuple[Contract, ...]) -> str | None:
    if tender.has("status"):
        return tender.code("status", TENDER_STATUSES)
    derived = _derived_status(release, awards, contracts)
    if derived is not None:
        tender.note("status", "status-derived")
    return derived


def _derived_status(release: Node, awards: tuple[Award, ...], contracts: tuple[Contract, ...]) -> str | None:
    if contracts or any(award.status == "active" for award in awards):
        return "complete"
    if awards and all(award.status in WITHOUT_SUPPLIER for award in awards):
        return "unsuccessful"
    if awards or release.has("tender") or release.has("bids"):
        return "active"
    return "planning" if release.has("planning") else None
