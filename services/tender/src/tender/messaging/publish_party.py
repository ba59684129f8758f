"""Parties, as the published language names them."""

from shared.contracts.event import Organisation
from tender.domain.parts import Party


def party(named: Party) -> Organisation:
    """Write a party."""
    return Organisation(id=named.id, name=named.name)
