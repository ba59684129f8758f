"""Topic `audit`: what is kept to be examined."""

from typing import Annotated

from pydantic import StringConstraints

from shared.contracts.event import Data
from shared.contracts.fields import Instant, Sha256
from shared.contracts.subject import OfProcess

OWNER = "evaluation"


class ExternalParty(Data):
    """A party as another publisher names it."""

    id: str | None
    name: str | None


class PublishedAmount(Data):
    """An amount as another publisher tells it: exact, and perhaps finer than its currency or without one."""

    amount: Annotated[str, StringConstraints(pattern=r"^-?(0|[1-9][0-9]{0,18})(\.[0-9]{1,20})?$")]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None


class ProcessImported(OfProcess, type="audit.process-imported.v1", owner=OWNER):
    """A contracting process of another publisher was read; `release` names the compiled release that was kept.

    `awards` and `suppliers` are of awards that are neither cancelled nor unsuccessful, `contracts` of contracts that
    are not cancelled; `awarded` and `signed` are the first such dates. `originals` are the files it was found in. What
    was not published, or not in a form that could be read, is null; `notes` say what was odd.
    """

    title: str | None
    status: str | None
    buyer: ExternalParty | None
    procurement_method: str | None
    category: str | None
    estimate: PublishedAmount | None
    awards: tuple[PublishedAmount, ...]
    contracts: tuple[PublishedAmount, ...]
    suppliers: tuple[ExternalParty, ...]
    published: Instant | None
    closes: Instant | None
    awarded: Instant | None
    signed: Instant | None
    bids: int | None
    release: Sha256
    originals: tuple[Sha256, ...]
    notes: tuple[str, ...]
