"""Who may see that a tender is there at all."""

from shared.kernel.access import Actor
from shared.kernel.errors import not_here
from tender.domain.tender import Tender


def visible(tender: Tender, actor: Actor | None) -> Tender:
    """Return a tender, unless it is its own office's business and the actor is of another.

    Raises:
        NotFound: not-found.
    """
    if tender.hidden and (actor is None or actor.organisation != tender.buyer.id):
        raise not_here()
    return tender


def published(tender: Tender) -> Tender:
    """Return a tender that was published: nothing can be done with another, and nothing of it read, from outside.

    Raises:
        NotFound: not-found.
    """
    if tender.published_at is None:
        raise not_here()
    return tender
