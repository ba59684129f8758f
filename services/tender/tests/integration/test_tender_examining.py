"""Between the prices and the award: prices explained, deficiencies put right, ties drawn."""

import hashlib
import hmac
import itertools
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from shared.kernel import beacon
from shared.kernel.draw_record import verify
from shared.testing import drand

MICROSECOND = timedelta(microseconds=1)
ABSENT = "00000000-0000-0000-0000-000000000000"
# Of a tender worth 1.25 million: dogwood is below half of the second lowest and 45 % of the value.
PRICES = {"alder": "1000000.00", "birch": "950000.00", "cedar": "880000.00", "dogwood": "420000.00"}
TERM = "abnormally-low.explanation-period"
REQUESTED = "abnormally-low.explanation-requested"
UNCITRAL = "UNCITRAL Model Law on Public Procurement (2011), art. 20"
FORM = b"The form, signed."
DIGEST = hashlib.sha256(FORM).hexdigest()


async def asked(parties: Any) -> tuple[Any, dict[str, str]]:
    """Bring a tender to its prices, one of which is abnormally low."""
    tender, bids = await parties.priced_bids({name: (price, "50") for name, price in PRICES.items()})
    return tender, bids


def of(tender: Mapping[str, Any], bid: str, what: str) -> str:
    return f"/v1/tenders/{tender['id']}/bids/{bid}/{what}"


async def test_bidder_is_asked_and_nothing_is_decided_when_a_price_is_abnormally_low(parties: Any) -> None:
    tender, bids = await asked(parties)
    (inquiry,) = tender["inquiries"]
    assert inquiry == {
        "bid": bids["dogwood"],
        "lot": "lot-1",
        "triggers": ["abnormally-low.second-lowest", "abnormally-low.ceiling"],
        # The panel was drawn an hour after the opening.
        "asked_at": "2026-03-24T01:00:00.000000Z",
        # Three working days after Tuesday the 24th: the end of Friday the 27th.
        "due_at": "2026-03-28T00:00:00.000000Z",
        "explained_at": None,
        "accepted": None,
        "reason": None,
    }
    kind, data = (await parties.events(tender))[-1]
    assert (kind, data["bid"], data["bidder"]["id"], data["triggers"]) == (
        "award.price-explanation-requested.v1",
        bids["dogwood"],
        "dogwood",
        inquiry["triggers"],
    )
    assert all(bid["valid"] for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids"))
    response = await parties.send("POST", f"/v1/tenders/{tender['id']}/lots/lot-1/award", parties.officer)
    parties.refused(response, 409, "price-inquiry-open", REQUESTED, UNCITRAL)


async def test_bid_wins_when_its_price_was_explained_and_accepted(parties: Any) -> None:
    tender, bids = await asked(parties)
    explanation, dogwood = {"explanation": "The kitchens are paid for."}, parties.bidder("dogwood")
    path = of(tender, bids["dogwood"], "price-explanation")
    response = await parties.send("POST", path, dogwood, explanation)
    assert (response.status_code, response.headers["etag"]) == (201, '"8"')
    parties.refused(await parties.send("POST", path, dogwood, explanation), 409, "price-explained", REQUESTED, UNCITRAL)
    decision = {"accepted": True, "reason": "The wages are paid."}
    decided = await parties.done("POST", of(tender, bids["dogwood"], "price-decision"), parties.officer, decision)
    assert [(item["accepted"], item["reason"]) for item in decided["inquiries"]] == [(True, "The wages are paid.")]
    again = await parties.send("POST", of(tender, bids["dogwood"], "price-decision"), parties.officer, decision)
    parties.refused(again, 409, "price-inquiry-decided")
    proposed = await parties.propose(tender)
    assert parties.standing(proposed)["supplier"]["id"] == "dogwood"
    assert [kind for kind, _ in await parties.events(tender)][-4:] == [
        "award.price-explanation-requested.v1",
        "award.price-explained.v1",
        "award.price-explanation-decided.v1",
        "award.proposed.v1",
    ]


async def test_bid_does_not_count_when_its_price_was_rejected(parties: Any) -> None:
    tender, bids = await asked(parties)
    parties.service.clock.set(datetime.fromisoformat(tender["inquiries"][0]["due_at"]))
    decision = {"accepted": False, "reason": "Nothing was said."}
    await parties.done("POST", of(tender, bids["dogwood"], "price-decision"), parties.officer, decision)
    (kind, data), (excluded, why) = (await parties.events(tender))[-2:]
    assert (kind, data["accepted"], data["reason"]) == (
        "award.price-explanation-decided.v1",
        False,
        "Nothing was said.",
    )
    assert (excluded, why["bid"], why["rule"], why["source"]) == (
        "tender.bid-excluded.v1",
        bids["dogwood"],
        REQUESTED,
        UNCITRAL,
    )
    shown = {bid["bid"]: bid for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
    assert (shown[bids["dogwood"]]["valid"], shown[bids["dogwood"]]["rule"]) == (
        False,
        {"rule": REQUESTED, "source": UNCITRAL},
    )
    assert parties.standing(await parties.propose(tender))["supplier"]["id"] == "cedar"


async def test_price_is_not_decided_on_too_early_or_accepted_unexplained_or_explained_late(parties: Any) -> None:
    tender, bids = await asked(parties)
    decision, explanation = (of(tender, bids["dogwood"], f"price-{what}") for what in ("decision", "explanation"))
    due = datetime.fromisoformat(tender["inquiries"][0]["due_at"])
    parties.service.clock.set(due - MICROSECOND)
    kept = await parties.kept()
    for accepted in (True, False):
        response = await parties.send("POST", decision, parties.officer, {"accepted": accepted, "reason": "Now."})
        parties.refused(response, 409, "explanation-awaited", TERM)
    parties.service.clock.set(due)
    response = await parties.send("POST", decision, parties.officer, {"accepted": True, "reason": "Now."})
    parties.refused(response, 422, "explanation-missing", REQUESTED, UNCITRAL)
    response = await parties.send("POST", explanation, parties.bidder("dogwood"), {"explanation": "Paid."})
    problem = parties.refused(response, 409, "explanation-late", TERM)
    assert problem["satisfied_by"] == "An explanation in time."
    assert await parties.kept() == kept


async def test_office_asks_on_judgement_once_when_no_figure_fires(parties: Any) -> None:
    tender, bids = await asked(parties)
    path = of(tender, bids["cedar"], "price-inquiry")
    response = await parties.send("POST", path, parties.officer, key="ask")
    assert response.status_code == 201
    assert response.json()["inquiries"][-1]["triggers"] == ["abnormally-low.judgement"]
    again = await parties.send("POST", path, parties.officer, key="ask")
    assert (again.content, again.headers["idempotency-hit"]) == (response.content, "true")
    parties.refused(await parties.send("POST", path, parties.officer), 409, "price-inquiry-made")
    unknown = await parties.send("POST", of(tender, ABSENT, "price-inquiry"), parties.officer)
    parties.refused(unknown, 404, "bid-unknown")


async def test_bidder_answers_for_itself_alone_when_it_was_asked(parties: Any) -> None:
    tender, bids = await asked(parties)
    await parties.done("POST", of(tender, bids["cedar"], "deficiency"), parties.officer, {"what": "Not signed."})
    alder = parties.bidder("alder")
    kept = await parties.kept()
    for bid, what, body in (
        (bids["dogwood"], "price-explanation", {"explanation": "It is a trick."}),
        (bids["cedar"], "correction", {"digest": DIGEST}),
    ):
        parties.refused(await parties.send("POST", of(tender, bid, what), alder, body), 403, "not-own-organisation")
        # Nor does the office speak for the bidder.
        parties.refused(await parties.send("POST", of(tender, bid, what), parties.officer, body), 403, "role-missing")
    own = await parties.send(
        "POST", of(tender, bids["alder"], "price-explanation"), alder, {"explanation": "Nobody asked."}
    )
    parties.refused(own, 404, "inquiry-unknown")
    own = await parties.send("POST", of(tender, bids["alder"], "correction"), alder, {"digest": DIGEST})
    parties.refused(own, 404, "deficiency-unknown")
    unknown = await parties.send("POST", of(tender, ABSENT, "correction"), alder, {"digest": DIGEST})
    parties.refused(unknown, 404, "bid-unknown")
    assert await parties.kept() == kept


async def test_explanation_is_read_by_itself_and_those_who_decide_alone_when_it_was_given(parties: Any) -> None:
    tender, bids = await asked(parties)
    canary = f"canary-{secrets.token_hex(16)}"
    path, dogwood = of(tender, bids["dogwood"], "price-explanation"), parties.bidder("dogwood")
    member, *_ = await parties.invited(tender)
    elsewhere = replace(parties.officer, organisation="county")
    with capture_logs() as logs:
        dry = await parties.send("POST", path, dogwood, {"explanation": canary}, dry_run=True, key="explain")
        given = await parties.send("POST", path, dogwood, {"explanation": canary}, key="explain")
        late = await parties.send("POST", path, dogwood, {"explanation": canary})
        decision = {"accepted": True, "reason": "The wages are paid."}
        await parties.done("POST", of(tender, bids["dogwood"], "price-decision"), parties.officer, decision)
        await parties.propose(tender)
        await parties.service.published()
        paths = await parties.readable(
            {"tender_id": tender["id"], "bid_id": bids["dogwood"], "plan_id": tender["plan"]}
        )
        assert path in paths
        paths += ["/v1/tenders?status=award", f"/v1/events?key={tender['ocid']}"]
        alder = parties.bidder("alder")
        viewers = (None, alder, elsewhere, parties.officer, parties.head, member, dogwood)
        seen = {
            (read, viewer): (await parties.send("GET", read, viewer)).text
            for read, viewer in itertools.product(paths, viewers)
        }
    assert (dry.status_code, given.status_code, late.status_code) == (201, 201, 409)
    assert not any(canary in text for text in (dry.text, given.text, late.text, str(logs)))
    assert canary not in str([event.data for event in await parties.service.published()])
    decide = {parties.officer, parties.head, member, dogwood}
    assert {at for at, text in seen.items() if canary in text} == {(path, viewer) for viewer in decide}
    for viewer in (alder, elsewhere):
        parties.refused(await parties.send("GET", path, viewer), 404, "not-found")
    parties.refused(await parties.send("GET", path), 401, "token-refused")


async def test_explanation_is_not_there_when_nobody_asked(parties: Any) -> None:
    tender, bids = await asked(parties)
    path = of(tender, bids["alder"], "price-explanation")
    parties.refused(await parties.send("GET", path, parties.officer), 404, "inquiry-unknown")
    unexplained = await parties.shown(of(tender, bids["dogwood"], "price-explanation"), parties.head)
    assert unexplained == {**tender["inquiries"][0], "explanation": None}


async def test_leader_falls_out_by_itself_when_it_does_not_put_its_bid_right_however_late_the_clock(
    parties: Any,
) -> None:
    tender, bids = await parties.priced_bids({"alder": ("900000.00", "50"), "birch": ("950000.00", "50")})
    path = of(tender, bids["alder"], "deficiency")
    told = await parties.done("POST", path, parties.officer, {"what": "Not signed."})
    (lack,) = told["deficiencies"]
    # Two working days after Tuesday the 24th: the end of Thursday the 26th.
    assert (lack["due_at"], lack["what"]) == ("2026-03-27T00:00:00.000000Z", "Not signed.")
    parties.service.clock.set(datetime.fromisoformat(lack["due_at"]) - MICROSECOND)
    assert await parties.service.let_time_act() == 0
    award = f"/v1/tenders/{tender['id']}/lots/lot-1/award"
    parties.refused(await parties.send("POST", award, parties.officer), 409, "deficiency-open", "deficiency-window")
    parties.service.clock.advance(days=7)
    late = await parties.send(
        "POST", of(tender, bids["alder"], "correction"), parties.bidder("alder"), {"digest": DIGEST}
    )
    parties.refused(late, 409, "correction-late", "deficiency-window")
    assert await parties.service.let_time_act() == 1
    assert await parties.service.let_time_act() == 0
    kind, data = (await parties.events(tender))[-1]
    assert (kind, data["bid"], data["rule"], data["reason"]) == (
        "tender.bid-excluded.v1",
        bids["alder"],
        "deficiency-window",
        "What was missing was not put right in time.",
    )
    parties.refused(await parties.send("POST", path, parties.officer, {"what": "More."}), 409, "bid-not-valid")
    assert parties.standing(await parties.propose(tender))["supplier"]["id"] == "birch"


async def test_leader_is_awarded_when_it_put_its_bid_right(parties: Any) -> None:
    tender, bids = await parties.priced_bids({"alder": ("900000.00", "50"), "birch": ("950000.00", "50")})
    deficiency, correction, decision = (
        of(tender, bids["alder"], what) for what in ("deficiency", "correction", "correction-decision")
    )
    await parties.done("POST", deficiency, parties.officer, {"what": "Not signed."})
    again = await parties.send("POST", deficiency, parties.officer, {"what": "Nor dated."})
    parties.refused(again, 409, "deficiency-notified", "deficiency-window")
    early = await parties.send("POST", decision, parties.officer, {"corrected": True, "reason": "It will be."})
    parties.refused(early, 409, "correction-awaited", "deficiency-window")
    await parties.uploaded(parties.bidder("alder"), FORM)
    corrected = await parties.done("POST", correction, parties.bidder("alder"), {"digest": DIGEST})
    assert corrected["deficiencies"][0]["correction"] == DIGEST
    once_more = await parties.send("POST", correction, parties.bidder("alder"), {"digest": "6" * 64})
    parties.refused(once_more, 409, "deficiency-corrected", "deficiency-window")
    # Whoever handed in in time is not excluded by the clock.
    parties.service.clock.advance(days=10)
    assert await parties.service.let_time_act() == 0
    await parties.done("POST", decision, parties.officer, {"corrected": True, "reason": "It is signed."})
    second = await parties.send("POST", decision, parties.officer, {"corrected": False, "reason": "On second thought."})
    parties.refused(second, 409, "deficiency-decided")
    assert parties.standing(await parties.propose(tender))["supplier"]["id"] == "alder"
    story = [kind.removeprefix("award.").removesuffix(".v1") for kind, _ in await parties.events(tender)][-4:]
    assert story == ["deficiency-notified", "deficiency-corrected", "deficiency-decided", "proposed"]


def records(at: datetime) -> dict[str, Any]:
    return {"beacon": {"source": "public-records", "records": ["Lottery of the day"], "at": at.isoformat()}}


def tie_draw(tender: Any) -> str:
    return f"/v1/tenders/{tender['id']}/lots/lot-1/tie-draw"


EQUAL = {"alder": ("900000.00", "50"), "birch": ("900000.00", "50")}
NOTICE = timedelta(minutes=10)


async def test_tie_is_drawn_by_the_records_that_two_persons_read_when_bids_are_equal(parties: Any) -> None:
    tender, bids = await parties.priced_bids(EQUAL)
    path = tie_draw(tender)
    now = parties.service.clock.now()
    early = await parties.send("POST", path, parties.officer, records(now + NOTICE - MICROSECOND))
    parties.refused(early, 409, "beacon-too-early", "committee.beacon-lead")
    numbers = {"numbers": [[41, 7]]}
    unknown = await parties.send("POST", f"{path}/result", parties.officer, numbers)
    parties.refused(unknown, 404, "tie-draw-unknown")
    assert (await parties.shown(f"{path}/record"))["draws"] == []
    await parties.done("POST", path, parties.officer, records(now + NOTICE))
    again = await parties.send("POST", path, parties.officer, records(now + NOTICE))
    parties.refused(again, 409, "tie-draw-announced", "tie-break")
    parties.service.clock.set(now + NOTICE - MICROSECOND)
    waiting = await parties.send("POST", f"{path}/result", parties.officer, numbers)
    parties.refused(waiting, 409, "beacon-not-yet", "committee.beacon-lead")
    parties.service.clock.set(now + NOTICE)
    for invented in ({"randomness": "5f" * 32}, {"signature": "5f" * 48}, {"numbers": [[1], [2]]}, {}):
        refused = await parties.send("POST", f"{path}/result", parties.officer, invented)
        parties.refused(refused, 422, "randomness-of-another-beacon")
    # Nobody draws alone, and trying it notes nothing.
    await parties.done("POST", f"{path}/result", parties.head, numbers, dry_run=True)
    entered = await parties.done("POST", f"{path}/result", parties.officer, numbers)
    assert entered["tie_draws"][0]["order"] == []
    twice = await parties.send("POST", f"{path}/result", parties.officer, numbers)
    parties.refused(twice, 409, "numbers-entered")
    drawn = await parties.done("POST", f"{path}/result", parties.head, numbers)
    (draw,) = drawn["tie_draws"]
    # Worked out again from what is public alone: HKDF with SHA-256, by hand.
    code = hashlib.sha256(f"{tender['ocid']}/lot-1".encode()).digest()
    for _ in range(63):
        code = hashlib.sha256(code).digest()
    secret = hmac.new(code, b"7.41./", hashlib.sha256).digest()
    expected = sorted(draw["bids"], key=lambda bid: hmac.new(secret, bid.encode() + b"\x01", hashlib.sha256).digest())
    assert (draw["order"], draw["randomness"], set(expected)) == (expected, b"7.41./".hex(), set(bids.values()))
    second = await parties.send("POST", f"{path}/result", parties.officer, {"numbers": [[1]]})
    parties.refused(second, 404, "tie-draw-unknown")
    assert parties.standing(await parties.propose(tender))["bid"] == expected[0]
    story = dict((await parties.events(tender))[-3:])
    assert story["award.tie-draw-announced.v1"]["bids"] == sorted(bids.values())
    told = story["award.tie-drawn.v1"]
    assert (told["order"], told["source"]) == (expected, "Lottery of the day")
    record = await parties.shown(f"{path}/record")
    assert record["closings"] == [{**story["award.tie-draw-announced.v1"]["fixed"], "reason": None}]
    assert record["draws"] == [told["draw"]]
    assert all(finding.kept for finding in verify(record))


async def test_tie_is_drawn_at_once_by_the_round_of_drand_that_was_named(
    parties: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beacon, "QUICKNET_KEY", drand.KEY)
    tender, _ = await parties.priced_bids(EQUAL)
    path = tie_draw(tender)
    since = int(parties.service.clock.now().timestamp()) - 1_692_803_367
    known, named = since // 3 + 1, since // 3 + 202
    early = await parties.send("POST", path, parties.officer, {"beacon": {"source": "drand", "round": known}})
    parties.refused(early, 409, "beacon-too-early", "committee.beacon-lead")
    await parties.done("POST", path, parties.officer, {"beacon": {"source": "drand", "round": named}})
    parties.service.clock.advance(minutes=11)
    # A round that is known by now, and what the officer would like drand to have said.
    for signature in (drand.signature(named + 1), "5f" * 48):
        wrong = await parties.send("POST", f"{path}/result", parties.officer, {"signature": signature})
        parties.refused(wrong, 422, "signature-not-of-round")
    genuine = {"signature": drand.signature(named)}
    drawn = await parties.done("POST", f"{path}/result", parties.officer, genuine)
    assert drawn["tie_draws"][0]["randomness"] == hashlib.sha256(bytes.fromhex(genuine["signature"])).hexdigest()
    assert all(finding.kept for finding in verify(await parties.shown(f"{path}/record")))


async def test_draw_is_refused_when_there_is_no_tie_or_no_such_lot(parties: Any) -> None:
    tender, _ = await parties.priced_bids({"alder": ("900000.00", "50"), "birch": ("950000.00", "50")})
    body = records(parties.service.clock.now() + NOTICE)
    path = f"/v1/tenders/{tender['id']}/lots"
    # In earnest it says that there is no tie; trying it does not tell.
    assert await parties.done("POST", f"{path}/lot-1/tie-draw", parties.officer, body, dry_run=True) == tender
    parties.refused(
        await parties.send("POST", f"{path}/lot-1/tie-draw", parties.officer, body), 409, "tie-missing", "tie-break"
    )
    parties.refused(await parties.send("POST", f"{path}/lot-2/tie-draw", parties.officer, body), 404, "lot-unknown")
    parties.refused(await parties.send("GET", f"{path}/lot-2/tie-draw/record"), 404, "lot-unknown")


@pytest.mark.parametrize(
    ("what", "body", "code"),
    [
        ("price-decision", {"accepted": True}, "field-missing"),
        ("price-decision", {"accepted": True, "reason": " "}, "value-invalid"),
        ("price-decision", {"accepted": "maybe", "reason": "So."}, "value-invalid"),
        ("deficiency", {"what": ""}, "value-invalid"),
        ("deficiency", {"what": "x", "until": "2027-01-01"}, "unknown-field"),
        ("correction-decision", {"corrected": True}, "field-missing"),
    ],
)
async def test_request_makes_no_sense_when_it_is_malformed(
    same_day: Any, what: str, body: dict[str, Any], code: str
) -> None:
    response = await same_day.send("POST", of({"id": ABSENT}, ABSENT, what), same_day.officer, body)
    same_day.refused(response, 422, code)


@pytest.mark.parametrize("signature", ["", "zz" * 48, "AB" * 48, "0" * 33, "00" * 501])
async def test_beacon_makes_no_sense_when_it_is_not_in_hexadecimal_digits(same_day: Any, signature: str) -> None:
    path = f"/v1/tenders/{ABSENT}/lots/lot-1/tie-draw/result"
    response = await same_day.send("POST", path, same_day.officer, {"signature": signature})
    same_day.refused(response, 422, "value-invalid")


async def test_nothing_is_examined_when_the_prices_are_sealed(parties: Any) -> None:
    tender, bids = await parties.scored({"alder": ("900000.00", "50"), "birch": ("950000.00", "50")})
    kept = await parties.kept()
    too_early = (409, "tender-not-award")
    for what, person, body, refusal in (
        ("price-inquiry", parties.officer, None, too_early),
        ("price-explanation", parties.bidder("alder"), {"explanation": "Paid."}, (404, "inquiry-unknown")),
        ("price-decision", parties.officer, {"accepted": True, "reason": "So."}, too_early),
        ("deficiency", parties.officer, {"what": "Not signed."}, too_early),
        ("correction", parties.bidder("alder"), {"digest": DIGEST}, (404, "deficiency-unknown")),
        ("correction-decision", parties.officer, {"corrected": True, "reason": "So."}, too_early),
    ):
        response = await parties.send("POST", of(tender, bids["alder"], what), person, body)
        parties.refused(response, *refusal)
    assert await parties.kept() == kept


async def test_somebody_is_waited_for_at_every_step_when_bids_are_examined(parties: Any) -> None:
    tender, bids = await asked(parties)
    # Ten working days after Tuesday the 24th of March: the end of Tuesday the 7th of April.
    proposal = "2026-04-08T00:00:00+00:00"

    async def waits() -> tuple[str, str]:
        row = (await parties.service.execute("SELECT waiting_for, due_at FROM tenders")).one()
        return row.waiting_for, row.due_at.isoformat()

    # Three working days, and two from the day after.
    assert await waits() == ("a bidder's explanation of its price", "2026-03-28T00:00:00+00:00")
    path = of(tender, bids["dogwood"], "price-explanation")
    await parties.done("POST", path, parties.bidder("dogwood"), {"explanation": "Paid."})
    assert await waits() == ("the decision on an explained price", proposal)
    parties.service.clock.advance(days=1)
    await parties.done("POST", of(tender, bids["cedar"], "deficiency"), parties.officer, {"what": "No plan."})
    assert await waits() == ("a bidder's correction", "2026-03-28T00:00:00+00:00")
    await parties.uploaded(parties.bidder("cedar"), FORM)
    await parties.done("POST", of(tender, bids["cedar"], "correction"), parties.bidder("cedar"), {"digest": DIGEST})
    decision = {"accepted": False, "reason": "The wages are not paid."}
    await parties.done("POST", of(tender, bids["dogwood"], "price-decision"), parties.officer, decision)
    assert await waits() == ("the decision on a correction", proposal)
    corrected = {"corrected": True, "reason": "There is one."}
    await parties.done("POST", of(tender, bids["cedar"], "correction-decision"), parties.officer, corrected)
    assert await waits() == ("the proposal of an award", proposal)


async def test_explanation_is_reported_when_its_term_has_passed(parties: Any) -> None:
    tender, _ = await asked(parties)
    due = tender["inquiries"][0]["due_at"]
    parties.service.clock.set(datetime.fromisoformat(due) - MICROSECOND)
    assert await parties.shown("/v1/overdue") == []
    parties.service.clock.advance(microseconds=1)
    (item,) = await parties.shown("/v1/overdue")
    waiting_for = "a bidder's explanation of its price"
    assert item == {"kind": "tender", "id": tender["id"], "state": "award", "waiting_for": waiting_for, "due_at": due}


async def test_draw_is_reported_when_its_beacon_was_published_and_nobody_has_drawn(parties: Any) -> None:
    tender, _ = await parties.priced_bids(EQUAL)
    at = datetime.fromisoformat("2026-03-24T02:00:00Z")
    await parties.done("POST", tie_draw(tender), parties.officer, records(at))
    assert await parties.shown("/v1/overdue") == []
    parties.service.clock.set(at)
    (item,) = await parties.shown("/v1/overdue")
    assert (item["waiting_for"], item["due_at"]) == ("the draw of a tie", "2026-03-24T02:00:00.000000Z")
