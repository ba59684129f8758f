"""Who may do what: the policy table's form and the question put to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from shared.kernel.errors import Forbidden, RuleReference


@dataclass(frozen=True, slots=True)
class Actor:
    """The party behind a request: a person of an organisation, with roles.

    Four-eyes rules compare persons, never accounts or roles.
    """

    person: str
    organisation: str
    roles: frozenset[str]


class Relation(StrEnum):
    """How the actor must stand to the thing acted on."""

    ANY = "any"
    OWN_ORGANISATION = "own-organisation"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a policy table: the roles that may, and the relation they need."""

    roles: frozenset[str]
    relation: Relation = Relation.ANY


Policy = Mapping[str, Rule]


def rule(*roles: str, relation: Relation = Relation.ANY) -> Rule:
    """Write one row of a policy table."""
    return Rule(frozenset(roles), relation)


def permit(policy: Policy, action: str, actor: Actor) -> None:
    """Let the actor's roles through.

    Raises:
        Forbidden: role-missing; also for an action the table does not name.
    """
    row = policy.get(action)
    if row is None or not (row.roles & actor.roles):
        needed = ", ".join(sorted(row.roles)) if row else "none: the action is not in the policy table"
        raise Forbidden(
            "role-missing", "The token's roles do not allow this.", satisfied_by=f"One of the roles: {needed}."
        )


def permit_relation(policy: Policy, action: str, actor: Actor, owner: str) -> None:
    """Let the actor through if it stands to the owner of the thing as the table says.

    Raises:
        Forbidden: not-own-organisation.
    """
    row = policy.get(action)
    if row is None or (row.relation is Relation.OWN_ORGANISATION and actor.organisation != owner):
        raise Forbidden("not-own-organisation", "Only the organisation it belongs to may do this.")


def different_persons(first: str, second: str, what: str, reference: RuleReference | None = None) -> None:
    """Hold two steps to four eyes.

    Raises:
        Forbidden: second-person-needed.
    """
    if first == second:
        raise Forbidden(
            "second-person-needed",
            f"{what} needs a second person.",
            reference=reference,
            satisfied_by="The same request from another authorised person.",
        )
