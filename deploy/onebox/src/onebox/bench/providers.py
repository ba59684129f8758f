"""Providers to measure with: made up, each with every state that it went through, as the registry keeps them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson

from provider_registry.db.declarations import declarations
from provider_registry.db.tables import cases, providers
from provider_registry.domain import case as case_steps
from provider_registry.domain.case_parts import Body, CaseKind, Report
from provider_registry.domain.criteria import criteria_of
from provider_registry.domain.declaration import CriterionAnswer, declare
from provider_registry.domain.finding import Purpose
from provider_registry.domain.provider import register
from provider_registry.domain.provider_data import Evidence, Identifier
from shared.kernel.ids import derived_id
from shared.platform.database import to_document
from shared.rules.pack import load_pack

_BEGINNING = datetime(2026, 1, 5, 8, tzinfo=UTC)
_ONE_IN_WITH_A_CASE = 10
_SYLLABLES = (
    "ba",
    "ce",
    "do",
    "fi",
    "gu",
    "ha",
    "ke",
    "lo",
    "mi",
    "nu",
    "pa",
    "re",
    "so",
    "ti",
    "vu",
    "za",
    "ster",
    "lan",
)
_WORDS = 6_000
Row = tuple[str, UUID, str, int, datetime, str]


def name_of(number: int) -> str:
    """Name the organisation of a number."""
    return f"org-{number:06}"


def known_states(number: int) -> Iterator[Row]:
    """Yield the states of verified providers that have declared themselves; one in ten has a case against it."""
    patterns = list(_pattern())
    for place in range(number):
        organisation = name_of(place)
        for kind, version, recorded_at, document in patterns:
            if kind == cases.name and place % _ONE_IN_WITH_A_CASE:
                continue
            identifier = derived_id(kind, organisation)
            own = orjson.dumps({**document, "id": identifier, "organisation": organisation}).decode()
            yield kind, identifier, organisation, version, recorded_at, own


def _pattern() -> Iterator[tuple[str, int, datetime, dict[str, Any]]]:
    """Yield what one provider went through, a day for each step."""
    pack, at = load_pack("model"), _BEGINNING
    state, _ = register(
        organisation="org-a", name="A Provider", legal_form="association", identifier=Identifier("XX-REG", "1")
    )
    yield providers.name, 1, at, to_document(state)
    evidence = tuple(Evidence("statutes", digit * 64, date(2099, 1, 1)) for digit in "abc")
    at += timedelta(days=1)
    state, _ = state.submit(evidence, at=at, check_due=at + timedelta(days=14))
    yield providers.name, 2, at, to_document(state)
    state, _ = state.check(by="rosa")
    yield providers.name, 3, at + timedelta(days=1), to_document(state)
    at += timedelta(days=2)
    state, _ = state.verify(by="rolf", at=at)
    yield providers.name, 4, at, to_document(state)
    answers = tuple(CriterionAnswer(one.id, not one.goes_against(answer=True)) for one in criteria_of(pack).values())
    declaration, _ = declare(None, "org-a", answers, by="clerk", at=at, pack=pack)
    valid = replace(declaration, valid_until=datetime(2099, 1, 1, tzinfo=UTC))
    yield declarations.name, 1, at, to_document(valid)
    report = Report(by=Body("olga", "office"), at=at, facts="Late.", evidence=("d" * 64,), event_day=at.date())
    case = case_steps.report_case(
        declaration.id, "org-a", report, pack, kind=CaseKind.SUSPENSION, ground=None, scopes=Purpose
    )
    yield cases.name, 1, at, to_document(case)
    told, _ = case_steps.notify(case, pack, at=at)
    yield cases.name, 2, at, to_document(told)


def made_up_name(number: int, salt: str) -> str:
    """Make up a name of three words, some of which many names have."""
    digest = sha256(f"{salt}:{number}".encode()).digest()
    parts = (int.from_bytes(digest[start : start + 4]) / 2**32 for start in (0, 4, 8))
    return " ".join(_word(int(part**2 * _WORDS)) for part in parts).title()


def _word(number: int) -> str:
    word = ""
    for _ in range(3):
        number, syllable = divmod(number, len(_SYLLABLES))
        word += _SYLLABLES[syllable]
    return word
