"""What can be wrong, said without HTTP.

DomainError
├── NotFound      there is no such thing, or not for this party
├── Forbidden     the party may not do this
├── NotAllowed    a rule or the present state refuses
├── Stale         the thing changed since it was read
└── Invalid       the request makes no sense
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RuleReference:
    """Where a refusal comes from: the rule's id in its pack and the article it rests on."""

    rule: str
    source: str


class DomainError(Exception):
    """A request that is refused; code is stable, detail a sentence for a person, nothing of the request is echoed."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        reference: RuleReference | None = None,
        satisfied_by: str | None = None,
        pointer: str | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.reference = reference
        self.satisfied_by = satisfied_by
        self.pointer = pointer


class NotFound(DomainError):  # noqa: N818 - the names of the five kinds
    """There is no such thing."""


class Forbidden(DomainError):  # noqa: N818
    """The party may not do this."""


class NotAllowed(DomainError):  # noqa: N818
    """A rule or the present state refuses."""


class Stale(DomainError):  # noqa: N818
    """The thing changed since it was read."""


class Invalid(DomainError):  # noqa: N818
    """The request makes no sense."""


def not_here() -> NotFound:
    """Say no more than that there is no such thing: not whether there is one that others may see."""
    return NotFound("not-found", "There is no such thing here, or not for you.")


def stale() -> Stale:
    """Say that the thing changed since it was read."""
    return Stale("stale", "It was changed in the meantime.", satisfied_by="Read it again.")


def expect_version(read: int | None, present: int) -> None:
    """Refuse whoever names a version that they read and that is not the present one.

    Raises:
        Stale: stale.
    """
    if read is not None and read != present:
        raise stale()
