"""Draws by a public beacon: named before anybody can know it, read as it spoke, and the order that it gives."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from shared.kernel import draw as selection
from shared.kernel.beacon import Beacon, drand_randomness, drand_signed, records_randomness
from shared.kernel.clock import hasten
from shared.kernel.errors import Invalid, NotAllowed
from shared.rules.pack import RulePack
from tender.domain.draw_parts import Closing, Draw, NumbersEntered, Randomness, Skip

_LEAD = "committee.beacon-lead"


def expect_ahead(beacon: Beacon, *, at: datetime, acceleration: int, pack: RulePack) -> None:
    """Hold a beacon that is named now to the time that the pack asks for before it speaks.

    Raises:
        NotAllowed: beacon-too-early.
    """
    minutes = pack.number(_LEAD)
    if beacon.at < hasten(at, at + timedelta(minutes=int(minutes)), acceleration):
        raise NotAllowed(
            "beacon-too-early",
            "The randomness could be known too soon after the draw is fixed.",
            reference=pack.reference(_LEAD),
            satisfied_by=f"A beacon {minutes} minutes or more from now.",
        )


def expect_spoken(beacon: Beacon, *, at: datetime, pack: RulePack) -> None:
    """Keep everybody from drawing before the beacon's instant.

    Raises:
        NotAllowed: beacon-not-yet.
    """
    if at < beacon.at:
        raise NotAllowed(
            "beacon-not-yet",
            "Nobody draws before the instant of the beacon.",
            reference=pack.reference(_LEAD),
            satisfied_by="The instant of the beacon.",
        )


def read_randomness(
    beacon: Beacon, *, signature: bytes | None, randomness: bytes | None, numbers: Sequence[Sequence[int]] | None
) -> Randomness:
    """Read what the beacon gave; a round's signature is held to drand's own key.

    Raises:
        Invalid: randomness-of-another-beacon, randomness-not-of-signature, signature-not-of-round, what
            records_randomness() refuses.
    """
    if beacon.source == "drand":
        if signature is None or numbers is not None:
            raise Invalid(
                "randomness-of-another-beacon",
                "The randomness does not come from the beacon that was named.",
                satisfied_by="The signature of the round.",
            )
        if randomness is not None and randomness != drand_randomness(signature):
            raise Invalid("randomness-not-of-signature", "A round's randomness is the SHA-256 of its signature.")
        if beacon.round is None or not drand_signed(beacon.round, signature):
            raise Invalid(
                "signature-not-of-round",
                "drand did not sign the round that was named so.",
                satisfied_by="The signature of the round, as drand publishes it.",
            )
        return Randomness(drand_randomness(signature), signature)
    if signature is not None or randomness is not None or numbers is None or len(numbers) != len(beacon.records):
        raise Invalid(
            "randomness-of-another-beacon",
            "The randomness does not come from the beacon that was named.",
            satisfied_by="The numbers of each of the records, in their order.",
        )
    return Randomness(records_randomness(numbers), numbers=tuple(tuple(sorted(source)) for source in numbers))


def numbers_entered(
    entered: Sequence[NumbersEntered], randomness: Randomness, person: str
) -> tuple[tuple[NumbersEntered, ...], bool]:
    """Note what a person read in the public records; return also whether two persons have read the same.

    Raises:
        NotAllowed: numbers-entered, if the same person enters the same again.
    """
    assert randomness.numbers is not None  # noqa: S101 - read_randomness() gave the numbers of the records
    entry = NumbersEntered(person, randomness.numbers)
    if entry in entered:
        raise NotAllowed(
            "numbers-entered",
            "You have entered these numbers; a second person reads them too.",
            satisfied_by="The same numbers, entered by another authorised person.",
        )
    others = tuple(known for known in entered if known.person != person)
    return (*others, entry), any(known.numbers == entry.numbers for known in others)


def ordered(closing: Closing, randomness: Randomness, code: bytes) -> tuple[UUID, ...]:
    """Order the whole pool."""
    return tuple(map(UUID, selection.order(code, randomness.value, map(str, closing.pool))))


def draw_first(closing: Closing, randomness: Randomness, code: bytes, *, at: datetime) -> Draw:
    """Draw the places that were fixed where no rule keeps anybody of the pool away."""
    order = ordered(closing, randomness, code)
    return told(closing, randomness, code, order, order[: closing.places], (), closing.places, at=at)


def told(
    closing: Closing,
    randomness: Randomness,
    code: bytes,
    order: Sequence[UUID],
    selected: Sequence[UUID],
    skipped: Sequence[Skip],
    walked: int,
    *,
    at: datetime,
) -> Draw:
    """Write a draw down with everything that is needed to draw again."""
    return Draw(
        closing=closing,
        randomness=randomness.value.hex(),
        signature=randomness.signature.hex() if randomness.signature else None,
        numbers=randomness.numbers,
        code=code.hex(),
        order=tuple(order),
        selected=tuple(selected),
        skipped=tuple(skipped),
        drawn_at=at,
        walked=walked,
    )
