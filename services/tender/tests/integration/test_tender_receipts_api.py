"""What a bidder holds in hand, verified by the published key alone."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws
from joserfc.errors import BadSignatureError
from joserfc.jwk import KeySet


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verified(signed: str, keys: dict[str, Any]) -> dict[str, Any]:
    """Verify a receipt as a bidder would, by RFC 7515 alone."""
    header, payload, signature = signed.split(".")
    kid = json.loads(decoded(header))["kid"]
    (key,) = [key for key in keys["keys"] if key["kid"] == kid]
    public = Ed25519PublicKey.from_public_bytes(decoded(key["x"]))
    public.verify(decoded(signature), f"{header}.{payload}".encode())
    return dict(json.loads(decoded(payload)))


async def test_receipt_says_what_was_received_when_it_is_verified_with_the_published_key(same_day: Any) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    content = same_day.priced("1000000.00")
    receipt = await same_day.bid(tender, "birch", content)
    keys = await same_day.shown("/v1/receipt-keys")
    payload = verified(receipt["signed"], keys)
    assert payload == {
        "bid": receipt["bid"],
        "tender": tender["id"],
        "lot": "lot-1",
        "bidder": "birch",
        "status": "submitted",
        "technical_digest": None,
        "digest": hashlib.sha256(bytes.fromhex(receipt["salt"]) + content).hexdigest(),
        "received_at": "2026-03-02T09:00:00.000000Z",
    }
    other = jws.deserialize_compact(receipt["signed"], KeySet.import_key_set(keys), algorithms=["Ed25519"])
    assert json.loads(other.payload) == payload


async def test_receipt_proves_nothing_when_a_byte_of_it_is_flipped(same_day: Any) -> None:
    tender = await same_day.active()
    await same_day.verify("birch")
    signed = (await same_day.bid(tender, "birch", "1.00"))["signed"]
    keys = await same_day.shown("/v1/receipt-keys")
    header, payload, signature = signed.split(".")
    changed = bytearray(decoded(payload))
    changed[changed.index(b"birch")] ^= 1
    forged = base64.urlsafe_b64encode(bytes(changed)).decode().rstrip("=")
    broken = bytearray(decoded(signature))
    broken[0] ^= 1
    unsigned = base64.urlsafe_b64encode(bytes(broken)).decode().rstrip("=")
    for receipt in (f"{header}.{forged}.{signature}", f"{header}.{payload}.{unsigned}"):
        with pytest.raises(InvalidSignature):
            verified(receipt, keys)
        with pytest.raises(BadSignatureError):
            jws.deserialize_compact(receipt, KeySet.import_key_set(keys), algorithms=["Ed25519"])


async def test_opening_shows_the_digest_of_the_receipt_when_the_bid_was_kept_as_it_came(parties: Any) -> None:
    tender = await parties.active()
    await parties.verify("alder", "birch")
    receipts = [await parties.bid(tender, name, "1.00") for name in ("alder", "birch")]
    keys = await parties.shown("/v1/receipt-keys")
    await parties.open(tender)
    bids = {bid["bid"]: bid for bid in await parties.shown(f"/v1/tenders/{tender['id']}/bids")}
    for receipt in receipts:
        payload = verified(receipt["signed"], keys)
        assert (bids[payload["bid"]]["digest"], bids[payload["bid"]]["bidder"]["id"]) == (
            payload["digest"],
            payload["bidder"],
        )
