"""Domain events in the published language; what each becomes is seen where it happens."""

import importlib
import pkgutil
from uuid import UUID

import pytest

import tender.domain
from shared.contracts.catalogue import event_types
from shared.contracts.event import Data
from shared.kernel.events import DomainEvent
from tender.domain.events import ProcedureEvent
from tender.messaging.publish import published

MODULES = [
    importlib.import_module(found.name) for found in pkgutil.iter_modules(tender.domain.__path__, "tender.domain.")
]
KNOWN = {
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, DomainEvent)
}
HAPPEN = sorted(KNOWN - {base for kind in KNOWN for base in kind.__mro__[1:]}, key=lambda kind: kind.__name__)


@pytest.mark.parametrize(
    "event",
    [DomainEvent(aggregate=UUID(int=1), version=1), ProcedureEvent(aggregate=UUID(int=1), version=1, ocid="ocds-1")],
)
def test_event_is_not_published_as_something_else_when_nobody_said_what_it_is(event: DomainEvent) -> None:
    with pytest.raises(TypeError, match=type(event).__name__):
        published(event)


@pytest.mark.parametrize("kind", HAPPEN, ids=lambda kind: kind.__name__)
def test_event_has_a_writer_when_it_can_happen(kind: type[DomainEvent]) -> None:
    # The writer looks for what it is to tell and there is nothing; an event without a writer would be a TypeError.
    with pytest.raises(AttributeError):
        published(object.__new__(kind))


def test_events_are_as_many_as_the_catalogue_says_when_they_are_counted() -> None:
    assert len(HAPPEN) == sum(model.OWNER == "tender" for model in event_types().values())


def test_nothing_is_left_out_when_a_field_is_neither_there_nor_told() -> None:
    class Told(Data):
        there: str
        optional: str | None = None

    class Source:
        there = "x"

    with pytest.raises(AttributeError, match="optional"):
        Told.of(Source())
    with pytest.raises(TypeError, match="misspelt"):
        Told.of(Source(), optional=None, misspelt=1)
    assert Told.of(Source(), optional="y") == Told(there="x", optional="y")
