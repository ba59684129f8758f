"""Journey 7: a bidder challenges the award, is found right, the panel scores anew, and another bidder wins."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.testing.course import (
    ALL,
    BRITAIN,
    CHINA,
    DECIDER,
    EUROPE,
    HEAD,
    MODEL,
    OFFICER,
    Terms,
    appropriate,
    balances,
    clerk,
    confirmed,
    content,
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
    signed,
    standing,
    submitted,
    tender_path,
)
from shared.testing.evaluation import ranking
from shared.testing.town import Town, done, flow, instant, refusal, seen, told

LOTS = {"all": "2500000.00"}
OFFERS = {"all": {"alder": ("1800000.00", "78"), "birch": ("2000000.00", "88"), "cedar": ("2400000.00", "93")}}
SUSPENDED = {
    "model": ("suspension-cap", "Coxswain model pack"),
    "cn-services": (
        "question-suspends-signing",
        "Implementation Regulation of the Government Procurement Law (2015), art. 54",
    ),
    "eu-light": (
        "claim-suspends-signing",
        "Directive 89/665/EEC, read as Public Contracts Regulations 2015 (UK), regs. 86-101",
    ),
    "uk-2023": ("claim-suspends-signing", "Procurement Act 2023, s. 101"),
}
CHALLENGE = {
    "relates_to": "award",
    "lot": "all",
    "ground": "wrong-scoring",
    "arguments": "Birch has no night service, and was scored as if it had.",
    "evidence": [],
    "remedies": ["evaluate-again"],
}
DECISION = {"upheld": True, "reason": "It has none.", "remedy": "evaluate-again"}


@pytest.mark.parametrize("terms", ALL, ids=lambda terms: terms.pack)
async def test_another_bidder_wins_when_a_challenge_is_upheld_and_the_panel_scores_anew(
    town: Town, terms: Terms
) -> None:
    line = await appropriate(town, terms, "4000000.00")
    await register(town, "alder", "birch", "cedar")
    tender = await published(town, terms, line, content(terms, LOTS))
    bids = await submitted(town, terms, tender, OFFERS)
    await opened(town, tender)
    await qualified(town, tender)
    members = await seated(town, terms, tender)
    first = {bid: OFFERS[lot][name][1] for (lot, name), bid in bids.items()}
    await score(town, tender, members, first)
    await prices_opened(town, tender)
    award = standing(await proposed(town, tender, "all"), "all")
    assert award["supplier"]["id"] == "birch"

    challenge = await done(town, clerk("cedar"), tender_path(tender, "/challenges"), CHALLENGE)
    path = f"/v1/challenges/{challenge['id']}"
    town.clock.set(instant(award["standstill_ends_at"]))
    confirmation = lot_path(tender, "all", "award/confirmation")
    assert await refusal(town, HEAD, confirmation) == (409, "challenge-pending", *SUSPENDED[terms.pack])
    await done(town, OFFICER, f"{path}/answer", {"answer": "It was scored by its offer."})
    await done(town, clerk("cedar"), f"{path}/complaint", {"arguments": "Its offer says nothing of nights."})
    assert await refusal(town, HEAD, confirmation) == (409, "challenge-pending", *SUSPENDED[terms.pack])
    admission = {"admitted": True, "reason": "In time, and with a case."}
    for partial in (replace(DECIDER, organisation="birch"), replace(DECIDER, organisation="city")):
        assert await refusal(town, partial, f"{path}/admission", admission) == (
            403,
            "complaint-decider-not-independent",
            "incompatible.complaint-decider",
            "Coxswain model pack",
        )
    await done(town, DECIDER, f"{path}/admission", admission)
    await done(town, DECIDER, f"{path}/decision", DECISION)

    tender = await seen(town, tender_path(tender))
    assert (tender["status"], [one["status"] for one in tender["lots"][0]["awards"]]) == ("evaluation", ["cancelled"])
    # The scores of the first round do not count any more.
    unscored = (409, "scores-missing", "quality-locked-before-prices", "Coxswain model pack")
    assert await refusal(town, OFFICER, tender_path(tender, "/price-opening")) == unscored
    reason = {"reason": "The complaint was upheld."}
    assert (await done(town, HEAD, tender_path(tender, "/panel/rounds"), reason))["round"] == 2
    await score(town, tender, members, {**first, bids["all", "birch"]: "60"})
    await prices_opened(town, tender)
    award = standing(await proposed(town, tender, "all"), "all")
    # birch 30 x 18/20 + 0.7 x 60 = 69; cedar 30 x 18/24 + 0.7 x 93 = 87.6; alder 30 + 0.7 x 78 = 84.6.
    assert [(place["bidder"]["id"], place["total"]) for place in await ranking(town, tender, "all")] == [
        ("cedar", "87.6000"),
        ("alder", "84.6000"),
        ("birch", "69.0000"),
    ]
    contract = await signed(town, await confirmed(town, tender, "all"))
    assert (contract["status"], contract["supplier"]["id"]) == ("active", "cedar")
    await flow(town)
    now = await balances(town, line)
    assert (now["committed"], now["reserved"], now["available"]) == ("2400000.00", "0.00", "1600000.00")
    names = [name for name, _ in await told(town, tender["ocid"])]
    assert [names.count(name) for name in ("award.proposed", "award.cancelled", "award.confirmed")] == [2, 1, 1]
    # A contract in force is not undone by a challenge of the award, where there is still time for one.
    challenges = tender_path(tender, "/challenges")
    if terms is MODEL:
        over = (409, "question-late", "question-window", "Coxswain model pack")
        assert await refusal(town, clerk("birch"), challenges, CHALLENGE) == over
    else:
        late = await done(town, clerk("birch"), challenges, CHALLENGE)
        conceding = {"answer": "You are right.", "remedy": "annul-award"}
        refused = await refusal(town, HEAD, f"/v1/challenges/{late['id']}/concession", conceding)
        assert refused == (409, "contract-in-force", None, None)


async def test_contract_in_force_rests_while_its_award_is_challenged_under_chinas_rules(town: Town) -> None:
    line = await appropriate(town, CHINA, "4000000.00")
    tender, _ = await priced(town, CHINA, line, LOTS, OFFERS)
    await proposed(town, tender, "all")
    contract = await signed(town, await confirmed(town, tender, "all"))
    path = f"/v1/contracts/{contract['id']}"
    # The notice lasts a working day, the time for a question seven more: it was signed in between.
    challenge = await done(town, clerk("cedar"), tender_path(tender, "/challenges"), CHALLENGE)
    at = f"/v1/challenges/{challenge['id']}"
    assert (await seen(town, path))["status"] == "suspended"
    assert await refusal(town, HEAD, f"{path}/resumption") == (409, "challenge-pending", *SUSPENDED["cn-services"])
    await done(town, OFFICER, f"{at}/answer", {"answer": "It was scored by its offer."})
    assert (await seen(town, path))["status"] == "active"
    await done(town, clerk("cedar"), f"{at}/complaint", {"arguments": "Its offer says nothing of nights."})
    assert (await seen(town, path))["status"] == "suspended"
    await done(town, DECIDER, f"{at}/admission", {"admitted": True, "reason": "In time, and with a case."})
    await done(town, DECIDER, f"{at}/decision", {"upheld": False, "reason": "It has them.", "remedy": "none"})
    ended = await seen(town, path)
    assert (ended["status"], len(ended["suspensions"])) == ("active", 2)
    await flow(town)


@pytest.mark.parametrize(
    ("terms", "until", "source"),
    [
        # The award is on notice on Monday the 11th of May: the thirtieth day after is the 10th of June, in Brussels.
        (
            EUROPE,
            "2026-06-10T22:00:00Z",
            "Directive 89/665/EEC, read as Public Contracts Regulations 2015 (UK), reg. 92",
        ),
        # From Thursday the 7th of May to Saturday the 6th of June, in London.
        (BRITAIN, "2026-06-06T23:00:00Z", "Procurement Act 2023, ss. 104-106"),
    ],
    ids=lambda terms: getattr(terms, "pack", ""),
)
async def test_claim_against_an_award_is_made_within_thirty_days_of_its_notice(
    town: Town, terms: Terms, until: str, source: str
) -> None:
    line = await appropriate(town, terms, "4000000.00")
    tender, _ = await priced(town, terms, line, LOTS, OFFERS)
    await proposed(town, tender, "all")
    challenges = tender_path(tender, "/challenges")
    town.clock.set(instant(until) - timedelta(microseconds=1))
    assert (await done(town, clerk("alder"), challenges, CHALLENGE))["status"] == "raised"
    town.clock.set(instant(until))
    late = (409, "question-late", "claim-window", source)
    assert await refusal(town, clerk("cedar"), challenges, CHALLENGE) == late
