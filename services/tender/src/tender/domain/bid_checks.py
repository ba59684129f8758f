"""What speaks against a bid once its technical envelope is open."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from shared.kernel.errors import RuleReference
from shared.rules.checks import check_rule
from shared.rules.pack import RulePack
from shared.rules.result import Verdict
from tender.domain.bid import TechnicalRelease
from tender.domain.bid_content import TechnicalContent, read_technical
from tender.domain.procurement import RESERVED

_RESERVED_BIDDERS = "policy.reserved-bidders"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a bid does not count, and the rule that says so, if it is one."""

    reason: str
    reference: RuleReference | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """An opened bid and its technical content: none where it has no such envelope, or it cannot be read."""

    release: TechnicalRelease
    content: TechnicalContent | None
    unreadable: str | None = None

    @property
    def parties(self) -> tuple[str, ...]:
        """Return who bids."""
        bidder = self.release.bidder.id
        return self.content.parties(bidder) if self.content else (bidder,)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """That an organisation which bids is also named as a subcontractor in another bid; allowed, and public."""

    organisation: str
    bids: tuple[UUID, ...]
    subcontractor_in: tuple[UUID, ...]


def read_offer(release: TechnicalRelease) -> Offer:
    """Read what an opened envelope holds; whatever it holds, this does not fail."""
    if release.technical_digest is None:
        return Offer(release, None)
    if release.content is None:
        return Offer(release, None, "The seal of the technical envelope did not open.")
    try:
        return Offer(release, read_technical(release.content))
    except (ValueError, RecursionError):
        return Offer(release, None, "The technical content cannot be read as an offer.")


def object_to(
    offers: Sequence[Offer],
    verified: Collection[str],
    pack: RulePack,
    *,
    kept_out: Mapping[str, RuleReference],
    excluded: Mapping[str, RuleReference],
    reserved: bool,
) -> Mapping[UUID, Objection]:
    """Find what speaks against each bid; `verified` are those who were at the instant that counts.

    Shape: kept_out are organisations that may not bid here, excluded those that were not eligible at the instant that
        counts, each with the rule that says so; reserved says whether the
        tender states that it is reserved for small and medium-sized enterprises.

    An organisation is in one bid for a lot, as bidder or as member of a consortium: else none of them counts.
    """
    named = Counter((offer.release.lot, party) for offer in offers for party in offer.parties)
    found = {
        offer.release.bid: _kept_out(offer, kept_out)
        or _objection(offer, named, verified, pack)
        or _excluded(offer, excluded)
        or _too_large(offer, pack, reserved=reserved)
        for offer in offers
    }
    return {bid: objection for bid, objection in found.items() if objection is not None}


def disclosures(offers: Sequence[Offer]) -> tuple[Disclosure, ...]:
    """Say which bidders are subcontractors elsewhere."""
    subcontractors: dict[str, list[UUID]] = {}
    for offer in offers:
        for party in offer.content.subcontractors if offer.content else ():
            subcontractors.setdefault(party.organisation, []).append(offer.release.bid)
    bidding: dict[str, list[UUID]] = {}
    for offer in offers:
        for party_id in offer.parties:
            bidding.setdefault(party_id, []).append(offer.release.bid)
    return tuple(
        Disclosure(party, tuple(bids), tuple(elsewhere))
        for party, bids in sorted(bidding.items())
        if (elsewhere := [bid for bid in subcontractors.get(party, []) if bid not in bids])
    )


def _kept_out(offer: Offer, kept_out: Mapping[str, RuleReference]) -> Objection | None:
    for party in offer.parties:
        if party in kept_out:
            return Objection("Who bids has specified what is bought.", kept_out[party])
    return None


def _excluded(offer: Offer, excluded: Mapping[str, RuleReference]) -> Objection | None:
    for party in offer.parties:
        if party in excluded:
            return Objection("Not everybody who bids was eligible at the instant that counts.", excluded[party])
    return None


def _objection(
    offer: Offer, named: Mapping[tuple[str, str], int], verified: Collection[str], pack: RulePack
) -> Objection | None:
    if offer.unreadable:
        return Objection(offer.unreadable)
    if offer.content is not None and not _adds_up(offer.content, offer.release.bidder.id, pack):
        return Objection(
            "The consortium does not name the bidder and each member once, with shares that add up.",
            pack.reference("consortium.shares"),
        )
    if pack.flag("consortium.one-bid-per-lot") and any(named[offer.release.lot, party] > 1 for party in offer.parties):
        return Objection(
            "An organisation is in more than one bid for the lot.", pack.reference("consortium.one-bid-per-lot")
        )
    if pack.flag("bidder-verified") and not set(offer.parties) <= set(verified):
        return Objection(
            "Not everybody who bids was verified at the instant that counts.", pack.reference("bidder-verified.instant")
        )
    return None


def _too_large(offer: Offer, pack: RulePack, *, reserved: bool) -> Objection | None:
    if _RESERVED_BIDDERS not in pack.rules:
        return None
    declared = offer.content is not None and offer.content.small_or_medium(offer.release.bidder.id)
    facts = {RESERVED: reserved, "bid.small_or_medium": declared}
    result = check_rule(pack.rule(_RESERVED_BIDDERS), facts, pack.calendar).result
    if result.verdict is not Verdict.FAIL:
        return None
    return Objection(
        "The purchase is reserved, and not everybody who bids declares to be small or medium-sized.", result.rule
    )


def _adds_up(content: TechnicalContent, bidder: str, pack: RulePack) -> bool:
    subcontracted = sum((party.share for party in content.subcontractors), Decimal(0))
    if subcontracted > 100:
        return False
    if not content.consortium:
        return True
    names = [member.organisation for member in content.consortium]
    shares = sum((member.share for member in content.consortium), Decimal(0))
    return bidder in names and len(names) == len(set(names)) and shares == pack.number("consortium.shares")
