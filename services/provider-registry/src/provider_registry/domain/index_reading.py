"""What an index says in plain language, by itself and beside the provider's peers."""

from decimal import Decimal

from provider_registry.domain.index_values import Found, Index, Quartiles, published_value


def reading(index: Index, found: Found, peers: Quartiles | None) -> str:
    """Read an index for somebody who is no accountant."""
    value = published_value(found)
    if value is None:
        return f"Not rated, for lack of: {', '.join(found.missing).replace('_', ' ')}."
    said = index.reading.format(value=value)
    return said if peers is None or index.unit == "opinion" else f"{said} {_compared(index, Decimal(value), peers)}"


def _compared(index: Index, value: Decimal, peers: Quartiles) -> str:
    if value < peers.lower:
        place, side = "less than three quarters", "lower"
    elif value > peers.upper:
        place, side = "more than three quarters", "higher"
    else:
        return f"That is in the middle half of {peers.peers} providers of the same kind and size."
    judged = "as one would wish" if side == index.better else "not as one would wish"
    return f"That is {place} of {peers.peers} providers of the same kind and size, {judged}."
