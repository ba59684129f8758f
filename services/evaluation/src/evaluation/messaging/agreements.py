"""What others publish about an agreement, in the evaluation's own terms."""

from evaluation.domain.agreement import Milestone, Party, Service
from shared.contracts.contract import Changed, Signed
from shared.contracts.event import Organisation
from shared.contracts.tender import Service as PublishedService


def party(organisation: Organisation) -> Party:
    return Party(organisation.id, organisation.name)


def service(published: PublishedService) -> Service:
    return Service(published.code, published.title)


def milestones(agreed: Signed | Changed) -> tuple[Milestone, ...]:
    return tuple(Milestone(item.period, item.start, item.end, item.amount) for item in agreed.milestones)
