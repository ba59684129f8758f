"""What every published event has: data of a declared type, and the CloudEvents attributes around it."""

from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from shared.contracts.fields import Instant, OrganisationId, ShortText
from shared.kernel.errors import RuleReference

MOST_BYTES = 1_000_000
"""The most that an event's data may have as JSON; with its attributes it fits in Kafka's usual largest message."""


class Data(BaseModel):
    """Data of an event; a reader ignores fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def of(cls, source: object, /, **told: Any) -> Self:
        """Write what a domain says: every field by its name, but those told.

        Raises:
            AttributeError: for a field that is neither there nor told: none takes its default unnoticed.
            TypeError: for something told that is no field.
        """
        if unknown := told.keys() - cls.model_fields.keys():
            raise TypeError(f"{cls.__name__} has no field {', '.join(sorted(unknown))}.")
        same = {name: getattr(source, name) for name in cls.model_fields if name not in told}
        return cls.model_validate({**same, **told}, from_attributes=True)


class EventData(Data):
    """The data of one event type; the class keywords enter it in the catalogue, where those without a type are not."""

    TYPE: ClassVar[str]
    OWNER: ClassVar[str]
    KEY: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **keywords: Any) -> None:
        for name, value in keywords.items():
            setattr(cls, name.upper(), value)

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__()

    @classmethod
    def topic(cls) -> str:
        """Return the topic: the first word of the type."""
        return cls.TYPE.partition(".")[0]

    def key(self) -> str:
        """Return what orders this event: the contracting process, or the aggregate where there is none."""
        return str(getattr(self, self.KEY))


def rule_and_source(reference: RuleReference | None) -> dict[str, str | None]:
    """Write which rule says so, and where it stands, if one does."""
    return {"rule": reference.rule, "source": reference.source} if reference else {"rule": None, "source": None}


class Organisation(Data):
    """A party, by the id its tokens carry."""

    id: OrganisationId
    name: ShortText


class Event(BaseModel):
    """A CloudEvents 1.0 event in structured JSON.

    The extension `position` is the place in its service's log, `predecessor` the place of the event before it with the
    same `partitionkey` there (0: there is none), `sequence` the aggregate's version zero-padded; `sandbox` marks what
    did not happen in earnest.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: str = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: Instant
    datacontenttype: str = "application/json"
    dataschema: str
    partitionkey: str
    sequence: str
    position: int
    predecessor: int | None = None
    sandbox: bool = False
    traceparent: str | None = None
    data: dict[str, Any]
