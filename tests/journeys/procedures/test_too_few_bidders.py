"""Journey 2: a lot with fewer bids than each of the three gates asks for ends, and its money is free again."""

from typing import Any

import pytest

from shared.testing.course import (
    ALL,
    BRITAIN,
    CHINA,
    EUROPE,
    MODEL,
    Identifiers,
    Terms,
    appropriate,
    balances,
    confirmed,
    content,
    opened,
    prices_opened,
    progress,
    proposed,
    published,
    qualified,
    register,
    score,
    seated,
    signed,
    standing,
    submitted,
    tender_path,
)
from shared.testing.town import Town, ask, flow, instant, seen, told_as

LOTS = {"few": "1000000.00", "enough": "1250000.00"}
STAGES = ("opening", "qualified", "responsive")
ONE = {"qualified": 1, "responsive": 1}
# Neither Europe nor Britain asks for a number of bids at the opening.
MINIMUM = {
    "model": {"opening": 2, **ONE},
    "cn-services": dict.fromkeys(STAGES, 3),
    "eu-light": ONE,
    "uk-2023": ONE,
}
LAW = "Government Procurement Law (政府采购法), art. 36; Order 87"
MODEL_PACK = dict.fromkeys(STAGES, "Coxswain model pack")
SOURCES = {
    "model": MODEL_PACK,
    "cn-services": {"opening": f"{LAW}, art. 41", "qualified": f"{LAW}, art. 44", "responsive": f"{LAW}, arts. 41, 44"},
    "eu-light": MODEL_PACK,
    "uk-2023": MODEL_PACK,
}
GATES = [(terms, stage) for terms in ALL for stage in MINIMUM[terms.pack]]
BIDDERS = ("alder", "birch", "cedar")


def disqualified(identifiers: Identifiers, lot: str, left: int) -> list[dict[str, Any]]:
    bids = [identifier for (of, _), identifier in identifiers.items() if of == lot]
    return [
        {"bid": identifier, "reason": "It has no licence.", "rule": "bidder-verified"} for identifier in bids[left:]
    ]


@pytest.mark.parametrize(("terms", "stage"), GATES, ids=lambda item: getattr(item, "pack", item))
async def test_lot_ends_by_the_gates_article_when_one_bid_fewer_is_left_than_it_asks_for(
    town: Town, terms: Terms, stage: str
) -> None:
    line = await appropriate(town, terms, "3000000.00")
    await register(town, *BIDDERS)
    tender = await published(town, terms, line, content(terms, LOTS))
    needed = MINIMUM[terms.pack]
    left = {"few": needed[stage] - 1, "enough": needed[stage]}
    bids = left if stage == "opening" else dict.fromkeys(LOTS, needed.get("opening", 1))
    # What is bid above a lot's value is not responsive.
    too_dear = {lot: set(BIDDERS[left[lot] : bids[lot]]) if stage == "responsive" else set() for lot in LOTS}
    offers = {
        lot: {
            name: (value if name not in too_dear[lot] else f"{float(value) + 0.01:.2f}", "80")
            for name in BIDDERS[: bids[lot]]
        }
        for lot, value in LOTS.items()
    }
    identifiers = await submitted(town, terms, tender, offers)
    tender = await opened(town, tender)
    if stage != "opening":
        out = [disqualified(identifiers, lot, left[lot] if stage == "qualified" else bids[lot]) for lot in LOTS]
        tender = await qualified(town, tender, *out[0], *out[1])
    if stage == "responsive":
        await score(town, tender, await seated(town, terms, tender), dict.fromkeys(identifiers.values(), "80"))
        tender = await prices_opened(town, tender)
    await flow(town)

    assert progress(tender, "few")["status"] == "unsuccessful"
    assert progress(tender, "enough")["status"] == "active"
    assert tender["status"] == {"opening": "qualification", "qualified": "evaluation", "responsive": "award"}[stage]
    ended = await told_as(town, tender["ocid"], "tender.lot-unsuccessful")
    assert [(data["lot"], data["rule"], data["source"]) for data in ended] == [
        ("few", f"gate.{stage}.minimum-bids", SOURCES[terms.pack][stage])
    ]
    shown = {item["lot"] for item in await seen(town, tender_path(tender, "/bids"))}
    # Of a lot that ended before the opening nobody ever learns who bid.
    assert shown == ({"enough"} if stage == "opening" else {"few", "enough"})
    now = await balances(town, line)
    assert (now["reserved"], now["available"]) == ("1250000.00", "1750000.00")


@pytest.mark.parametrize("terms", [MODEL, CHINA], ids=lambda terms: terms.pack)
async def test_procedure_ends_and_all_its_money_is_free_once_when_no_lot_has_enough_bids(
    town: Town, terms: Terms
) -> None:
    line = await appropriate(town, terms, "3000000.00")
    await register(town, *BIDDERS)
    tender = await published(town, terms, line, content(terms, LOTS))
    fewer = MINIMUM[terms.pack]["opening"] - 1
    await submitted(town, terms, tender, {lot: dict.fromkeys(BIDDERS[:fewer], ("900000.00", "80")) for lot in LOTS})
    tender = await opened(town, tender)
    await flow(town)
    assert (tender["status"], {lot["status"] for lot in tender["lots"]}) == ("unsuccessful", {"unsuccessful"})
    ended = (await told_as(town, tender["ocid"], "tender.unsuccessful"))[0]
    assert (ended["rule"], ended["source"]) == ("gate.opening.minimum-bids", SOURCES[terms.pack]["opening"])
    # Who bid stays as unknown as it was.
    assert (await ask(town, None, tender_path(tender, "/bids"), method="GET")).json()["code"] == "bids-sealed"
    now = await balances(town, line)
    assert (now["reserved"], now["available"], now["appropriated"]) == ("0.00", "3000000.00", "3000000.00")


@pytest.mark.parametrize("terms", [EUROPE, BRITAIN], ids=lambda terms: terms.pack)
async def test_one_bid_is_enough_to_go_on_and_none_is_not_when_the_pack_has_no_gate_at_the_opening(
    town: Town, terms: Terms
) -> None:
    line = await appropriate(town, terms, "3000000.00")
    await register(town, "alder")
    tender = await published(town, terms, line, content(terms, LOTS))
    offers = {"enough": {"alder": ("1250000.00", "80")}}
    identifiers = await submitted(town, terms, tender, offers)
    tender = await opened(town, tender)
    assert [lot["status"] for lot in tender["lots"]] == ["active", "active"]
    tender = await qualified(town, tender)
    await flow(town)
    assert [progress(tender, lot)["status"] for lot in LOTS] == ["unsuccessful", "active"]
    ended = await told_as(town, tender["ocid"], "tender.lot-unsuccessful")
    assert [(data["lot"], data["rule"], data["source"]) for data in ended] == [
        ("few", "gate.qualified.minimum-bids", "Coxswain model pack")
    ]
    assert (await balances(town, line))["reserved"] == "1250000.00"
    await score(town, tender, await seated(town, terms, tender), dict.fromkeys(identifiers.values(), "80"))
    await prices_opened(town, tender)
    award = standing(await proposed(town, tender, "enough"), "enough")
    ends_at = instant(award["standstill_ends_at"])
    # In Europe nobody waits for the only bidder; in Britain eight working days pass in any case.
    assert (ends_at == town.clock.now()) is (terms is EUROPE)
    contract = await signed(town, await confirmed(town, tender, "enough"))
    assert (contract["status"], contract["supplier"]["id"]) == ("active", "alder")


@pytest.mark.parametrize("terms", [EUROPE, BRITAIN], ids=lambda terms: terms.pack)
async def test_procedure_ends_when_nobody_bid_and_the_pack_has_no_gate_at_the_opening(town: Town, terms: Terms) -> None:
    line = await appropriate(town, terms, "3000000.00")
    tender = await published(town, terms, line, content(terms, LOTS))
    await opened(town, tender)
    tender = await qualified(town, tender)
    await flow(town)
    assert (tender["status"], {lot["status"] for lot in tender["lots"]}) == ("unsuccessful", {"unsuccessful"})
    (ended,) = await told_as(town, tender["ocid"], "tender.unsuccessful")
    assert (ended["rule"], ended["source"]) == ("gate.qualified.minimum-bids", "Coxswain model pack")
    now = await balances(town, line)
    assert (now["reserved"], now["available"]) == ("0.00", "3000000.00")
