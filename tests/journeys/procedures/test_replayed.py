"""What was awarded, decided again under other rules from what was told; every figure is worked out by hand."""

from collections.abc import Mapping
from typing import Any

import pytest

from onebox.replay.chart import describe
from onebox.replay.history import read_history
from onebox.replay.terms import read_terms
from onebox.replay.withheld import held
from shared.contracts.award import Proposed
from shared.rules.replay_report import report
from shared.rules.replaying import replay
from shared.testing.course import (
    BRITAIN,
    CHINA,
    DECIDER,
    HEAD,
    MODEL,
    NUMBERS,
    OFFICER,
    Terms,
    appropriate,
    bid,
    clerk,
    concluded,
    confirmed,
    content,
    evaluated,
    lot_path,
    opened,
    priced,
    prices_opened,
    proposed,
    published,
    qualified,
    register,
    score,
    seated,
    submitted,
    tender_path,
)
from shared.testing.town import Town, done, flow, instant, seen

LOTS = {"north": "1250000.00", "south": "1250000.00", "west": "1250000.00"}
# The prices of a lot are those of a published vector times 1, 0.9, 0.8.
OFFERS = {
    "north": {"alder": ("900000.00", "78"), "birch": ("1000000.00", "88"), "cedar": ("1200000.00", "93")},
    "south": {"birch": ("810000.00", "78"), "cedar": ("900000.00", "88"), "alder": ("1080000.00", "93")},
    "west": {"cedar": ("720000.00", "78"), "alder": ("800000.00", "88"), "birch": ("960000.00", "93")},
}
ONE = {"all": "2500000.00"}


async def replayed(town: Town, pack: str, *settings: str) -> Any:
    """Decide everything again, as `coxswain rules replay` does for the office, which reads what is not public."""
    events, wanted, shown = await town.services["tender"].published(), list[Proposed](), dict[str, Any]()
    read_history(events, lambda kept: wanted.extend(kept) or {})
    for proposal in wanted:
        digest = str(proposal.ranking_digest)
        answer = await seen(town, f"/v1/tenders/{proposal.tender}/withheld/{digest}", OFFICER)
        shown[digest] = held(answer, digest)
    history = read_history(events, lambda _: shown)
    terms = read_terms(pack, settings, ())
    return report(replay(history.decided, history.ended, terms, history.left_out))


async def awarded(town: Town, tender: Mapping[str, Any], *lots: str) -> None:
    for lot in lots:
        await proposed(town, tender, lot)
        await confirmed(town, tender, lot)


def changes(document: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {
        lot["lot"]: (
            lot["outcome"],
            lot["before"]["bidder"],
            lot["after"]["bidder"],
            lot["price_difference"],
            lot["price_difference_percent"],
        )
        for lot in document["lots"]
    }


@pytest.mark.parametrize("terms", [MODEL, CHINA], ids=lambda terms: terms.pack)
async def test_each_lot_tells_who_would_have_won_and_by_how_much(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "5000000.00")
    tender, _ = await priced(town, terms, line, LOTS, OFFERS)
    await awarded(town, tender, *LOTS)

    for pack in ("model", "cn-services", "eu-light", "uk-2023"):
        same = await replayed(town, pack)
        assert {lot["outcome"] for lot in same["lots"]} == {"unchanged"}
        assert [(total["awarded_before"], total["difference"]) for total in same["totals"]] == [("2700000.00", "0.00")]
    # The price's points from the lowest to the highest: 84.6 against 81.6 and 65.1. The cheapest wins everywhere.
    cheapest = await replayed(town, "eu-light", "price-formula=min_max")
    assert changes(cheapest) == {
        "north": ("other-winner", "Birch Ltd", "Alder Ltd", "-100000.00", "-10.00"),
        "south": ("other-winner", "Cedar Ltd", "Birch Ltd", "-90000.00", "-10.00"),
        "west": ("other-winner", "Alder Ltd", "Cedar Ltd", "-80000.00", "-10.00"),
    }
    assert [[place["total"] for place in lot["ranking"]] for lot in cheapest["lots"]] == [
        ["84.6000", "81.6000", "65.1000"]
    ] * 3
    (total,) = cheapest["totals"]
    assert (total["awarded_after"], total["difference"], total["difference_percent"]) == (
        "2430000.00",
        "-270000.00",
        "-10.00",
    )
    # With ten points for the price the best and dearest wins: 91.2 against 88.2 and 80.2.
    best = await replayed(town, "cn-services", "price-weight=10..10")
    assert changes(best) == {
        "north": ("other-winner", "Birch Ltd", "Cedar Ltd", "200000.00", "20.00"),
        "south": ("other-winner", "Cedar Ltd", "Alder Ltd", "180000.00", "20.00"),
        "west": ("other-winner", "Alder Ltd", "Birch Ltd", "160000.00", "20.00"),
    }
    # Each lot goes from 80 % of its value and 88 points to 96 % and 93, and likewise for nine and eight tenths of it.
    pairs = describe(best)["layer"][0]["data"]["values"]
    assert [pair["price_before"] for pair in pairs] == pytest.approx([80, 72, 64])
    assert [pair["price"] for pair in pairs] == pytest.approx([96, 86.4, 76.8])
    assert {(pair["quality_before"], pair["quality"]) for pair in pairs} == {(88, 93)}
    # Where four bids are asked for nobody would have been awarded.
    none = await replayed(town, "cn-services", "gate.opening.minimum-bids=4")
    assert {lot["outcome"] for lot in none["lots"]} == {"unsuccessful"}
    assert none["totals"][0]["no_longer_awarded"] == "2700000.00"


async def test_lowest_price_alone_takes_the_cheapest_bid(town: Town) -> None:
    line = await appropriate(town, MODEL, "4000000.00")
    tender, _ = await priced(town, MODEL, line, {"north": LOTS["north"]}, {"north": OFFERS["north"]})
    await awarded(town, tender, "north")
    document = await replayed(town, "model", "price-formula=lowest_price")
    assert changes(document) == {"north": ("other-winner", "Birch Ltd", "Alder Ltd", "-100000.00", "-10.00")}


async def test_small_enterprise_wins_only_where_something_is_taken_off_its_price(town: Town) -> None:
    # 10 % off 2,000,000 are 1,800,000: 30 + 56 = 86 against 30 + 54.6. Without it 27 + 56 = 83.
    offers = {"all": {"alder": ("1800000.00", "78"), "birch": ("2000000.00", "80"), "cedar": ("2400000.00", "50")}}
    line = await appropriate(town, CHINA, "4000000.00")
    await register(town, "alder", "birch", "cedar")
    tender = await published(town, CHINA, line, content(CHINA, ONE))
    bids = {
        ("all", name): await bid(town, CHINA, tender, "all", name, price, {"size": size})
        for (name, (price, _)), size in zip(offers["all"].items(), ("large", "small", "large"), strict=True)
    }
    await evaluated(town, CHINA, tender, offers, bids)
    await awarded(town, tender, "all")
    assert changes(await replayed(town, "cn-services")) == {
        "all": ("unchanged", "Birch Ltd", "Birch Ltd", "0.00", "0.00")
    }
    other = await replayed(town, "model")
    assert changes(other) == {"all": ("other-winner", "Birch Ltd", "Alder Ltd", "-200000.00", "-10.00")}
    assert other["lots"][0]["assumptions"] == [
        "A deduction from the price is made as far as the other pack knows one of its kind."
    ]


async def test_what_was_drawn_stays_drawn_where_nothing_tells_two_bids_apart(town: Town) -> None:
    offers = {"all": {"alder": ("1800000.00", "88"), "birch": ("1800000.00", "88"), "cedar": ("2000000.00", "60")}}
    line = await appropriate(town, MODEL, "4000000.00")
    tender, _ = await priced(town, MODEL, line, ONE, offers)
    at = instant(town.clock.advance(hours=1).isoformat())
    beacon = {"source": "public-records", "records": ["Lottery", "River"], "at": at.replace(day=at.day + 1).isoformat()}
    path = lot_path(tender, "all", "tie-draw")
    await done(town, OFFICER, path, {"beacon": beacon})
    town.clock.advance(days=1)
    for person in (OFFICER, HEAD):
        await done(town, person, f"{path}/result", NUMBERS)
    await awarded(town, tender, "all")
    for pack in ("model", "cn-services"):
        (lot,) = (await replayed(town, pack))["lots"]
        assert (lot["outcome"], len(lot["candidates"]), lot["price_difference"]) == ("unchanged", 2, "0.00")


async def test_award_that_was_evaluated_anew_is_decided_again_and_one_that_was_passed_on_is_not(town: Town) -> None:
    offers = {"all": {"alder": ("1800000.00", "78"), "birch": ("2000000.00", "88"), "cedar": ("2400000.00", "93")}}
    line = await appropriate(town, BRITAIN, "4000000.00")
    await register(town, *offers["all"])
    tender = await published(town, BRITAIN, line, content(BRITAIN, ONE))
    bids = await submitted(town, BRITAIN, tender, offers)
    await opened(town, tender)
    await qualified(town, tender)
    members = await seated(town, BRITAIN, tender)
    first = {identifier: offers[lot][name][1] for (lot, name), identifier in bids.items()}
    await score(town, tender, members, first)
    await prices_opened(town, tender)
    await proposed(town, tender, "all")
    claim = {
        "relates_to": "award",
        "lot": "all",
        "ground": "wrong-scoring",
        "arguments": "Birch has no night service.",
        "evidence": [],
        "remedies": ["evaluate-again"],
    }
    raised = await done(town, clerk("cedar"), tender_path(tender, "/challenges"), claim)
    path = f"/v1/challenges/{raised['id']}"
    await done(town, OFFICER, f"{path}/answer", {"answer": "It has."})
    await done(town, clerk("cedar"), f"{path}/complaint", {"arguments": "It has not."})
    await done(town, DECIDER, f"{path}/admission", {"admitted": True, "reason": "In time."})
    upheld = {"upheld": True, "reason": "It has none.", "remedy": "evaluate-again"}
    await done(town, DECIDER, f"{path}/decision", upheld)
    await done(town, HEAD, tender_path(tender, "/panel/rounds"), {"reason": "The complaint was upheld."})
    await score(town, tender, members, {**first, bids["all", "birch"]: "60"})
    await prices_opened(town, tender)
    await awarded(town, tender, "all")
    assert changes(await replayed(town, "uk-2023")) == {"all": ("unchanged", "Cedar Ltd", "Cedar Ltd", "0.00", "0.00")}
    # With 40 points for the price: alder 40 + 46.8 = 86.8, cedar 30 + 55.8 = 85.8.
    assert changes(await replayed(town, "uk-2023", "price-weight=40..100")) == {
        "all": ("other-winner", "Cedar Ltd", "Alder Ltd", "-600000.00", "-25.00")
    }
    # Once cedar does not sign, no rule of scoring decides who comes next.
    tender = await done(town, OFFICER, tender_path(tender), method="GET")
    contract = next(award for award in tender["lots"][0]["awards"] if award["status"] == "active")["contract"]
    due = (await done(town, OFFICER, f"/v1/contracts/{contract}", method="GET"))["signature_due"]
    town.clock.set(instant(due))
    left = {"code": "no-answer", "reason": "Nobody came."}
    await done(town, OFFICER, f"/v1/contracts/{contract}/non-signature", left)
    await flow(town)
    await awarded(town, tender, "all")
    document = await replayed(town, "uk-2023")
    assert (document["lots"], [item["code"] for item in document["not_replayed"]]) == ([], ["award-passed-on"])


async def test_agreement_is_listed_with_the_reason_why_nothing_is_compared(town: Town) -> None:
    offers = {"all": dict.fromkeys(("alder", "birch", "cedar"), ("2000000.00", "80"))}
    offers["all"] |= {"birch": ("1900000.00", "80"), "cedar": ("1800000.00", "80")}
    line = await appropriate(town, MODEL, "4000000.00")
    term = {"start": "2026-07-01", "end": "2027-06-30", "stage_two": "rotation", "most_suppliers": 3}
    await concluded(town, MODEL, line, ONE, offers, term)
    document = await replayed(town, "cn-services")
    assert document["lots"] == []
    assert [(item["lot"], item["code"]) for item in document["not_replayed"]] == [("all", "framework-agreement")]


async def test_gate_counts_the_bids_of_each_lot_by_itself(town: Town) -> None:
    line = await appropriate(town, MODEL, "5000000.00")
    await register(town, "alder")
    tender = await published(town, MODEL, line, content(MODEL, LOTS))
    await submitted(town, MODEL, tender, {lot: {"alder": ("900000.00", "80")} for lot in ("north", "south")})
    await opened(town, tender)
    ends = {"north": (1, "unchanged"), "south": (1, "unchanged"), "west": (0, "unchanged")}
    same = (await replayed(town, "model"))["unsuccessful"]
    assert {end["lot"]: (end["bids"], end["outcome"]) for end in same} == ends
    # Britain asks for no number of bids.
    other = (await replayed(town, "uk-2023"))["unsuccessful"]
    assert {end["lot"]: end["outcome"] for end in other} == dict.fromkeys(LOTS, "went-on")


async def test_gate_counts_who_qualified_and_not_who_came(town: Town) -> None:
    line = await appropriate(town, CHINA, "4000000.00")
    await register(town, "alder", "birch", "cedar")
    tender = await published(town, CHINA, line, content(CHINA, ONE))
    offers = {"all": dict.fromkeys(("alder", "birch", "cedar"), ("2000000.00", "80"))}
    bids = await submitted(town, CHINA, tender, offers)
    await opened(town, tender)
    await qualified(
        town, tender, {"bid": bids["all", "cedar"], "reason": "It has no licence.", "rule": "bidder-verified"}
    )
    (same,) = (await replayed(town, "cn-services"))["unsuccessful"]
    assert (same["lot"], same["bids"], same["outcome"]) == ("all", 2, "unchanged")
    (other,) = (await replayed(town, "model"))["unsuccessful"]
    assert other["outcome"] == "went-on"
