"""The page of a procedure with a single source, a panel, challenges and a framework agreement, and its JSON twin."""

import re

import conduct_of_a_procedure as given_conduct
from procedure_with_lots import OCID

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
