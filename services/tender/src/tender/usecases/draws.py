"""What a beacon gave, as somebody hands it in."""

import asyncio
from dataclasses import dataclass

from shared.kernel.beacon import Beacon
from tender.domain.draw_parts import Randomness
from tender.domain.public_draw import read_randomness


@dataclass(frozen=True, slots=True)
class Given:
    """What a request says the beacon gave."""

    signature: bytes | None
    randomness: bytes | None
    numbers: tuple[tuple[int, ...], ...] | None


async def read(beacon: Beacon, given: Given) -> Randomness:
    """Read it, beside the loop: to verify a signature takes half a second."""
    return await asyncio.to_thread(
        read_randomness,
        beacon,
        signature=given.signature,
        randomness=given.randomness,
        numbers=given.numbers,
    )
