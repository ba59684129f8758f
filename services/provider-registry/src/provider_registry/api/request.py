"""What every body of a request has in common."""

from pydantic import BaseModel, ConfigDict


class Request(BaseModel):
    """A body; what the API does not name is refused."""

    model_config = ConfigDict(extra="forbid")
