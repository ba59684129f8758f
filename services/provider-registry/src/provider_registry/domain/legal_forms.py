"""The legal forms that providers may have, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Any

from provider_registry.domain.provider_data import Identifier
from shared.kernel.errors import Invalid
from shared.rules import strict_yaml

_LEGAL_ENTITY_IDENTIFIER = "XI-LEI"
_EXAMPLE_REGISTER = "XX-REG"


class Kind(StrEnum):
    """What kind of party a legal form makes of a provider."""

    SOCIAL_ORGANISATION = "social-organisation"
    COMPANY = "company"
    CONSORTIUM = "consortium"
    COLLECTIVE = "collective"
    INDIVIDUAL = "individual"
    PUBLIC = "public"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalForm:
    """A legal form.

    Shape: packs are those whose law knows it, none where all do; schemes those under which it is entered, none for any.
    """

    id: str
    title: str
    kind: Kind
    packs: tuple[str, ...]
    schemes: tuple[str, ...]
    source: str

    def carries(self, scheme: str) -> bool:
        """Say whether such organisations are entered under numbers of a scheme."""
        return not self.schemes or scheme in {*self.schemes, _LEGAL_ENTITY_IDENTIFIER, _EXAMPLE_REGISTER}


@lru_cache(maxsize=1)
def legal_forms() -> Mapping[str, LegalForm]:
    """Return all legal forms by their ids."""
    return {
        entry["id"]: LegalForm(
            id=entry["id"],
            title=entry["title"],
            kind=Kind(entry["kind"]),
            packs=tuple(entry.get("packs", ())),
            schemes=tuple(entry.get("schemes", ())),
            source=entry["source"],
        )
        for entry in _data()["forms"]
    }


@lru_cache(maxsize=1)
def legal_form_words() -> frozenset[str]:
    """Return the words of names that say no more than what an organisation is before the law."""
    return frozenset(_data()["words"])


@lru_cache(maxsize=1)
def legal_form_endings() -> tuple[str, ...]:
    """Return the same where names are written without blanks, the longest first."""
    return tuple(sorted(_data()["endings"], key=len, reverse=True))


def legal_form(form: str) -> LegalForm:
    """Find a legal form by its id.

    Raises:
        Invalid: legal-form-unknown.
    """
    found = legal_forms().get(form)
    if found is None:
        raise Invalid(
            "legal-form-unknown",
            "There is no such legal form.",
            satisfied_by="One of `GET /v1/legal-forms`.",
            pointer="/body/legal_form",
        )
    return found


def legal_form_kind(form: str) -> Kind | None:
    """Return what kind of party a legal form makes; None of a form that was entered before forms were data."""
    known = legal_forms().get(form)
    return known.kind if known else None


def form_with_identifier(form: str, identifier: Identifier) -> None:
    """Hold a legal form to the register that a provider is entered under first of all.

    Raises:
        Invalid: legal-form-unknown, identifier-not-of-legal-form.
    """
    if not legal_form(form).carries(identifier.scheme):
        raise Invalid(
            "identifier-not-of-legal-form",
            "Organisations of this legal form are not entered in that register.",
            satisfied_by=f"A number of: {', '.join(legal_form(form).schemes)}.",
            pointer="/body/identifier/scheme",
        )


@lru_cache(maxsize=1)
def _data() -> Mapping[str, Any]:
    text = files("provider_registry.domain").joinpath("legal_forms.yaml").read_text("utf-8")
    data: Mapping[str, Any] = strict_yaml.read(text)
    return data
