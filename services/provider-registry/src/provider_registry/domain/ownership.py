"""Who owns whom, over the whole registry."""

from collections.abc import Iterable, Mapping

from shared.kernel.errors import NotAllowed

Ownership = Mapping[str, Iterable[str]]


def refuse_cycle(start: str, owners: Ownership) -> None:
    """Refuse owners over whom an organisation would own itself.

    Shape: owners has, for each organisation that is reached from the start, those that own it.

    Raises:
        NotAllowed: ownership-cyclic.
    """
    reached, ahead = set[str](), list(owners.get(start, ()))
    while ahead:
        one = ahead.pop()
        if one == start:
            raise NotAllowed(
                "ownership-cyclic",
                "Over the owners of its owners the organisation would own itself.",
                satisfied_by="Owners of whom none is owned by this organisation, over however many others.",
            )
        if one not in reached:
            reached.add(one)
            ahead.extend(owners.get(one, ()))
