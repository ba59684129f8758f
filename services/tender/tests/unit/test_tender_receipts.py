"""Receipts, verified the way a bidder would: by the published key alone, with another library."""

import base64
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from tender.api.receipts import ReceiptSigner

PAYLOAD = {"bid": "b", "digest": "0" * 64, "received_at": "2026-03-02T12:00:00+00:00"}


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.fixture(scope="module")
def signer() -> ReceiptSigner:
    key = Ed25519PrivateKey.generate()
    return ReceiptSigner(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


def public_key(signer: ReceiptSigner, kid: str) -> Ed25519PublicKey:
    (key,) = [key for key in signer.keys()["keys"] if key["kid"] == kid]
    return Ed25519PublicKey.from_public_bytes(decoded(key["x"]))


def test_receipt_proves_its_payload_when_it_is_verified_independently(signer: ReceiptSigner) -> None:
    header, payload, signature = signer.sign(PAYLOAD).split(".")
    named = json.loads(decoded(header))
    assert (named["alg"], named["typ"]) == ("Ed25519", "bid-receipt+jws")
    public_key(signer, named["kid"]).verify(decoded(signature), f"{header}.{payload}".encode())
    assert json.loads(decoded(payload)) == PAYLOAD


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_receipt_proves_nothing_when_one_of_its_bytes_is_flipped(signer: ReceiptSigner, place: int, flip: int) -> None:
    header, payload, signature = signer.sign(PAYLOAD).split(".")
    signed, proof = bytearray(f"{header}.{payload}".encode()), bytearray(decoded(signature))
    flipped = signed if place % 2 else proof
    flipped[place // 2 % len(flipped)] ^= flip
    key = public_key(signer, json.loads(decoded(header))["kid"])
    with pytest.raises(InvalidSignature):
        key.verify(bytes(proof), bytes(signed))


def test_private_part_stays_at_home_when_the_keys_are_published(signer: ReceiptSigner) -> None:
    (key,) = signer.keys()["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}


def test_key_keeps_its_id_when_the_service_starts_again() -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    assert ReceiptSigner(pem).keys() == ReceiptSigner(pem).keys()
