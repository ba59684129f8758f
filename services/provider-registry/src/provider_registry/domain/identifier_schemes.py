"""Which registration numbers are taken: schemes of org-id.guide, as data."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from provider_registry.domain.check_digits import ALGORITHMS
from provider_registry.domain.provider_data import Identifier
from shared.kernel.errors import Invalid
from shared.rules import strict_yaml


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierScheme:
    """A register and the form of its numbers.

    Shape: jurisdiction is a country (ISO 3166-1), XI for what is international; check names one of ALGORITHMS; packs
    are those of the registries that take it, none where all do.
    """

    code: str
    title: str
    jurisdiction: str
    pattern: re.Pattern[str]
    ignored: str
    check: str | None
    source: str
    packs: tuple[str, ...]

    def written(self, number: str) -> str:
        """Write a number in the one form in which it is kept and compared."""
        if not self.ignored:
            return number
        return "".join(one for one in number.upper() if one not in self.ignored)


@lru_cache(maxsize=1)
def identifier_schemes() -> Mapping[str, IdentifierScheme]:
    """Return all schemes by their codes."""
    text = files("provider_registry.domain").joinpath("identifier_schemes.yaml").read_text("utf-8")
    return {entry["code"]: _scheme(entry) for entry in strict_yaml.read(text)["schemes"]}


def valid_identifiers(identifiers: tuple[Identifier, ...], pack: str) -> tuple[Identifier, ...]:
    """Hold the registration numbers of an organisation to their schemes, the one it is entered under first.

    Raises:
        Invalid: identifier-scheme-unknown, identifier-malformed, identifier-check-digit-wrong.
    """
    return tuple(
        valid_identifier(one, pack, pointer=f"/body/other_identifiers/{place - 1}" if place else "/body/identifier")
        for place, one in enumerate(identifiers)
    )


def valid_identifier(identifier: Identifier, pack: str, *, pointer: str = "/body/identifier") -> Identifier:
    """Hold a registration number to its scheme, and write it in the scheme's form.

    Shape: pack is the rule pack that the registry is held to.

    Raises:
        Invalid: identifier-scheme-unknown, identifier-malformed, identifier-check-digit-wrong.
    """
    scheme = identifier_schemes().get(identifier.scheme)
    if scheme is None or (scheme.packs and pack not in scheme.packs):
        raise Invalid(
            "identifier-scheme-unknown",
            "This registry takes no numbers of such a scheme.",
            satisfied_by="A scheme of `GET /v1/identifier-schemes`.",
            pointer=f"{pointer}/scheme",
        )
    number = scheme.written(identifier.id)
    # Noughts alone fit most check digits and are nobody's number.
    if not scheme.pattern.fullmatch(number) or not number.strip("0"):
        raise Invalid(
            "identifier-malformed",
            f"It is not of the form that numbers of {scheme.code} have.",
            satisfied_by=f"A number that matches {scheme.pattern.pattern}",
            pointer=f"{pointer}/id",
        )
    if scheme.check is not None and not ALGORITHMS[scheme.check](number):
        raise Invalid(
            "identifier-check-digit-wrong",
            f"Its check digit is not the one that follows from the others ({scheme.source}).",
            satisfied_by="The number as it stands in the register's own extract.",
            pointer=f"{pointer}/id",
        )
    return Identifier(scheme.code, number)


def _scheme(entry: Mapping[str, Any]) -> IdentifierScheme:
    return IdentifierScheme(
        code=entry["code"],
        title=entry["title"],
        jurisdiction=entry["jurisdiction"],
        pattern=re.compile(entry["pattern"]),
        ignored=entry.get("ignored", ""),
        check=entry.get("check"),
        source=entry["source"],
        packs=tuple(entry.get("packs", ())),
    )
