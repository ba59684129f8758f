"""Organisations as processes refer to them, looked up among the process's parties."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from evaluation.domain.external.fields import Node

BUYING = frozenset({"buyer", "procuringEntity"})
SUPPLYING = frozenset({"supplier", "tenderer", "payee"})


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation by its id among the parties, its name, or both."""

    id: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation that takes part, with the roles it has."""

    id: str | None
    identifier: str | None
    name: str | None
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Parties:
    """The organisations that take part in a process, ready to be looked up."""

    all: Sequence[Party]
    by_id: Mapping[str, Party]
    by_identifier: Mapping[str, Sequence[Party]]


def parties(release: Node) -> Parties:
    """Return the parties to a process."""
    found = [_party(party) for party in release.nodes("parties")]
    by_identifier: dict[str, list[Party]] = {}
    for party in found:
        if party.identifier is not None:
            by_identifier.setdefault(party.identifier, []).append(party)
    return Parties(found, {party.id: party for party in reversed(found) if party.id is not None}, by_identifier)


def with_role(known: Parties, role: str) -> Organisation | None:
    """Return the first party that has the role."""
    party = next((party for party in known.all if role in party.roles), None)
    return _organisation(party.id, party.name) if party else None


def referred(reference: Node, known: Parties, roles: Collection[str]) -> Organisation | None:
    """Return the organisation that a reference is to.

    OCDS refers by the id of a party. Some publishers give its identifier instead, which says which party it is only
    together with the role; in OCDS 1.0 the organisation itself is in the place of the reference.
    """
    own = reference.identifier("id")
    name = reference.text("name")
    by_id = known.by_id.get(own or "")
    if by_id is not None:
        return _organisation(own, name or by_id.name)
    identifier = _identifier(reference)
    named = own or (identifier[1] if identifier else None)
    matching = [party for party in known.by_identifier.get(named or "", ()) if party.roles.intersection(roles)]
    if len(matching) == 1:
        reference.note("id", "party-by-identifier")
        return _organisation(matching[0].id or named, name or matching[0].name)
    if own and known.all:
        reference.note("id", "party-missing")
    return _organisation(own or _joined(identifier), name or reference.node("identifier").text("legalName"))


def _party(party: Node) -> Party:
    identifier = _identifier(party)
    return Party(
        id=party.identifier("id"),
        identifier=identifier[1] if identifier else None,
        name=party.text("name") or party.node("identifier").text("legalName"),
        roles=frozenset(role for role in party.members("roles") if isinstance(role, str)),
    )


def _identifier(organisation: Node) -> tuple[str | None, str] | None:
    identifier = organisation.node("identifier")
    value = identifier.identifier("id")
    return (identifier.text("scheme"), value) if value else None


def _joined(identifier: tuple[str | None, str] | None) -> str | None:
    # OCDS, organization references: an id is the scheme, a hyphen and the identifier.
    return "-".join(part for part in identifier if part) if identifier else None


def _organisation(own: str | None, name: str | None) -> Organisation | None:
    return Organisation(own, name) if own or name else None
