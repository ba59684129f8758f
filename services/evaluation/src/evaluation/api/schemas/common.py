"""What several resources have."""

from datetime import date

from pydantic import BaseModel, ConfigDict

from shared.contracts.fields import Amount


class Request(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """An answer, read off what the domain holds."""

    model_config = ConfigDict(from_attributes=True)


class PartyView(View):
    id: str
    name: str


class MilestoneView(View):
    period: str
    start: date
    end: date
    amount: Amount
