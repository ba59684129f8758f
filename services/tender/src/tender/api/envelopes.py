"""Envelopes as they come over the wire, and what the bidder is given in hand for them."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, overload

from fastapi import Response

from shared.kernel.errors import Invalid
from shared.platform.problems import describe
from tender.api.schemas import ReceiptView
from tender.usecases.bidding import Receipt, Refused


@overload
def envelope(text: str, pointer: str) -> bytes: ...
@overload
def envelope(text: str | None, pointer: str) -> bytes | None: ...
def envelope(text: str | None, pointer: str) -> bytes | None:
    """Read an envelope."""
    if text is None:
        return None
    try:
        return base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Invalid("envelope-malformed", "The envelope is base64.", pointer=pointer) from error


def outcome(received: Receipt | Refused) -> ReceiptView | Response:
    """Answer a bid that was received with its receipt, and one that was not with its signed refusal."""
    if isinstance(received, Receipt):
        return ReceiptView.model_validate(received)
    return describe(received.error, refusal=received.signed or None)


def unsigned(_: Mapping[str, Any], __: str) -> str:
    """Give a dry run nothing that would prove a bid was received or refused: none is kept."""
    return ""
