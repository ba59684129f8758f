"""Journey 2: a lot with fewer bids than each of the three gates asks for ends, and its money is free again."""

from typing import Any

import pytest

from shared.testing.course import (
    CHINA,
    MODEL,
    Identifiers,
    Terms,
    appropriate,
    balances,
    content,
    opened,
    prices_opened,
    progress,
    published,
    qualified,
    register,
    score,
    seated,
    submitted,
    tender_path,
)
from shared.testing.town import Town, ask, flow, seen, told_as

LOTS = {"few": "1000000.00", "enough": "1250000.00"}
STAGES = ("opening", "qualified", "responsive")
MINIMUM = {"model": {"opening": 2, "qualified": 1, "responsive": 1}, "cn-services": dict.fromkeys(STAGES, 3)}
LAW = "Government Procurement Law (政府采购法), art. 36; Order 87"
SOURCES = {
    "model": dict.fromkeys(STAGES, "Coxswain model pack"),
    "cn-services": {"opening": f"{LAW}, art. 41", "qualified": f"{LAW}, art. 44", "responsive": f"{LAW}, arts. 41, 44"},
}
BIDDERS = ("alder", "birch", "cedar")


def disqualified(identifiers: Identifiers, lot: str, left: int) -> list[dict[str, Any]]:
    bids = [identifier for (of, _), identifier in identifiers.items() if of == lot]
    return [{"bid": identifier, "reason": "It has no licence.", "rule": None} for identifier in bids[left:]]


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("terms", [MODEL, CHINA], ids=lambda terms: terms.pack)
async def test_lot_ends_by_the_gates_article_when_one_bid_fewer_is_left_than_it_asks_for(
    town: Town, terms: Terms, stage: str
) -> None:
    line = await appropriate(town, terms, "3000000.00")
    await register(town, *BIDDERS)
    tender = await published(town, terms, line, content(terms, LOTS))
    needed = MINIMUM[terms.pack]
    left = {"few": needed[stage] - 1, "enough": needed[stage]}
    bids = left if stage == "opening" else dict.fromkeys(LOTS, needed["opening"])
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
