"""Domain events in the published language; what each becomes is seen where it happens."""

from uuid import UUID

import pytest

from shared.kernel.events import DomainEvent
from tender.domain.events import ProcedureEvent
from tender.messaging.publish import published


@pytest.mark.parametrize(
    "event",
    [DomainEvent(aggregate=UUID(int=1), version=1), ProcedureEvent(aggregate=UUID(int=1), version=1, ocid="ocds-1")],
)
def test_event_is_not_published_as_something_else_when_nobody_said_what_it_is(event: DomainEvent) -> None:
    with pytest.raises(TypeError, match=type(event).__name__):
        published(event)
