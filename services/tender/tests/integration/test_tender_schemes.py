"""Another sealing scheme behind the same bid API."""

from typing import Any

import pytest

from shared.kernel.errors import Invalid
from tender.domain import seal


class Wax:
    """A scheme that asks for its mark and gives a content only where it is whole."""

    def check(self, envelope: bytes, pointer: str) -> None:
        if not envelope.startswith(b"wax:"):
            raise Invalid("envelope-malformed", "An envelope bears the mark.", pointer=pointer)

    def unseal(self, envelope: bytes) -> bytes | None:
        return envelope.removeprefix(b"wax:") if envelope.endswith(b"}") else None


async def test_scheme_decides_what_it_takes_and_gives_when_bids_are_sealed_with_it(
    parties: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "SCHEMES", {**seal.SCHEMES, "wax/v1": Wax()})
    tender = await parties.active()
    await parties.verify("alder", "birch", "cedar")
    path = f"/v1/tenders/{tender['id']}"

    async def send(name: str, envelope: bytes) -> Any:
        body = parties.bid_body(envelope, scheme="wax/v1")
        return await parties.send("POST", f"{path}/bids", parties.bidder(name), body)

    unmarked = parties.refused(await send("alder", parties.priced("1.00")), 422, "envelope-malformed")
    assert unmarked["pointer"] == "/body/financial"
    assert (await send("alder", b"wax:" + parties.priced("1.00"))).status_code == 201
    assert (await send("birch", b"wax:torn")).status_code == 201
    await parties.bid(tender, "cedar", "3.00")
    await parties.to_prices(await parties.open(tender))
    bids = {bid["bidder"]["id"]: bid for bid in await parties.shown(f"{path}/bids")}
    assert {name: (bid["valid"], bid["reason"]) for name, bid in bids.items()} == {
        "alder": (True, None),
        "birch": (False, "The seal did not open."),
        "cedar": (True, None),
    }
    assert (bids["alder"]["price"]["amount"], bids["birch"]["price"]) == ("1.00", None)
