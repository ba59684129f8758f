"""What is done under an id of the client's: it happens once, and a repetition gets the answer of the first time."""

from dataclasses import fields
from typing import TypeVar

from shared.kernel.errors import NotAllowed

Asked = TypeVar("Asked")

# What may change by itself later; the answer to an id does not, or a client that asks again could not tell which holds.
TRANSIENT = frozenset(
    {
        "insufficient-funds",
        "line-unknown",
        "fiscal-year-closed",
        "order-not-approved",
        "payment-above-accrued",
        "advance-above-committed",
    }
)


def expect_same(kept: Asked, asked: Asked, refusal: str | None) -> None:
    """Hold a repetition to what was first asked under its id, field by field in their order.

    Raises:
        NotAllowed: exists-with-different-<field>, id-already-failed.
    """
    for field in fields(kept):  # type: ignore[arg-type]  # a dataclass, as the callers' types say
        if getattr(kept, field.name) != getattr(asked, field.name):
            name = field.name.replace("_", "-")
            raise NotAllowed(
                f"exists-with-different-{name}",
                f"This id was used for a request with another {name.replace('-', ' ')}.",
                satisfied_by="The first request again, or another id.",
            )
    if refusal is not None:
        raise NotAllowed(
            "id-already-failed",
            f"What was first asked under this id was refused ({refusal}), and stays so.",
            satisfied_by="Another id.",
        )
