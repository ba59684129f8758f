"""The page of a procedure with a single source, a panel, challenges and a framework agreement, and its JSON twin."""

import re
from decimal import Decimal

import conduct_of_a_procedure as given_conduct
from procedure_with_lots import NORTH_A, NORTH_B, OCID

from shared.contracts import award, framework, panel, tender
from shared.contracts.payment_terms import PaymentTerms
from shared.rules.pack import load_pack
from shared.rules.payment_formula import pack_formula
from shared.testing.services import RunningService


async def test_the_page_shows_how_a_procedure_was_conducted(portal: RunningService) -> None:
    for source, data in given_conduct.conduct():
        portal.clock.advance(hours=1)
        await portal.deliver(source, data)
    page = (await portal.client.get(f"/procedures/{OCID}")).text
    for text in (
        "Silver Oak Association</strong> alone is to be asked",
        "Nobody else is licensed &lt;here&gt;.",
        "There is another.",
        "<dt>Seats of experts</dt><dd>2</dd>",
        f"<code>{given_conduct.FIRST}</code> left (refused), <code>{given_conduct.THIRD}</code> took the place",
        "the panel scores anew, round 2: A complaint was upheld.",
        "<strong>77.00</strong>",
        "Lot “North of the river”: criteria not applied",
        '<span class="state state-upheld">upheld</span>',
        "qualify again",
        "400,000.00 EUR",
        "cascade: The first in the ranking.",
        "not signed; its value may be ordered again",
        "Bright Days Cooperative",
    ):
        assert text in page, text
    # Sections are named by their headings, tables by their captions, and no name is given twice.
    named = set(re.findall(r'aria-labelledby="([^"]+)"', page))
    identifiers = re.findall(r'\bid="([^"]+)"', page)
    assert named <= set(identifiers)
    assert len(identifiers) == len(set(identifiers))
    assert "11.00" not in re.sub(r"(?s)<section aria-labelledby=\"timeline\">.*", "", page)

    shown = (await portal.client.get(f"/v1/procedures/{OCID}")).json()["course"]
    assert shown["publicities"][0]["objections"][0]["reviewed"]["data"]["outcome"] == "upheld"
    assert shown["panel"]["members"] == [str(given_conduct.SECOND), str(given_conduct.THIRD)]
    assert [one["state"] for one in shown["challenges"]] == ["upheld", "closed", "conceded"]
    assert [order["returned"] is not None for order in shown["frameworks"][0]["orders"]] == [False, True]
    parked = await portal.client.get("/v1/parked", headers=portal.headers("o", "ops", "operator"))
    assert parked.json() == []


async def test_page_says_by_which_rule_no_more_is_public_when_rankings_are_kept(portal: RunningService) -> None:
    secret = {"91.0000", "51.0000", "77.00", "55.00"}
    for source, told in given_conduct.conduct():
        portal.clock.advance(hours=1)
        data = told
        if isinstance(told, tender.Published):
            data = told.model_copy(update={"pack": tender.PinnedPack(id="eu-light", version="1.0.0")})
        if isinstance(told, framework.FrameworkProposed):
            data = told.model_copy(
                update={"ranking": (), "ranked": 2, "ranking_digest": "d1" * 32, "standstill_rule": "standstill"}
            )
        if isinstance(told, panel.ScoresLocked):
            data = told.model_copy(
                update={"scores": (), "scored": 2, "scores_digest": "d2" * 32, "parts": 1, "part": 1}
            )
        if not isinstance(told, award.RankingContinued):
            await portal.deliver(source, data)
    page = (await portal.client.get(f"/procedures/{OCID}")).text
    rule = '<a href="/rules/eu-light?on=2026-01-01#award.ranking-public"><code>award.ranking-public</code></a>'
    assert f"The whole ranking is not public (rule {rule}, Directive 2014/24/EU, art. 55)." in page
    assert f"What the panel gave is not public (rule {rule}, Directive 2014/24/EU, art. 55)." in page
    standstill = '<a href="/rules/eu-light?on=2026-01-01#standstill"><code>standstill</code></a>'
    assert f"</time> (rule {standstill}, Directive 89/665/EEC" in page
    assert "2 bids have a place. Here stands who won; each bidder reads its own points and rank." in page
    assert ("d1" * 32 in page, "d2" * 32 in page) == (True, True)
    twin = (await portal.client.get(f"/v1/procedures/{OCID}")).text
    events = [(await portal.client.get(link)).text for link in set(re.findall(r'href="(/events/tender/[^"]+)"', page))]
    assert [figure for figure in secret for text in (page, twin, *events) if figure in text] == []
    assert len(events) > 20
    assert {str(NORTH_A), str(NORTH_B)} & set(re.findall(r"[0-9a-f-]{36}", twin))


async def test_page_says_in_words_how_a_period_is_paid_when_the_tender_states_it(portal: RunningService) -> None:
    terms = PaymentTerms.model_validate(pack_formula(load_pack("model")))
    terms = terms.model_copy(update={"retention_share": Decimal("0.05"), "guarantee": Decimal("0.5")})
    for source, told in given_conduct.conduct():
        portal.clock.advance(hours=1)
        stated = isinstance(told, tender.Published)
        await portal.deliver(source, told.model_copy(update={"payment_terms": terms}) if stated else told)
        if stated:
            break
    page = (await portal.client.get(f"/procedures/{OCID}")).text
    assert "5 % of what is accepted is retained; it is paid once two persons of the office decide so." in page
    assert "At least 50 % of a period&#39;s amount is paid in any case." in page
