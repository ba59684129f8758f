"""What a technical envelope may hold, and what speaks against a bid once it is open."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from shared.rules.criteria import Criterion
from shared.rules.pack import RulePack, load_pack
from shared.rules.price_formulas import price_formula
from shared.rules.scoring import ScoredBid, rank
from tender.domain.bid import TechnicalRelease
from tender.domain.bid_checks import disclosures, object_to, read_offer
from tender.domain.bid_content import read_technical
from tender.domain.bid_deduction import deduction_facts, policy_deduction
from tender.domain.offer import deduction_of
from tender.domain.parts import Level, Party
from tender.domain.procurement import Deductions
from tender.domain.tender import Tender, check_content

DIGEST = "ab" * 32
LONG_ENOUGH = "It names people we care for today."
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def written(**content: Any) -> bytes:
    return json.dumps(content).encode()


def release(number: int, bidder: str, content: bytes | None, lot: str = "lot-1", digest: str | None = "x") -> Any:
    return TechnicalRelease(UUID(int=number), lot, Party(bidder, bidder), NOON, "0" * 64, digest, content)


def member(organisation: str, share: str, size: str | None = None) -> dict[str, Any]:
    return {"organisation": organisation, "share": share, **({"size": size} if size else {})}


def objections(
    pack: RulePack, *offers: tuple[str, bytes | None], verified: Any = None, reserved: bool = False
) -> dict[str, tuple[str, str]]:
    read = [read_offer(release(number, bidder, content)) for number, (bidder, content) in enumerate(offers)]
    everybody = {party for offer in read for party in offer.parties}
    found = object_to(
        read, everybody if verified is None else verified, pack, kept_out={}, excluded={}, reserved=reserved
    )
    return {
        offer.release.bidder.id: (
            found[offer.release.bid].reason,
            reference.rule if (reference := found[offer.release.bid].reference) else "",
        )
        for offer in read
        if offer.release.bid in found
    }


def test_offer_is_read_to_its_last_field_when_it_is_whole() -> None:
    read = read_technical(
        written(
            size="small",
            groups={"experience": "by-references"},
            answers=[
                {"requirement": "r1", "value": "12", "evidence": [DIGEST]},
                {"requirement": "r2", "value": True},
            ],
            consortium=[member("alder", "62.5"), member("birch", "37.5", "micro")],
            subcontractors=[{**member("cedar", "10"), "part": "Night shifts"}],
            documents=[{"digest": DIGEST, "title": "Rota", "confidential": True, "rationale": LONG_ENOUGH}],
        )
    )
    assert (read.size, dict(read.groups)) == ("small", {"experience": "by-references"})
    assert [(one.requirement, one.value, one.evidence) for one in read.answers] == [
        ("r1", "12", (DIGEST,)),
        ("r2", True, ()),
    ]
    assert [(one.organisation, one.share, one.size) for one in read.consortium] == [
        ("alder", Decimal("62.5"), None),
        ("birch", Decimal("37.5"), "micro"),
    ]
    assert read.parties("alder") == ("alder", "birch")
    assert (read.subcontractors[0].part, read.documents[0].rationale) == ("Night shifts", LONG_ENOUGH)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b'"offer"',
        pytest.param(b"[" * 100_000, id="nested too deeply"),
        written(price={"amount": "1", "currency": "EUR"}),
        written(size="tiny"),
        written(groups=[]),
        written(groups={"a": 1}),
        written(answers={}),
        written(answers=["r1"]),
        written(answers=[{"value": "x"}]),
        written(answers=[{"requirement": "r1", "value": 12}]),
        written(answers=[{"requirement": "r1", "value": ""}]),
        written(answers=[{"requirement": "r1", "value": "x" * 5001}]),
        written(answers=[{"requirement": "r1", "value": "a\0b"}]),
        written(answers=[{"requirement": "r1", "value": "\ud800"}]),
        written(answers=[{"requirement": "r1", "value": "x", "evidence": [DIGEST]}]),
        written(answers=[{"requirement": "r1", "value": "x", "evidence": DIGEST}]),
        written(answers=[{"requirement": "r1", "value": "x", "more": 1}]),
        written(answers=[{"requirement": "r1", "value": "x"}] * 2),
        written(answers=[{"requirement": f"r{n}", "value": "x"} for n in range(501)]),
        written(consortium=[{"organisation": "alder", "share": 50}]),
        written(consortium=[member("alder", "0")]),
        written(consortium=[member("alder", "100.1")]),
        written(consortium=[member("alder", "-5")]),
        written(consortium=[member("alder", "1e1")]),
        written(consortium=[member("../alder", "50")]),
        written(consortium=[member(f"o{n}", "1") for n in range(51)]),
        written(subcontractors=[member("cedar", "10")]),
        written(subcontractors=[{**member("cedar", "10"), "part": "x"}] * 2),
        written(documents=[{"digest": "AB" * 32, "title": "Rota"}]),
        written(documents=[{"digest": DIGEST, "title": ""}]),
        written(documents=[{"digest": DIGEST, "title": "Rota"}] * 2),
        written(documents=[{"digest": DIGEST, "title": "Rota", "confidential": "yes"}]),
        written(documents=[{"digest": DIGEST, "title": "Rota", "confidential": True}]),
        written(documents=[{"digest": DIGEST, "title": "Rota", "confidential": True, "rationale": "x" * 29}]),
        written(documents=[{"digest": DIGEST, "title": "Rota", "confidential": True, "rationale": " " * 40}]),
    ],
)
def test_bid_is_named_and_does_not_count_when_its_technical_content_is_no_offer(pack: RulePack, content: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        read_technical(content)
    assert objections(pack, ("alder", content)) == {"alder": ("The technical content cannot be read as an offer.", "")}


@given(st.binary(max_size=300) | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode()))
def test_reading_never_breaks_when_an_envelope_holds_anything_at_all(content: bytes) -> None:
    offer = read_offer(release(1, "alder", content))
    assert (offer.content is None) == (offer.unreadable is not None)


def test_seal_that_did_not_open_is_told_from_an_envelope_that_was_never_there(pack: RulePack) -> None:
    assert objections(pack, ("alder", None)) == {"alder": ("The seal of the technical envelope did not open.", "")}
    absent = read_offer(release(1, "alder", None, digest=None))
    assert object_to([absent], {"alder"}, pack, kept_out={}, excluded={}, reserved=False) == {}


@pytest.mark.parametrize("pack_id", ["model", "cn-services", "eu-light", "uk-2023"])
@pytest.mark.parametrize(
    ("consortium", "counts"),
    [
        ([], True),
        ([("alder", "60"), ("birch", "40")], True),
        ([("alder", "33.3333"), ("birch", "66.6667")], True),
        ([("alder", "60"), ("birch", "39.9999")], False),
        ([("alder", "60"), ("birch", "40.0001")], False),
        ([("birch", "60"), ("cedar", "40")], False),
        ([("alder", "50"), ("alder", "50")], False),
        ([("alder", "100")], True),
    ],
)
def test_consortium_counts_when_its_shares_add_up_and_the_bidder_is_in_it(
    pack_id: str, consortium: list[tuple[str, str]], counts: bool
) -> None:
    content = written(consortium=[member(*one) for one in consortium])
    found = objections(load_pack(pack_id), ("alder", content))
    assert found == ({} if counts else {"alder": (found["alder"][0], "consortium.shares")})


def test_subcontracted_shares_stay_within_the_contract(pack: RulePack) -> None:
    parts = [{**member(f"s{n}", "50.01"), "part": "Half of it"} for n in range(2)]
    assert objections(pack, ("alder", written(subcontractors=parts)))["alder"][1] == "consortium.shares"


def test_neither_bid_counts_when_an_organisation_is_in_both_for_one_lot(pack: RulePack) -> None:
    joint = written(consortium=[member("alder", "50"), member("birch", "50")])
    rule = "consortium.one-bid-per-lot"
    found = objections(pack, ("alder", joint), ("birch", written()), ("cedar", written()))
    assert {name: code for name, (_, code) in found.items()} == {"alder": rule, "birch": rule}
    members = objections(
        pack, ("alder", joint), ("dogwood", written(consortium=[member("dogwood", "50"), member("birch", "50")]))
    )
    assert set(members) == {"alder", "dogwood"}
    offers = [read_offer(release(1, "alder", joint)), read_offer(release(2, "birch", written(), lot="lot-2"))]
    assert object_to(offers, {"alder", "birch"}, pack, kept_out={}, excluded={}, reserved=False) == {}


def test_bid_counts_and_is_disclosed_when_its_bidder_is_a_subcontractor_elsewhere(pack: RulePack) -> None:
    content = written(subcontractors=[{**member("birch", "10"), "part": "Meals"}])
    offers = [read_offer(release(1, "alder", content)), read_offer(release(2, "birch", written()))]
    assert object_to(offers, {"alder", "birch"}, pack, kept_out={}, excluded={}, reserved=False) == {}
    (found,) = disclosures(offers)
    assert (found.organisation, found.bids, found.subcontractor_in) == ("birch", (UUID(int=2),), (UUID(int=1),))
    assert disclosures(offers[:1]) == ()


def test_consortium_does_not_count_when_one_member_is_not_verified(pack: RulePack) -> None:
    content = written(consortium=[member("alder", "50"), member("birch", "50")])
    found = objections(pack, ("alder", content), verified={"alder", "cedar"})
    assert found["alder"][1] == "bidder-verified.instant"


CN = load_pack("cn-services")


@pytest.mark.parametrize(
    ("content", "counts"),
    [
        (written(size="micro"), True),
        (written(size="small"), True),
        (written(size="medium"), True),
        (written(size="large"), False),
        (written(), False),
        # The bidder's size is its own, whatever the list of members says; every partner declares one.
        (written(size="small", consortium=[member("alder", "60"), member("birch", "40", "medium")]), True),
        (written(size="small", consortium=[member("alder", "60"), member("birch", "40", "large")]), False),
        (written(size="small", consortium=[member("alder", "60"), member("birch", "40")]), False),
        (written(size="large", consortium=[member("alder", "60", "small"), member("birch", "40", "small")]), False),
    ],
)
def test_bid_for_a_reserved_purchase_counts_when_everybody_declares_to_be_at_most_medium_sized(
    content: bytes, counts: bool
) -> None:
    found = objections(CN, ("alder", content), reserved=True)
    assert found == ({} if counts else {"alder": (found["alder"][0], "policy.reserved-bidders")})
    assert objections(CN, ("alder", content)) == {}
    assert objections(load_pack("model"), ("alder", content), reserved=True) == {}


def test_bid_without_a_technical_envelope_does_not_count_when_the_purchase_is_reserved() -> None:
    absent = read_offer(release(1, "alder", None, digest=None))
    (objection,) = object_to([absent], {"alder"}, CN, kept_out={}, excluded={}, reserved=True).values()
    assert objection.reference is not None
    assert objection.reference.source == "Cai Ku [2020] 46, arts. 4, 6, 11"


LEAST = {"small-micro": Decimal("0.10"), "consortium": Decimal("0.04"), "none": Decimal(0)}


@pytest.mark.parametrize(
    ("size", "share", "reserved", "which"),
    [
        ("small", "0", False, "small-micro"),
        ("micro", "0", False, "small-micro"),
        ("medium", "0", False, "none"),
        (None, "0", False, "none"),
        ("large", "29.9999", False, "none"),
        ("large", "30", False, "consortium"),
        ("large", "70", False, "consortium"),
        # Once, never both: a small bidder with small partners gets its own and no more.
        ("small", "70", False, "small-micro"),
        ("small", "0", True, "none"),
        ("large", "30", True, "none"),
    ],
)
def test_one_deduction_is_made_when_the_bidder_or_enough_of_its_partners_are_small(
    size: str | None, share: str, reserved: bool, which: str
) -> None:
    partners = [] if share == "0" else [{**member("birch", share, "micro"), "part": "Nights"}]
    content = read_technical(written(**({"size": size} if size else {}), subcontractors=partners))
    facts = deduction_facts(content, "alder", reserved=reserved)
    assert policy_deduction(facts, CN, {}) == LEAST[which]
    assert policy_deduction(facts, load_pack("model"), {}) == 0


@pytest.fixture(scope="session")
def favouring(draft: Tender) -> Tender:
    """Return a draft whose criteria the Chinese pack admits."""
    levels = (Level("Poor", Decimal(0), Decimal(0)), Level("Good", Decimal(100), Decimal(10)))
    criteria = tuple(
        replace(item, levels=levels) if item.kind == "quality" else item for item in draft.content.criteria
    )
    return replace(draft, content=replace(draft.content, criteria=criteria))


def announcing(tender: Tender, deductions: Deductions) -> Tender:
    procurement = replace(tender.content.procurement, deductions=deductions)
    return replace(tender, content=replace(tender.content, procurement=procurement))


@pytest.mark.parametrize(
    ("announced", "size", "deducted"),
    [
        # None announced is the least; each rate counts for its own kind alone.
        (Deductions(), "small", "0.10"),
        (Deductions(), "large", "0.04"),
        (Deductions(small_micro=Decimal(20)), "small", "0.20"),
        (Deductions(small_micro=Decimal(20)), "large", "0.04"),
        (Deductions(consortium=Decimal("5.5")), "large", "0.055"),
        (Deductions(consortium=Decimal(6)), "small", "0.10"),
        (Deductions(Decimal(10), Decimal(4)), "small", "0.10"),
        (Deductions(Decimal(20), Decimal(6)), "large", "0.06"),
        (Deductions(Decimal(20), Decimal(6)), "medium", "0.06"),
    ],
)
def test_announced_rate_is_deducted_when_the_bid_is_of_its_kind(
    favouring: Tender, announced: Deductions, size: str, deducted: str
) -> None:
    content = written(size=size, consortium=[member("alder", "60", size), member("birch", "40", "small")])
    tender = announcing(favouring, announced)
    check_content(tender.content, CN)
    assert deduction_of(read_offer(release(1, "alder", content)), tender, CN) == Decimal(deducted)


@pytest.mark.parametrize(
    ("weight", "announced", "totals"),
    [
        # The vectors of a deduction from B: its price of 1,000,000 counts for 900,000, or for 800,000 as the lowest.
        (10, None, ("80.2", "89.2", "91.2")),
        (30, None, ("84.6", "91.6", "87.6")),
        (10, "20", ("79.0889", "89.2", "90.3667")),
        (30, "20", ("81.2667", "91.6", "85.1")),
    ],
)
def test_order_is_that_of_the_vectors_when_the_documents_announce_a_deduction(
    favouring: Tender, weight: int, announced: str | None, totals: tuple[str, ...]
) -> None:
    tender = announcing(favouring, Deductions(small_micro=Decimal(announced) if announced else None))
    offers = {"A": ("900000", "78", "medium"), "B": ("1000000", "88", "small"), "C": ("1200000", "93", "large")}
    scored = [
        ScoredBid(
            name,
            Decimal(price),
            {"quality": Decimal(quality)},
            deduction_of(read_offer(release(1, name, written(size=size))), tender, CN),
        )
        for name, (price, quality, size) in offers.items()
    ]
    criteria = [
        Criterion("price", "Price", Decimal(weight), "price"),
        Criterion("quality", "Quality", Decimal(100 - weight), "quality"),
    ]
    places = {place.id: place.total for place in rank(criteria, scored, price_formula(CN)).bids}
    assert tuple(places[name] for name in offers) == tuple(map(Decimal, totals))


@pytest.mark.parametrize(
    ("announced", "rule"),
    [
        (Deductions(small_micro=Decimal("9.99")), "policy-deduction.small-micro"),
        (Deductions(small_micro=Decimal("20.01")), "policy-deduction.small-micro"),
        (Deductions(consortium=Decimal("3.9")), "policy-deduction.consortium"),
        (Deductions(Decimal(15), Decimal("6.1")), "policy-deduction.consortium"),
    ],
)
def test_draft_is_refused_when_it_announces_a_rate_outside_the_pack(
    favouring: Tender, announced: Deductions, rule: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        check_content(announcing(favouring, announced).content, CN)
    assert (refusal.value.code, refusal.value.pointer) == ("deduction-out-of-range", "/body/procurement/deductions")
    assert refusal.value.reference == CN.reference(rule)


def test_draft_is_refused_when_it_announces_a_deduction_that_the_pack_does_not_know(
    favouring: Tender, pack: RulePack
) -> None:
    with pytest.raises(Invalid, match="deduction-not-provided"):
        check_content(announcing(favouring, Deductions(small_micro=Decimal(10))).content, pack)


def test_nothing_is_deducted_when_a_bid_declares_nothing() -> None:
    assert policy_deduction(deduction_facts(None, "alder", reserved=False), CN, {}) == 0
